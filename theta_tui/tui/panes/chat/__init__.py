"""Chat: talk to a model, streaming, stored as it grows (U26 to U36)."""

from theta_tui.tui.panes.chat.pane import ChatPane

__all__ = ["ChatPane"]
