"""Small things worth remembering: the balance over time, and what was typed before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from theta_tui.journal.store import Store, kept

if TYPE_CHECKING:
    from sqlite3 import Connection, Row

PROMPTS_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Balance:
    """The balance of an organisation at a moment, in US cents, as the cloud gave it."""

    at: float
    org_id: str
    cents: Decimal


class Notes:
    """The journal's balance history and prompt history."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def note_balance(self, profile: str, org_id: str, cents: Decimal, when: float | None = None) -> None:
        """Remember a balance in US cents; while it stays the same only the first and the last moment are kept."""
        if not cents.is_finite():
            raise ValueError("a balance is a finite number")
        at, text = self._store.now() if when is None else when, str(cents)
        last = "SELECT id, cents FROM balances WHERE profile = ? AND org_id = ? ORDER BY at DESC, id DESC LIMIT 2"

        def note(connection: Connection) -> None:
            rows = connection.execute(last, (profile, org_id)).fetchall()
            if len(rows) == 2 and all(row["cents"] == text for row in rows):
                connection.execute("UPDATE balances SET at = ? WHERE id = ?", (at, rows[0]["id"]))
            else:
                row = (profile, org_id, text, at)
                connection.execute("INSERT INTO balances (profile, org_id, cents, at) VALUES (?, ?, ?, ?)", row)

        await self._store.write(note)

    async def note_past(self, profile: str, org_id: str, past: Sequence[tuple[float, Decimal]]) -> None:
        """Remember balances of earlier moments, in US cents, all at once."""
        rows = [(profile, org_id, str(cents), at) for at, cents in past]
        query = "INSERT INTO balances (profile, org_id, cents, at) VALUES (?, ?, ?, ?)"
        await self._store.write(lambda connection: connection.executemany(query, rows))

    async def balances(self, profile: str, since: float = 0.0) -> list[Balance]:
        """List the balances noted since a moment, oldest first."""
        query = "SELECT * FROM balances WHERE profile = ? AND at >= ? ORDER BY at, id"

        def find(connection: Connection) -> list[Balance]:
            found = (_balance(row) for row in connection.execute(query, (profile, since)))
            return [balance for balance in found if balance is not None]

        return await self._store.read(find, [])

    async def prompts(self, limit: int = 100) -> list[str]:
        """List what was typed, newest first, each text once."""
        query = "SELECT text FROM prompts GROUP BY text ORDER BY max(id) DESC LIMIT ?"
        return await self._store.read(lambda c: [str(row["text"]) for row in c.execute(query, (limit,))], [])

    async def add_prompt(self, text: str) -> None:
        """Remember what was typed; blank text is not, and the oldest beyond a thousand are forgotten."""
        if not text.strip():
            return
        row = (kept(text), self._store.now())

        def add(connection: Connection) -> None:
            connection.execute("DELETE FROM prompts WHERE text = ?", (row[0],))
            connection.execute("INSERT INTO prompts (text, at) VALUES (?, ?)", row)
            connection.execute("DELETE FROM prompts WHERE id <= (SELECT max(id) FROM prompts) - ?", (PROMPTS_KEPT,))

        await self._store.write(add)


def _balance(row: Row) -> Balance | None:
    try:
        return Balance(row["at"], row["org_id"], Decimal(row["cents"]))
    except InvalidOperation:
        return None
