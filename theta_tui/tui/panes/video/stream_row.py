"""One livestream as the list shows it, with the node taken for it; its columns and facts."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from theta_tui.shapes.livestreams import Ingestor, Livestream
from theta_tui.tui.panes.video.looks import age_words, styled
from theta_tui.tui.panes.video.taken import LAPSE_SECONDS, Taken
from theta_tui.tui.widgets.details import Fact
from theta_tui.tui.widgets.record_table import Cell, Column
from theta_tui.tui.words import UNKNOWN, moment, since

MOST_STREAMS = 3
"""Livestreams of an account (wire 10.4)."""


@dataclass(frozen=True, slots=True)
class StreamRow:
    """A livestream; `taken` and `node` tell which node was taken from here, `server` where to send to."""

    stream: Livestream
    taken: Taken | None = None
    node: Ingestor | None = None
    server: str = ""
    has_key: bool = False
    has_lapsed: bool = False
    note: str = ""

    @property
    def fault(self) -> str:
        """What kept it from being read."""
        return self.stream.fault

    @property
    def key(self) -> str:
        """What identifies it."""
        return self.stream.id

    @property
    def name(self) -> str:
        """What to call it."""
        return self.stream.name or self.stream.id

    @property
    def is_on(self) -> bool:
        """Whether somebody sends."""
        return self.stream.status == "on"


def node_words(node: Ingestor | None, ingestor_id: str) -> str:
    """Name a node: place and address, else its id."""
    return " · ".join(part for part in (node.geo, node.ip) if part) or ingestor_id if node else ingestor_id


def state_cell(row: StreamRow) -> Cell:
    """Give the state as glyph, word and colour; what is being done comes first."""
    if row.note:
        return f"◌ {row.note}", "warn"
    if row.is_on:
        return "● on", "ok"
    if row.stream.status == "off":
        return ("◌ off, waiting for the sender", "warn") if row.taken and not row.has_lapsed else ("○ off", "muted")
    return f"? {row.stream.status or UNKNOWN}", "muted"


def node_cell(row: StreamRow) -> Cell:
    """Name the node that was taken from here."""
    if row.taken is None:
        return ("taken elsewhere", "muted") if row.is_on else ("none", "muted")
    words = node_words(row.node, row.taken.ingestor_id)
    return (f"{words}, lapsed", "muted") if row.has_lapsed else words


def _updated(row: StreamRow) -> float | None:
    when = moment(row.stream.update_time)
    return None if when is None else -when.timestamp()


COLUMNS: tuple[Column[StreamRow], ...] = (
    Column("name", "NAME", lambda row: row.name, priority=1, grow=True, min_width=14, max_width=40),
    Column("state", "STATE", state_cell, priority=1, min_width=8, max_width=32),
    Column("node", "NODE", node_cell, priority=2, max_width=34),
    Column(
        "changed", "CHANGED", lambda row: age_words(row.stream.update_time), priority=4, align="right", sort=_updated,
        volatile=True,
    ),
    Column("player", "PLAYER", lambda row: row.stream.player_uri or "none", priority=6, grow=True, max_width=80),
)  # fmt: skip


def facts(row: StreamRow) -> list[Fact]:
    """Give everything known of a livestream; never its key."""
    stream = row.stream
    cell = state_cell(row)
    text, role = cell if isinstance(cell, tuple) else (cell, "muted")
    told = [
        ("Resolutions", ", ".join(stream.resolutions)),
        ("Sent as", " · ".join(part for part in (stream.source_resolution, _frames(stream)) if part)),
    ]
    return [
        ("Name", row.name),
        ("State", styled(text, role)),
        ("Node", _node_long(row)),
        ("Server", row.server or stream.stream_server or "unknown here: it is told when a node is taken (i)"),
        ("Stream key", "kept in the vault, masked: K shows and copies it" if row.has_key else "none kept here"),
        ("Player", stream.player_uri),
        ("Playback", stream.playback_uri),
        *((label, value) for label, value in told if value),
        ("Changed", since(stream.update_time)),
        ("Id", stream.id),
    ]


def _frames(stream: Livestream) -> str:
    return "" if stream.fps is None else f"{stream.fps} fps"


def _node_long(row: StreamRow) -> str:
    if row.taken is None:
        return "taken elsewhere: the cloud does not tell which" if row.is_on else "none: i takes one"
    words = node_words(row.node, row.taken.ingestor_id)
    at = datetime.fromtimestamp(row.taken.at).strftime("%H:%M:%S")
    until = datetime.fromtimestamp(row.taken.at + LAPSE_SECONDS).strftime("%H:%M:%S")
    if row.is_on:
        return f"{words}, taken at {at}"
    return f"{words}, taken at {at}: {'lapsed' if row.has_lapsed else 'lapses'} at {until} unless somebody sends"


def lapsed(taken: Taken | None, stream: Livestream) -> bool:
    """Whether a node that was taken is given back by now."""
    return taken is not None and stream.status != "on" and taken.has_lapsed(time.time())
