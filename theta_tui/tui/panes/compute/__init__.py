"""The GPU + Storage pane (compute and deployments): machine types, nodes, clusters, notebooks, volumes."""

from __future__ import annotations

from theta_tui.tui.panes.compute.pane import ComputePane

__all__ = ["ComputePane"]
