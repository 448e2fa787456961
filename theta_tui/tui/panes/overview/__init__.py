"""The Overview pane (domains on_demand, deployments, billing): what there is at one glance, each tile leading on."""

from __future__ import annotations

from theta_tui.tui.panes.overview.pane import OverviewPane

__all__ = ["OverviewPane"]
