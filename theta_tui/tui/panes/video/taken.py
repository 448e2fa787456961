"""Which node was taken for which livestream, as far as the journal of this computer tells: the cloud does not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from theta_tui.journal import Entry

SELECT: Final = "theta.video.ingestor.select"
UNSELECT: Final = "theta.video.ingestor.unselect"
LAPSE_SECONDS: Final = 300.0
"""How long a node is kept for a livestream that nobody sends (wire 10.4)."""
_DONE: Final = ("confirmed", "reconciled")


@dataclass(frozen=True, slots=True)
class Taken:
    """A node that was taken, and when (seconds since the epoch)."""

    ingestor_id: str
    at: float

    def has_lapsed(self, now: float) -> bool:
        """Whether it is given back by now unless somebody sends."""
        return now - self.at > LAPSE_SECONDS


def taken_nodes(entries: Iterable[Entry]) -> Mapping[str, Taken]:
    """Read the ledger, newest first, into livestream id → node; a node serves one livestream at a time."""
    found: dict[str, Taken] = {}
    for entry in reversed([entry for entry in entries if entry.state in _DONE]):
        if entry.command == SELECT and (node := _node_of(entry)):
            found = {stream: taken for stream, taken in found.items() if taken.ingestor_id != node}
            found[entry.target_id] = Taken(node, entry.changed)
        elif entry.command == UNSELECT:
            found = {stream: taken for stream, taken in found.items() if taken.ingestor_id != entry.target_id}
    return found


def _node_of(entry: Entry) -> str:
    """Give the node that a selection was about: `/ingestor/{id}/select`."""
    try:
        requests = json.loads(entry.preview_json)["requests"]
        path = urlsplit(str(requests[0]["url"])).path.strip("/").split("/")
    except (ValueError, LookupError, TypeError):
        return ""
    return unquote(path[-2]) if path[-1] == "select" and len(path) > 1 else ""
