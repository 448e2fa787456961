from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from theta_tui.journal import Intent, Journal


class Clock:
    def __init__(self, when: datetime) -> None:
        self.now = when.timestamp()

    def __call__(self) -> float:
        return self.now


async def opened(tmp_path: Path, clock: Clock) -> Journal:
    return await Journal.open(tmp_path / "journal.sqlite3", clock, zone=UTC)


async def act(journal: Journal, state: str = "confirmed", *, cost: str | None = None, **fields: Any) -> int:
    row = await journal.reserve(Intent(profile="p", face="cli", command="theta.x", **fields))
    await journal.mark(row, state, cost_usd=None if cost is None else Decimal(cost))
    return row


async def test_calls_count_on_their_day_and_by_item(tmp_path: Path) -> None:
    clock = Clock(datetime(2026, 3, 1, 23, 0, tzinfo=UTC))
    journal = await opened(tmp_path, clock)
    await act(journal, cost="0.01", item="service/flux", worst_usd=Decimal("0.05"))
    await act(journal, cost="0.02", item="service/flux", worst_usd=Decimal("0.05"))
    clock.now += 7200
    await act(journal, "uncertain", item="service/flux", worst_usd=Decimal("0.05"))
    await act(journal, "refused", item="service/flux", worst_usd=Decimal("9"))
    await act(journal, item="agent/a")
    await act(journal)
    found = await journal.costs("p")
    assert [(one.day, one.item, one.usd, one.calls) for one in found] == [
        (date(2026, 3, 2), "service/flux", Decimal("0.05"), 1),
        (date(2026, 3, 2), "agent/a", Decimal(0), 1),
        (date(2026, 3, 1), "service/flux", Decimal("0.03"), 2),
    ]
    assert found[0].open_usd == Decimal("0.05")
    assert (found[1].unpriced, found[2].unpriced) == (1, 0)
    assert await journal.costs("other") == []
    await journal.close()


async def test_a_machine_costs_on_every_day_it_ran_until_it_was_ended(tmp_path: Path) -> None:
    clock = Clock(datetime(2026, 3, 1, 22, 0, tzinfo=UTC))
    journal = await opened(tmp_path, clock)
    rented = {"item": "vm/vm_gt1", "worst_usd": Decimal("0.40"), "usd_per_hour": Decimal("0.40"), "target_id": "d"}
    await act(journal, **rented)
    clock.now += 28 * 3600
    assert [(one.day.day, one.usd) for one in await journal.costs("p")] == [
        (3, Decimal("0.80")), (2, Decimal("9.60")), (1, Decimal("0.80")),
    ]  # fmt: skip
    await journal.end_machine("p", "d", clock.now - 3600)
    assert [(one.day.day, one.usd) for one in await journal.costs("p", days=2)] == [
        (3, Decimal("0.40")), (2, Decimal("9.60")),
    ]  # fmt: skip
    await journal.close()
