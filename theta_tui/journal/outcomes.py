"""What became of intents afterwards: costs told later, and outcomes that nobody knew when their process ended."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from theta_tui.journal import money, owners
from theta_tui.journal.entry import OPEN_STATES, Entry, entry_of
from theta_tui.journal.ledger import Ledger

if TYPE_CHECKING:
    from sqlite3 import Connection

ENDING_VERBS = ("stop", "delete")
"""Last words of the commands after which a machine is no longer billed."""


class Outcomes(Ledger):
    """The ledger, and what is learnt for it later."""

    async def unsettled(self, profile: str) -> list[Entry]:
        """List what nobody knows the outcome of, oldest first: uncertain acts, and those a process died over."""

        def find(connection: Connection) -> list[Entry]:
            query = "SELECT * FROM intents WHERE profile = ? AND state IN ('sent', 'uncertain') ORDER BY id"
            rows = connection.execute(query, (profile,)).fetchall()
            return [entry_of(row) for row in rows if row["state"] == "uncertain" or not owners.is_alive(row["owner"])]

        return await self._store.read(find, [])

    async def left_open(self) -> list[Entry]:
        """List what this opening of the journal has sent and nobody knows the outcome of, oldest first."""
        query = "SELECT * FROM intents WHERE owner = ? AND state IN ('sent', 'uncertain') ORDER BY id"

        def find(connection: Connection) -> list[Entry]:
            return [entry_of(row) for row in connection.execute(query, (self._store.owner,))]

        return await self._store.read(find, [])

    async def release(self, profile: str) -> int:
        """Give back what processes that are gone set aside and never sent; give how many acts that were.

        An act is written down as sent before its first byte is, so that one still reserved certainly was not.
        """
        nobody: list[int] = []
        if not await self._store.read(lambda connection: self._abandoned(connection, profile), nobody):
            return 0

        def give_back(connection: Connection) -> int:
            rows = self._abandoned(connection, profile)
            for row in rows:
                self._apply(connection, row, "refused", {"note": "The program ended before it was sent."})
            return len(rows)

        return await self._store.write(give_back)

    async def settle(
        self,
        row: int,
        *,
        happened: bool,
        note: str,
        object_id: str | None = None,
        cost_usd: Decimal | None = None,
    ) -> bool:
        """Write down what became of an intent of unknown outcome; False if it has an outcome already.

        What did not happen costs nothing; what happened at a cost that nobody told goes on counting its worst case.
        """
        cost = cost_usd if happened else Decimal(0)
        news = {
            "cost_usd": money.to_text(cost) if money.is_amount(cost) else None,
            "object_id": object_id,
            "note": note,
        }

        def write_down(connection: Connection) -> bool:
            present = connection.execute("SELECT * FROM intents WHERE id = ?", (row,)).fetchone()
            if present is None or present["state"] not in OPEN_STATES:
                return False
            self._apply(connection, row, "reconciled", news)
            target = present["target_id"]
            if happened and target and present["command"].rpartition(".")[2] in ENDING_VERBS:
                self._end(connection, present["profile"], target, self._store.now())
            return True

        return await self._store.write(write_down)

    def learn_costs(self, profile: str, told: Mapping[str, Decimal]) -> None:
        """Write down, within a quarter of a second, what calls came to: object → USD; what is known stays."""
        texts = {key: money.to_text(usd) for key, usd in told.items() if money.is_amount(usd)}

        def learn(connection: Connection) -> None:
            unknown = connection.execute(
                "SELECT id, object_id, state FROM intents WHERE profile = ? AND state IN ('confirmed', 'reconciled')"
                " AND usd_per_hour IS NULL AND object_id IS NOT NULL AND (cost_usd IS NULL OR estimate = 1)",
                (profile,),
            ).fetchall()
            for row in unknown:
                if (text := texts.get(row["object_id"])) is not None:
                    connection.execute("UPDATE intents SET cost_usd = ?, estimate = 0 WHERE id = ?", (text, row["id"]))
                    event = (row["id"], self._store.now(), row["state"], text)
                    query = "INSERT INTO intent_events (intent_id, at, state, cost_usd) VALUES (?, ?, ?, ?)"
                    connection.execute(query, event)

        if texts:
            self._store.soon(learn)

    async def made(self, profile: str) -> Mapping[tuple[str, str], frozenset[str]]:
        """Give the objects that all intents have made, by the kind and name of what they were about."""
        query = "SELECT target_kind, target_name, object_id FROM intents WHERE profile = ? AND object_id IS NOT NULL"

        def find(connection: Connection) -> Mapping[tuple[str, str], frozenset[str]]:
            found: dict[tuple[str, str], set[str]] = {}
            for row in connection.execute(query, (profile,)):
                found.setdefault((row["target_kind"], row["target_name"]), set()).add(str(row["object_id"]))
            return {about: frozenset(objects) for about, objects in found.items()}

        return await self._store.read(find, {})

    def age(self, entry: Entry) -> float:
        """Give how long ago an intent was last written to, in seconds."""
        return self._store.now() - entry.changed

    @staticmethod
    def _abandoned(connection: Connection, profile: str) -> list[int]:
        query = "SELECT id, owner FROM intents WHERE profile = ? AND state = 'reserved'"
        rows = connection.execute(query, (profile,)).fetchall()
        return [row["id"] for row in rows if not owners.is_alive(row["owner"])]
