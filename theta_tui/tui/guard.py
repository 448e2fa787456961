"""What holds even where somebody forgot not to trust a text: the line filter, and the actions that no key of ours does.

It does not know where text comes from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from textual.app import App
from textual.filter import LineFilter

if TYPE_CHECKING:
    from theta_tui.tui.line_filter import InOrder

REFUSED: Final = frozenset({
    "add_class", "back", "bell", "change_theme", "command_palette", "dismiss", "focus", "notify", "pop_screen",
    "push_screen", "remove_class", "screenshot", "show_help_panel", "simulate_key", "suspend_process", "switch_mode",
    "switch_screen", "toggle", "toggle_class", "toggle_dark",
})  # fmt: skip
"""What only a link in some text could ask of a screen or of the app."""


class Guarded:
    """A screen or an app that refuses what only a link could ask for."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Refuse what no key of ours does."""
        return action not in REFUSED


class GuardedApp(Guarded, App[int]):
    """An app behind the line filter."""

    _filter: InOrder | None = None

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Add the second barrier against control characters in anybody's text."""
        others = tuple(super().get_line_filters())
        if self._filter is None or self._filter.filters[:-1] != others:
            from theta_tui.tui.line_filter import InertFilter, InOrder

            self._filter = InOrder((*others, InertFilter()))
        return (self._filter,)
