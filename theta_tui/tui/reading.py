"""Lines to read: a scrolling page that wraps long lines and draws only those on screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

HANGING: Final = 2
"""Columns by which the rest of a wrapped line stands further in than its beginning."""
MOST_PER_CELL: Final = 6
"""Characters that safe text puts into one cell at the most: a letter and its marks."""


class Reading(ScrollView):
    """Shows lines; arrows, j and k, page keys, Home and End scroll."""

    DEFAULT_CSS = """
    Reading {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        background: $background;
        color: $foreground;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll_down", show=False),
        Binding("up,k", "scroll_up", show=False),
        Binding("pagedown,space", "page_down", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("home,g", "scroll_home", show=False),
        Binding("end,G", "scroll_end", show=False),
    ]

    def __init__(self, lines: Sequence[Content] = (), *, id: str | None = None) -> None:  # noqa: A002 Textual's name
        super().__init__(id=id)
        self._lines = list(lines)
        self._wrapped: list[Content] = []
        self._width = 0

    def show(self, lines: Sequence[Content]) -> None:
        """Show these lines from the first."""
        self._lines = list(lines)
        self._lay_out()
        self.scroll_home(animate=False)

    @property
    def text(self) -> str:
        """All lines as plain text."""
        return "\n".join(line.plain for line in self._lines)

    def on_resize(self, event: events.Resize) -> None:
        """Wrap again when the width is another."""
        if self.scrollable_content_region.width != self._width:
            self._lay_out()

    def render_line(self, y: int) -> Strip:
        """Draw one line of the page."""
        row = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if row >= len(self._wrapped):
            return Strip.blank(width, self.rich_style)
        strips = Visual.to_strips(self, self._wrapped[row], width, 1, self.visual_style, pad=True)
        return strips[0] if strips else Strip.blank(width, self.rich_style)

    def _lay_out(self) -> None:
        self._width = self.scrollable_content_region.width
        if not self._width:
            return
        self._wrapped = [piece for line in self._lines for piece in wrapped(line, self._width)]
        self.virtual_size = Size(self._width, len(self._wrapped))
        self.refresh()


def wrapped(line: Content, width: int) -> list[Content]:
    """Break a line that is too wide; what follows stands in by the line's own indent and a little more."""
    if line.cell_length <= width:
        return [line]
    plain = line.plain
    stand = start = min(len(plain) - len(plain.lstrip(" ")), width // 2)
    pieces, indent = [], stand
    while start < len(plain):
        room = width - stand
        ahead = plain[start : start + room * MOST_PER_CELL]  # never the whole rest: that would be quadratic
        cut = len(ahead) if cell_len(ahead) <= room else _break_at(ahead, room)
        piece = line[start : start + cut]
        start += cut
        pieces.append(Content.assemble(" " * stand, piece if start == len(plain) else piece.rstrip()))
        stand = indent + HANGING
    return pieces


def _break_at(text: str, room: int) -> int:
    """Give where to break: after a space, else in a long word after `/` or `,`, before `?` or `&`, else at the edge."""
    edge = room if text[: room + 1].isascii() else _fitting(text, room)
    space = text.rfind(" ", 0, edge + 1)
    if space >= edge // 2:
        return space + 1
    soft = max(text.rfind("/", 0, edge) + 1, text.rfind(",", 0, edge) + 1, text.rfind("?", 0, edge + 1),
               text.rfind("&", 0, edge + 1))  # fmt: skip
    return soft if soft >= edge // 2 else max(edge, 1)


def _fitting(text: str, room: int) -> int:
    """Give how many characters fit into so many cells."""
    cells = 0
    for number, character in enumerate(text):
        cells += cell_len(character)
        if cells > room:
            return number
    return len(text)
