"""What the ledger holds: an intent as it is reserved, and an entry as it is read back. Amounts are USD."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from theta_tui.journal import money

if TYPE_CHECKING:
    from sqlite3 import Row

OPEN_STATES = ("reserved", "sent", "uncertain")
SETTLED = ("confirmed", "refused", "reconciled", "previewed")
STATES = (*OPEN_STATES, *SETTLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A paid or changing act about to be sent. `worst_usd` is reserved; `usd_per_hour` is what a machine costs.

    `cap_usd` is today's cap (None: none). `conversation` groups the acts of one chat.
    """

    profile: str
    face: str
    command: str
    summary: str = ""
    item: str | None = None
    worst_usd: Decimal = Decimal(0)
    usd_per_hour: Decimal | None = None
    target_kind: str = ""
    target_id: str = ""
    target_name: str = ""
    cap_usd: Decimal | None = None
    request_hash: str = ""
    preview_json: str = "{}"
    conversation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the ledger. Times are seconds since the epoch; `ended` is when a machine stopped being billed."""

    id: int
    profile: str
    face: str
    command: str
    summary: str
    item: str | None
    worst_usd: Decimal
    usd_per_hour: Decimal | None
    target_kind: str
    target_id: str
    target_name: str
    cap_usd: Decimal | None
    request_hash: str
    preview_json: str
    conversation: str | None
    state: str
    cost_usd: Decimal | None
    estimate: bool
    request_id: str | None
    object_id: str | None
    note: str | None
    created: float
    changed: float
    ended: float | None


def entry_of(row: Row) -> Entry:
    """Read an entry from a row; JournalUnavailable if an amount in it cannot be read."""
    values: dict[str, Any] = {name: row[name] for name in Entry.__slots__}
    amounts = {name: money.from_text(values[name]) for name in ("worst_usd", "usd_per_hour", "cost_usd")}
    cap = values["cap_usd"]
    values |= {**amounts, "cap_usd": None if cap is None else Decimal(cap), "estimate": bool(row["estimate"])}
    return Entry(**values)
