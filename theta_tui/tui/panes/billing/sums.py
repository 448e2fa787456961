"""Sums of the ledger as rows: by day, by item; and balances with their changes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from theta_tui.journal import Balance, DayCost
from theta_tui.tui.widgets.details import Fact
from theta_tui.tui.widgets.record_table import Cell, Column
from theta_tui.tui.words import rate, usd

SHARE_COLUMNS: Final = 16
ZERO: Final = Decimal(0)


@dataclass(frozen=True)
class SumRow:
    """One day, or one item: what it cost in USD, and the costs it is made of. `share` is the part of the dearest."""

    key: str
    label: str
    costs: tuple[DayCost, ...] = field(compare=False)
    usd: Decimal = ZERO
    open_usd: Decimal = ZERO
    calls: int = 0
    unpriced: int = 0
    has_estimate: bool = False
    last: float = 0.0
    share: Decimal = ZERO

    @property
    def amount(self) -> str:
        """The sum in words: `≈` where a part is estimated."""
        return f"{'≈' if self.has_estimate else ''}{usd(self.usd)}"


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """One balance, in US cents and USD, and what changed since the one before (None for the first)."""

    at: float
    org_id: str
    cents: Decimal
    change_usd: Decimal | None
    seconds: float

    @property
    def usd(self) -> Decimal:
        """The balance in USD."""
        return self.cents / 100


def by_day(costs: Iterable[DayCost]) -> list[SumRow]:
    """Add up by local day, newest first."""
    days: dict[str, list[DayCost]] = {}
    for cost in costs:
        days.setdefault(cost.day.isoformat(), []).append(cost)
    return _shared([_sum(key, f"{found[0].day:%a %d %b %Y}", found) for key, found in days.items()])


def by_item(costs: Iterable[DayCost]) -> list[SumRow]:
    """Add up by service and machine type, dearest first."""
    items: dict[str, list[DayCost]] = {}
    for cost in costs:
        items.setdefault(cost.item, []).append(cost)
    rows = [_sum(key, item_words(key), found) for key, found in items.items()]
    return sorted(_shared(rows), key=lambda row: row.usd, reverse=True)


def item_words(item: str) -> str:
    """Name an item: `flux`, `vm_gt1 (machine)`; what has no slash is named as it is."""
    kind, slash, name = item.partition("/")
    if not slash:
        return item.removeprefix("theta.")
    return f"{name} (machine)" if kind == "vm" else f"{name} (agent)" if kind == "agent" else name


def balance_rows(found: Sequence[Balance]) -> list[BalanceRow]:
    """Put beside each balance what changed since the one before, newest first; equal ones in a row once."""
    rows: list[BalanceRow] = []
    for one in found:
        before = rows[-1] if rows else None
        if before is None:
            rows.append(BalanceRow(one.at, one.org_id, one.cents, None, 0.0))
        elif one.cents != before.cents:
            rows.append(BalanceRow(one.at, one.org_id, one.cents, (one.cents - before.cents) / 100, one.at - before.at))
    return rows[::-1]


def facts(row: SumRow) -> list[Fact]:
    """Give the sums and what they are made of, dearest first."""
    parts = sorted(row.costs, key=lambda cost: cost.usd, reverse=True)
    by_days = len({cost.item for cost in parts}) == 1
    made = "\n".join(
        f"{usd(cost.usd):>12}  {cost.day.isoformat() if by_days else item_words(cost.item)}"
        + (f"  {cost.calls} calls" if cost.calls and not cost.is_machine else "")
        for cost in parts
    )
    return [
        ("What", row.label),
        ("Cost", row.amount),
        ("Of it open", usd(row.open_usd) if row.open_usd else "nothing: all is settled"),
        ("Acts", f"{row.calls}, {row.unpriced} of them at an unknown price" if row.unpriced else str(row.calls)),
        ("Last", _moment(row.last)),
        ("Made of", made),
        ("Source", "this machine's ledger: calls at what the cloud said they cost, else estimated; "
                   "machines by the hours they ran"),
    ]  # fmt: skip


def as_json(row: SumRow) -> dict[str, Any]:
    """Give the sums for other programs."""
    return {
        "key": row.key, "usd": row.usd, "open_usd": row.open_usd, "acts": row.calls, "unpriced": row.unpriced,
        "estimate": row.has_estimate,
        "parts": [{"day": cost.day.isoformat(), "item": cost.item, "usd": cost.usd, "acts": cost.calls}
                  for cost in row.costs],
    }  # fmt: skip


def balance_facts(row: BalanceRow) -> list[Fact]:
    """Give what is known of a balance."""
    return [
        ("Balance", usd(row.usd, places=2)),
        ("As told", f"{row.cents} cents"),
        ("Read", _moment(row.at)),
        ("Change", _change(row)),
        ("Organisation", row.org_id),
    ]


def _sum(key: str, label: str, found: list[DayCost]) -> SumRow:
    return SumRow(
        key,
        label,
        tuple(found),
        usd=sum((one.usd for one in found), ZERO),
        open_usd=sum((one.open_usd for one in found), ZERO),
        calls=sum(one.calls for one in found),
        unpriced=sum(one.unpriced for one in found),
        has_estimate=any(one.has_estimate for one in found),
        last=max(one.last for one in found),
    )


def _shared(rows: list[SumRow]) -> list[SumRow]:
    most = max((row.usd for row in rows), default=ZERO)
    return [SumRow(**{**vars(row), "share": row.usd / most if most else ZERO}) for row in rows]


def _bar(row: SumRow) -> str:
    return "█" * max(round(row.share * SHARE_COLUMNS), 1 if row.usd else 0)


def _open_cell(row: SumRow) -> Cell:
    return (usd(row.open_usd), "warn") if row.open_usd else ("–", "muted")


def _calls_cell(row: SumRow) -> Cell:
    return (f"{row.calls} ({row.unpriced} unpriced)", "warn") if row.unpriced else f"{row.calls}"


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at).strftime("%Y-%m-%d %H:%M:%S")


def _change(row: BalanceRow) -> str:
    if row.change_usd is None:
        return "the first that was read"
    return f"{'−' if row.change_usd < 0 else '+'}{usd(abs(row.change_usd))}"


def _pace(row: BalanceRow) -> Cell:
    if row.change_usd is None or not row.seconds or row.change_usd > 0:
        return "–", "muted"
    return rate(-row.change_usd * 3600 / Decimal(round(row.seconds, 3)))


COLUMNS: tuple[Column[SumRow], ...] = (
    Column("what", "WHAT", lambda row: row.label, priority=1, min_width=16, max_width=40, sort=lambda row: row.key),
    Column("cost", "COST", lambda row: row.amount, priority=1, numeric=True, sort=lambda row: row.usd),
    Column("share", "SHARE", _bar, priority=4, min_width=SHARE_COLUMNS, max_width=SHARE_COLUMNS,
           sort=lambda row: row.usd),
    Column("acts", "ACTS", _calls_cell, priority=2, numeric=True, sort=lambda row: row.calls),
    Column("open", "OPEN", _open_cell, priority=3, numeric=True, sort=lambda row: row.open_usd),
    Column("last", "LAST", lambda row: _moment(row.last), priority=5, sort=lambda row: row.last),
)  # fmt: skip

BALANCE_COLUMNS: tuple[Column[BalanceRow], ...] = (
    Column("read", "READ", lambda row: _moment(row.at), priority=1, sort=lambda row: row.at),
    Column(
        "balance", "BALANCE", lambda row: usd(row.usd, places=2), priority=1, numeric=True, sort=lambda row: row.usd
    ),
    Column("change", "CHANGE", _change, priority=2, numeric=True, sort=lambda row: row.change_usd),
    Column("pace", "PACE", _pace, priority=3, numeric=True),
    Column("organisation", "ORGANISATION", lambda row: row.org_id, priority=5, max_width=34),
)  # fmt: skip
