"""The Video pane (video domain): videos on demand, livestreams, and the nodes that take them in."""

from __future__ import annotations

from theta_tui.tui.panes.video.pane import VideoPane

__all__ = ["VideoPane"]
