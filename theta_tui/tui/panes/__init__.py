"""Panes: one part of the screen per domain."""
