"""A pane around one record table: title with count and age, filter line, details. Domains add columns and actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from theta_tui.arguments import cli_line
from theta_tui.errors import ThetaError
from theta_tui.tui import literal
from theta_tui.tui.actions import Action
from theta_tui.tui.json_lines import json_content, json_leaves, json_text
from theta_tui.tui.panes.base import Call, Pane
from theta_tui.tui.panes.table_choices import TABLE_ACTIONS, choose_columns, export_rows, restore_columns
from theta_tui.tui.widgets.banner import Banner
from theta_tui.tui.widgets.details import Details, Fact, attempts_content
from theta_tui.tui.widgets.record_messages import FilterChanged, Highlighted, Opened
from theta_tui.tui.widgets.record_table import Column, FilterState, RecordTable

RowT = TypeVar("RowT")

ASKING = "Asking…"
NO_ANSWER = "No answer yet: R asks again."
ROWS_FOR_BOTH = 26
"""Screen rows from which table and details stand one below the other."""


class RecordPane(Pane, Generic[RowT]):
    """Subclasses give `columns`, `key_of`, `empty`, `fetch`, and what to say of a row."""

    actions: ClassVar[tuple[Action, ...]] = TABLE_ACTIONS
    columns: ClassVar[Sequence[Column[Any]]] = ()
    empty: ClassVar[str] = "Nothing here yet."
    tabs: ClassVar[tuple[str, ...]] = ("Describe", "JSON", "Activity")
    record_command: ClassVar[str | None] = None
    """The command that lists these records, for the copy menu."""

    DEFAULT_CSS = """
    RecordPane > #pane-title { height: 1; padding: 0 1; }
    RecordPane > #pane-filter { display: none; height: 1; border: none; padding: 0 1; background: $surface; }
    RecordPane > #pane-filter.-open { display: block; }
    RecordPane > RecordTable { height: 3fr; }
    RecordPane.-one-at-a-time > Details { display: none; }
    RecordPane.-one-at-a-time.-detail > Details { display: block; height: 1fr; }
    RecordPane.-one-at-a-time.-detail > RecordTable { display: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._table: RecordTable[RowT] = RecordTable(self.columns, self.key_of, empty=ASKING)
        self._note = ""

    def compose(self) -> ComposeResult:
        """Lay out title, filter, table and details."""
        yield Banner()
        yield Static(id="pane-title", markup=False)
        yield Input(
            id="pane-filter", placeholder="plain  !not  ~fuzzy  re:pattern  column:value  column<number", compact=True
        )
        yield self._table
        yield Details(self.tabs)

    def on_mount(self) -> None:
        """Show the columns that were chosen before."""
        self.run_worker(restore_columns(self), group="columns")

    @property
    def live_actions(self) -> tuple[Action, ...]:
        """Its own actions, then those of every list."""
        return tuple(dict.fromkeys((*super().live_actions, *TABLE_ACTIONS)))

    def key_of(self, row: RowT) -> str:
        """Give what identifies a row."""
        raise NotImplementedError

    def trace_of(self, row: RowT) -> str:
        """Give what the requests about a row have in their address; empty if there were none."""
        return self.key_of(row)

    async def fetch(self) -> Sequence[RowT]:
        """Ask for the rows."""
        raise NotImplementedError

    def describe(self, row: RowT) -> Sequence[Fact]:
        """Give labels and values of a row."""
        return ()

    def json_of(self, row: RowT) -> Any:
        """Give a row as JSON."""
        from theta_tui.shapes.base import as_json

        return as_json(row)

    async def fill_tab(self, tab: str, row: RowT) -> Content:
        """Give the content of a further tab of the subclass."""
        return Content("")

    @property
    def table(self) -> RecordTable[RowT]:
        """The table."""
        return self._table

    @property
    def count(self) -> int | None:
        """All rows, once they are known."""
        return None if self.loaded_at is None else self._table.filter_state.total

    @property
    def count_words(self) -> str:
        """How many rows there are, and how many of them pass the filter."""
        state = self._table.filter_state
        return f"{state.count} of {state.total}" if state.text else str(state.total)

    @property
    def row(self) -> RowT | None:
        """The row under the cursor that can be acted on: none where it is in doubt which one, or what, it is."""
        seen = self._table.cursor_row
        return None if seen is None or self._table.doubt(seen) else seen

    @property
    def empty_words(self) -> str:
        """What an empty list teaches."""
        return self.empty

    @property
    def title_content(self) -> Content:
        """What the title line begins with."""
        return Content.styled(self.title, "bold $primary")

    def first_focus(self) -> Widget:
        """Focus the table when the pane is shown."""
        return self._table

    rest_focus = first_focus

    async def refresh_data(self) -> None:
        """Ask, and update the rows by key; that there are none is said only once it is known."""
        rows = await self.fetch()
        self._table.say_empty(self.empty_words)
        self.show_rows(rows)

    def fail(self, error: ThetaError, *, cause: str = "reload") -> None:
        """Show an error; a list that has had no answer yet says so in place of rows."""
        if self.loaded_at is None and cause == "reload":
            self._table.say_empty(NO_ANSWER)
        super().fail(error, cause=cause)

    def show_rows(self, rows: Sequence[RowT]) -> None:
        """Show these rows; cursor, filter, order and scroll stay."""
        self._table.set_rows(rows)
        self.show_age()

    def note(self, words: str) -> None:
        """Say something beside the title, such as that this is the built-in catalogue."""
        self._note = words
        self.show_age()

    def show_age(self) -> None:
        """Draw the title line: name, count, age, filter."""
        if not self.is_mounted:
            return
        state = self._table.filter_state
        parts = [self.title_content, Content(f"  {self.count_words}" if self.loaded_at else "")]
        age_style = "$text-warning" if self.is_stale or self._failures else "$foreground-muted"
        parts.append(Content.styled(f"   ⟳ {self.age_words}", age_style))
        if state.text:
            parts.append(Content.assemble("   / ", literal.content(state.text)))
        if state.error:
            parts.append(Content.assemble("   ", literal.content(state.error, style="$text-error")))
        if self._note:
            parts.append(Content.assemble("   ", literal.content(self._note, style="$text-warning")))
        self.query_one("#pane-title", Static).update(Content("").join(parts))

    def fit(self) -> None:
        """Table and details together where there is room, else one at a time."""
        self.set_class(self.size.height < ROWS_FOR_BOTH, "-one-at-a-time")

    def open_filter(self) -> None:
        """Open the filter line."""
        line = self.query_one("#pane-filter", Input)
        line.add_class("-open")
        line.focus()
        self.call_after_refresh(self._table.prepare_filter)

    def apply_filter(self, text: str) -> FilterState:
        """Filter the rows, as the `:` line asks."""
        line = self.query_one("#pane-filter", Input)
        line.value = text
        line.set_class(bool(text), "-open")
        return self._table.set_filter(text)

    @on(Input.Changed, "#pane-filter")
    def _filter_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._table.set_filter(event.value)

    @on(Input.Submitted, "#pane-filter")
    def _filter_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        event.input.set_class(bool(event.value), "-open")
        self._table.focus()

    @on(FilterChanged)
    def _filter_said(self, event: FilterChanged) -> None:
        event.stop()
        line = self.query_one("#pane-filter", Input)
        if not event.state.text and not line.has_focus:
            line.value = ""
            line.remove_class("-open")
        self.show_age()

    @on(Highlighted)
    def _highlighted(self, event: Highlighted) -> None:
        event.stop()
        self.query_one(Details).ask_again()

    @on(Opened)
    def _opened(self, event: Opened) -> None:
        event.stop()
        self.open_row()

    def open_row(self) -> None:
        """Show the details of the row and go there."""
        self.add_class("-detail")
        self.query_one("#scroll").focus()

    def step_back(self) -> bool:
        """Leave the details, else the filter."""
        details, line = self.query_one(Details), self.query_one("#pane-filter", Input)
        if self.has_class("-detail"):
            was_there = details.has_focus_within or self.has_class("-one-at-a-time")
            self.remove_class("-detail")
            self._table.focus()
            return was_there
        if line.has_class("-open"):
            line.value = ""
            line.remove_class("-open")
            self._table.set_filter("")
            self._table.focus()
            return True
        return False

    @on(Details.Wanted)
    async def _fill(self, event: Details.Wanted) -> None:
        event.stop()
        row = self._table.cursor_row
        if row is None:
            event.details.show(Content.styled("Nothing chosen.", "$foreground-muted"))
        elif event.tab == "Describe":
            event.details.show_facts([*self._doubts(row), *self.describe(row)])
        elif event.tab == "JSON":
            event.details.show(json_content(self.json_of(row)))
        elif event.tab == "Activity":
            trace = self.trace_of(row)
            found = await self.session.journal.requests(50, contains=trace) if trace else []
            event.details.show(attempts_content(found))
        else:
            event.details.show(await self.fill_tab(event.tab, row))

    def _doubts(self, row: RowT) -> list[Fact]:
        words = self._table.doubt(row)
        return (
            [("In doubt", literal.content(f"{words}: nothing can be done to it", style="$text-error"))] if words else []
        )

    def action_columns(self) -> None:
        """Choose the columns."""
        self.run_worker(choose_columns(self), group="columns", exclusive=True)

    def action_export(self) -> None:
        """Write the rows to a file."""
        self.run_worker(export_rows(self), group="export", exclusive=True)

    def json_fields(self) -> list[tuple[str, str]]:
        """Give every field of the row with its path, while its JSON is looked at: the copy menu searches them."""
        details, row = self.query_one(Details), self._table.cursor_row
        if row is None or not details.has_focus_within or details.tab_name != "JSON":
            return []
        return list(json_leaves(self.json_of(row)))

    def calls(self) -> Sequence[Call]:
        """Give the command behind the list."""
        return [Call(f"List: {self.title}", self.record_command)] if self.record_command else []

    def copy_choices(self) -> list[tuple[str, str]]:
        """Give what can be copied of the row."""
        row = self.row
        if row is None:
            return []
        choices = [
            ("Cell", self._table.copy_cell()),
            ("Row", self._table.copy_row()),
            ("Id", self.key_of(row)),
            ("JSON", json_text(self.json_of(row))),
        ]
        if self.record_command:
            choices.append(("CLI line", cli_line(self.record_command)))
        return choices
