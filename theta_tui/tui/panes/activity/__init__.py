"""The Activity pane (all domains): every change with its cost, and every request with its timing."""

from __future__ import annotations

from theta_tui.tui.panes.activity.pane import ActivityPane

__all__ = ["ActivityPane"]
