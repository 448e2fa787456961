"""`:theme`: the themes, each worn while the highlight is on it; Enter keeps one, Esc puts the old one back.

While it is open the user's folder of themes is watched, so that a theme can be written beside the console.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from textual import on
from textual.timer import Timer
from textual.widgets import OptionList

from theta_tui import settings
from theta_tui.errors import UsageError
from theta_tui.tui import looks
from theta_tui.tui.picker import Entry, Picker, run_entry

if TYPE_CHECKING:
    from theta_tui.tui.app import ThetaApp

LOOK_SECONDS: Final = 0.5
"""How often the user's folder is looked at while themes are chosen."""
REST_SECONDS: Final = 0.05
"""How long the highlight rests on a theme before it is worn: running past many repaints nothing."""
_OURS: Final = "theta-tui: contrast 4.5 and more"
_GROUPS: Final = {"theta-tui": _OURS, "yours": "Your own", "Textual": "From Textual, as they come"}


class ThemePicker(Picker):
    """The list of themes, beside what they are tried on."""

    DEFAULT_CSS = """
    ThemePicker {
        align: right top;
        background: $background 0%;
        & > .modal--frame { max-width: 46; height: 100%; max-height: 100%; }
    }
    """
    heading = "Theme"
    prompt = "Search themes"
    keys = (("↑↓", "try"), ("Enter", "keep"), ("Esc", "as before"))
    widest = 46

    def __init__(self, app: ThetaApp) -> None:
        super().__init__(list(theme_entries(app)))
        self._worn = app.theme
        self._rest: Timer | None = None

    def on_mount(self) -> None:
        """Begin on what is worn, and watch the folder."""
        self.call_next(self.go_to, self._worn)
        self.set_interval(LOOK_SECONDS, self._look)

    @property
    def console_app(self) -> ThetaApp:
        """The app, with its own type."""
        return cast("ThetaApp", self.app)

    @on(OptionList.OptionHighlighted, "#choices")
    def _at_another(self) -> None:
        """Wear it, once the highlight rests."""
        if self._rest is not None:
            self._rest.stop()
        if (entry := self.highlighted) is not None:
            self._rest = self.set_timer(REST_SECONDS, partial(self.console_app.take_theme, entry.name))

    def action_close(self) -> None:
        """Put the old one back; the usual one if its file is gone meanwhile."""
        if self._rest is not None:
            self._rest.stop()
        if not self.console_app.take_theme(self._worn):
            self.console_app.theme = self.console_app.usual_theme
        super().action_close()

    async def _look(self) -> None:
        before = self.console_app.offered_themes
        await self.console_app.look_at_themes()
        if self.console_app.offered_themes != before:
            self.offer(list(theme_entries(self.console_app)))


def open_themes(app: ThetaApp) -> None:
    """Let a theme be chosen."""
    app.run_worker(_choose(app), group="themes", exclusive=True)


async def _choose(app: ThetaApp) -> None:
    await app.look_at_themes()
    app.push_screen(ThemePicker(app), lambda chosen: run_entry(app, chosen))


def theme_entries(app: ThetaApp) -> Iterator[Entry]:
    """Give the themes that are offered; choosing one keeps it."""
    for name in app.offered_themes:
        mark = "in use" if name == app.theme else ""
        yield Entry(name, partial(keep_theme, app, name), mark=mark, group=_GROUPS[app.origin_of(name)])


async def keep_theme(app: ThetaApp, name: str) -> None:
    """Wear a theme from now on: it is written into the settings file."""
    app.take_theme(name)
    if app.is_colourless:
        app.tell(f"NO_COLOR is set: {looks.MONOCHROME_THEME} it stays.")
        return
    try:
        await asyncio.to_thread(_write, name, app.launch.profile, settings.config_dir(app.launch.environ))
    except (UsageError, OSError) as error:
        app.tell(f"The theme could not be kept: {error}", severity="warning")


def _write(name: str, profile: str | None, folder: Path) -> None:
    """Write it for every profile, or for this one where it has a theme of its own."""
    has_own = profile is not None and "theme" in settings.read_file(folder).profiles.get(profile, {})
    settings.save_value(profile if has_own else None, "theme", name, config_dir=folder)
