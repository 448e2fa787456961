"""`:settings`: every setting with its value and where it comes from, made from the schema; chosen to be changed.

What is saved goes into the settings file with its comments kept, and is in force at once: the session is opened anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from theta_tui import settings
from theta_tui.tui.picker import Entry, Picker, run_entry
from theta_tui.tui.setting_edit import EditSetting

if TYPE_CHECKING:
    from theta_tui.tui.app import ThetaApp


class SettingsList(Picker):
    """The list of settings."""

    heading = "Settings"
    prompt = "Search settings"
    keys = (("↑↓", "move"), ("Enter", "change"), ("Esc", "close"))


def open_settings(app: ThetaApp) -> None:
    """Show the settings of the profile in use."""
    app.run_worker(_show(app), group="settings", exclusive=True)


async def _show(app: ThetaApp) -> None:
    loaded = await asyncio.to_thread(settings.load, app.launch.profile, app.launch.environ)
    app.push_screen(SettingsList(list(_entries(app, loaded))), lambda entry: run_entry(app, entry))


def _entries(app: ThetaApp, loaded: settings.Settings) -> Iterator[Entry]:
    rows = {row.name: row for row in loaded.rows()}
    for group, names in settings.GROUPS.items():
        for name in names:
            row = rows[name]
            yield Entry(
                name,
                partial(_edit, app, loaded, row),
                words=f"{row.value or '–'}   {row.help}",
                mark="" if row.source == "default" else row.source,
                group=group,
            )


async def _edit(app: ThetaApp, loaded: settings.Settings, row: settings.Row) -> None:
    is_forced = row.source in app.launch.environ
    saved = await app.push_screen_wait(
        EditSetting(row, profile=loaded.profile, folder=settings.config_dir(app.launch.environ), is_forced=is_forced)
    )
    if saved:
        await _put_in_force(app, row.name)
    await _show(app)


async def _put_in_force(app: ThetaApp, name: str) -> None:
    from theta_tui.tui.profiles import switch_profile
    from theta_tui.tui.quitting import losses

    session = app.session
    if app.launch.demo or session is None or losses(app):
        app.tell(f"{name} is saved, and in force from the next start.")
        return
    await switch_profile(app, session.settings.profile)
