"""Agents: RAG chatbots, what they know, and a chat to try them out."""

from __future__ import annotations

from theta_tui.tui.panes.agents.pane import AgentsPane

__all__ = ["AgentsPane"]
