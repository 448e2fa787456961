"""Changes and requests of the journal, in two lists."""

from __future__ import annotations

from collections.abc import Sequence

from theta_tui.journal import Entry
from theta_tui.tui.panes.record_pane import RecordPane
from theta_tui.tui.widgets.record_table import Column


class ActivityPane(RecordPane[Entry]):
    """What was done."""

    title = "Activity"
    columns = (
        Column[Entry]("command", "COMMAND", lambda row: row.command, priority=1),
        Column[Entry]("summary", "SUMMARY", lambda row: row.summary, priority=2, grow=True),
        Column[Entry]("state", "STATE", lambda row: row.state, priority=1),
    )
    empty = "Nothing has been changed yet."

    def key_of(self, row: Entry) -> str:
        """Give the ledger's own number."""
        return str(row.id)

    async def fetch(self) -> Sequence[Entry]:
        """Read the ledger."""
        return await self.session.journal.ledger(200, profile=self.session.settings.profile)
