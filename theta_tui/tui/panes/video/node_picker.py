"""Choosing a node for a livestream, or a livestream for a node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.app import App

from theta_tui.shapes.livestreams import Ingestor
from theta_tui.tui.panes.video.ingestor_row import stakes_words
from theta_tui.tui.panes.video.stream_row import StreamRow, node_words
from theta_tui.tui.picker import Entry, Picker


class NodePicker(Picker):
    """A list of nodes or livestreams with what it is chosen for in the frame."""

    keys = (("↑↓", "move"), ("Enter", "take"), ("Esc", "close"))
    DEFAULT_CSS = "NodePicker > .modal--frame { max-height: 18; }"

    def __init__(self, title: str, entries: Sequence[Entry]) -> None:
        super().__init__(entries)
        self._title = title

    @property
    def title_words(self) -> str:
        """What is chosen."""
        return self._title


async def pick_node(app: App[Any], stream: str, nodes: Sequence[Ingestor]) -> Ingestor | None:
    """Let the user choose a node, the nearest first; call it in a worker."""
    entries = [
        _entry(node.geo or node.id, f"{node.ip}  {stakes_words(node)} staked", "the nearest" if place == 0 else "")
        for place, node in enumerate(nodes)
    ]
    chosen = await app.push_screen_wait(NodePicker(f"Node for {stream}", entries))
    return next((node for entry, node in zip(entries, nodes, strict=True) if entry is chosen), None)


async def pick_stream(app: App[Any], node: Ingestor, rows: Sequence[StreamRow]) -> StreamRow | None:
    """Let the user choose a livestream; call it in a worker."""
    entries = [_entry(row.name, row.key, "on" if row.is_on else "off") for row in rows]
    chosen = await app.push_screen_wait(NodePicker(f"Livestream for {node_words(node, node.id)}", entries))
    return next((row for entry, row in zip(entries, rows, strict=True) if entry is chosen), None)


def _entry(name: str, words: str, mark: str) -> Entry:
    return Entry(name, run=lambda: None, words=words, mark=mark)
