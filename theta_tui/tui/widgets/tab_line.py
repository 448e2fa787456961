"""One line of choices, one of them current: which part of a pane's records is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class Tab:
    """A choice: its id, our own word for it, and how many records it holds (None: not known)."""

    id: str
    label: str
    count: int | None = None


class TabLine(Widget):
    """The choices side by side; counts leave, then gaps, when it gets narrow. A click chooses."""

    DEFAULT_CSS = """
    TabLine { height: 1; padding: 0 1; color: $foreground-muted; }
    """

    tabs: reactive[tuple[Tab, ...]] = reactive(())
    current: reactive[str] = reactive("")

    class Chosen(Message):
        """Another choice is current."""

        def __init__(self, tab: str) -> None:
            super().__init__()
            self.tab = tab

    def __init__(
        self,
        tabs: Sequence[Tab],
        *,
        current: str | None = None,
        id: str | None = None,  # noqa: A002 Textual's own name for it
    ) -> None:
        super().__init__(id=id)
        self._spots: list[tuple[int, int, str]] = []
        self.set_reactive(TabLine.tabs, tuple(tabs))
        self.set_reactive(TabLine.current, current or tabs[0].id)

    def render(self) -> Content:
        """Draw the choices as roomy as they fit."""
        for gap, counts in ((" │ ", True), ("  ", True), ("  ", False), (" ", False)):
            line = self._line(gap, counts=counts)
            if line.cell_length <= self.size.width:
                break
        return line

    def step(self, by: int) -> None:
        """Choose the next or the previous one, round and round."""
        ids = [tab.id for tab in self.tabs]
        self.choose(ids[(ids.index(self.current) + by) % len(ids)])

    def choose(self, tab: str) -> None:
        """Make one of the choices current, and say so."""
        if tab != self.current:
            self.current = tab
            self.post_message(self.Chosen(tab))

    def on_click(self, event: events.Click) -> None:
        """Choose what was clicked."""
        at = event.get_content_offset(self)
        for start, end, tab in self._spots:
            if at is not None and start <= at.x < end:
                self.choose(tab)

    def _line(self, gap: str, *, counts: bool) -> Content:
        parts, self._spots, column = [], [], 0
        for tab in self.tabs:
            label = Content.styled(tab.label, "bold $primary underline" if tab.id == self.current else "")
            part = Content.assemble(label, f" {tab.count}") if counts and tab.count is not None else label
            self._spots.append((column, column + part.cell_length, tab.id))
            parts.append(part)
            column += part.cell_length + len(gap)
        return Content(gap).join(parts)
