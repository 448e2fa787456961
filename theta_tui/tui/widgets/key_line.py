"""The key line: what the keys do here, most useful first, cut at whole entries; a click does the same.

The last entry, which leads to all the others, always has its place.
"""

from __future__ import annotations

from typing import Final

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from theta_tui.tui.actions import Action

GAP: Final = 3


def _width(action: Action) -> int:
    return len(action.key_name) + len(action.title) + 1


class KeyLine(Widget):
    """One line of keys."""

    DEFAULT_CSS = """
    KeyLine { height: 1; dock: bottom; background: $panel; color: $foreground; }
    KeyLine .key-line--key { color: $footer-key-foreground; }
    """

    class Chosen(Message):
        """An action was clicked."""

        def __init__(self, action: Action) -> None:
            super().__init__()
            self.action = action

    def __init__(self) -> None:
        super().__init__()
        self._actions: tuple[Action, ...] = ()
        self._spots: list[tuple[int, int, Action]] = []

    def show_actions(self, actions: tuple[Action, ...]) -> None:
        """Show these actions in the order of their rank."""
        wanted = tuple(sorted((action for action in actions if action.rank), key=lambda action: action.rank))
        if wanted != self._actions:
            self._actions = wanted
            self.refresh()

    def render(self) -> Content:
        """Draw the entries that fit whole."""
        parts: list[Content] = [Content(" ")]
        self._spots, column = [], 1
        for action in self._fitting():
            width = _width(action)
            self._spots.append((column, column + width, action))
            parts.append(Content.assemble((action.key_name, "bold $footer-key-foreground"), " ", action.title, "   "))
            column += width + GAP
        return Content("").join(parts)

    def _fitting(self) -> tuple[Action, ...]:
        """Give the actions that have room, the last one among them."""
        *others, last = self._actions or (None,)
        if last is None:
            return ()
        room = self.size.width - 2 - _width(last)
        found: list[Action] = []
        for action in others:
            room -= _width(action) + GAP
            if room < 0:
                break
            found.append(action)
        return (*found, last)

    def on_click(self, event: events.Click) -> None:
        """Tell which action was clicked."""
        for start, end, action in self._spots:
            if start <= event.x < end:
                self.post_message(self.Chosen(action))
                return
