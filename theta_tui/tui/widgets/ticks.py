"""A short list whose lines are switched on and off, or of which one is chosen; with `is_movable` they change places.

It does not know what the lines stand for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget

from theta_tui.tui import literal

_MARKS: Final = {False: ("☐", "☑"), True: ("○", "●")}
"""Off and on, of many and of one."""


@dataclass(frozen=True, slots=True)
class Tick:
    """One line: what it is called, words beside it, whether it is on; with `why_not` it cannot be."""

    key: str
    title: str
    words: str = ""
    is_on: bool = False
    why_not: str = ""


class Ticks(Widget, can_focus=True):
    """Space switches the line under the cursor, Enter says that this is it; Tab leaves."""

    DEFAULT_CSS = "Ticks { height: auto; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1)", show=False),
        Binding("down,j", "step(1)", show=False),
        Binding("space", "switch", show=False),
        Binding("enter", "enter", show=False),
        Binding("shift+up,K,minus", "move(-1)", show=False),
        Binding("shift+down,J,plus", "move(1)", show=False),
    ]

    class Changed(Message):
        """Another line is on, off or elsewhere."""

    class Entered(Message):
        """Enter was pressed."""

    def __init__(
        self,
        rows: Sequence[Tick] = (),
        *,
        is_single: bool = False,
        is_movable: bool = False,
        id: str | None = None,  # noqa: A002 Textual's own name
    ) -> None:
        super().__init__(id=id)
        self.rows = list(rows)
        self.cursor = 0
        self._is_single = is_single
        self._is_movable = is_movable
        self._starts: list[int] = []

    @property
    def chosen(self) -> tuple[str, ...]:
        """The keys of the lines that are on, in their order."""
        return tuple(row.key for row in self.rows if row.is_on)

    def show(self, rows: Sequence[Tick]) -> None:
        """Show these lines; of one choice the cursor goes to what is chosen."""
        self.rows = list(rows)
        on = next((at for at, row in enumerate(self.rows) if row.is_on), 0) if self._is_single else self.cursor
        self.cursor = min(on, max(len(self.rows) - 1, 0))
        self.refresh(layout=True)

    def action_step(self, by: int) -> None:
        """Go to the next line; beyond the ends the focus goes on."""
        if 0 <= self.cursor + by < len(self.rows):
            self.cursor += by
            self._look()
        elif by < 0:
            self.screen.focus_previous()
        else:
            self.screen.focus_next()

    def action_switch(self) -> None:
        """Switch the line under the cursor, or choose it."""
        row = self.rows[self.cursor]
        if row.why_not or (self._is_single and row.is_on):
            return
        if self._is_single:
            self.rows = [replace(one, is_on=one is row) for one in self.rows]
        else:
            self.rows[self.cursor] = replace(row, is_on=not row.is_on)
        self.refresh(layout=True)
        self.post_message(self.Changed())

    def action_move(self, by: int) -> None:
        """Let the line under the cursor change places with its neighbour."""
        at, to = self.cursor, self.cursor + by
        if self._is_movable and 0 <= to < len(self.rows):
            self.rows[at], self.rows[to] = self.rows[to], self.rows[at]
            self.cursor = to
            self._look()
            self.post_message(self.Changed())

    def action_enter(self) -> None:
        """Say that this is it; of one choice, what the cursor is on is taken first."""
        if self._is_single:
            self.action_switch()
        self.post_message(self.Entered())

    def on_click(self, event: events.Click) -> None:
        """Switch what was clicked."""
        at = next((at for at in reversed(range(len(self._starts))) if self._starts[at] <= event.y), None)
        if at is not None:
            self.cursor = at
            self.action_switch()
            self.refresh()

    def on_focus(self) -> None:
        """Draw the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Draw without the cursor."""
        self.refresh()

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Count the lines as they are wrapped."""
        return sum(len(lines) for lines in self._laid_out(width)) or 1

    def render(self) -> Content:
        """Draw all lines."""
        drawn, self._starts, y = [], [], 0
        for lines in self._laid_out(self.size.width):
            self._starts.append(y)
            y += len(lines)
            drawn += lines
        return Content("\n").join(drawn)

    def _laid_out(self, width: int) -> list[list[Content]]:
        titles = max((len(row.title) for row in self.rows), default=0) + 4
        return [self._lines(at, row, titles, width) for at, row in enumerate(self.rows)]

    def _lines(self, at: int, row: Tick, titles: int, width: int) -> list[Content]:
        """Draw one: its title, its words beside it, or below where there is no room."""
        mark = "✗" if row.why_not else _MARKS[self._is_single][row.is_on]
        has_cursor = self.has_focus and at == self.cursor
        plain = "$foreground-disabled" if row.why_not else "$text-accent" if row.is_on else "$foreground-muted"
        style = "bold reverse $text-accent" if has_cursor else plain
        head = literal.content(f"{mark} {row.title} ", style=style)
        words = literal.content(row.why_not or row.words, style="$text-warning" if row.why_not else "$foreground-muted")
        if not words.plain:
            return [head]
        indent = titles if titles + min(words.cell_length, 24) <= width else 4
        told = words.wrap(max(width - indent, 10))
        if indent == titles:
            gap = Content(" " * (titles - head.cell_length))
            first, rest = Content.assemble(head, gap, told[0]), told[1:]
        else:
            first, rest = head, told
        return [first, *(Content.assemble(" " * indent, line) for line in rest)]

    def _look(self) -> None:
        self.refresh()
        start = self._starts[self.cursor] if self.cursor < len(self._starts) else self.cursor
        if isinstance(self.parent, Widget):
            self.parent.scroll_to_region(Region(0, self.region.y - self.parent.region.y + start, 1, 1), animate=False)
