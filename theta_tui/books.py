"""What becomes of an act in the ledger: marked before its first byte, settled however it ends, given back if undone.

Endpoint credentials and machine time go with it. It sends nothing, and does not know who agreed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from theta_tui.change import CancelledUndone, Change, EndpointCredential, MachineEvent, Spent
from theta_tui.errors import JournalUnavailable, PolicyRefused, ThetaError, Uncertain
from theta_tui.flights import Flights
from theta_tui.journal import Journal
from theta_tui.review import Policy

T = TypeVar("T")


class Keeper(Protocol):
    """Where endpoint credentials go before the create is sent."""

    async def keep(self, name: str, credential: EndpointCredential) -> None:
        """Store a credential under this name."""

    async def rename(self, old: str, new: str) -> None:
        """Move a credential to another name."""


class Books:
    """The ledger rows of acts under way. What has begun to be written is written to its end, whoever is cancelled."""

    def __init__(self, journal: Journal, keeper: Keeper, policy: Callable[[], Policy], flights: Flights) -> None:
        self._journal = journal
        self._keeper = keeper
        self._policy = policy
        self._flights = flights

    async def prepare(self, change: Change[Any], row: int | None) -> str | None:
        """Do what must be safe before the first byte: credentials kept, state re-read, the row marked as sent.

        Whatever keeps it from being sent gives its reservation back.
        """
        try:
            if change.recheck is not None and (changed := await change.recheck()):
                raise PolicyRefused(f"Changed since shown: {changed}. Nothing was sent; review it again.")
            temporary = None
            if change.credential is not None:
                temporary = f"endpoint/new-{change.target.name or row}"
                await self._keeper.keep(temporary, change.credential)
            await self.mark(row, "sent")
        except BaseException as error:
            why = getattr(error, "message", "cancelled before it was sent")
            await self._flights.to_its_end(self.give_back(row, why))
            raise
        return temporary

    async def settle(
        self,
        change: Change[T],
        row: int | None,
        value: T,
        spent: Spent | None,
        temporary: str | None,
        note: str | None = None,
    ) -> None:
        """Write down what an act that was done came to: cost, object, machine time, credentials."""
        key = (change.identify(value) if change.identify else "") or change.target.id
        await self.mark(row, "confirmed", spent=spent, key=key, note=note)
        if change.machine is MachineEvent.ENDS and key:
            await self._journal.end_machine(self._policy().profile, key)
        if temporary and key:
            await self._keeper.rename(temporary, f"endpoint/{key}")
        elif key and change.answered and (answered := change.answered(value)):
            await self._keeper.keep(f"endpoint/{key}", answered)

    async def fail(self, row: int | None, error: BaseException) -> None:
        """Settle a failed act: a cloud's no costs nothing, everything else may have happened.

        Without a journal the row stays as it was and goes on counting: what failed is for its owner to hear.
        """
        if isinstance(error, ThetaError) and not isinstance(error, Uncertain):
            await self.give_back(row, error.message)
            return
        if isinstance(error, CancelledUndone):
            await self.give_back(row, "cancelled while every try was refused")
            return
        with contextlib.suppress(JournalUnavailable):
            await self.mark(row, "uncertain", note=getattr(error, "message", "interrupted before an answer came"))

    async def give_back(self, row: int | None, why: str) -> None:
        """Write down that an act was not done, so that nothing is set aside for it any more."""
        with contextlib.suppress(JournalUnavailable):  # it goes on counting; what follows matters more
            await self.mark(row, "refused", note=why)

    async def write_anew(self, row: int | None, *, is_failed: bool) -> int | None:
        """Give the ledger row of a free step that is done once more; nothing hangs on its failed first try any more."""
        if row is None:
            return None
        if is_failed:
            await self.give_back(row, "It was refused or broke off; it is tried once more.")
        return await self._journal.reserve_again(row)

    async def mark(
        self,
        row: int | None,
        state: str,
        *,
        spent: Spent | None = None,
        key: str | None = None,
        note: str | None = None,
    ) -> None:
        """Write a state down, with what is known by then."""
        if row is None:
            return
        await self._journal.mark(
            row,
            state,
            cost_usd=spent.usd if spent else None,
            estimate=bool(spent and spent.estimate),
            object_id=key or None,
            note=note,
        )
