"""Figures as people read them: money, rates, times, sizes. Unknown is always the word, never 0."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

UNKNOWN = "unknown"


def usd(amount: Decimal | None, *, places: int | None = None) -> str:
    """Write USD: cents for dollars, as many places as it takes for small amounts."""
    if amount is None:
        return UNKNOWN
    if places is None:
        size = abs(amount)
        places = 2 if size >= 1 or size == 0 else 4 if size >= Decimal("0.001") else 6
    return f"${amount:,.{places}f}"


def rate(amount: Decimal | None) -> str:
    """Write USD per hour."""
    if amount is None:
        return UNKNOWN
    return f"{usd(amount, places=2 if amount >= Decimal('0.01') or not amount else None)}/h"


def span(seconds: float | Decimal | None) -> str:
    """Write a stretch of time: 0.42 s, 12 s, 3 min, 5 h, 2 d."""
    if seconds is None:
        return UNKNOWN
    value = float(seconds)
    if value < 10:
        return f"{value:.2f} s"
    for limit, size, unit in ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h")):
        if value < limit:
            return f"{value / size:.0f} {unit}"
    return f"{value / 86_400:.0f} d"


def whole_seconds(seconds: float) -> str:
    """Write a time that counts up: whole seconds, then minutes."""
    return f"{seconds:.0f} s" if seconds < 100 else span(seconds)


def moment(text: str) -> datetime | None:
    """Read a time of the cloud's in any of its forms (wire 19, rule 4); None if it cannot be read."""
    cleaned = text.strip().replace(" +", "+").replace("Z", "+00:00")
    try:
        when = datetime.fromisoformat(cleaned)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def age(text: str, now: datetime | None = None) -> str:
    """Write how long ago a time of the cloud's was; the text itself if it cannot be read."""
    when = moment(text)
    if when is None:
        return text or UNKNOWN
    seconds = ((now or datetime.now(UTC)) - when).total_seconds()
    return "just now" if seconds < 1 else span(max(seconds, 10.0) if seconds >= 10 else seconds)


def since(text: str) -> str:
    """Write a time of the cloud's in this computer's time zone, and how long ago it was; else the text as it is."""
    when = moment(text)
    if when is None:
        return text
    try:
        here, ago = when.astimezone(), age(text)
    except (OverflowError, ValueError):  # at the edge of what a date can be
        return text
    year = "" if here.year == datetime.now().astimezone().year else " %Y"
    return f"{here.strftime(f'%d %b{year} %H:%M')} · {'just now' if '.' in ago else ago}"


def size(count: int) -> str:
    """Write a number of bytes."""
    value = float(count)
    for unit in ("B", "KB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def count(number: int | None) -> str:
    """Write a count."""
    return UNKNOWN if number is None else f"{number:,}"
