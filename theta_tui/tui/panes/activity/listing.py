"""The two lists of the journal: changes and requests. Each follows the journal while it is shown."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any, TypeVar

from textual.content import Content

from theta_tui.journal import Entry, LoggedRequest
from theta_tui.tui.json_lines import json_text
from theta_tui.tui.panes.activity import again, change_row, request_row
from theta_tui.tui.panes.record_pane import RecordPane
from theta_tui.tui.request_lines import act_lines
from theta_tui.tui.widgets.details import Fact, attempts_content

T = TypeVar("T")

SHOWN = 500
"""Newest rows shown; the journal keeps more."""
LOOK_SECONDS = 3.0


class JournalList(RecordPane[T]):
    """A list that reads the journal every few seconds."""

    poll_seconds = LOOK_SECONDS


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

    def key_of(self, row: Entry) -> str:
        """Give the ledger's own number."""
        return str(row.id)

    async def fetch(self) -> Sequence[Entry]:
        """Read the ledger, newest first."""
        session = self.session
        found = await session.journal.ledger(SHOWN, profile=session.settings.profile)
        uncertain = sum(entry.state == "uncertain" for entry in found)
        problem = session.journal.problem
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

    def key_of(self, row: LoggedRequest) -> str:
        """Give the log's own number."""
        return str(row.id)

    async def fetch(self) -> Sequence[LoggedRequest]:
        """Read the log, newest first."""
        session = self.session
        found = await session.journal.requests(SHOWN)
        self.note(session.journal.problem or "")
        return [row for row in found if row.profile == session.settings.profile]

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
