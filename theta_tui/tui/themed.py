"""How the app is dressed: shipped and own themes, no colour where none is wanted, and how closely things stand."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from textual.app import App
from textual.filter import LineFilter, Monochrome, NoColor
from textual.reactive import var

from theta_tui.environment import config_dir, process_environment
from theta_tui.errors import UsageError
from theta_tui.launch import DEMO_PROFILE
from theta_tui.tui import looks
from theta_tui.tui.crash import CrashSafeApp

if TYPE_CHECKING:
    from theta_tui.launch import Launch
    from theta_tui.settings import Settings
    from theta_tui.tui.theme_shelf import ThemeShelf

COMPACT: Final = "compact"
FOLDER: Final = "themes"
"""Where the user's own themes are, beside the settings file."""
SETTINGS_FILE: Final = "settings.toml"


class ThemedApp(CrashSafeApp):
    """An app with our themes. Only the first one is read before the first frame."""

    launch: Launch
    tell: Callable[..., None]
    is_compact: var[bool] = var(False, toggle_class="-dense")

    def __init__(self) -> None:
        super().__init__()
        self.is_colourless = bool(process_environment().get("NO_COLOR"))
        self._textual_themes = sorted(name for name, theme in self.available_themes.items() if not theme.ansi)
        self._shipped: tuple[str, ...] = ()
        self._shelf: ThemeShelf | None = None
        self._no_colour = NoColor()
        self.register_theme(looks.load_theme(looks.shipped_folder() / f"{self.usual_theme}.toml"))
        self.theme = self.usual_theme

    @property
    def usual_theme(self) -> str:
        """The theme where none is chosen: what the terminal can show."""
        if self.is_colourless:
            return looks.MONOCHROME_THEME
        return looks.TERMINAL_THEME if self.console.color_system == "standard" else looks.DEFAULT_THEME

    @property
    def offered_themes(self) -> tuple[str, ...]:
        """The themes to choose from: ours, the user's, then those that come with Textual."""
        if self.is_colourless:
            return (looks.MONOCHROME_THEME,)
        hidden = {*self._shipped, *self._textual_themes}
        own = sorted(name for name, theme in self.available_themes.items() if name not in hidden and not theme.ansi)
        return (*self._shipped, *own, *self._textual_themes)

    def origin_of(self, theme: str) -> str:
        """Say whose a theme is."""
        if theme in self._shipped or self.is_colourless:
            return "theta-tui"
        return "Textual" if theme in self._textual_themes else "yours"

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Take every colour away where none is wanted; Textual alone would leave greys."""
        filters = [each for each in super().get_line_filters() if not isinstance(each, (Monochrome, NoColor))]
        return [*filters, self._no_colour] if self.theme == looks.MONOCHROME_THEME else filters

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give what a theme of the terminal's own colours would lack."""
        return dict(looks.ANSI_DEFAULTS)

    def take_theme(self, name: str) -> bool:
        """Wear a theme; False if it is not offered."""
        if name not in self.offered_themes:
            return False
        self.theme = name
        return True

    def wear_at_once(self) -> None:
        """Wear in the first frame what the settings file says; `wear` tells later what of it cannot be.

        The settings are imported only where that file speaks of looks: it would hold up every other first frame.
        """
        folder = config_dir(self.launch.environ)
        try:
            written = (folder / SETTINGS_FILE).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return
        if not any(word in written for word in ("theme", "density")):
            return
        from theta_tui.settings import load

        try:
            chosen = load(DEMO_PROFILE if self.launch.demo else self.launch.profile, self.launch.environ)
        except UsageError:
            return
        self.is_compact = chosen.density == COMPACT
        if chosen.theme and not self.is_colourless and self._found(chosen.theme, folder / FOLDER):
            self.theme = chosen.theme

    def _found(self, name: str, own: Path) -> bool:
        """Take in the one theme of this name; whether there is one."""
        if name in self._textual_themes:
            return True
        shipped = [path for path in looks.theme_files(looks.shipped_folder()) if path.stem == name]
        for path in shipped or sorted(looks.theme_files(own), key=lambda path: path.stem != name):
            with suppress(ValueError):
                theme = looks.load_theme(path)
                if theme.name == name:
                    self.register_theme(theme)
                    return True
        return False

    async def wear(self, settings: Settings) -> None:
        """Take theme and density from the settings; what cannot be is told."""
        await self.look_at_themes()
        self.is_compact = settings.density == COMPACT
        wanted = settings.theme or self.usual_theme
        if not self.take_theme(wanted) and not self.is_colourless:
            near = difflib.get_close_matches(wanted, self.offered_themes, n=1, cutoff=0.3)
            hint = f"; did you mean {near[0]}?" if near else "."
            self.tell(f"No theme is called {wanted[:40]}{hint}", severity="warning")

    async def look_at_themes(self) -> None:
        """Take in what is new among the themes; a file that is wrong is told once, until it changes again."""
        if self._shelf is None:
            self._shelf = await asyncio.to_thread(self._open_shelf)
        news = await asyncio.to_thread(self._shelf.look)
        others = [theme for theme in news.themes if self.get_theme(theme.name) != theme]
        for theme in others:
            self.register_theme(theme)
        for name in news.gone:
            if self.theme == name:
                self.theme = self.usual_theme
            self.unregister_theme(name)
        if any(theme.name == self.theme for theme in others):
            self.mutate_reactive(App.theme)
        for problem in news.problems:
            self.tell(f"Theme {problem}", severity="warning")

    def _open_shelf(self) -> ThemeShelf:
        from theta_tui.tui.theme_shelf import ThemeShelf

        shipped = list(looks.themes(looks.shipped_folder()))
        for theme in shipped:
            self.register_theme(theme)
        self._shipped = (looks.DEFAULT_THEME, *sorted({theme.name for theme in shipped} - {looks.DEFAULT_THEME}))
        return ThemeShelf(config_dir(self.launch.environ) / FOLDER, (*self._shipped, *self._textual_themes))
