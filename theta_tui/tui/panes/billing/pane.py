"""The parts of the pane: the money view, spending by day and by item, and the balances that were read."""

from __future__ import annotations

from theta_tui.tui.panes.billing.lists import BalanceList, DayList, ItemList
from theta_tui.tui.panes.billing.money_view import MoneyView
from theta_tui.tui.panes.sections import SectionsPane


class BillingPane(SectionsPane):
    """Where the money goes, and how long it lasts."""

    title = "Billing"
    domains = frozenset({"billing", "pulse"})
    sections = (("money", MoneyView), ("days", DayList), ("services", ItemList), ("balances", BalanceList))
