"""Spending by day, by item, and the balances that were read: three lists over the journal. Sums are made in `sums`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from textual.content import Content

from theta_tui.tui.panes.billing import sums
from theta_tui.tui.panes.billing.sums import BALANCE_COLUMNS, COLUMNS, BalanceRow, SumRow
from theta_tui.tui.panes.record_pane import RecordPane
from theta_tui.tui.widgets.details import Fact

DAYS = 60
"""How far back the lists look."""
SPENDING = frozenset({"billing", "pulse", "on_demand", "deployments", "inference", "agents", "video", "compute"})


class SumList(RecordPane[SumRow]):
    """What the ledger adds up to, in one order or the other."""

    domains = SPENDING
    poll_seconds = 30.0
    columns = COLUMNS
    tabs = ("Describe", "JSON")
    empty = (
        "Nothing was spent from this machine in the last 60 days.\n\n"
        "Every paid act appears here with its cost, whoever makes it: console, command line or MCP client."
    )

    def key_of(self, row: SumRow) -> str:
        """Give the day or the item."""
        return row.key

    def describe(self, row: SumRow) -> Sequence[Fact]:
        """Give the sums, and what they are made of."""
        return sums.facts(row)

    def json_of(self, row: SumRow) -> Any:
        """Give the sums."""
        return sums.as_json(row)


class DayList(SumList):
    """Spending by local day."""

    title = "Spending by day"

    async def fetch(self) -> Sequence[SumRow]:
        """Add the ledger up by day, newest first."""
        session = self.session
        return sums.by_day(await session.journal.costs(session.settings.profile, DAYS))


class ItemList(SumList):
    """Spending by service and machine type."""

    title = "Spending by service"

    async def fetch(self) -> Sequence[SumRow]:
        """Add the ledger up by item, dearest first."""
        session = self.session
        return sums.by_item(await session.journal.costs(session.settings.profile, DAYS))


class BalanceList(RecordPane[BalanceRow]):
    """Every balance that was read, with what changed since the one before."""

    title = "Balances"
    domains = frozenset({"billing", "pulse"})
    poll_seconds = 30.0
    columns = BALANCE_COLUMNS
    tabs = ("Describe", "JSON")
    record_command = "theta.billing.balanceSnapshot"
    empty = "No balance has been read yet. R reads it; it needs the project's API key (:setup)."

    def key_of(self, row: BalanceRow) -> str:
        """Give the moment."""
        return f"{row.at:.3f}"

    async def fetch(self) -> Sequence[BalanceRow]:
        """Read the journal, newest first."""
        session = self.session
        since = time.time() - DAYS * 86_400
        found = await session.journal.balances(session.settings.profile, since)
        rows = sums.balance_rows(found)
        self.note("equal ones in a row are kept once" if rows else "")
        return rows

    def describe(self, row: BalanceRow) -> Sequence[Fact]:
        """Give what is known of it."""
        return sums.balance_facts(row)

    def json_of(self, row: BalanceRow) -> Any:
        """Give cents and USD side by side."""
        return {"at": row.at, "org_id": row.org_id, "cents": row.cents, "usd": row.usd, "change_usd": row.change_usd}

    async def fill_tab(self, tab: str, row: BalanceRow) -> Content:
        """There are no further tabs."""
        return Content("")
