"""The two lists of the journal: changes and requests. Each follows the journal while it is shown."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any, TypeVar

from textual import on
from textual.content import Content

from theta_tui.journal import OPEN_STATES, Entry, LoggedRequest
from theta_tui.tui.json_lines import json_text
from theta_tui.tui.panes.activity import again, change_row, request_row
from theta_tui.tui.panes.record_pane import RecordPane
from theta_tui.tui.request_lines import act_lines
from theta_tui.tui.widgets.details import Fact, attempts_content
from theta_tui.tui.widgets.record_messages import FilterChanged, Highlighted

T = TypeVar("T")

SHOWN = 500
"""Newest rows, read at every look; older ones are read when they are wanted."""
AT_ONCE = 2_000
"""Older rows read at a time."""
NEAR = 100
"""Rows below the cursor that are always there, as long as there are any."""
LOOK_SECONDS = 3.0


class JournalList(RecordPane[T]):
    """A list that reads the journal every few seconds: the newest rows, and below them as many as are wanted.

    Older ones are wanted when the cursor comes near the end, and all of them when something is searched.
    """

    poll_seconds = LOOK_SECONDS

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._found: list[T] = []
        self._mine: list[T] = []
        self._shown: Sequence[T] | None = None
        self._is_whole = False

    async def read(self, limit: int, before: int | None) -> Sequence[T]:
        """Read rows of the journal, newest first, from below a number on."""
        raise NotImplementedError

    def is_mine(self, row: T) -> bool:
        """Whether a row belongs to this profile."""
        return True

    def is_open(self, row: T) -> bool:
        """Whether a row may still change."""
        return False

    def key_of(self, row: T) -> str:
        """Give the journal's own number."""
        return str(_number(row))

    async def fetch(self) -> Sequence[T]:
        """Read the newest rows, and what may have changed among the older ones."""
        newest = await self.read(SHOWN, None)
        older: list[T] = []
        self._is_whole = self._is_whole or len(newest) < SHOWN
        if len(newest) == SHOWN:
            last = _number(newest[-1])
            older = [row for row in self._found if _number(row) < last]
            if not self._found or _number(self._found[0]) < last:  # more is new than was read: begin again
                older, self._is_whole = [], False
        if opened := [_number(row) for row in older if self.is_open(row)]:
            again = {_number(row): row for row in await self.read(SHOWN, opened[0] + 1)}
            older = [again.get(_number(row), row) for row in older]
        if (found := [*newest, *older]) != self._found:
            self._take(found)
        return self._mine

    def show_rows(self, rows: Sequence[T]) -> None:
        """Show these rows, unless they are those that are shown: a look at thousands would hold up the keys."""
        if rows is self._shown:
            self.show_age()
        else:
            self._shown = rows
            super().show_rows(rows)

    async def refresh_data(self) -> None:
        """Show what is new, and read on if that is not enough."""
        await super().refresh_data()
        self._read_on()

    @property
    def count_words(self) -> str:
        """How many there are, `+` if there may be more."""
        return super().count_words + ("" if self._is_whole or not self.loaded_at else "+")

    def _take(self, found: list[T]) -> None:
        self._found, self._mine = found, [row for row in found if self.is_mine(row)]

    @property
    def _is_wanted(self) -> bool:
        return not self._is_whole and (bool(self.table.filter_state.text) or self.table.rows_below < NEAR)

    @on(Highlighted)
    @on(FilterChanged)
    def _read_on(self) -> None:
        if (
            self._found
            and self._is_wanted
            and not any(one.node is self and one.group == "older" for one in self.workers)
        ):
            self.run_worker(self._read_older(), group="older")

    async def _read_older(self) -> None:
        while self._is_wanted:
            last = _number(self._found[-1])
            older = await self.read(AT_ONCE, last)
            if last == _number(self._found[-1]):
                self._take([*self._found, *older])
                self._is_whole = len(older) < AT_ONCE
                self.show_rows(self._mine)


def _number(row: Any) -> int:
    return int(row.id)


