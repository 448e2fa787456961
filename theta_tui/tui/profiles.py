"""Profiles in the console: the list to choose from, and switching in place. One profile is one project."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from theta_tui import settings
from theta_tui.errors import ThetaError
from theta_tui.tui.picker import Entry, Picker, run_entry
from theta_tui.tui.quitting import losses
from theta_tui.tui.review_words import money
from theta_tui.tui.widgets.status_line import PROFILE_COLOURS

if TYPE_CHECKING:
    from theta_tui.tui.app import ThetaApp


class ProfilePicker(Picker):
    """The list of profiles."""

    heading = "Profiles"
    prompt = "Search profiles; `:profile new NAME` makes one"
    keys = (("↑↓", "move"), ("Enter", "switch"), ("Esc", "close"))


def open_profiles(app: ThetaApp) -> None:
    """Show the profiles and switch to the one that is chosen."""
    app.run_worker(_show(app), group="profiles", exclusive=True)


async def _show(app: ThetaApp) -> None:
    chosen = app.session.settings.profile if app.session is not None and not app.launch.demo else None
    found = await asyncio.to_thread(settings.profiles, app.launch.environ, chosen)
    app.push_screen(ProfilePicker(list(_entries(app, found))), lambda entry: run_entry(app, entry))


def _entries(app: ThetaApp, found: Iterable[settings.Profile]) -> Iterator[Entry]:
    for profile in found:
        in_use = profile.is_in_use and not app.launch.demo
        yield Entry(
            profile.name,
            partial(switch_profile, app, profile.name),
            words=" · ".join(_words(profile)),
            mark=profile.badge or "",
            mark_style=f"bold {PROFILE_COLOURS[profile.colour or '']}",
            why_not="in use" if in_use else "",
        )
    yield Entry("demo", partial(_demo, app), words="the simulated cloud", why_not="in use" if app.launch.demo else "")


def _words(profile: settings.Profile) -> Iterator[str]:
    yield profile.project_id or "no project yet"
    if profile.protection != "open":
        yield profile.protection
    if profile.budget_usd is not None:
        yield f"{money(profile.budget_usd)} a day"
    if profile.org_id:
        yield profile.org_id


async def _demo(app: ThetaApp) -> None:
    from theta_tui.tui.backstage import switch_to_demo

    if not _is_at_work(app):
        await switch_to_demo(app)


async def switch_profile(app: ThetaApp, name: str, *, is_new: bool = False) -> None:
    """Open the session anew for another profile; nothing that is at work is broken off for it."""
    from theta_tui.session import Session
    from theta_tui.tui.backstage import use_session

    if _is_at_work(app):
        return
    environ, old = app.launch.environ, app.session
    try:
        loaded = await asyncio.to_thread(settings.load, name, environ)
        vault = old.vault if old is not None and not app.launch.demo and _shares_keys(old.settings, loaded) else None
        folder = settings.data_dir(environ)
        session = await Session.begin(loaded, environ, face="console", data_dir=folder, vault=vault)
    except ThetaError as error:
        app.report(error)
        return
    if old is not None and not app.launch.demo:
        # What was switched on by hand stays on: the next profile must not be less safe than was wished for.
        session.dry_run = session.dry_run or (old.dry_run and not old.settings.dry_run)
        session.read_only = session.read_only or (old.read_only and not old.settings.read_only)
    app.launch = dataclasses.replace(app.launch, demo=False, profile=name)
    await use_session(app, session)
    app.tell(f"Profile {name}: {', '.join(_words_of(loaded))}.")
    variable = loaded.sources["project_id"]
    if variable in environ:
        app.tell(f"{variable} is set and goes before the project of every profile.", severity="warning")
    is_another = old is None or old.settings.profile != name
    if is_new or (is_another and not any((await session.configured()).values())):
        app.action_setup()


def _shares_keys(old: settings.Settings, new: settings.Settings) -> bool:
    """Whether what was read, held or unlocked for the one session serves the other."""
    places = [(one.profile, one.vault, one.vault_command) for one in (old, new)]
    return places[0] == places[1]


def _words_of(loaded: settings.Settings) -> Iterator[str]:
    yield loaded.project_id or "no project yet"
    if loaded.protection != "open":
        yield f"protection {loaded.protection}"


def _is_at_work(app: ThetaApp) -> bool:
    """Tell what is at work and would be broken off."""
    found = losses(app)
    if found:
        app.tell(f"Still at work: {', '.join(found)}. Wait for it or stop it, then switch.", severity="warning")
    return bool(found)
