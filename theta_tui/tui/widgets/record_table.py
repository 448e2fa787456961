"""The table every list of the console uses: rows as data, updated by key, with a cursor, a filter, an order and marks.

Knows keys, mouse and messages; what is in view is `records`' business, how it gets on the screen `record_view`'s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region

from theta_tui.safe_text import for_line
from theta_tui.tui.widgets.record_columns import Cell, Column, Role, RowT
from theta_tui.tui.widgets.record_messages import FilterChanged, Highlighted, Opened
from theta_tui.tui.widgets.record_view import HEADER, RecordView
from theta_tui.tui.widgets.records import FilterState, TableState

__all__ = ["Cell", "Column", "FilterState", "RecordTable", "Role", "TableState"]

MANY: Final = 2_000
"""Rows whose search texts would hold the keys up."""
COPY_LIMIT: Final = 100_000
"""Characters of one value that are copied."""


class RecordTable(RecordView[RowT], can_focus=True, inherit_bindings=False):
    """Rows with a header, a cursor, a filter, an order and marks; `empty` is shown while there are none."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "go(1)", "Down", id="table.down", show=False),
        Binding("up,k", "go(-1)", "Up", id="table.up", show=False),
        Binding("left,h", "column(-1)", "Column left", id="table.left", show=False),
        Binding("right,l", "column(1)", "Column right", id="table.right", show=False),
        Binding("g,home", "first", "First row", id="table.first", show=False),
        Binding("G,end", "last", "Last row", id="table.last", show=False),
        Binding("pagedown", "page(1)", "Page down", id="table.page_down", show=False),
        Binding("pageup", "page(-1)", "Page up", id="table.page_up", show=False),
        Binding("ctrl+d", "half_page(1)", "Half a page down", id="table.half_down", show=False),
        Binding("ctrl+u", "half_page(-1)", "Half a page up", id="table.half_up", show=False),
        Binding("enter", "open", "Open", id="table.open", show=False),
        Binding("space", "mark", "Mark", id="table.mark", show=False),
        Binding("s", "sort", "Sort", id="table.sort", show=False),
        Binding("escape", "clear_filter", "Clear filter", id="table.clear_filter", show=False),
    ]

    Highlighted = Highlighted
    Opened = Opened
    FilterChanged = FilterChanged

    def __init__(
        self,
        columns: Sequence[Column[RowT]],
        key: Callable[[RowT], str],
        *,
        empty: str,
        marks: bool = True,
        id: str | None = None,  # noqa: A002 Textual's own name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(columns, key, empty=empty, marks=marks, id=id, classes=classes)
        self._told_row: tuple[str | None, RowT | None] = (None, None)
        self._told_filter = FilterState()

    # What others read

    @property
    def cursor_row(self) -> RowT | None:
        """The row under the cursor, None if nothing is in view."""
        return self._records.cursor_row

    @property
    def cursor_key(self) -> str | None:
        """The key of the row under the cursor, None if nothing is in view."""
        return self._records.cursor_key if self._records.view else None

    @property
    def visible_rows(self) -> list[RowT]:
        """All rows that pass the filter, in the order shown (not only those on screen)."""
        return [self._records.rows[number] for number in self._records.view]

    @property
    def rows_below(self) -> int:
        """How many rows are in view under the cursor's."""
        return len(self._records.view) - 1 - self._records.cursor

    @property
    def marked_rows(self) -> list[RowT]:
        """The marked rows among the visible ones, in the order shown."""
        records = self._records
        return [records.rows[number] for number in records.view if records.keys[number] in self.marked]

    def doubt(self, row: RowT) -> str:
        """Say why a row cannot be told from others or could not be read; nothing if it can be trusted."""
        return self._records.doubt(row)

    def clear_marks(self) -> None:
        """Take all marks away."""
        self.mark(())

    def mark(self, keys: Iterable[str]) -> None:
        """Mark these rows, and no others."""
        self.marked = set(keys)
        self.refresh()

    @property
    def filter_state(self) -> FilterState:
        """What the filter found, as of now."""
        return self._records.filter_state

    @property
    def state(self) -> TableState:
        """Filter, order, cursor, scroll and marks; setting it restores them, as far as the rows are there."""
        records = self._records
        return TableState(
            records.filter_text,
            records.sorted_by,
            records.reverse,
            records.cursor_key,
            records.columns[self._column].key,
            self.scroll_offset.y if self._scroll_wanted is None else self._scroll_wanted,
            frozenset(self.marked),
        )

    @state.setter
    def state(self, state: TableState) -> None:
        keys = [column.key for column in self._records.columns]
        self.marked = set(state.marked)
        self._column = keys.index(state.column) if state.column in keys else 0
        self._scroll_wanted = state.scroll
        if state.sort is None or state.sort in keys:
            self._records.sort(state.sort, reverse=state.reverse)
        self._records.filter(state.filter)
        self._records.remember(state.cursor_key)
        self._drawing = None
        self._show()
        self._tell()

    def copy_cell(self) -> str:
        """Give the text under the cursor, safe for a clipboard; nothing if there is no row."""
        row = self.cursor_row
        return "" if row is None else for_line(self.current_column.text(row), COPY_LIMIT)

    def copy_row(self) -> str:
        """Give the values of the cursor's row in the columns wanted, with tabs between them."""
        row = self.cursor_row
        return "" if row is None else "\t".join(for_line(c.text(row), COPY_LIMIT) for c in self.shown_columns)

    # What others do

    def set_rows(self, rows: Sequence[RowT]) -> None:
        """Show these rows. Known keys are updated in place; cursor, scroll, filter, order and marks stay."""
        self._take(rows)
        self._tell()

    def prepare_filter(self) -> None:
        """Make the search texts while the filter's input opens, not at its first letter; of thousands in a thread."""
        if len(self._records.rows) < MANY:
            self._records.search_texts()
        else:
            self.run_worker(self._prepare(), group="search", exclusive=True)

    async def _prepare(self) -> None:
        self._records.know(await asyncio.to_thread(self._records.searching()))

    def set_filter(self, text: str) -> FilterState:
        """Show only the rows that pass; a filter that cannot be read leaves what is shown and explains itself."""
        state = self._records.filter(text)
        if state.error is None:
            self._show()
        self._tell(state)
        return state

    def sort_by(self, key: str | None, reverse: bool = False) -> None:
        """Order by a column, None for the order the rows came in. Raises `KeyError` for an unknown column."""
        self._records.sort(key, reverse=reverse)
        self._show()

    def cycle_sort(self) -> None:
        """Order by the current column: upwards, then downwards, then as the rows came."""
        records, key = self._records, self.current_column.key
        if records.sorted_by != key:
            self.sort_by(key)
        elif not records.reverse:
            self.sort_by(key, reverse=True)
        else:
            self.sort_by(None)

    def move_to(self, key: str) -> bool:
        """Put the cursor on a row; False if it is hidden or gone."""
        position = self._records.find(key)
        if position is not None:
            self._go(position)
        return position is not None

    # Keys and mouse

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave Esc and space to others where they mean nothing here."""
        if action == "clear_filter":
            return bool(self._records.filter_text or self._records.filter_error)
        return self.marks if action == "mark" else super().check_action(action, parameters)

    def action_go(self, rows: int) -> None:
        """Move the cursor by a number of rows."""
        self._go(self._records.cursor + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by pages."""
        self._leap(pages * self.page)

    def action_half_page(self, halves: int) -> None:
        """Move the cursor by halves of a page."""
        self._leap(halves * max(1, self.page // 2))

    def action_first(self) -> None:
        """Move the cursor to the first row."""
        self._go(0)

    def action_last(self) -> None:
        """Move the cursor to the last row."""
        self._go(len(self._records.view) - 1)

    def action_column(self, columns: int) -> None:
        """Choose another of the columns shown, for copying and sorting."""
        shown = [place.column for place in self.lines.places]
        at = shown.index(self.lines.current)
        self._choose(shown[max(0, min(at + columns, len(shown) - 1))])

    def action_open(self) -> None:
        """Open the row under the cursor."""
        if self._records.view:
            self.post_message(self.Opened(self, self.cursor_row))

    def action_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away, and go to the next."""
        if (key := self.cursor_key) is not None:
            self.marked ^= {key}
            self._repaint(self._records.cursor)
            self._go(self._records.cursor + 1)

    def action_sort(self) -> None:
        """Order by the current column."""
        self.cycle_sort()

    def action_clear_filter(self) -> None:
        """Show all rows again."""
        self.set_filter("")

    def on_click(self, event: events.Click) -> None:
        """Select a row, open it with the second click, sort by a title."""
        at = event.get_content_offset(self)
        if at is None or event.button != 1:
            return
        place = next((place for place in self.lines.places if place.x <= at.x <= place.x + place.width), None)
        if place is not None:
            self._choose(place.column)
        position = self.scroll_offset.y + at.y - HEADER
        if at.y < HEADER:
            if place is not None:
                self.cycle_sort()
        elif position < len(self._records.view):
            self._go(position)
            if event.chain == 2:
                self.action_open()

    def _go(self, position: int) -> None:
        """Put the cursor on a position in view; without scrolling, only the two lines it touches are painted."""
        records = self._records
        if not records.view:
            return
        before, records.cursor = records.cursor, max(0, min(position, len(records.view) - 1))
        if records.cursor == before:
            return
        self._place_scroll()
        self._repaint(before)
        self._repaint(records.cursor)
        self._tell()

    def _leap(self, rows: int) -> None:
        """Scroll and move the cursor alike, so that it stays on its line of the screen."""
        self._scroll(self.scroll_offset.y + rows)
        self._go(self._records.cursor + rows)

    def _choose(self, column: int) -> None:
        if column != self.lines.current:
            self._column, self._drawing = column, None
            self.refresh(Region(0, 0, self.size.width, HEADER))
            self._repaint(self._records.cursor)

    def _tell(self, state: FilterState | None = None) -> None:
        """Say what is new: the row under the cursor, what the filter found."""
        key, row = self.cursor_key, self.cursor_row
        if key != self._told_row[0] or not (row is self._told_row[1] or row == self._told_row[1]):
            self._told_row = (key, row)
            self.post_message(self.Highlighted(self, row))
        state = state or self.filter_state
        if state != self._told_filter:
            self._told_filter = state
            self.post_message(self.FilterChanged(self, state))
