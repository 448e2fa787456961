"""How a line of a table looks: header, row, message; from columns already laid out to one strip.

Knows nothing of scrolling, keys or which rows there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Final, Generic

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from theta_tui.safe_text import for_line
from theta_tui.tui.widgets.record_columns import Column, Place, RowT, cells, cut, fault_of, fill

PREFIX: Final = "record-table--"
CURSOR: Final = "▸"
MARKED: Final = "✓"
DOUBTFUL: Final = "!"
CHANGED: Final = "•"
ASCENDING: Final = "▲"
DESCENDING: Final = "▼"
MARGIN: Final = 2
"""Cells left of a message."""

_UNDERLINED = Style(underline=True)


@dataclass(frozen=True, eq=False)
class RecordLook:
    """One Rich style per component class: `look.ok` is what the class `record-table--ok` says."""

    row: Style
    muted: Style
    ok: Style
    warn: Style
    bad: Style
    accent: Style
    header: Style
    column: Style
    cursor: Style
    blurred: Style
    mark: Style
    changed: Style
    message: Style

    @classmethod
    def of(cls, widget: Widget) -> RecordLook:
        """What the stylesheet says about a widget now."""
        return cls(**{each.name: widget.get_component_rich_style(PREFIX + each.name) for each in fields(cls)})


COMPONENTS: Final = frozenset(PREFIX + each.name for each in fields(RecordLook))

CSS: Final = """
RecordView {
    height: 1fr;
    background: $surface;
    color: $foreground;
    overflow-x: hidden;
    overflow-y: auto;
    scrollbar-size-vertical: 1;
    scrollbar-gutter: stable;
    & > .record-table--row { color: $foreground; }
    & > .record-table--muted { color: $foreground-muted; }
    & > .record-table--ok { color: $text-success; }
    & > .record-table--warn { color: $text-warning; }
    & > .record-table--bad { color: $text-error; }
    & > .record-table--accent { color: $text-accent; }
    & > .record-table--header { color: $foreground-muted; text-style: bold; }
    & > .record-table--column { color: $text-accent; text-style: bold underline; }
    & > .record-table--cursor {
        color: $block-cursor-foreground;
        background: $block-cursor-background;
        text-style: $block-cursor-text-style;
    }
    & > .record-table--blurred {
        color: $block-cursor-blurred-foreground;
        background: $block-cursor-blurred-background;
        text-style: $block-cursor-blurred-text-style;
    }
    & > .record-table--mark { color: $text-accent; text-style: bold; }
    & > .record-table--changed { color: $text-warning; text-style: bold; }
    & > .record-table--message { color: $foreground-muted; }
}
"""


@dataclass(frozen=True, slots=True)
class RowState:
    """What is special about one row: under the cursor, marked, doubtful, and which columns changed a moment ago."""

    cursor: bool = False
    marked: bool = False
    doubtful: bool = False
    changed: Collection[int] = ()


@dataclass(frozen=True, eq=False)
class Lines(Generic[RowT]):
    """Draws lines of one width; `current` is the number of the column that keys act on."""

    columns: Sequence[Column[RowT]]
    places: Sequence[Place]
    width: int
    look: RecordLook
    focused: bool
    current: int

    def header(self, sorted_by: str | None, *, reverse: bool) -> Strip:
        """Column titles, an arrow before the one the rows are ordered by."""
        parts, x = [], 0
        for place in self.places:
            column = self.columns[place.column]
            arrow = (DESCENDING if reverse else ASCENDING) if column.key == sorted_by else ""
            title = cut(column.title, place.width)
            blank = " " * (place.width + 1 - cells(title) - len(arrow))
            lead = 0 if column.right or arrow else 1
            style = self.look.column if self.focused and place.column == self.current else self.look.header
            before = " " * (place.x - x) + (blank if column.right else " " * lead) + arrow
            parts += [(before, self.look.header), (title, style)]
            parts.append(("" if column.right else blank[lead:], self.look.header))
            x = place.x + 1 + place.width
        return self._strip(parts, self.look.header)

    def row(self, row: RowT, state: RowState) -> Strip:
        """One row: cursor sign, mark, then for each column the change sign and its value, or why there are none."""
        look = self.look
        base = (look.cursor if self.focused else look.blurred) if state.cursor else look.row
        plain = state.cursor and self.focused
        start = self.places[0].x if self.places else 0
        mark = MARKED if state.marked else DOUBTFUL if state.doubtful else " "
        parts = [((CURSOR if state.cursor else " ")[:start], base)]
        parts.append(
            (mark[: max(0, start - 1)], base if plain else self._over(base, look.mark if state.marked else look.bad))
        )
        if fault := fault_of(row):
            words = fill(f" ✗ {for_line(fault)}", max(0, self.width - start))
            parts.append((words, base if plain else self._over(base, look.bad)))
            return self._strip(parts, base)
        x = start
        for place in self.places:
            column = self.columns[place.column]
            value, role = column.shown(row)
            style = base if plain or role is None else self._over(base, getattr(look, role))
            sign = CHANGED if place.column in state.changed else " "
            parts.append((" " * (place.x - x), base))
            parts.append((sign, base if plain else self._over(base, look.changed)))
            text = fill(value, place.width, right=column.right)
            parts.append((text, style + _UNDERLINED if plain and place.column == self.current else style))
            x = place.x + 1 + place.width
        return self._strip(parts, base)

    def message(self, text: str) -> list[Strip]:
        """Text in place of rows, wrapped at words; a line break starts a new line."""
        room = max(1, self.width - 2 * MARGIN)
        lines = (line for part in text.split("\n") for line in wrap(for_line(part), room))
        return [self._strip([(" " * MARGIN + line, self.look.message)], self.look.message) for line in lines]

    def blank(self) -> Strip:
        """A line with nothing on it."""
        return self._strip([], self.look.row)

    def _over(self, base: Style, role: Style) -> Style:
        return role if base is self.look.row else base + Style(color=role.color)

    def _strip(self, parts: Iterable[tuple[str, Style]], style: Style) -> Strip:
        """Join neighbours of one style, then make the line exactly as wide as the table."""
        segments: list[Segment] = []
        for text, own in parts:
            if segments and segments[-1].style is own:
                segments[-1] = Segment(segments[-1].text + text, own)
            elif text:
                segments.append(Segment(text, own))
        return Strip(segments).adjust_cell_length(self.width, style)


def wrap(text: str, width: int) -> list[str]:
    """Break a text into lines of at most `width` cells; a word longer than that is cut."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if cells(longer) <= width:
            lines[-1] = longer
        elif lines[-1]:
            lines.append(cut(word, width))
        else:
            lines[-1] = cut(word, width)
    return lines
