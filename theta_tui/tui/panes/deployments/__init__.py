"""The Deployments pane (domains deployments and inference): list, wizard, readiness, start, stop, delete."""

from __future__ import annotations

from theta_tui.tui.panes.deployments.pane import DeploymentsPane

__all__ = ["DeploymentsPane"]
