"""What was spent, day by day and by what: the ledger added up. It only reads.

Calls count on the day they were made, machines on every day they ran; what is not settled yet counts its worst case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING

from theta_tui.journal import money
from theta_tui.journal.store import Store

if TYPE_CHECKING:
    from sqlite3 import Connection, Row


@dataclass(frozen=True, slots=True)
class DayCost:
    """What one item cost on one local day, in USD; `open_usd` of it is not settled yet.

    `item` is what the ledger prices by (`service/flux`, `vm/vm_gt1`), `calls` how many acts began that day,
    `unpriced` how many of them nobody could price.
    """

    day: date
    item: str
    is_machine: bool
    calls: int
    unpriced: int
    usd: Decimal
    open_usd: Decimal
    has_estimate: bool
    last: float


class Costs:
    """The journal's sums."""

    def __init__(self, store: Store, zone: tzinfo | None) -> None:
        self._store = store
        self._zone = zone

    async def costs(self, profile: str, days: int = 30) -> list[DayCost]:
        """Add up the last days of a profile, newest day first; free acts are left out."""
        now = self._store.now()
        first = money.day_of(now, self._zone)[0] - timedelta(days=max(days, 1) - 1)
        since = self._start(first)
        query = (
            "SELECT state, worst_usd, usd_per_hour, cost_usd, created, ended, item, command,"
            " estimate FROM intents WHERE profile = ? AND state NOT IN ('refused', 'previewed')"
            " AND (item IS NOT NULL OR worst_usd != '0' OR usd_per_hour IS NOT NULL) AND (created >= ? OR"
            " (usd_per_hour IS NOT NULL AND (ended IS NULL OR ended > ?)))"
        )

        def add(connection: Connection) -> list[DayCost]:
            return self._sums(connection.execute(query, (profile, since, since)), first, now)

        return await self._store.read(add, [])

    def _sums(self, rows: Iterable[Row], first: date, now: float) -> list[DayCost]:
        found: dict[tuple[date, str], DayCost] = {}
        for row in rows:
            for cost in self._of_row(row, first, now):
                before = found.get((cost.day, cost.item))
                found[cost.day, cost.item] = cost if before is None else _added(before, cost)
        return sorted(found.values(), key=lambda one: (one.day, one.usd), reverse=True)

    def _of_row(self, row: Row, first: date, now: float) -> Iterator[DayCost]:
        standing = money.standing(row)
        is_machine = standing.usd_per_hour is not None
        born = datetime.fromtimestamp(standing.created, self._zone).date()
        until = now if standing.ended is None else min(standing.ended, now)
        last = datetime.fromtimestamp(until, self._zone).date() if is_machine else born
        day = max(born, first)
        while day <= last:
            end = self._start(day + timedelta(days=1))
            usd = money.counted(standing, self._start(day), min(now, end))
            is_open = standing.cost_usd is None and standing.state in ("reserved", "sent", "uncertain")
            yield DayCost(
                day=day,
                item=row["item"] or row["command"],
                is_machine=is_machine,
                calls=int(day == born),
                unpriced=int(day == born and not is_machine and standing.cost_usd is None and not standing.worst_usd),
                usd=usd,
                open_usd=usd if is_open and not is_machine else money.NOTHING,
                has_estimate=bool(row["estimate"]) or is_machine,
                last=min(until, end),
            )
            day += timedelta(days=1)

    def _start(self, day: date) -> float:
        return money.start_of(day, self._zone)


def _added(one: DayCost, other: DayCost) -> DayCost:
    return DayCost(
        day=one.day,
        item=one.item,
        is_machine=one.is_machine or other.is_machine,
        calls=one.calls + other.calls,
        unpriced=one.unpriced + other.unpriced,
        usd=money.total((one.usd, other.usd)),
        open_usd=money.total((one.open_usd, other.open_usd)),
        has_estimate=one.has_estimate or other.has_estimate,
        last=max(one.last, other.last),
    )
