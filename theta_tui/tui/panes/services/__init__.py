"""The Services pane (domain on_demand): models by the call, with prices, inputs and variants."""

from __future__ import annotations

from theta_tui.tui.panes.services.pane import ServicesPane

__all__ = ["ServicesPane"]
