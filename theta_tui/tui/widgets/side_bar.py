"""The navigation: one line per pane, digits only where the screen is narrow; a click goes there."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from theta_tui.tui.panes import PANES


class SideBar(Widget):
    """The list of panes, the current one marked."""

    DEFAULT_CSS = """
    SideBar { width: 18; height: 1fr; padding: 1 0; background: $surface; color: $foreground-muted; }
    """

    current: reactive[str] = reactive("overview")
    narrow: reactive[bool] = reactive(False)

    class Chosen(Message):
        """A pane was clicked."""

        def __init__(self, digit: str) -> None:
            super().__init__()
            self.digit = digit

    def render(self) -> Content:
        """Draw the list."""
        lines = []
        for entry in PANES:
            is_here = entry.id == self.current
            label = f"{'▌' if is_here else ' '}{entry.digit}" + ("" if self.narrow else f" {entry.title}")
            style = "bold $primary" if is_here else ""
            lines.append(Content.styled(label, style))
        return Content("\n").join(lines)

    def on_click(self, event: events.Click) -> None:
        """Go to the pane that was clicked."""
        row = event.y - 1
        if 0 <= row < len(PANES):
            self.post_message(self.Chosen(PANES[row].digit))
