"""What happens after the first frame: heavy imports in a thread, then the session, then the first pane."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from theta_tui.errors import ThetaError
from theta_tui.headless.attempt_log import AttemptLog
from theta_tui.tui.panes import pane_entry
from theta_tui.tui.unlocking import ask_passphrase
from theta_tui.tui.unsettled import LookUps

if TYPE_CHECKING:
    from theta_tui.session import Session
    from theta_tui.tui.app import ThetaApp


def _import_heavy(pane: str) -> None:
    """Import what the session and the first pane need; in a thread, since it takes a while."""
    from importlib import import_module

    import theta_tui.session  # noqa: F401
    from theta_tui.tui import pulse, words  # noqa: F401

    entry = pane_entry(pane)
    for module in entry.load().needs if entry is not None else ():
        import_module(module)


async def begin_session(app: ThetaApp) -> None:
    """Open the session the app was launched for; without credentials the setup wizard opens over it."""
    try:
        await _begin(app)
    finally:
        _collect_again()


def _collect_again() -> None:
    """Look for garbage again, but never among what was imported: a look at all of it would hold keys up."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


async def _begin(app: ThetaApp) -> None:
    await asyncio.to_thread(_import_heavy, app.launch.pane)
    try:
        session = await _open_demo(app) if app.launch.demo else await _open_live(app)
    except ThetaError as error:
        await _say_why_not(app, error)
        return
    await use_session(app, session)
    if app.launch.setup or (not app.launch.demo and not any((await session.configured()).values())):
        app.action_setup()


async def use_session(app: ThetaApp, session: Session) -> None:
    """Make this the app's session and show its panes."""
    await use_keys(app, session.settings.keys)
    session.vault.ask_with(partial(ask_passphrase, app))
    old, app.session = app.session, session
    session.read_only = session.read_only or app.launch.read_only
    session.on_stale(app.went_stale)
    if app.launch.log is not None:
        session.on_attempt(AttemptLog(app.launch.log).write)
    await app.wear(session.settings)
    app.pulse = None
    app.show_standing()
    if old is not None:
        await app.shell.drop_panes()
    await app.shell.show_first()
    app.refresh_pulse()
    for problem in (*session.settings.problems, *((session.journal.problem,) if session.journal.problem else ())):
        app.tell(problem, severity="warning")
    for left in await session.account.leftovers():
        app.tell(
            f"An interrupted run may have left {left.made} running and costing money: "
            ":run theta.cleanup.finish deletes it, after a review.",
            severity="warning",
        )
    looks = LookUps(app, session)
    session.on_stale(looks.begin)
    looks.begin()
    if old is not None:
        await old.close()


async def use_keys(app: ThetaApp, keys: Mapping[str, str]) -> None:
    """Put the user's keys in force, and tell which of them do not go together."""
    if not keys and app.keymap is None:
        return
    from theta_tui.tui.keymap import keymap_of

    keymap = await asyncio.to_thread(keymap_of, keys)
    if keymap == app.keymap:
        return
    app.keymap = keymap
    app.set_keymap(dict(keymap.keys))
    for problem in keymap.problems:
        app.tell(problem, severity="warning")


async def switch_to_demo(app: ThetaApp) -> None:
    """Leave the live hosts for the embedded cloud."""
    app.launch = dataclasses.replace(app.launch, demo=True)
    await use_session(app, await _open_demo(app))


async def _open_demo(app: ThetaApp) -> Session:
    from theta_tui.demo import Demo
    from theta_tui.session import Session

    if app.demo is None:
        launch = app.launch
        app.demo = await asyncio.to_thread(Demo.start, launch.environ, speed=launch.speed, fresh=launch.fresh)
    demo = app.demo
    session = await Session.begin(
        demo.settings, demo.environ, face="console", data_dir=demo.data_dir, vault=demo.vault()
    )  # fmt: skip
    await demo.give_past(session.journal)
    return session


async def _open_live(app: ThetaApp) -> Session:
    from theta_tui import settings
    from theta_tui.session import Session

    environ = app.launch.environ
    loaded = await asyncio.to_thread(settings.load, app.launch.profile, environ)
    return await Session.begin(loaded, environ, face="console", data_dir=settings.data_dir(environ))


async def _say_why_not(app: ThetaApp, error: ThetaError) -> None:
    from theta_tui.tui import literal

    words = f"The session could not be opened.\n\n{error.message}\n{error.hint}\n\nctrl+q quits."
    await app.shell.say_instead(literal.content(words, block=True))
