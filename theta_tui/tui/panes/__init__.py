"""Panes: one part of the screen per domain. `PANES` is the ordered table of light entries; nothing is imported here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PaneEntry:
    """One pane as the navigation sees it: its digit, title, and `module:Class`, imported when first shown."""

    digit: str
    id: str
    title: str
    where: str
    words: str

    def load(self) -> type:
        """Import the pane's class."""
        from importlib import import_module

        module, _, name = self.where.partition(":")
        found: type = getattr(import_module(f"theta_tui.tui.panes.{module}"), name)
        return found


PANES: tuple[PaneEntry, ...] = (
    PaneEntry("1", "overview", "Overview", "overview:OverviewPane", "balance, burn, problems, what runs"),
    PaneEntry("2", "services", "Services", "services:ServicesPane", "models by the call: list, prices, inputs"),
    PaneEntry("3", "chat", "Chat", "chat:ChatPane", "talk to a model"),
    PaneEntry("4", "deployments", "Deployments", "deployments:DeploymentsPane", "machines that serve a template"),
    PaneEntry("5", "compute", "GPU + Storage", "compute:ComputePane", "machine types, nodes, clusters, volumes"),
    PaneEntry("6", "billing", "Billing", "billing:BillingPane", "balance over time, spend by service and day"),
    PaneEntry("7", "agents", "Agents", "agents:AgentsPane", "RAG chatbots and their documents"),
    PaneEntry("8", "video", "Video", "video:VideoPane", "videos on demand and livestreams"),
    PaneEntry("9", "network", "Network", "network:NetworkPane", "chain, edge client, keys"),
    PaneEntry("0", "activity", "Activity", "activity:ActivityPane", "every request and change, with its cost"),
)


def pane_entry(key: str) -> PaneEntry | None:
    """Find a pane by digit, id, title, or an unambiguous start of one of these."""
    word = key.strip().lower()
    for entry in PANES:
        if word in (entry.digit, entry.id, entry.title.lower()):
            return entry
    close = [entry for entry in PANES if word and (entry.id.startswith(word) or entry.title.lower().startswith(word))]
    return close[0] if len(close) == 1 else None
