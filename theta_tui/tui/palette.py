"""The palette: every action that works here, every command of the registry, every theme, in one search."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from theta_tui import registry
from theta_tui.tui.actions import Action
from theta_tui.tui.panes import pane_entry
from theta_tui.tui.picker import Entry, Picker, run_entry
from theta_tui.tui.theme_picker import open_themes, theme_entries

if TYPE_CHECKING:
    from theta_tui.command import Command
    from theta_tui.tui.app import ThetaApp

EFFECT_STYLES: Final = {
    "create": "$text-accent",
    "update": "$text-secondary",
    "destroy": "$text-error",
    "metered": "$text-warning",
}


class Palette(Picker):
    """The list. The first time it opens before the commands are imported, which come a moment later."""

    heading = "Palette"
    prompt = "Search actions, commands and themes"

    def __init__(self, app: ThetaApp) -> None:
        self._is_whole, self._is_entered, self._is_moved = registry.is_whole(), False, False
        super().__init__(all_entries(app) if self._is_whole else [*action_entries(app), *looks_entries(app)])

    def on_mount(self) -> None:
        """Add what is not there yet."""
        if not self._is_whole:
            self.run_worker(self._add_commands())

    async def _add_commands(self) -> None:
        await asyncio.to_thread(registry.commands)
        self._is_whole = True
        self.offer(all_entries(cast("ThetaApp", self.app)), best=not self._is_moved)
        if self._is_entered:
            self.enter()

    def action_move(self, how: str) -> None:
        """Move the highlight, and keep it where it is when the commands come."""
        self._is_moved = True
        super().action_move(how)

    def enter(self) -> None:
        """Run what is highlighted, but not before everything is there that could fit better."""
        self._is_entered = not self._is_whole
        if self._is_whole:
            super().enter()


def open_palette(app: ThetaApp) -> None:
    """Open the palette and run what is chosen."""
    app.push_screen(Palette(app), lambda chosen: run_entry(app, chosen))


def all_entries(app: ThetaApp) -> list[Entry]:
    """Give everything, in the order of the list."""
    themes = (replace(entry, name=f"Theme: {entry.name}", group="Themes") for entry in theme_entries(app))
    return [*action_entries(app), *looks_entries(app), *command_entries(app), *themes]


def action_entries(app: ThetaApp) -> Iterator[Entry]:
    """Give the actions of the current pane and of the shell, each once, with all its keys."""
    found: dict[tuple[str, str], list[Action]] = {}
    for group, action in app.shell.all_actions():
        found.setdefault((group, action.run), []).append(action)
    for (group, _), actions in found.items():
        first = actions[0]
        name, words = described(first)
        yield Entry(
            name,
            partial(app.shell.perform, first),
            words=words,
            key=" ".join(dict.fromkeys(each.key_name for each in actions)),
            group=group,
            why_not=why_not(app, first),
        )


def described(action: Action) -> tuple[str, str]:
    """Give an action's title and sentence; a pane's digit says which pane it is."""
    digit = action.id.removeprefix("go.")
    entry = pane_entry(digit) if digit != action.id else None
    return (f"Go to {entry.title}", entry.words) if entry is not None else (action.title, action.words)


def why_not(app: ThetaApp, action: Action) -> str:
    """Say why an action is off now; a pane may give its own words for it."""
    home: Any = app.shell.home_of(action)
    if app.shell.current is None or home not in app.shell.current.homes:
        return ""
    tells: Callable[[Action], str | None] | None = getattr(home, "why_not", None)
    if tells is not None and (words := tells(action)):
        return words
    return "" if home.check_action(action.run.split("(")[0], ()) else "not possible here now"


def command_entries(app: ThetaApp) -> Iterator[Entry]:
    """Give every command of the registry, with what it does to the world."""
    missing = "" if app.session is not None else "there is no session yet"
    for command in registry.commands().values():
        mark = command.effect.value if command.effect is not None else command.kind.value
        yield Entry(
            command.name,
            partial(run_command, app, command),
            words=command.help,
            mark=mark.upper() if command.effect is not None else mark,
            mark_style=EFFECT_STYLES.get(mark, "$foreground-muted"),
            group="Commands",
            why_not=missing,
        )


def run_command(app: ThetaApp, command: Command) -> Awaitable[None]:
    """Run a query that has nothing to fill in at once; open the form of everything else."""
    from theta_tui.tui.form_fields import fields_of
    from theta_tui.tui.orders import form_filled, obey

    if command.is_read and all(field.rare for field in fields_of(command.params)):
        return obey(app, f"run {command.name}")
    return form_filled(command, {}, app)


def looks_entries(app: ThetaApp) -> Iterator[Entry]:
    """Give what changes the looks without being a theme."""
    yield Entry(
        "Try themes on", partial(open_themes, app), words="Each is worn while the highlight is on it.", group="Looks"
    )
    other = "comfortable" if app.is_compact else "compact"
    yield Entry(
        f"Density: {other}",
        partial(setattr, app, "is_compact", not app.is_compact),
        words="How closely things stand.",
        group="Looks",
    )
