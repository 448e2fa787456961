"""What a line after `:` means: a pane with a filter, a command to run, a switch. Read first, done after.

Reading raises UsageError in one line, so that the line can be corrected before anything happens.
"""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from theta_tui import settings
from theta_tui.errors import ThetaError, UsageError
from theta_tui.tui.panes import PANES, PaneEntry, pane_entry
from theta_tui.tui.themed import COMPACT

if TYPE_CHECKING:
    from pydantic import BaseModel

    from theta_tui.command import Command
    from theta_tui.tui.app import ThetaApp

Order = Callable[["ThetaApp"], Awaitable[None]]
"""What a line asks for, ready to be done."""

VERBS: Final[Mapping[str, str]] = {
    "run": "run a command: run theta.… key=value key:=json",
    "theme": "take another theme; alone it lets you try them on",
    "density": "compact or comfortable: how closely things stand",
    "dry-run": "on or off: describe changes instead of sending them",
    "read-only": "on or off: refuse every change",
    "refresh": "ask the cloud again",
    "profile": "switch to another profile; profile new NAME makes one",
    "settings": "look at the settings and change them",
    "setup": "enter keys and preferences",
    "demo": "try everything against a simulated cloud",
    "messages": "show past messages",
    "help": "show the keys that work here",
    "quit": "quit; asks if something is at work",
}
"""The words a line may begin with, besides panes and their digits."""


def read_order(app: ThetaApp, line: str) -> Order:
    """Understand a line; UsageError names the nearest word."""
    from theta_tui.arguments import split_words

    words = split_words(line.strip().removeprefix(":"))
    if words and words[0] == "theta-tui":
        words = words[1:]
    if not words:
        raise UsageError("Nothing to do: type a pane, or run and a command.")
    verb, rest = words[0], words[1:]
    reader = _READERS.get(verb)
    if reader is not None:
        return reader(app, rest)
    entry = pane_entry(verb)
    if entry is not None:
        return partial(_go, entry, line.strip().removeprefix(":").strip()[len(verb) :].strip())
    if verb.startswith("theta.") or ("=" not in verb and "." in verb):
        return _run(app, words)
    raise _unknown(verb)


async def obey(app: ThetaApp, line: str) -> None:
    """Do what a line says; a line that cannot be understood is told as a message."""
    try:
        order = read_order(app, line)
    except ThetaError as error:
        app.tell(f"{error.message} {error.hint}".strip(), severity="warning")
        return
    await order(app)


