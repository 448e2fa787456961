"""How ledger rows count against a day's cap: pure arithmetic, exact, in USD.

The window is the local calendar day. A call counts its worst case until its cost is known; a machine counts the larger
of its reservation (on the day it was made) and the time it ran today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from datetime import time as time_of_day
from decimal import ROUND_CEILING, Decimal, InvalidOperation, localcontext
from typing import TYPE_CHECKING, Any

from theta_tui.errors import JournalUnavailable

if TYPE_CHECKING:
    from sqlite3 import Row

LARGEST = Decimal(10) ** 9
_FINEST = -20
_PRECISION = 60
_CENT_PARTS = Decimal("0.000001")
_MS_PER_HOUR = Decimal(3_600_000)
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Spending:
    """What counts against today's cap, in USD. `day` is the local calendar day, from midnight to now.

    `spent_usd` is what answered calls cost, `reserved_usd` the worst case of those not yet answered, `uncertain_usd`
    of those whose outcome nobody knows, `machines_usd` what machines started here count.
    """

    day: date
    spent_usd: Decimal = NOTHING
    reserved_usd: Decimal = NOTHING
    uncertain_usd: Decimal = NOTHING
    machines_usd: Decimal = NOTHING
    total_usd: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class Standing:
    """The part of a ledger row that decides what it counts."""

    state: str
    worst_usd: Decimal
    usd_per_hour: Decimal | None
    cost_usd: Decimal | None
    created: float
    ended: float | None


def standing(row: Mapping[str, Any] | Row) -> Standing:
    """Read that part of a ledger row; JournalUnavailable if an amount in it cannot be read."""
    worst = from_text(row["worst_usd"])
    if worst is None:
        raise JournalUnavailable("An amount in the journal cannot be read.")
    return Standing(
        state=row["state"],
        worst_usd=worst,
        usd_per_hour=from_text(row["usd_per_hour"]),
        cost_usd=from_text(row["cost_usd"]),
        created=row["created"],
        ended=row["ended"],
    )


def is_amount(value: Decimal | None) -> bool:
    """Whether this can be an amount of money: finite, not negative, bounded in size and digits."""
    if value is None or not value.is_finite():
        return False
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= _FINEST and 0 <= value <= LARGEST


def to_text(value: Decimal | None) -> str | None:
    """Write an amount as plain decimal text."""
    return None if value is None else format(value, "f")


def from_text(text: str | None) -> Decimal | None:
    """Read an amount that was written by `to_text`; JournalUnavailable if it is none."""
    if text is None:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not is_amount(value):
        raise JournalUnavailable("An amount in the journal cannot be read.")
    return value


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Add amounts without rounding."""
    with localcontext() as context:
        context.prec = _PRECISION
        return sum(amounts, NOTHING)


def day_of(now: float, zone: tzinfo | None) -> tuple[date, float]:
    """Give the local calendar day of a moment, and the moment it began; `zone` None is the system's own."""
    day = datetime.fromtimestamp(now, zone).date()
    return day, start_of(day, zone)


def start_of(day: date, zone: tzinfo | None) -> float:
    """Give the moment a local calendar day begins; `zone` None is the system's own."""
    return datetime.combine(day, time_of_day.min, zone).timestamp()


def counted(row: Standing, day_start: float, now: float) -> Decimal:
    """Give what a row counts today."""
    if row.state in ("refused", "previewed"):
        return NOTHING
    if row.usd_per_hour is not None:
        return _machine(row, row.usd_per_hour, day_start, now)
    if row.created < day_start:
        return NOTHING
    return row.worst_usd if row.cost_usd is None else row.cost_usd


def spending(rows: Iterable[Standing], day: date, day_start: float, now: float) -> Spending:
    """Add the rows up, each under its heading."""
    headings: dict[str, list[Decimal]] = {"spent": [], "reserved": [], "uncertain": [], "machines": []}
    for row in rows:
        headings[_heading(row)].append(counted(row, day_start, now))
    spent, reserved, uncertain, machines = (total(amounts) for amounts in headings.values())
    return Spending(day, spent, reserved, uncertain, machines, total((spent, reserved, uncertain, machines)))


def _heading(row: Standing) -> str:
    if row.usd_per_hour is not None:
        return "machines"
    if row.state in ("reserved", "sent"):
        return "reserved"
    return "uncertain" if row.state == "uncertain" else "spent"


def _machine(row: Standing, rate: Decimal, day_start: float, now: float) -> Decimal:
    if row.state == "reconciled" and row.cost_usd == 0:
        return NOTHING  # looked for, and found not to have happened
    until = now if row.ended is None else min(row.ended, now)
    seconds = max(0.0, until - max(row.created, day_start))
    with localcontext() as context:
        context.prec = _PRECISION
        ran = (rate * round(seconds * 1000) / _MS_PER_HOUR).quantize(_CENT_PARTS, ROUND_CEILING)
        return max(ran, row.worst_usd) if row.created >= day_start else ran
