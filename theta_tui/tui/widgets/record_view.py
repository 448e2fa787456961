"""The part of a table that is seen: only lines on screen are drawn, and only those that differ are painted again.

Knows the records and their lines; keys, mouse and messages are `record_table`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic
from typing import Final, Generic

from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from theta_tui.tui.widgets.record_columns import Column, RowT, fit, measure
from theta_tui.tui.widgets.record_lines import COMPONENTS, CSS, Lines, RecordLook, RowState
from theta_tui.tui.widgets.records import Records

CHANGE_SECONDS: Final = 1.5
"""How long a changed cell keeps its sign."""
HEADER: Final = 1
MESSAGE_FROM: Final = 2
"""The line on which a message in place of rows begins."""


class RecordView(ScrollView, Generic[RowT], inherit_bindings=False):
    """A header, then rows or a message in their place."""

    DEFAULT_CSS = CSS
    COMPONENT_CLASSES = set(COMPONENTS)
    ALLOW_SELECT = False

    def __init__(
        self,
        columns: Sequence[Column[RowT]],
        key: Callable[[RowT], str],
        *,
        empty: str,
        marks: bool,
        id: str | None,  # noqa: A002 Textual's own name for it
        classes: str | None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._was_resized = False
        self.marks = marks
        self.marked: set[str] = set()
        self._records = Records(columns, key)
        self._empty = empty
        self._column = 0
        self._order = tuple(range(len(columns)))
        self._widest = [0] * len(columns)
        self._drawing: Lines[RowT] | None = None
        self._painted: dict[int, Strip] = {}
        self._changes: dict[str, tuple[float, frozenset[int]]] = {}
        self._fading: Timer | None = None
        self._scroll_wanted: int | None = None

    @property
    def lines(self) -> Lines[RowT]:
        """What draws lines now: laid out again only when width, content, theme or focus are others."""
        width = self.scrollable_content_region.width
        if self._drawing is None or self._drawing.width != width:
            columns, order = self._records.columns, self._order
            fitted = fit([columns[i] for i in order], [self._widest[i] for i in order], 1 + self.marks, width)
            places = tuple(replace(place, column=order[place.column]) for place in fitted)
            shown = [place.column for place in places]
            current = self._column if self._column in shown else next(iter(shown), 0)
            self._drawing = Lines(columns, places, width, RecordLook.of(self), self.has_focus, current)
        return self._drawing

    @property
    def columns(self) -> tuple[Column[RowT], ...]:
        """All columns there are, in the table's own order."""
        return self._records.columns

    @property
    def shown_columns(self) -> tuple[Column[RowT], ...]:
        """The columns that are wanted, in their order; a narrow screen may still leave some of them out."""
        return tuple(self._records.columns[i] for i in self._order)

    def show_columns(self, keys: Sequence[str] | None) -> None:
        """Show these columns in this order; names it does not have are left out, None shows its own."""
        known = {column.key: i for i, column in enumerate(self._records.columns)}
        wanted = [known[key] for key in dict.fromkeys(keys or ()) if key in known]
        self._order = tuple(wanted) if wanted else tuple(known.values())
        self._drawing = None
        self.refresh()

    @property
    def current_column(self) -> Column[RowT]:
        """The column that sorting and copying a cell act on: the chosen one, while it is shown."""
        return self._records.columns[self.lines.current if self.size.height else self._column]

    @property
    def page(self) -> int:
        """Rows on one screen."""
        return max(1, self.size.height - HEADER)

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        strip = self._painted[y] = self._line(y)
        return strip

    def on_focus(self) -> None:
        """Show which table has the keys."""
        self._restyle()

    def on_blur(self) -> None:
        """Show that another widget has the keys."""
        self._restyle()

    def on_mount(self) -> None:
        """Do as after a resize if there was none: the first one can get lost on a busy machine."""
        self.call_after_refresh(self._make_up_for_a_lost_resize)

    def _make_up_for_a_lost_resize(self) -> None:
        if not self._was_resized:
            self.on_resize()

    def on_resize(self) -> None:
        """Keep the cursor in sight on a screen of another size."""
        self._was_resized = True
        self._place_scroll()

    def notify_style_update(self) -> None:
        """Take the styles of another theme."""
        super().notify_style_update()
        self._drawing = None

    def _line(self, y: int) -> Strip:
        lines, records = self.lines, self._records
        if y < HEADER:
            return lines.header(records.sorted_by, reverse=records.reverse)
        if not records.view:
            message = lines.message(self._message())
            return message[y - MESSAGE_FROM] if 0 <= y - MESSAGE_FROM < len(message) else lines.blank()
        position = self.scroll_offset.y + y - HEADER
        if position >= len(records.view):
            return lines.blank()
        number = records.view[position]
        key, row = records.keys[number], records.rows[number]
        _, changed = self._changes.get(key, (0.0, frozenset[int]()))
        state = RowState(position == records.cursor, key in self.marked, number in records.doubtful, changed)
        return lines.row(row, state)

    def say_empty(self, words: str) -> None:
        """Show these words from now on while there is no row."""
        if words != self._empty:
            self._empty = words
            self.refresh()

    def _message(self) -> str:
        total = len(self._records.rows)
        if not total:
            return self._empty
        hidden = "1 row is hidden" if total == 1 else f"{total:,} rows are hidden"
        return f"Nothing matches {self._records.filter_text}\n\n{hidden}. Esc clears the filter."

    # Repainting

    def _restyle(self) -> None:
        self._drawing = None
        self._repaint_changed()

    def _show(self) -> None:
        """Paint everything, after another filter, order or set of rows."""
        self.virtual_size = Size(self.size.width, len(self._records.view) + HEADER)
        self._place_scroll()
        self.refresh()

    def _repaint(self, position: int) -> None:
        """Paint the line of one row, if it is on screen."""
        y = position - self.scroll_offset.y + HEADER
        if HEADER <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _repaint_changed(self) -> None:
        """Paint the lines that would look different now."""
        for y in range(self.size.height):
            if self._painted.get(y) != self._line(y):
                self.refresh(Region(0, y, self.size.width, 1))

    # Scrolling

    def _anchor(self) -> tuple[str | None, int]:
        """The row that should not move on screen, and its line: the cursor's if it is in sight, else the topmost."""
        records, top = self._records, self.scroll_offset.y
        if top <= records.cursor < top + self.page or top >= len(records.view):
            return records.cursor_key, records.cursor - top
        return records.keys[records.view[top]], 0

    def _hold(self, anchor: tuple[str | None, int]) -> None:
        """Scroll so that the anchor is on its line again; a list shown from its first row stays there."""
        key, line = anchor
        at_start = self.scroll_offset.y == 0
        position = None if key is None else self._records.find(key)
        position = self._records.cursor if position is None else position
        if at_start and position < self.page:
            return
        self._scroll(position - line)

    def _place_scroll(self) -> None:
        """Scroll to where somebody was before, once there are rows, then no further than the cursor needs."""
        if self._scroll_wanted is not None and self._records.view and self.size.height:
            self._scroll(self._scroll_wanted)
            self._scroll_wanted = None
        top, cursor = self.scroll_offset.y, self._records.cursor
        if not top <= cursor < top + self.page:
            self._scroll(cursor if cursor < top else cursor - self.page + 1)

    def _scroll(self, y: int) -> None:
        if self.size.height:
            self.scroll_to(y=y, animate=False, force=True, immediate=True)

    # New rows

    def _take(self, rows: Sequence[RowT]) -> None:
        """Show these rows in place of the others, moving, clearing and painting as little as possible."""
        records, anchor, size = self._records, self._anchor(), len(self._records.view)
        started = bool(records.rows)
        if started and not rows:
            self._scroll_wanted = self.scroll_offset.y
        row_before = records.replace(rows)
        if records.rows:
            self.marked.intersection_update(records.keys)
        widest = measure(records.columns, records.rows)
        if started:
            widest = [max(pair) for pair in zip(widest, self._widest, strict=True)]
        if widest != self._widest:
            self._widest, self._drawing = widest, None
        if len(records.view) != size or not started:
            self.virtual_size = Size(self.size.width, len(records.view) + HEADER)
        if started:
            self._hold(anchor)
        else:
            self._place_scroll()
        self._note_changes(row_before)
        self._repaint_changed()

    def _note_changes(self, row_before: Callable[[str], RowT | None]) -> None:
        """Remember which cells on screen changed, and one clock to forget them; hidden rows are not looked at."""
        if not self.size.height:
            return
        records, top, until = self._records, self.scroll_offset.y, monotonic() + CHANGE_SECONDS
        shown = [place.column for place in self.lines.places if not records.columns[place.column].volatile]
        for number in records.view[top : top + self.page]:
            key, row = records.keys[number], records.rows[number]
            old = row_before(key)
            if old is None or old is row or old == row:
                continue
            changed = {i for i in shown if records.columns[i].text(old) != records.columns[i].text(row)}
            if changed:
                self._changes[key] = (until, self._changes.get(key, (0.0, frozenset[int]()))[1] | changed)
        if self._changes and self._fading is None:
            self._fading = self.set_timer(CHANGE_SECONDS, self._fade)

    def _fade(self) -> None:
        now = monotonic()
        self._changes = {key: change for key, change in self._changes.items() if change[0] > now}
        left = min((until for until, _ in self._changes.values()), default=None)
        self._fading = None if left is None else self.set_timer(left - now, self._fade)
        self._repaint_changed()
