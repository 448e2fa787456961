"""The rows behind a table: which of them are in view, in what order, and where the cursor is, by the row's own key.

Knows nothing of the screen. Filters narrow earlier answers; search texts are made once per row, on the first filter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Generic

from theta_tui.tui.widgets.record_columns import Cell, Column, RowT, fault_of, telling
from theta_tui.tui.widgets.record_filter import FilterError, parse
from theta_tui.tui.widgets.record_terms import Query

ANSWERS_KEPT = 32
"""Earlier filter answers that typing and deleting come back to."""

SearchTexts = tuple[dict[str, int], Sequence[Any], list[str]]
"""The search text of each row, with the rows themselves and their numbers by key."""


@dataclass(frozen=True, slots=True)
class FilterState:
    """What a filter found: `count` of `total` rows; with an `error` it was not understood and the last one holds."""

    text: str = ""
    count: int = 0
    total: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class TableState:
    """Where somebody was in a table, to come back to: kept by the pane, given back with `table.state = …`."""

    filter: str = ""
    sort: str | None = None
    reverse: bool = False
    cursor_key: str | None = None
    column: str | None = None
    scroll: int = 0
    marked: frozenset[str] = frozenset()


class Records(Generic[RowT]):
    """Rows with a filter, an order and a cursor.

    Keys are made unique: of rows that share one the first keeps it, of rows without one none does. What cannot be told
    from others, or could not be read, is `doubtful`.
    """

    def __init__(self, columns: Sequence[Column[RowT]], key: Callable[[RowT], str]) -> None:
        self.columns = telling(columns)
        self.rows: Sequence[RowT] = ()
        self.doubtful: Mapping[int, str] = {}
        self.keys: list[str] = []
        self.view: list[int] = []
        self.cursor = 0
        self.sorted_by: str | None = None
        self.reverse = False
        self.filter_text = ""
        self.filter_error: str | None = None
        self._typed = ""
        self._shared: Mapping[str, int] = {}
        self._key = key
        self._fields = [column.field() for column in self.columns]
        self._numbers: dict[str, int] = {}
        self._order: list[int] = []
        self._query = Query()
        self._answers: dict[str, tuple[Query, list[int]]] = {}
        self._texts: SearchTexts = ({}, (), [])
        self._remembered: str | None = None

    # What is there

    @property
    def cursor_row(self) -> RowT | None:
        """The row under the cursor, None if none is in view."""
        return self.rows[self.view[self.cursor]] if self.view else None

    @property
    def cursor_key(self) -> str | None:
        """The key of the row under the cursor; with nothing in view, of the row it will return to."""
        return self.keys[self.view[self.cursor]] if self.view else self._remembered

    @property
    def filter_state(self) -> FilterState:
        """What the filter found."""
        return FilterState(self._typed, len(self.view), len(self.rows), self.filter_error)

    def doubt(self, row: RowT) -> str:
        """Say why a row cannot be told from others or could not be read; nothing if it can be trusted."""
        if fault := fault_of(row):
            return fault
        key = self._key(row)
        if not key:
            return "it has no id"
        return f"{self._shared[key]} rows have its id" if key in self._shared else ""

    def search_texts(self) -> Sequence[str]:
        """Give the lower-cased text of each row, a line break before each value."""
        if self._texts[1] is not self.rows:
            self._texts = self.searching()()
        return self._texts[2]

    def searching(self) -> Callable[[], SearchTexts]:
        """Give what makes the search texts of the rows as they are now, in any thread; unchanged ones are copied."""
        (numbers, rows, texts), now, keys, now_numbers = self._texts, self.rows, self.keys, self._numbers
        cells = [column.cell for column in self.columns if column.search and not column.volatile]

        def make() -> SearchTexts:
            known = [numbers.get(key) for key in keys] if rows else [None] * len(now)
            made = [
                texts[old] if old is not None and (rows[old] is row or rows[old] == row) else _search_text(cells, row)
                for row, old in zip(now, known, strict=True)
            ]
            return now_numbers, now, made

        return make

    def know(self, texts: SearchTexts) -> None:
        """Take what `searching` made, unless there are other rows by now."""
        if texts[1] is self.rows:
            self._texts = texts

    # What changes it

    def replace(self, rows: Sequence[RowT]) -> Callable[[str], RowT | None]:
        """Take new rows; filter and order stay, the cursor stays on its row or goes to the nearest that is left.

        Gives a look-up of the rows as they were.
        """
        old_rows, old_numbers = self.rows, self._numbers
        before, position, wanted = [self.keys[i] for i in self.view], self.cursor, self.cursor_key
        self.rows = tuple(rows)
        self.keys = [self._key(row) for row in self.rows]
        self._shared, self.doubtful = {}, {i: words for i, row in enumerate(self.rows) if (words := fault_of(row))}
        if len(set(self.keys)) < len(self.keys) or "" in self.keys:
            self._shared = {key: n for key, n in Counter(self.keys).items() if n > 1}
            self.keys = _distinct(self.keys)
            self.doubtful = {i: words for i, row in enumerate(self.rows) if (words := self.doubt(row))}
        self._numbers = {self.keys[i]: i for i in range(len(self.keys) - 1, -1, -1)}
        self._arrange()
        self._settle(wanted, before, position)
        return lambda key: old_rows[old_numbers[key]] if key in old_numbers else None

    def filter(self, text: str) -> FilterState:
        """Show the rows that pass a filter; one that cannot be read changes nothing but `error`."""
        wanted, self._typed = self.cursor_key, text
        try:
            query = parse(text, self._fields)
        except FilterError as error:
            self.filter_error = str(error)
            return self.filter_state
        self.filter_text, self.filter_error, self._query = text, None, query
        self.view = self._answer(text, query)
        self._settle(wanted)
        return self.filter_state

    def sort(self, column: str | None, *, reverse: bool = False) -> None:
        """Order the rows by a column, None for the order they came in. Raises `KeyError` for an unknown column."""
        if column is not None and column not in {each.key for each in self.columns}:
            raise KeyError(column)
        wanted = self.cursor_key
        self.sorted_by, self.reverse = column, reverse and column is not None
        self._arrange()
        self._settle(wanted)

    def find(self, key: str) -> int | None:
        """Give the position in view of a row, None if it is hidden or gone."""
        number = self._numbers.get(key)
        if number is None:
            return None
        try:
            return self.view.index(number)
        except ValueError:
            return None

    def remember(self, key: str | None) -> None:
        """Put the cursor on a row, now or as soon as it is there."""
        self._settle(key)

    def _arrange(self) -> None:
        column = next((each for each in self.columns if each.key == self.sorted_by), None)
        everything = list(range(len(self.rows)))
        self._order = _ordered([column.rank(row) for row in self.rows], reverse=self.reverse) if column else everything
        self._answers = {}
        self.view = self._answer(self.filter_text, self._query)

    def _answer(self, text: str, query: Query) -> list[int]:
        if not query.terms:
            return self._order
        if text not in self._answers:
            wider = [(len(view), old, view) for old, view in self._answers.values() if query.narrows(old)]
            _, known, among = min(wider, key=lambda each: each[0], default=(0, None, self._order))
            if len(self._answers) >= ANSWERS_KEPT:
                del self._answers[next(iter(self._answers))]
            self._answers[text] = (query, query.select(among, self, known))
        return self._answers[text][1]

    def _settle(self, wanted: str | None, before: Sequence[str] = (), position: int = 0) -> None:
        self._remembered = wanted
        self.cursor = 0
        found = None if wanted is None else self.find(wanted)
        if found is None and before and self.view:
            left = {self.keys[i] for i in self.view}
            nearest = next((key for key in _outwards(before, position) if key in left), None)
            found = min(position, len(self.view) - 1) if nearest is None else self.find(nearest)
        self.cursor = found or 0


def _distinct(keys: Sequence[str]) -> list[str]:
    """Give each row a key of its own: the first of several keeps theirs, the others and empty ones are numbered."""
    taken, last, distinct = set(keys), Counter[str](), list[str]()
    for key in keys:
        own = key
        if not key or last[key]:
            last[key], own = next((n, name) for n in count(last[key] + 1) if (name := f"{key}\n{n}") not in taken)
            taken.add(own)
        else:
            last[key] = 1
        distinct.append(own)
    return distinct


def _outwards(keys: Sequence[str], start: int) -> Iterator[str]:
    """Neighbours of a position, the next below first."""
    for distance in range(1, len(keys)):
        if start + distance < len(keys):
            yield keys[start + distance]
        if start >= distance:
            yield keys[start - distance]


def _search_text(cells: Sequence[Callable[[RowT], Cell]], row: RowT) -> str:
    values = [cell(row) for cell in cells]
    return "\n".join(["", *[value if isinstance(value, str) else value[0] for value in values]]).lower()


def _ordered(ranks: Sequence[Any], *, reverse: bool) -> list[int]:
    """Row numbers by rank; unknown ones (None, not a number) last either way, mixed kinds by their text."""
    known = [i for i, rank in enumerate(ranks) if rank is not None and rank == rank]
    unknown = [i for i, rank in enumerate(ranks) if rank is None or rank != rank]
    try:
        known.sort(key=ranks.__getitem__, reverse=reverse)
    except TypeError:
        known.sort(key=lambda i: str(ranks[i]).lower(), reverse=reverse)
    return known + unknown
