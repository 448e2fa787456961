"""The spend ledger: every change is written here before its first byte is sent, and settled afterwards.

Each row is the current state of one intent; `intent_events` keeps how it came about. Checking the cap and reserving are
one transaction that holds the write lock, so that any number of processes together stay under one cap.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING, Any

from theta_tui.errors import OverBudget, PolicyRefused
from theta_tui.journal import money, owners
from theta_tui.journal.entry import OPEN_STATES, SETTLED, STATES, Entry, Intent, entry_of
from theta_tui.journal.money import Spending
from theta_tui.journal.store import Store, storable
from theta_tui.redact import redactor

if TYPE_CHECKING:
    from sqlite3 import Connection

_COLUMNS = ", ".join(Entry.__slots__)
_COUNTING = "state, worst_usd, usd_per_hour, cost_usd, created, ended"
_INTENT_COLUMNS = tuple(Intent.__slots__)


class Ledger:
    """The journal's book of money."""

    def __init__(self, store: Store, zone: tzinfo | None) -> None:
        self._store = store
        self._zone = zone

    async def reserve(self, intent: Intent) -> int:
        """Write an intent down and set its worst case aside; give its id.

        OverBudget if today's cap would be passed, PolicyRefused for an amount that is none, JournalUnavailable if it
        cannot be written. If the caller is cancelled meanwhile, nothing stays reserved.
        """
        for amount in (intent.worst_usd, intent.usd_per_hour):
            if amount is not None and not money.is_amount(amount):
                raise PolicyRefused("The price of this act is not an amount of money; nothing was sent.")

        def check_and_reserve(connection: Connection) -> int:
            self._check(connection, intent)
            return self._insert(connection, intent)

        def give_back(connection: Connection, row: int) -> None:
            self._apply(connection, row, "refused", {"note": "cancelled before it was sent"})

        return await self._store.write(check_and_reserve, undo=give_back)

    async def reserve_again(self, row: int) -> int:
        """Write a free intent down once more, for a step that is done again; give its id.

        PolicyRefused for one that costs something: that is never done twice for one yes.
        """

        def copy(connection: Connection) -> int:
            entry = entry_of(connection.execute("SELECT * FROM intents WHERE id = ?", (row,)).fetchone())
            if entry.worst_usd or entry.usd_per_hour:
                raise PolicyRefused("What costs something is not done twice.")
            return self._insert(connection, Intent(**{name: getattr(entry, name) for name in _INTENT_COLUMNS}))

        return await self._store.write(copy)

    async def mark(
        self,
        row: int,
        state: str,
        *,
        cost_usd: Decimal | None = None,
        estimate: bool = False,
        request_id: str | None = None,
        object_id: str | None = None,
        note: str | None = None,
    ) -> None:
        """Move an intent to `sent`, `confirmed`, `refused`, `uncertain` or `reconciled`.

        What is None stays as it was. A cost that is no amount of money is left unknown, so the worst case goes on
        counting. ValueError for a state that is none, or for opening a settled intent again.
        """
        if state not in STATES:
            raise ValueError(f"{state} is not a state of an intent")
        usable = cost_usd if money.is_amount(cost_usd) else None
        news: dict[str, Any] = {
            "cost_usd": money.to_text(usable),
            "estimate": int(estimate) if usable is not None else None,
            "request_id": _text(request_id),
            "object_id": _text(object_id),
            "note": _text(note),
        }
        await self._store.write(lambda connection: self._apply(connection, row, state, news))

    async def spending(self, profile: str) -> Spending:
        """Give what counts against the cap of this profile today."""
        day, _ = money.day_of(self._store.now(), self._zone)
        return await self._store.read(lambda connection: self._spending(connection, profile), Spending(day))

    async def spent_in(self, conversation: str, since: int = 0) -> Decimal | None:
        """Give what one conversation counts so far, in USD, whatever the day: its rows from `since` on.

        None if that cannot be told: the row `since` is not one of them, or nothing can be read.
        """
        query = f"SELECT id, {_COUNTING} FROM intents WHERE conversation = ? AND id >= ? ORDER BY id"  # noqa: S608

        def add(connection: Connection) -> Decimal | None:
            rows = connection.execute(query, (conversation, since)).fetchall()
            if since and (not rows or rows[0]["id"] != since):
                return None  # the row was another journal's
            return money.total(money.counted(money.standing(row), 0.0, self._store.now()) for row in rows)

        return await self._store.read(add, None)

    async def last_cost(self, item: str) -> tuple[Decimal, float] | None:
        """Give what an item cost the last time the cloud told, in USD, and when that was."""

        def look(connection: Connection) -> tuple[Decimal, float] | None:
            row = connection.execute(
                "SELECT cost_usd, changed FROM intents WHERE item = ? AND cost_usd IS NOT NULL AND estimate = 0"
                " AND state IN ('confirmed', 'reconciled') ORDER BY id DESC LIMIT 1",
                (item,),
            ).fetchone()
            cost = money.from_text(row["cost_usd"]) if row else None
            return None if cost is None else (cost, float(row["changed"]))

        return await self._store.read(look, None)

    async def usual_seconds(self, item: str) -> float | None:
        """Give how long the latest calls of an item took from reserving to the answer: the median, in seconds."""

        def look(connection: Connection) -> float | None:
            rows = connection.execute(
                "SELECT changed - created AS seconds FROM intents WHERE item = ? AND state = 'confirmed'"
                " AND usd_per_hour IS NULL ORDER BY id DESC LIMIT 50",
                (item,),
            ).fetchall()
            return median(float(row["seconds"]) for row in rows) if rows else None

        return await self._store.read(look, None)

    async def ledger(
        self, limit: int = 100, before: int | None = None, profile: str | None = None, target_id: str | None = None
    ) -> list[Entry]:
        """List entries, newest first; `before` is the id to go on from, `target_id` also finds what was created."""
        conditions: dict[str, object] = {"id < ?": before, "profile = ?": profile}
        where = [text for text, value in conditions.items() if value is not None]
        values: list[object] = [value for value in conditions.values() if value is not None]
        if target_id is not None:
            where.append("(target_id = ? OR object_id = ?)")
            values += [target_id, target_id]
        return await self._entries(where, values, limit)

    async def open_intents(self, profile: str) -> list[Entry]:
        """List what earlier processes left without a known outcome, oldest first; those at work now are left alone."""

        def find(connection: Connection) -> list[Entry]:
            rows = connection.execute(
                f"SELECT owner, {_COLUMNS} FROM intents"  # noqa: S608
                " WHERE profile = ? AND state IN ('reserved', 'sent', 'uncertain') ORDER BY id",
                (profile,),
            ).fetchall()
            dead = {owner for owner in {row["owner"] for row in rows} if not owners.is_alive(owner)}
            return [entry_of(row) for row in rows if row["owner"] in dead]

        return await self._store.read(find, [])

    async def end_machine(self, profile: str, object_id: str, when: float | None = None) -> None:
        """Write down that a machine is no longer billed, from `when` (now) on."""
        ended = self._store.now() if when is None else when
        await self._store.write(lambda connection: self._end(connection, profile, object_id, ended))

    async def raise_cap(self, profile: str, usd: Decimal) -> None:
        """Set another cap for today; PolicyRefused if it is not an amount. It ends with the local day."""
        if not money.is_amount(usd):
            raise PolicyRefused("The new cap is not an amount of money.")
        now = self._store.now()
        day, _ = money.day_of(now, self._zone)
        row = (profile, day.isoformat(), money.to_text(usd), now)
        await self._store.write(
            lambda connection: connection.execute("INSERT INTO caps (profile, day, usd, at) VALUES (?, ?, ?, ?)", row)
        )

    async def cap_today(self, profile: str) -> Decimal | None:
        """Give the cap that was set for today alone, in USD; None if it was not."""
        day, _ = money.day_of(self._store.now(), self._zone)
        query = "SELECT usd FROM caps WHERE profile = ? AND day = ? ORDER BY id DESC LIMIT 1"

        def look(connection: Connection) -> Decimal | None:
            row = connection.execute(query, (profile, day.isoformat())).fetchone()
            return money.from_text(row["usd"]) if row else None

        return await self._store.read(look, None)

    async def _entries(self, where: list[str], values: list[object], limit: int) -> list[Entry]:
        condition = f"WHERE {' AND '.join(where)}" if where else ""
        query = f"SELECT {_COLUMNS} FROM intents {condition} ORDER BY id DESC LIMIT ?"  # noqa: S608
        found: Callable[[Connection], list[Entry]] = lambda connection: [  # noqa: E731
            entry_of(row) for row in connection.execute(query, (*values, limit))
        ]
        return await self._store.read(found, [])

    def _check(self, connection: Connection, intent: Intent) -> None:
        is_free = intent.worst_usd == 0 and not intent.usd_per_hour
        if intent.cap_usd is None or is_free:
            return
        counted = self._spending(connection, intent.profile).total_usd
        asked = money.total((counted, intent.worst_usd))
        if not (money.is_amount(intent.cap_usd) and asked <= intent.cap_usd):
            raise OverBudget(
                f"Today's cap is ${intent.cap_usd:f}: ${counted:f} is spent or reserved, and this act may cost "
                f"${intent.worst_usd:f}."
            )

    def _spending(self, connection: Connection, profile: str) -> Spending:
        now = self._store.now()
        day, start = money.day_of(now, self._zone)
        # A row of the future (the clock was set back) counts too: what was spent is spent.
        rows = connection.execute(
            f"SELECT {_COUNTING} FROM intents WHERE profile = ? AND (created >= ? OR"  # noqa: S608
            " (usd_per_hour IS NOT NULL AND state != 'refused' AND (ended IS NULL OR ended > ?)))",
            (profile, start, start),
        )
        return money.spending((money.standing(row) for row in rows), day, start, now)

    def _insert(self, connection: Connection, intent: Intent) -> int:
        now = self._store.now()
        values: dict[str, Any] = {name: getattr(intent, name) for name in _INTENT_COLUMNS}
        values |= {name: money.to_text(values[name]) for name in ("worst_usd", "usd_per_hour")}
        values["cap_usd"] = None if intent.cap_usd is None else str(intent.cap_usd)
        values = {name: storable(value) if isinstance(value, str) else value for name, value in values.items()}
        values |= {"owner": self._store.owner, "state": "reserved", "created": now, "changed": now}
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        query = f"INSERT INTO intents ({names}) VALUES ({marks})"  # noqa: S608
        row = int(connection.execute(query, tuple(values.values())).lastrowid or 0)
        connection.execute("INSERT INTO intent_events (intent_id, at, state) VALUES (?, ?, 'reserved')", (row, now))
        return row

    def _apply(self, connection: Connection, row: int, state: str, news: dict[str, Any]) -> None:
        present = connection.execute("SELECT * FROM intents WHERE id = ?", (row,)).fetchone()
        if present is None:
            raise ValueError("no such intent")
        if present["state"] in SETTLED and state in OPEN_STATES:
            raise ValueError(f"intent {row} is {present['state']} and cannot become {state}")
        known = {name: value for name, value in news.items() if value is not None}
        changes = {**known, "state": state, "changed": self._store.now()}
        columns = ", ".join(f"{name} = ?" for name in changes)
        connection.execute(f"UPDATE intents SET {columns} WHERE id = ?", (*changes.values(), row))  # noqa: S608
        event = {**known, "intent_id": row, "at": changes["changed"], "state": state}
        names, marks = ", ".join(event), ", ".join("?" * len(event))
        connection.execute(f"INSERT INTO intent_events ({names}) VALUES ({marks})", tuple(event.values()))  # noqa: S608
        machine = known.get("object_id") or present["object_id"] or present["target_id"]
        has_started = state == "confirmed" or (state == "reconciled" and known.get("cost_usd") != "0")
        if has_started and present["usd_per_hour"] is not None and machine:
            # Started again, so its earlier run is over even if nobody told us when.
            self._end(connection, present["profile"], machine, float(present["created"]), row)

    @staticmethod
    def _end(connection: Connection, profile: str, object_id: str, when: float, newest: int | None = None) -> None:
        connection.execute(
            "UPDATE intents SET ended = max(created, ?) WHERE profile = ? AND usd_per_hour IS NOT NULL"
            " AND ended IS NULL AND (object_id = ? OR target_id = ?) AND id < coalesce(?, id + 1)",
            (when, profile, object_id, object_id, newest),
        )


def _text(text: str | None) -> str | None:
    return None if text is None else redactor.text(storable(text))
