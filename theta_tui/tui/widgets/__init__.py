"""Widgets of our own that several panes share."""
