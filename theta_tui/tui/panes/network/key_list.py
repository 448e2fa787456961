"""The keys that thetacli holds: made, unlocked, locked, and paid from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from theta_tui.change import Done
from theta_tui.shapes.network import KeyState
from theta_tui.tui.actions import Action
from theta_tui.tui.form_screen import open_form
from theta_tui.tui.panes.order_pane import OrderPane
from theta_tui.tui.panes.orders import Verb
from theta_tui.tui.widgets.details import Fact
from theta_tui.tui.widgets.record_table import Cell, Column

LOOKED_AT = 50
"""Keys whose lock is asked for."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key by its address; `state` is None where nobody asked. `note` is what is being done to it."""

    address: str
    state: KeyState | None = None
    note: str = ""


def _lock_cell(row: KeyRow) -> Cell:
    if row.note:
        return f"◌ {row.note}", "warn"
    if row.state is None:
        return "? unknown", "muted"
    return ("● unlocked", "warn") if row.state.unlocked else ("○ locked", "ok")


COLUMNS: tuple[Column[KeyRow], ...] = (
    Column("address", "ADDRESS", lambda row: row.address, priority=1, grow=True, min_width=42),
    Column("lock", "LOCK", _lock_cell, priority=1),
)

LOCK = Verb[KeyRow](
    command="theta.keys.lock",
    doing="Locking",
    noun="lock",
    done="locked: it needs its password again",
    arguments=lambda row: {"address": row.address},
    is_so=lambda row: row is not None and row.state is not None and not row.state.unlocked,
    refusal=lambda row: f"{row.address} is locked already." if row.state and not row.state.unlocked else None,
)


class KeyList(OrderPane[KeyRow]):
    """Keys; what they sign cannot be taken back."""

    title = "Keys"
    plural = "keys"
    domains = frozenset({"network"})
    poll_seconds = 30.0
    columns = COLUMNS
    verbs = (LOCK,)
    record_command = "theta.keys.list"
    empty = (
        "thetacli holds no key, or none is asked; n makes one. Its address goes into THETA_CLI_RPC_URL or the settings."
    )
    actions = (
        Action("keys.new", "n", "New", "new", "Make a key, kept by thetacli under a password.", 1),
        Action("keys.unlock", "u", "Unlock", "unlock", "Unlock the key: it may pay until it is locked.", 2),
        Action("keys.lock", "x", "Lock", "lock", "Lock the key again.", 3),
        Action("keys.send", "S", "Send", "send", "Pay THETA or TFUEL from the key; it cannot be taken back.", 4),
        Action("keys.details", "enter", "Details", "open_row", "Show everything known of it.", 5),
    )

    def key_of(self, row: KeyRow) -> str:
        """Give the address."""
        return row.address

    async def fetch(self) -> Sequence[KeyRow]:
        """Ask for the addresses, and for the first ones whether they are unlocked."""
        found = (await self.ask("theta.keys.list")).addresses
        rows = []
        for address in found[:LOOKED_AT]:
            rows.append(KeyRow(address, await self.ask("theta.keys.isUnlocked", {"address": address})))
        return [*rows, *(KeyRow(address) for address in found[LOOKED_AT:])]

    def describe(self, row: KeyRow) -> Sequence[Fact]:
        """Give everything known of it."""
        open_words = "whoever reaches thetacli can pay with it" if row.state and row.state.unlocked else ""
        return [("Address", row.address), ("Lock", str(_lock_cell(row)[0])), ("Meaning", open_words)]

    def json_of(self, row: KeyRow) -> Any:
        """Give the answer about its lock."""
        return row.state.as_json() if row.state else {"address": row.address}

    def why_not(self, action: Action) -> str | None:
        """Say why an action makes no sense now."""
        if action.id != "keys.new" and self.row is None:
            return "there is no key: n makes one"
        return None

    def action_open_row(self) -> None:
        """Show the details."""
        self.open_row()

    def action_lock(self) -> None:
        """Lock the key under the cursor."""
        self.begin(LOCK)

    def action_new(self) -> None:
        """Make a key."""
        self.run_worker(self._fill_in("theta.keys.new", {}, "New key"), group="key-form")

    def action_unlock(self) -> None:
        """Unlock the key under the cursor."""
        self._about_row("theta.keys.unlock", "address", "Unlock")

    def action_send(self) -> None:
        """Pay from the key under the cursor."""
        self._about_row("theta.keys.send", "sender", "Pay from")

    def _about_row(self, command: str, field: str, words: str) -> None:
        row = self.row
        if row is not None:
            work = self._fill_in(command, {field: row.address}, f"{words} {row.address}", field)
            self.run_worker(work, group="key-form")

    async def _fill_in(self, command: str, values: dict[str, str], title: str, *fixed: str) -> None:
        done = await open_form(self.console_app, command, values=values, fixed=fixed, title=title)
        if isinstance(done, Done):
            self.reload()
