"""What conversations may spend without a review: counted from the ledger, as the day's cap is.

A message counts its worst case while its outcome is open, and what it really cost from then on.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from theta_tui.journal.ledger import Ledger


@dataclass(frozen=True, slots=True)
class _Allowance:
    """An amount in USD; `since` is the first ledger row that counts against it."""

    usd: Decimal
    since: int


class Allowances:
    """The conversations that were allowed, each up to an amount. They end with the process."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._given: dict[str, _Allowance] = {}

    def give(self, conversation: str, usd: Decimal, row: int | None) -> None:
        """Allow a conversation an amount, from the act with this ledger row on (None: an act without one, so all)."""
        self._given[conversation] = _Allowance(usd, row or 0)

    async def left(self, conversation: str) -> Decimal | None:
        """Give what a conversation may still spend, in USD; None if nothing was allowed."""
        allowed = self._given.get(conversation)
        if allowed is None:
            return None
        spent = await self._ledger.spent_in(conversation, allowed.since)
        return None if spent is None else max(allowed.usd - spent, Decimal(0))
