"""The columns of a table and how they share its width; knows rows only through the functions a column is given.

Columns leave by priority before anything is cut, and what must be cut ends in `…`, between words where there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from decimal import Decimal
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from rich.cells import cell_len, set_cell_size

from theta_tui.safe_text import for_line
from theta_tui.tui.widgets.record_filter import number_in
from theta_tui.tui.widgets.record_terms import Field

RowT = TypeVar("RowT")
Role: TypeAlias = Literal["muted", "ok", "warn", "bad", "accent"]
Cell: TypeAlias = str | tuple[str, Role]
"""The text of a cell, or the text and the theme role it is coloured with; never markup."""

SAMPLE = 200
"""Rows measured to size the columns."""
SHOWN_LIMIT = 500
"""Characters of a value that a line looks at."""
WIDEST = 40
"""Cells a column may take for its content if it does not grow and names no limit of its own."""
GROW_FROM = 20
"""Cells that a growing column keeps before others must leave."""
WIDE_GAPS_FROM = 80
"""Table width from which columns stand two cells apart instead of one."""


@dataclass(frozen=True, eq=False)
class Column(Generic[RowT]):
    """One column: what it shows of a row, and how much of the width it may have.

    `width` fixes it; otherwise it follows its content between `min_width` and `max_width`, and with `grow` may be shown
    longer or shorter than others would be. The highest `priority` leaves first. `sort` gives what rows are ordered by
    (None last), the text itself if missing. A `numeric` column is aligned right and compared by `<` and `>`: by its
    sort value if that is a number, else by the number in its text. `volatile` values change by themselves (an age):
    their changes are not marked and plain words do not find them.
    """

    key: str
    title: str
    cell: Callable[[RowT], Cell]
    _: KW_ONLY
    width: int | None = None
    min_width: int | None = None
    max_width: int | None = None
    grow: bool = False
    align: Literal["left", "right"] | None = None
    priority: int = 5
    sort: Callable[[RowT], object] | None = None
    search: bool = True
    numeric: bool = False
    volatile: bool = False

    @property
    def right(self) -> bool:
        """Whether values stand at the right edge."""
        return self.align == "right" or (self.align is None and self.numeric)

    def text(self, row: RowT) -> str:
        """Give the value of a row as it came: for searching and copying, not for the screen."""
        cell = self.cell(row)
        return cell if isinstance(cell, str) else cell[0]

    def shown(self, row: RowT) -> tuple[str, Role | None]:
        """Give the value of a row made safe for one line, and its role."""
        cell = self.cell(row)
        text, role = (cell, None) if isinstance(cell, str) else cell
        return for_line(text, SHOWN_LIMIT), role

    def rank(self, row: RowT) -> Any:
        """Give what rows are ordered by."""
        return self.sort(row) if self.sort else self.text(row).lower()

    def number(self, row: RowT) -> Decimal | None:
        """Give the number that `<` and `>` compare; None where there is none."""
        value = self.sort(row) if self.sort else None
        if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
            exact = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
            return exact if exact.is_finite() else None
        return number_in(self.text(row))

    def field(self) -> Field:
        """Give what the filter needs to know."""
        return Field(self.key, self.title, self.text, self.number if self.numeric else None)


def fault_of(row: object) -> str:
    """Say what is wrong with a row that could not be read; rows that may be so have a `fault`."""
    return str(getattr(row, "fault", ""))


def telling(columns: Sequence[Column[RowT]]) -> tuple[Column[RowT], ...]:
    """Have the column that names a row say what is wrong with it, where it could not be read."""
    naming = next((i for i, column in enumerate(columns) if column.grow), 0)
    return tuple(replace(column, cell=_or_fault(column)) if i == naming else column for i, column in enumerate(columns))


def _or_fault(column: Column[RowT]) -> Callable[[RowT], Cell]:
    def cell(row: RowT) -> Cell:
        fault = fault_of(row)
        return (f"✗ {fault}", "bad") if fault else column.cell(row)

    return cell


@dataclass(frozen=True, slots=True)
class Place:
    """Where a column stands in a line: the cell before its text at `x`, then `width` cells of text."""

    column: int
    x: int
    width: int


def cells(text: str) -> int:
    """Count the terminal cells of a text."""
    return len(text) if text.isascii() else cell_len(text)


def cut(text: str, width: int) -> str:
    """Shorten a text to `width` cells, ending in `…`; at a word's end unless that would waste much of the width."""
    if cells(text) <= width:
        return text
    if width < 1:
        return ""
    head = text[: width - 1] if text.isascii() else set_cell_size(text, width - 1)
    space = head.rfind(" ")
    if text[len(head) : len(head) + 1] != " " and space >= 0.6 * width:
        head = head[:space]
    return head.rstrip() + "…"


def fill(text: str, width: int, *, right: bool = False) -> str:
    """Make a text exactly `width` cells wide."""
    short = cut(text, width)
    blank = " " * (width - cells(short))
    return blank + short if right else short + blank


def measure(columns: Sequence[Column[RowT]], rows: Sequence[RowT]) -> list[int]:
    """Give the widest value of each column, looking at no more than `SAMPLE` rows."""
    step = max(1, -(-len(rows) // SAMPLE))
    sample = rows[::step]
    return [column.width or max((cells(column.shown(row)[0]) for row in sample), default=0) for column in columns]


def fit(columns: Sequence[Column[RowT]], content: Sequence[int], start: int, width: int) -> tuple[Place, ...]:
    """Lay the columns out from `start` to `width`; `content` is the widest value of each."""
    gap = 2 if width >= WIDE_GAPS_FROM else 1
    wanted = [_wanted(column, size) for column, size in zip(columns, content, strict=True)]
    least = [_least(column, size) for column, size in zip(columns, wanted, strict=True)]
    shown = list(range(len(columns)))
    while len(shown) > 1 and start + sum(least[i] + gap for i in shown) > width:
        shown.remove(max(shown, key=lambda i: (columns[i].priority, i)))
    spare = width - start - sum(least[i] + gap for i in shown)
    widths = dict.fromkeys(shown, 0)
    for i in sorted(shown, key=lambda i: columns[i].priority):
        more = max(min(spare, wanted[i] - least[i]), -least[i])
        widths[i], spare = least[i] + more, spare - more
    places, x = [], start
    for i in shown:
        places.append(Place(i, x, widths[i]))
        x += widths[i] + gap
    return tuple(places)


def _wanted(column: Column[RowT], content: int) -> int:
    if column.width is not None:
        return column.width
    most = column.max_width or (content if column.grow else WIDEST)
    return max(cells(column.title), column.min_width or 0, min(content, most))


def _least(column: Column[RowT], wanted: int) -> int:
    if column.width is not None or (column.min_width is None and not column.grow):
        return wanted
    return min(wanted, max(cells(column.title), column.min_width or GROW_FROM))
