"""The Billing pane (domains billing, and the journal's ledger): the balance over time, and where the money goes."""

from __future__ import annotations

from theta_tui.tui.panes.billing.pane import BillingPane

__all__ = ["BillingPane"]
