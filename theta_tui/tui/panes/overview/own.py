"""What this machine knows without asking the cloud: the journal's side of the overview."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from theta_tui.journal import Balance, Entry, LoggedRequest, Spending

if TYPE_CHECKING:
    from theta_tui.session import Session

HISTORY_SECONDS = 24 * 3600.0
LOOKED_AT = 500
"""Rows looked through, newest first."""


@dataclass(frozen=True, slots=True)
class Own:
    """Today's spending and cap in USD, the balances of a day, and what was done and asked, newest first.

    `unsettled` are changes whose outcome nobody knows.
    """

    spending: Spending
    cap_usd: Decimal | None
    history: Sequence[Balance]
    changes: Sequence[Entry]
    requests: Sequence[LoggedRequest]
    unsettled: Sequence[Entry]


async def read_own(session: Session) -> Own:
    """Read it; JournalUnavailable if an amount in the journal is damaged."""
    journal, settings = session.journal, session.settings
    profile = settings.profile
    changes = await journal.ledger(LOOKED_AT, profile=profile)
    left = await journal.open_intents(profile)
    known = {entry.id for entry in left}
    return Own(
        spending=await journal.spending(profile),
        cap_usd=await journal.cap_today(profile) or settings.budget_usd,
        history=await journal.balances(profile, time.time() - HISTORY_SECONDS),
        changes=changes,
        requests=[row for row in await journal.requests(LOOKED_AT) if row.profile == profile],
        unsettled=[*left, *(entry for entry in changes if entry.state == "uncertain" and entry.id not in known)],
    )
