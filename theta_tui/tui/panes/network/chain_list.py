"""The chain by one node: its status, and whatever was looked up in this run of the console."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from theta_tui.errors import NotFound, ThetaError, UsageError
from theta_tui.tui.actions import Action
from theta_tui.tui.panes.base import Call
from theta_tui.tui.panes.network import look_up
from theta_tui.tui.panes.network.look_up import Found
from theta_tui.tui.panes.record_pane import RecordPane
from theta_tui.tui.widgets.details import Fact

KINDS = {
    "theta.chain.account": "account",
    "theta.chain.transaction": "transaction",
    "theta.chain.block": "block",
    "theta.chain.blockByHeight": "block",
}
OWN = (
    ("node", "theta.chain.status"),
    ("software", "theta.chain.version"),
    ("pending", "theta.chain.pendingTransactions"),
)
"""What is asked by itself: the kind of its row, and its command."""


class ChainList(RecordPane[Found]):
    """Status first, then what was looked up, newest first."""

    title = "Chain"
    domains = frozenset({"network"})
    poll_seconds = 15.0
    columns = look_up.COLUMNS
    tabs = ("Describe", "JSON")
    record_command = "theta.chain.status"
    empty = (
        "No node is asked yet. The chain is seen through a node of your own: its address goes into "
        "THETA_CHAIN_RPC_URL or the settings."
    )
    actions = (
        Action("chain.find", "f", "Look up", "find", "Look up an account, block or transaction.", 1),
        Action("chain.forget", "d", "Forget", "forget", "Take a looked-up row away.", 3),
        Action("chain.details", "enter", "Details", "open_row", "Show everything known of it.", 2),
    )

    DEFAULT_CSS = """
    ChainList > #chain-find { display: none; height: 1; border: none; padding: 0 1; background: $surface; }
    ChainList > #chain-find.-open { display: block; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._own: list[Found] = []
        self._found: list[Found] = []

    def compose(self) -> ComposeResult:
        """Put the line that looks things up above the table."""
        for widget in super().compose():
            if widget is self.table:
                yield Input(id="chain-find", placeholder=look_up.HELP, compact=True)
            yield widget

    def key_of(self, row: Found) -> str:
        """Give kind and what was asked for."""
        return row.key

    async def fetch(self) -> Sequence[Found]:
        """Ask the node about itself; what was looked up stays as it was told."""
        now = time.time()
        self._own = [Found(kind, "", now, await self.ask(command), command, is_own=True) for kind, command in OWN]
        return [*self._own, *self._found]

    def describe(self, row: Found) -> Sequence[Fact]:
        """Give everything known of it."""
        return look_up.facts(row)

    def json_of(self, row: Found) -> Any:
        """Give the node's object."""
        return look_up.as_json(row)

    def calls(self) -> Sequence[Call]:
        """Give the command behind the row."""
        row = self.row
        if row is None or row.is_own:
            return [Call(kind.capitalize(), command) for kind, command in OWN]
        name = {"account": "address", "block": "hash" if row.what.startswith("0x") else "height"}.get(row.kind, "hash")
        return [Call(f"{row.kind.capitalize()} {row.what}", row.command, {name: row.what})]

    def why_not(self, action: Action) -> str | None:
        """Say why an action makes no sense for the row now."""
        if action.id == "chain.forget" and (self.row is None or self.row.is_own):
            return "only what was looked up can be forgotten"
        return None

    def action_open_row(self) -> None:
        """Show the details."""
        self.open_row()

    def action_find(self) -> None:
        """Open the line that looks things up."""
        line = self.query_one("#chain-find", Input)
        line.add_class("-open")
        line.focus()

    def action_forget(self) -> None:
        """Take the looked-up row under the cursor away."""
        row = self.row
        if row is not None and not row.is_own:
            self._found = [one for one in self._found if one.key != row.key]
            self.show_rows([*self._own, *self._found])

    @on(Input.Submitted, "#chain-find")
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            meanings = look_up.read_word(event.value)
        except UsageError as mistake:
            self.fail(mistake, cause="find")
            return
        self.run_worker(self._look_up(event.value.strip(), meanings), group="find", exclusive=True)

    async def _look_up(self, word: str, meanings: Sequence[look_up.Asked]) -> None:
        try:
            found = await self._first(word, meanings)
        except ThetaError as error:
            self.fail(error, cause="find")
            return
        self.clear_failure("find")
        self._found = [found, *(one for one in self._found if one.key != found.key)]
        self.show_rows([*self._own, *self._found])
        self.table.move_to(found.key)
        line = self.query_one("#chain-find", Input)
        line.value = ""
        line.remove_class("-open")
        self.table.focus()

    async def _first(self, word: str, meanings: Sequence[look_up.Asked]) -> Found:
        """Give the first meaning that the node knows."""
        hint = "It may be of another chain, or too new."
        last: ThetaError = NotFound(f"The node knows nothing of {word}.", hint=hint)
        for command, arguments in meanings:
            try:
                value = await self.ask(command, arguments)
            except ThetaError as error:
                last = error
                continue
            if look_up.is_something(value):
                return Found(KINDS[command], word, time.time(), value, command)
        raise last

    def step_back(self) -> bool:
        """Leave the details or the filter, else the look-up line."""
        line = self.query_one("#chain-find", Input)
        if super().step_back():
            return True
        if not line.has_class("-open"):
            return False
        line.remove_class("-open")
        self.table.focus()
        return True
