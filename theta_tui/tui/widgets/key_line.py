"""The key line: what the keys do here, most useful first, cut at whole entries; a click does the same."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from theta_tui.tui.actions import Action


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
        for action in self._actions:
            width = len(action.key_name) + len(action.title) + 1
            if column + width > self.size.width - 1:
                break
            self._spots.append((column, column + width, action))
            parts.append(Content.assemble((action.key_name, "bold $footer-key-foreground"), " ", action.title, "   "))
            column += width + 3
        return Content("").join(parts)

    def on_click(self, event: events.Click) -> None:
        """Tell which action was clicked."""
        for start, end, action in self._spots:
            if start <= event.x < end:
                self.post_message(self.Chosen(action))
                return
