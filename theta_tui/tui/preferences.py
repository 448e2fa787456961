"""`:settings`: every setting with its value and where it comes from, made from the schema; chosen to be changed.

What is saved goes into the settings file with its comments kept, and is in force at once: the session is opened anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static

from theta_tui import settings
from theta_tui.places import COMMAND
from theta_tui.tui import literal
from theta_tui.tui.key_presets import NAME as PRESET_NAME
from theta_tui.tui.key_presets import choose_preset, preset_row
from theta_tui.tui.moving import offer_to_move
from theta_tui.tui.picker import Entry, Picker, run_entry
from theta_tui.tui.setting_edit import EditSetting
from theta_tui.tui.theme_picker import open_themes

if TYPE_CHECKING:
    from theta_tui.tui.app import ThetaApp

NAME: Final = max(len(key.name) for key in settings.SCHEMA) + 2
"""Columns of the names."""
LEAST_VALUE: Final = 8
"""Columns that a value keeps beside its source; where there are not so many, only the description tells the source."""


class SettingsList(Picker):
    """The settings in columns: name, value, where it comes from; below them what the one at hand means."""

    DEFAULT_CSS = """
    SettingsList > .modal--frame > #about {
        height: 4; border-top: solid $border; padding: 0 1; color: $foreground-muted;
    }
    """
    heading = "Settings"
    prompt = "Search settings"
    keys = (("↑↓", "move"), ("Enter", "change"), ("Esc", "close"))

    def __init__(self, entries: Sequence[Entry], rows: Mapping[str, settings.Row], at: str = "") -> None:
        super().__init__(entries)
        self._rows = rows
        self._at = at

    def inside(self) -> Iterable[Widget]:
        """Give search line and list, and below them the description."""
        yield from super().inside()
        yield Static("", id="about", markup=False)

    def on_mount(self) -> None:
        """Go back to the setting that was changed."""
        self.call_after_refresh(self.go_to, self._at)

    def draw(self, entry: Entry, width: int) -> Content:
        """Draw a setting in its columns; what stands as it was built in is muted."""
        row = self._rows[entry.name]
        source = "" if row.source == "default" else row.source
        if width - NAME - len(source) - 2 < LEAST_VALUE:
            source = ""
        room = max(width - NAME - len(source) - 2, LEAST_VALUE)
        value = literal.content(row.value or "–", style="$foreground-muted" if row.source == "default" else "bold")
        value = value.truncate(room, ellipsis=True)
        gap = " " * (width - NAME - value.cell_length - len(source))
        name = literal.content(row.name.ljust(NAME))
        return Content.assemble(name, value, gap, literal.content(source, style="$foreground-muted"))

    @on(OptionList.OptionHighlighted, "#choices")
    def _at_another(self) -> None:
        entry = self.highlighted
        self.query_one("#about", Static).update(described(self._rows[entry.name]) if entry else "")


def described(row: settings.Row) -> Content:
    """Say what a setting means, what may be written, and where its value comes from."""
    key = settings.KEYS.get(row.name)
    wanted = f" Write {key.wanted}." if key is not None else ""
    lines = [Content.assemble(literal.content(row.help), (wanted, "$foreground-muted"))]
    source = "Built in" if row.source == "default" else f"From {row.source}"
    env = key.env if key is not None and row.source not in key.env else ()
    variables = f"; {' or '.join(env)} goes before the file" if env else ""
    lines.append(Content.styled(f"{source}{variables}.", "$foreground-muted"))
    return Content("\n").join(lines)


def open_settings(app: ThetaApp) -> None:
    """Show the settings of the profile in use."""
    app.run_worker(_show(app), group="settings", exclusive=True)


async def _show(app: ThetaApp, at: str = "") -> None:
    loaded = await asyncio.to_thread(settings.load, app.launch.profile, app.launch.environ)
    rows = {row.name: row for row in (*loaded.rows(), preset_row(loaded.keys))}
    app.push_screen(SettingsList(list(_entries(app, loaded, rows)), rows, at), lambda entry: run_entry(app, entry))


def _entries(app: ThetaApp, loaded: settings.Settings, rows: Mapping[str, settings.Row]) -> Iterator[Entry]:
    for group, names in settings.GROUPS.items():
        for name in names:
            row = rows[name]
            yield Entry(name, partial(_edit, app, loaded, row), words=_searched(row), group=group)
    yield Entry(PRESET_NAME, partial(_edit_preset, app), words=_searched(rows[PRESET_NAME]), group="Keyboard")


def _searched(row: settings.Row) -> str:
    return f"{row.value} {row.help} {row.source}"


async def _edit_preset(app: ThetaApp) -> None:
    await choose_preset(app)
    await _show(app, PRESET_NAME)


async def _edit(app: ThetaApp, loaded: settings.Settings, row: settings.Row) -> None:
    if row.name == "theme":
        open_themes(app)
        return
    is_forced = row.source in app.launch.environ
    saved = await app.push_screen_wait(
        EditSetting(row, profile=loaded.profile, folder=settings.config_dir(app.launch.environ), is_forced=is_forced)
    )
    if saved:
        await _put_in_force(app, row.name, loaded.vault)
    await _show(app, row.name)


async def _put_in_force(app: ThetaApp, name: str, place: str) -> None:
    from theta_tui.tui.profiles import switch_profile
    from theta_tui.tui.quitting import losses

    session = app.session
    if name in settings.GROUPS["Looks"]:
        await app.wear(await asyncio.to_thread(settings.load, app.launch.profile, app.launch.environ))
        return
    if app.launch.demo or session is None or losses(app):
        is_place = name == "vault" and place != COMMAND
        stay = f" Keys kept so far stay: `theta-tui auth move {place}` takes them along." if is_place else ""
        app.tell(f"{name} is saved, and in force from the next start.{stay}")
        return
    await switch_profile(app, session.settings.profile)
    if app.session is not None:
        await offer_to_move(app, session, app.session)