def _unknown(verb: str) -> UsageError:
    titles = [entry.id for entry in PANES]
    near = difflib.get_close_matches(verb.lower(), [*titles, *VERBS], n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else "Tab shows what there is."
    return UsageError(f"No pane and no order is called {verb[:40]!r}.", hint=hint)


async def _go(entry: PaneEntry, wanted: str, app: ThetaApp) -> None:
    """Show a pane, with the rest of the line as its filter."""
    await app.shell.show_pane(entry)
    if not wanted:
        return
    apply = getattr(app.shell.current, "apply_filter", None)
    if apply is None:
        app.tell(f"{entry.title} has nothing to filter.", severity="warning")
    else:
        apply(wanted)


def _run(app: ThetaApp, words: Sequence[str]) -> Order:
    from theta_tui.arguments import parse_pairs, read_object
    from theta_tui.registry import find
    from theta_tui.tui.form_check import lacks_only

    if not words:
        raise UsageError("run needs a command.", hint="Tab lists them.")
    command = find(words[0])
    fields: dict[str, Any] = {}
    pairs = list(words[1:])
    if "--args" in pairs:
        at = pairs.index("--args")
        fields = read_object(pairs[at + 1] if at + 1 < len(pairs) else "")
        del pairs[at : at + 2]
    fields |= parse_pairs(pairs)
    fields = _sealed(command, fields, app.launch.environ)
    if app.session is None:
        raise UsageError("There is no session yet.", hint="Wait a moment, or open setup.")
    if lacks_only(command, fields):
        return partial(_fill_in, command, fields)
    return partial(_perform, command, command.parse(fields))


async def _fill_in(command: Command, fields: Mapping[str, Any], app: ThetaApp) -> None:
    """Open the form of a command for what is still missing."""
    app.run_worker(form_filled(command, fields, app), group="orders")


async def form_filled(command: Command, fields: Mapping[str, Any], app: ThetaApp) -> None:
    """Show the form of a command, and the result of what it did."""
    from theta_tui.change import Done
    from theta_tui.tui.form_screen import open_form
    from theta_tui.tui.result import ResultScreen
    from theta_tui.tui.review_words import money

    named = getattr(command.params, "named", dict)
    done = await open_form(app, command.name, values=named(fields))
    if isinstance(done, Done):
        note = done.note if done.spent_usd is None else f"cost {money(done.spent_usd)}"
        app.push_screen(ResultScreen(command.name, done.value, note))


def _sealed(command: Command, fields: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """Fetch secrets from where they are kept; written out they are refused, since lines are remembered."""
    from pydantic import SecretStr

    from theta_tui.arguments import take_secrets
    from theta_tui.headless.call import secret_fields
    from theta_tui.redact import redactor

    found = take_secrets(fields, secret_fields(command), environ)
    for name, value in found.items():
        if value is not fields[name]:
            redactor.learn(value)
            found[name] = SecretStr(value)
    return found


async def _perform(command: Command, params: BaseModel, app: ThetaApp) -> None:
    """Run a command in a worker, so that its review can be waited for."""
    app.run_worker(_performed(command, params, app), group="orders")


async def _performed(command: Command, params: BaseModel, app: ThetaApp) -> None:
    from theta_tui.change import NotDone
    from theta_tui.tui.result import ResultScreen
    from theta_tui.tui.review_words import money

    session = app.session
    if session is None:
        return
    key = f"order {command.name}"
    app.set_busy(key, command.name)
    try:
        if command.is_read:
            app.push_screen(ResultScreen(command.name, await session.ask(command.name, params)))
            return
        done = await session.submit(command.name, params, reviewer=app)
        if isinstance(done, NotDone):
            app.tell(f"{command.name}: {done.message or 'Nothing was sent.'}", severity="warning")
        else:
            note = done.note if done.spent_usd is None else f"cost {money(done.spent_usd)}"
            app.push_screen(ResultScreen(command.name, done.value, note))
    except ThetaError as error:
        app.report(error)
    finally:
        app.set_busy(key, None)


def _theme(app: ThetaApp, rest: Sequence[str]) -> Order:
    """Read the name of a theme; without one they are tried on."""
    from theta_tui.tui.theme_picker import open_themes

    if not rest:
        return _plain(open_themes, app, ())
    name, offered = " ".join(rest), app.offered_themes
    if name not in offered:
        near = difflib.get_close_matches(name, offered, n=1, cutoff=0.3)
        raise UsageError(f"No theme is called {name[:40]!r}.", hint=f"Did you mean {near[0]}?" if near else "")

    async def change(app: ThetaApp) -> None:
        app.take_theme(name)

    return change


def _density(app: ThetaApp, rest: Sequence[str]) -> Order:
    """Read how closely things shall stand; without a word it is turned over."""
    words = settings.KEYS["density"].choices
    if rest and (len(rest) > 1 or rest[0] not in words):
        raise UsageError(f"The density is {' or '.join(words)}.")

    async def change(app: ThetaApp) -> None:
        app.is_compact = rest[0] == COMPACT if rest else not app.is_compact

    return change


def _switch(name: str, app: ThetaApp, rest: Sequence[str]) -> Order:
    """Read `on` or `off`; without a word the switch is turned over."""
    wanted = {("on",): True, ("off",): False, (): None}.get(tuple(rest), ...)
    if wanted is ...:
        raise UsageError(f"{name} is on or off.")

    async def switch(app: ThetaApp) -> None:
        field = name.replace("-", "_")
        if app.session is not None and getattr(app.session, field) is not wanted:
            getattr(app, f"action_toggle_{field}")()

    return switch


def _profile(app: ThetaApp, rest: Sequence[str]) -> Order:
    """Read the name of a profile; without one the list is shown."""
    from theta_tui.tui.profiles import open_profiles, switch_profile

    if not rest:
        return _plain(open_profiles, app, ())
    is_new = rest[0] == "new" and len(rest) == 2
    if len(rest) > 1 and not is_new:
        raise UsageError("One profile, or new and a name.", hint="For example: profile new work")
    name = rest[-1]
    if is_new and not settings.PROFILE_NAME.fullmatch(name):
        raise UsageError("This cannot be the name of a profile.", hint=f"Use {settings.KEYS['profile'].kind.value}.")
    if not is_new:
        settings.known_profile(name, app.launch.environ)
    return lambda app: switch_profile(app, name, is_new=is_new)


def _plain(act: Callable[[ThetaApp], Any], app: ThetaApp, rest: Sequence[str]) -> Order:
    """Give an order that takes no words."""
    if rest:
        raise UsageError("Nothing may follow here.")

    async def do(app: ThetaApp) -> None:
        result = act(app)
        if result is not None:
            await result

    return do


def _demo(app: ThetaApp) -> Awaitable[None]:
    from theta_tui.tui.backstage import switch_to_demo

    return switch_to_demo(app)


_QUIT = partial(_plain, lambda app: app.action_ask_quit())
_READERS: Final[Mapping[str, Callable[[Any, Sequence[str]], Order]]] = {
    "run": _run,
    "theme": _theme,
    "density": _density,
    "dry-run": partial(_switch, "dry-run"),
    "read-only": partial(_switch, "read-only"),
    "refresh": partial(_plain, lambda app: app.shell.action_refresh_pane()),
    "profile": _profile,
    "settings": partial(_plain, lambda app: app.action_settings()),
    "setup": partial(_plain, lambda app: app.action_setup()),
    "demo": partial(_plain, _demo),
    "messages": partial(_plain, lambda app: app.action_messages()),
    "help": partial(_plain, lambda app: app.action_help()),
    "quit": _QUIT,
    "q": _QUIT,
}
