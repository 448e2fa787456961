"""The list of services."""

from __future__ import annotations

from collections.abc import Sequence

from theta_tui.shapes.on_demand import Service
from theta_tui.tui.panes.record_pane import RecordPane
from theta_tui.tui.panes.services.row import COLUMNS


class ServicesPane(RecordPane[Service]):
    """Models by the call."""

    title = "Services"
    domains = frozenset({"on_demand"})
    columns = COLUMNS
    empty = "No service of this kind is known yet.\n\n, and . choose another kind, R asks again."
    record_command = "theta.ondemand.listServices"

    def key_of(self, row: Service) -> str:
        """Give the alias."""
        return row.alias

    async def fetch(self) -> Sequence[Service]:
        """Ask for the catalogue."""
        found = await self.ask("theta.ondemand.listServices")
        return tuple(found.services)
