"""Chat: talk to a model, streaming, stored as it grows."""

from theta_tui.tui.panes.chat.pane import ChatPane

__all__ = ["ChatPane"]
