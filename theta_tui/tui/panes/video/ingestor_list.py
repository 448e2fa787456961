"""The list of nodes that take in livestreams, nearest first."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from textual.message import Message

from theta_tui.errors import CloudError
from theta_tui.shapes.base import as_json
from theta_tui.shapes.livestreams import Ingestor
from theta_tui.tui.actions import Action
from theta_tui.tui.panes.order_pane import OrderPane
from theta_tui.tui.panes.video import ingestor_row
from theta_tui.tui.panes.video.ingestor_row import IngestorRow
from theta_tui.tui.panes.video.stream_list import LEDGER_ROWS
from theta_tui.tui.panes.video.stream_orders import GIVE_NODE_BACK
from theta_tui.tui.panes.video.taken import taken_nodes
from theta_tui.tui.widgets.details import Fact


class IngestorsPane(OrderPane[IngestorRow]):
    """Nodes that take in livestreams."""

    title = "Ingestors"
    plural = "nodes"
    domains = frozenset({"video"})
    poll_seconds = 30.0
    columns = ingestor_row.COLUMNS
    empty = "The cloud names no node that takes in livestreams now. R asks again."
    record_command = "theta.video.ingestor.list"
    verbs = (GIVE_NODE_BACK,)
    actions = (
        Action("ingestors.take", "i", "Take", "take", "Take this node for a livestream.", 2),
        Action("ingestors.give_back", "u", "Give back", "give_back", "Give this node back.", 3),
        Action("ingestors.details", "enter", "Details", "open_row", "Show everything known of the node.", 6),
        Action("ingestors.copy", "y", "Copy", "app.copy_menu", "Copy address, id, JSON or command.", 7),
    )

    class Wanted(Message):
        """This node is to be taken for a livestream."""

        def __init__(self, node: Ingestor) -> None:
            super().__init__()
            self.node = node

    def key_of(self, row: IngestorRow) -> str:
        """Give the id."""
        return row.key

    def name_of(self, row: IngestorRow) -> str:
        """Give place and address."""
        return row.name

    async def fetch(self) -> Sequence[IngestorRow]:
        """Ask for the nodes, and join which livestream each was taken for from here."""
        nodes: Sequence[Ingestor] = (await self.ask("theta.video.ingestor.list")).ingestors
        uses = await self._uses()
        return [IngestorRow(node, place, uses.get(node.id, "")) for place, node in enumerate(nodes, 1)]

    async def _uses(self) -> dict[str, str]:
        """Give node id → name of the livestream that it was taken for and that has not lapsed."""
        session = self.session
        taken = taken_nodes(await session.journal.ledger(LEDGER_ROWS, profile=session.settings.profile))
        if not taken:
            return {}
        names, live = {}, set()
        with suppress(CloudError):  # without names there are ids
            for stream in (await self.ask("theta.video.streams")).streams:
                names[stream.id] = stream.name
                live |= {stream.id} if stream.status == "on" else set()
        return {
            mine.ingestor_id: names.get(stream, stream)
            for stream, mine in taken.items()
            if stream in live or not mine.has_lapsed(time.time())
        }

    def describe(self, row: IngestorRow) -> Sequence[Fact]:
        """Give everything known of it."""
        return ingestor_row.facts(row)

    def json_of(self, row: IngestorRow) -> Any:
        """Give the cloud's own object."""
        return as_json(row.ingestor)

    def copy_choices(self) -> list[tuple[str, str]]:
        """Give what can be copied of the row."""
        row = self.row
        address = [("Address", row.ingestor.ip)] if row is not None and row.ingestor.ip else []
        return [*address, *super().copy_choices()]

    def why_not(self, action: Action) -> str | None:
        """Say why an action makes no sense now."""
        return "there is no node" if self.row is None else None

    def action_open_row(self) -> None:
        """Show the details."""
        self.open_row()

    def action_take(self) -> None:
        """Have this node taken for a livestream."""
        if self.row is not None:
            self.post_message(self.Wanted(self.row.ingestor))

    def action_give_back(self) -> None:
        """Give this node back, after a review."""
        self.begin(GIVE_NODE_BACK)
