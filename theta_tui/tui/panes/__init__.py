"""Panes: one part of the screen per domain. `PANES` is the ordered table of light entries; nothing is imported here."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from theta_tui.tui.panes.base import Pane


class PaneEntry:
    """One pane as the navigation sees it: its digit, title, and `module:Class`, imported when first shown.

    Not a dataclass: that module takes longer to import than all else before the first paint together.
    """

    __slots__ = ("digit", "id", "is_light", "title", "where", "words")

    def __init__(
        self,
        digit: str,
        id: str,  # noqa: A002 a field
        title: str,
        where: str,
        words: str,
        *,
        is_light: bool = False,
    ) -> None:
        self.digit = digit
        self.id = id
        self.title = title
        self.where = where
        self.words = words
        self.is_light = is_light
        """Whether it imports so little that it is drawn at once, before there is a session."""

    def load(self) -> type[Pane]:
        """Import the pane's class."""
        from importlib import import_module

        module, _, name = self.where.partition(":")
        found: type[Pane] = getattr(import_module(f"theta_tui.tui.panes.{module}"), name)
        return found


PANES: tuple[PaneEntry, ...] = (
    PaneEntry(
        "1", "overview", "Overview", "overview.pane:OverviewPane", "balance, burn, problems, what runs", is_light=True
    ),
    PaneEntry("2", "services", "Services", "services:ServicesPane", "models by the call: list, prices, inputs"),
    PaneEntry("3", "chat", "Chat", "chat:ChatPane", "talk to a model"),
    PaneEntry("4", "deployments", "Deployments", "deployments.pane:DeploymentsPane", "machines that serve a template"),
    PaneEntry("5", "compute", "GPU + Storage", "compute:ComputePane", "machine types, nodes, clusters, volumes"),
    PaneEntry("6", "billing", "Billing", "billing:BillingPane", "balance over time, spend by service and day"),
    PaneEntry("7", "agents", "Agents", "agents:AgentsPane", "RAG chatbots and their documents"),
    PaneEntry("8", "video", "Video", "video:VideoPane", "videos on demand and livestreams"),
    PaneEntry("9", "network", "Network", "network:NetworkPane", "chain, edge client, keys"),
    PaneEntry("0", "activity", "Activity", "activity.pane:ActivityPane", "every request and change, with its cost"),
)


def pane_entry(key: str) -> PaneEntry | None:
    """Find a pane by digit, id, title, or an unambiguous start of one of these."""
    word = key.strip().lower()
    for entry in PANES:
        if word in (entry.digit, entry.id, entry.title.lower()):
            return entry
    close = [entry for entry in PANES if word and (entry.id.startswith(word) or entry.title.lower().startswith(word))]
    return close[0] if len(close) == 1 else None