class ChangeList(JournalList[Entry]):
    """Every change, with what it cost."""

    title = "Changes"
    columns = change_row.COLUMNS
    tabs = ("Describe", "Preview", "JSON", "Requests")
    empty = (
        "Nothing has been changed or paid for yet.\n\n"
        "Every change appears here with its cost, whoever makes it: console, command line or MCP client.\n"
        ". shows the requests."
    )

    async def read(self, limit: int, before: int | None) -> Sequence[Entry]:
        """Read the ledger."""
        return await self.session.journal.ledger(limit, before, profile=self.session.settings.profile)

    def is_open(self, row: Entry) -> bool:
        """Whether its outcome is not known."""
        return row.state in OPEN_STATES

    async def fetch(self) -> Sequence[Entry]:
        """Read it, and say how many are uncertain."""
        found = await super().fetch()
        uncertain = sum(entry.state == "uncertain" for entry in found)
        problem = self.session.journal.problem
        self.note(problem or (f"{uncertain} uncertain (/uncertain)" if uncertain else ""))
        return found

    def describe(self, row: Entry) -> Sequence[Fact]:
        """Say what became of it."""
        return change_row.facts(row)

    def json_of(self, row: Entry) -> Any:
        """Give the row with the preview as it was shown."""
        fields = {name: value for name, value in dataclasses.asdict(row).items() if name != "preview_json"}
        return {**fields, "preview": again.preview_of(row)}

    async def fill_tab(self, tab: str, row: Entry) -> Content:
        """Show the exact requests as they were approved, or the attempts at them."""
        if tab == "Requests":
            found = await self.session.journal.requests(SHOWN, contains=row.command)
            until = row.changed + LOOK_SECONDS
            return attempts_content([one for one in found if row.created - 1 <= one.started <= until])
        preview = again.preview_of(row)
        lines = act_lines(preview, again.command_line(row)) if preview else []
        return Content("\n").join(lines) if lines else Content.styled("No preview was kept.", "$foreground-muted")

    def copy_choices(self) -> list[tuple[str, str]]:
        """Give the row, its JSON, and how to do it again."""
        row = self.row
        if row is None:
            return []
        offered = [
            ("Cell", self.table.copy_cell()),
            ("Row", self.table.copy_row()),
            ("JSON", json_text(self.json_of(row))),
            ("Preview", json.dumps(again.preview_of(row), indent=2)),
            ("CLI line", again.command_line(row)),
            ("curl", again.curl_of_change(row)),
            ("Request id", row.request_id),
            ("Target id", row.object_id or row.target_id),
        ]
        return [(label, text) for label, text in offered if text]


class RequestList(JournalList[LoggedRequest]):
    """Every attempt at a request, with its timing."""

    title = "Requests"
    columns = request_row.COLUMNS
    tabs = ("Describe", "JSON")
    empty = "No request has been made yet.\n\nEach appears here with status, time and attempt. . shows the changes."

    async def read(self, limit: int, before: int | None) -> Sequence[LoggedRequest]:
        """Read the log."""
        return await self.session.journal.requests(limit, before)

    def is_mine(self, row: LoggedRequest) -> bool:
        """Whether this profile asked; the log is that of all."""
        return row.profile == self.session.settings.profile

    async def fetch(self) -> Sequence[LoggedRequest]:
        """Read it, and say what is wrong with the journal."""
        found = await super().fetch()
        self.note(self.session.journal.problem or "")
        return found

    def describe(self, row: LoggedRequest) -> Sequence[Fact]:
        """Say how it went."""
        return request_row.facts(row)

    def json_of(self, row: LoggedRequest) -> Any:
        """Give the row."""
        return dataclasses.asdict(row)

    def copy_choices(self) -> list[tuple[str, str]]:
        """Give the row, its JSON, URL, id and a curl command without credentials."""
        row = self.row
        if row is None:
            return []
        offered = [
            ("Cell", self.table.copy_cell()),
            ("Row", self.table.copy_row()),
            ("JSON", json_text(self.json_of(row))),
            ("URL", row.url),
            ("Request id", row.request_id),
            ("curl", again.curl_of_request(row)),
        ]
        return [(label, text) for label, text in offered if text]
