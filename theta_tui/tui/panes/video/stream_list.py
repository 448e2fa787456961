"""The list of livestreams: made, given a node to be sent to, and watched. How the key is shown is `stream_key`'s."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from textual.worker import get_current_worker

from theta_tui.change import Done, Family
from theta_tui.errors import ThetaError, UsageError
from theta_tui.shapes.base import as_json
from theta_tui.shapes.livestreams import Ingestor, Selection
from theta_tui.tui.actions import Action
from theta_tui.tui.browser import open_link
from theta_tui.tui.form_screen import open_form
from theta_tui.tui.panes.order_pane import OrderPane
from theta_tui.tui.panes.orders import Verb
from theta_tui.tui.panes.video import stream_row
from theta_tui.tui.panes.video.looks import embed_code
from theta_tui.tui.panes.video.node_picker import pick_node, pick_stream
from theta_tui.tui.panes.video.stream_orders import GIVE_BACK, take_node
from theta_tui.tui.panes.video.stream_row import StreamRow, lapsed
from theta_tui.tui.panes.video.taken import taken_nodes
from theta_tui.tui.widgets.details import Fact

NODES_SECONDS: Final = 300.0
"""How long the list of nodes is believed."""
LEDGER_ROWS: Final = 500


class StreamsPane(OrderPane[StreamRow]):
    """Livestreams."""

    title = "Livestreams"
    plural = "livestreams"
    domains = frozenset({"video"})
    poll_seconds = 8.0
    columns = stream_row.COLUMNS
    empty = (
        "No livestreams; n makes one. A livestream has a player link that stays the same; i takes a node for it, and "
        "whoever has its key sends to that node. An account has three at the most."
    )
    record_command = "theta.video.streams"
    verbs = (GIVE_BACK,)
    actions = (
        Action("live.new", "n", "New", "new", "Create a livestream; an account has three at the most.", 1),
        Action("live.take", "i", "Take node", "take", "Take a node for the livestream, to send to it.", 2),
        Action("live.give_back", "u", "Give back", "give_back", "Give its node back when the livestream is over.", 3),
        Action("live.key", "K", "Stream key", "show_key", "Show where to send to; the key only when asked for.", 4),
        Action("live.open", "o", "Open", "open_player", "Open the player in the browser.", 5),
        Action("live.details", "enter", "Details", "open_row", "Show everything known of the livestream.", 6),
        Action("live.copy", "y", "Copy", "app.copy_menu", "Copy player link, embed code, id, JSON or command.", 7),
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._ingestors: tuple[Ingestor, ...] = ()
        self._ingestors_at: float | None = None
        self._servers: dict[str, tuple[str, str]] = {}
        """Livestream id → node and server, as told when the node was taken in this run."""

    def key_of(self, row: StreamRow) -> str:
        """Give the id."""
        return row.key

    def name_of(self, row: StreamRow) -> str:
        """Give its name."""
        return row.name

    # The list

    async def fetch(self) -> Sequence[StreamRow]:
        """Ask for the livestreams, and join what this computer knows of their nodes and keys."""
        listed = await self.ask("theta.video.streams")
        with suppress(ThetaError):  # without it rows name nodes by id
            await self._learn_nodes()
        session = self.session
        taken = taken_nodes(await session.journal.ledger(LEDGER_ROWS, profile=session.settings.profile))
        kept = frozenset(await session.vault.names())
        nodes = {node.id: node for node in self._ingestors}
        rows = []
        for stream in listed.streams:
            mine = taken.get(stream.id)
            told, server = self._servers.get(stream.id, ("", ""))
            rows.append(
                StreamRow(
                    stream,
                    taken=mine,
                    node=nodes.get(mine.ingestor_id) if mine else None,
                    server=server if mine and told == mine.ingestor_id else "",
                    has_key=stream.stream_key is not None or f"endpoint/{stream.id}/password" in kept,
                    has_lapsed=lapsed(mine, stream),
                )
            )
        return rows

    async def _learn_nodes(self) -> None:
        if self._ingestors_at is None or time.monotonic() - self._ingestors_at > NODES_SECONDS:
            self._ingestors = (await self.ask("theta.video.ingestor.list")).ingestors
            self._ingestors_at = time.monotonic()

    def describe(self, row: StreamRow) -> Sequence[Fact]:
        """Give everything known of it; never its key."""
        return stream_row.facts(row)

    def json_of(self, row: StreamRow) -> Any:
        """Give the cloud's own object."""
        return as_json(row.stream)

    def copy_choices(self) -> list[tuple[str, str]]:
        """Give what can be copied of the row; its key is not among it."""
        row = self.row
        if row is None:
            return []
        stream = row.stream
        links = [
            ("Player link", stream.player_uri),
            ("Embed code", embed_code(stream.player_uri) if stream.player_uri else ""),
            ("Playback address (HLS)", stream.playback_uri),
            ("Server", row.server or stream.stream_server),
        ]
        return [(label, text) for label, text in (*links, *super().copy_choices()) if text]

    # Keys

    def why_not(self, action: Action) -> str | None:
        """Say why an action makes no sense for the row now."""
        row = self.row
        if row is None:
            return None if action.run == "new" else "there is no livestream: n makes one"
        refusals = {"give_back": GIVE_BACK.refusal(row), "open_player": None if row.stream.player_uri else "no player"}
        return refusals.get(action.run)

    def action_open_row(self) -> None:
        """Show the details."""
        self.open_row()

    def action_open_player(self) -> None:
        """Open the player in the browser."""
        row = self.row
        if row is not None and row.stream.player_uri:
            open_link(self, row.stream.player_uri, Family.OUTPUT)
        elif row is not None:
            self.console_app.tell(f"{row.name} names no player.", severity="warning")

    def action_new(self) -> None:
        """Create a livestream; with three there are already, say why not."""
        if len(self.table.visible_rows) >= stream_row.MOST_STREAMS:
            words = f"An account has {stream_row.MOST_STREAMS} livestreams at the most, and all of them are taken."
            hint = "No way to delete one is known here: the dashboard does it."
            self.fail(UsageError(words, hint=hint), cause="action")
            return
        self.run_worker(self._make(), group="new-stream", exclusive=True)

    async def _make(self) -> None:
        done = await open_form(self.console_app, "theta.video.streamCreate", title="New livestream")
        if isinstance(done, Done):
            await self.desk.until_listed(done.value.id, done.value.name)
            self.go_to(done.value.id)

    def action_take(self) -> None:
        """Choose a node, and take it after a review."""
        if self.row is not None:
            self.run_worker(self._take(self.row), group="take", exclusive=True)

    async def _take(self, row: StreamRow) -> None:
        nodes = await self._fresh_nodes()
        node = await pick_node(self.app, row.name, nodes) if nodes else None
        if node is not None and not get_current_worker().is_cancelled:
            self.desk.begin(take_node(node), row)

    async def _fresh_nodes(self) -> tuple[Ingestor, ...]:
        """Ask for the nodes now: the nearest one may be another."""
        self._ingestors_at = None
        try:
            await self._learn_nodes()
        except ThetaError as error:
            self.fail(error, cause="action")
            return ()
        if not self._ingestors:
            self.console_app.tell("The cloud names no node that takes in livestreams now.", severity="warning")
        return self._ingestors

    async def take_for(self, node: Ingestor) -> None:
        """Choose a livestream for a node, and take it after a review."""
        if self.loaded_at is None:
            await self.list_again()
        sure = [row for row in self.table.visible_rows if not self.table.doubt(row)]
        row = await pick_stream(self.app, node, sure)
        if row is not None:
            self.go_to(row.key)
            self.desk.begin(take_node(node), row)

    def action_give_back(self) -> None:
        """Give the node of the livestream back, after a review."""
        self.begin(GIVE_BACK)

    def order_answered(self, verb: Verb[StreamRow], key: str, value: Any) -> None:
        """Remember where to send to; the key is in the vault by now."""
        row = self.find_row(key)
        if isinstance(value, Selection) and row is not None:
            self._servers[key] = (str(verb.arguments(row)["ingestor_id"]), value.stream_server)

    def order_done(self, verb: Verb[StreamRow], key: str) -> None:
        """Show where to send to, once a node is taken."""
        if verb is not GIVE_BACK and self.display and self.app.screen is self.screen:
            self.go_to(key)
            self.action_show_key()

    def action_show_key(self) -> None:
        """Show where to send to, with the key masked."""
        if self.row is not None:
            self.run_worker(self._show_key(self.row), group="key", exclusive=True)

    async def _show_key(self, row: StreamRow) -> None:
        from theta_tui.tui.panes.video.stream_key import StreamKey

        kept = await self.session.keeper.find(f"endpoint/{row.key}")
        secret = kept.password if kept else row.stream.stream_key
        self.app.push_screen(StreamKey(row, secret, self.session.reveal))
