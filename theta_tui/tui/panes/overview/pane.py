"""The tiles of the overview and how they are filled; what they say is `tiles`' business."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Static

from theta_tui.tui.panes.base import Pane
from theta_tui.tui.widgets.banner import Banner


class OverviewPane(Pane):
    """The first thing to see."""

    title = "Overview"
    domains = frozenset({"pulse", "deployments", "billing", "on_demand"})

    def compose(self) -> ComposeResult:
        """Lay out the tiles."""
        yield Banner()
        yield Static("Overview", id="overview-words", markup=False)
