"""The Network pane (domain network): the chain by one node, the edge client, the keys of thetacli."""

from __future__ import annotations

from theta_tui.tui.panes.network.pane import NetworkPane

__all__ = ["NetworkPane"]
