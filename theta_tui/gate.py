"""The gate: the only holder of the wire's Writer.

What `admission` has priced, had reviewed and reserved is sent here as that very object, and settled in the ledger
whatever happens. It does not know what a deployment or a model is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from typing import Any, Protocol, TypeVar, cast

from theta_tui import lost
from theta_tui.admission import Admission, Rows
from theta_tui.books import Books, Keeper
from theta_tui.change import (
    FREE,
    Approved,
    Change,
    Done,
    Effect,
    NotDone,
    Plan,
    Progress,
    Repeating,
    Reply,
    Request,
    Step,
    Stream,
    StreamChange,
)
from theta_tui.errors import JournalUnavailable, PolicyRefused, Uncertain
from theta_tui.flights import Flights
from theta_tui.journal import Journal
from theta_tui.plans import PlanRun
from theta_tui.review import Ask, Policy
from theta_tui.streaming import Run, Runs

T = TypeVar("T")
E = TypeVar("E")

_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)
"""What reading an answer may end in, whatever the cloud has put there."""


class Sender(Protocol):
    """The half of the wire that changes things; it takes nothing but an approval."""

    async def send(self, approved: Approved[Any], *, progress: Progress | None = None, command: str = "") -> Reply:
        """Send the approved Change and give its answer."""

    def open(
        self, approved: Approved[Any], *, progress: Progress | None = None, command: str = ""
    ) -> AbstractAsyncContextManager[Stream]:
        """Send the approved Change and stream its answer."""

    def describe(self, request: Request) -> Mapping[str, Any]:
        """Give method, url and headers as they will be sent, credentials masked."""


class Gate:
    """Review, budget, ledger, send."""

    def __init__(self, *, writer: Sender, journal: Journal, keeper: Keeper, policy: Callable[[], Policy]) -> None:
        self._writer = writer
        self._journal = journal
        self._policy = policy
        self._admission = Admission(journal, writer.describe, policy)
        self.flights = Flights()
        self.books = Books(journal, keeper, policy, self.flights)

    async def submit(self, ask: Ask, act: Change[T] | Plan[T]) -> Done[T] | NotDone:
        """Review and perform a Change or Plan.

        Raises the CloudError of a final refusal, Uncertain when a request was sent and no answer proves the outcome,
        and what `verify` raises for an answer that is a failure.
        """
        if isinstance(act, StreamChange):
            return await self._drain(ask, act)
        admitted = await self.admit(ask, act)
        if isinstance(admitted, NotDone):
            return admitted
        flight, ask = self.flights.begin(ask, act)
        try:
            if isinstance(act, Plan):
                done = Done(await self._run_plan(ask, act, admitted))
            else:
                done = await self.perform(ask, act, admitted[0])
        except BaseException as error:
            self.flights.end(flight, error)
            raise
        self.flights.end(flight)
        return done

    def open(self, ask: Ask, change: StreamChange[E, T]) -> Run[E, T]:
        """Give the context in which a StreamChange is reviewed, sent, read and settled."""
        return Run(self, ask, change)

    def open_all(self, ask: Ask, plan: Plan[Any]) -> Runs:
        """Give the context in which a Plan of streams is reviewed as one, and each of them opened by itself."""
        return Runs(self, ask, plan)

    async def allowance(self, conversation: str) -> Decimal | None:
        """Give what a conversation may still spend without a review, in USD; None if nothing was allowed."""
        return await self._admission.allowance(conversation)

    async def _drain(self, ask: Ask, change: StreamChange[Any, T]) -> Done[T] | NotDone:
        async with self.open(ask, change) as run:
            async for _ in run:
                pass
        if run.not_done is not None:
            return run.not_done
        value = cast(T, run.result)
        if change.verify:
            change.verify(value)
        return Done(value, run.spent.usd if run.spent else None)

    async def _run_plan(self, ask: Ask, plan: Plan[T], admitted: Rows) -> T:
        rows = dict(zip((id(change) for change in plan.changes), admitted, strict=True))
        sent: set[str] = set()

        async def send(step: Step, holes: Mapping[str, str]) -> Any:
            row = rows[id(step.change)]
            if step.name in sent:
                row = rows[id(step.change)] = await self.books.write_anew(row, is_failed=step.renewal is not None)
            sent.add(step.name)
            done = await self.perform(
                ask, step.change, row, holes, is_cleanup=step.cleanup, is_stopping=lambda: run.is_stopping
            )
            return done.value

        async def give_back(change: Change[Any]) -> None:
            await self.books.give_back(rows[id(change)], "not reached")

        profile = self._policy().profile
        run = PlanRun(plan, send, give_back, self._journal, profile, ask.command, ask.progress)
        return await run.perform()

    async def perform(
        self,
        ask: Ask,
        change: Change[T],
        row: int | None,
        holes: Mapping[str, str] | None = None,
        *,
        is_cleanup: bool = False,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> Done[T]:
        """Send an approved Change whose cost is reserved in `row`, and settle the ledger whatever happens.

        A clean-up is sent also when the journal fails: what it removes would go on costing money.
        """
        temporary = None
        with contextlib.suppress(*((JournalUnavailable,) if is_cleanup else ())):
            temporary = await self.books.prepare(change, row)
        try:
            if is_stopping() and not is_cleanup:
                raise PolicyRefused("Cancelled before it was sent.")
            approved = Approved(change, holes=holes, is_cleanup=is_cleanup)
            value, reply = await self._send(ask, approved)
        except Uncertain as error:
            await self.flights.to_its_end(self.books.fail(row, error))
            return await self._recover(ask, approved, row, error, temporary)
        except BaseException as error:
            await self.flights.to_its_end(self.books.fail(row, error))
            raise
        spent = change.spent(value) if change.spent else None
        with contextlib.suppress(JournalUnavailable):  # the answer is its owner's; the row counts as spent
            await self.flights.to_its_end(self.books.settle(change, row, value, spent, temporary))
        if change.verify:
            change.verify(value)
        return Done(value, spent.usd if spent else None, reply)

    async def _send(self, ask: Ask, approved: Approved[T]) -> tuple[T, Reply]:
        reply = await self._writer.send(approved, progress=ask.progress, command=ask.command)
        return _read(approved.change, reply), reply

    async def _recover(
        self, ask: Ask, approved: Approved[T], row: int | None, error: Uncertain, temporary: str | None
    ) -> Done[T]:
        """See what became of a change whose answer was lost; Uncertain if nothing proves that it was done."""
        change = approved.change

        async def send_again() -> tuple[T, Reply]:
            with contextlib.suppress(*((JournalUnavailable,) if approved.is_cleanup else ())):
                await self.books.mark(row, "uncertain", note=f"{lost.SENDING}.")
            if ask.progress is not None:
                ask.progress(Repeating(error.kind, lost.SENDING, 0.0, 2, 2))
            approved.renew()
            return await self._send(ask, approved)

        try:
            found = await lost.recover(change, error, send_again)
        except Uncertain as unknown:
            if unknown is not error:
                await self.flights.to_its_end(self.books.fail(row, unknown))
            raise
        with contextlib.suppress(JournalUnavailable):  # it goes on counting as uncertain
            await self.flights.to_its_end(self.books.settle(change, row, found.value, None, temporary, found.note))
        return Done(found.value, reply=found.reply, note=found.note)

    def send_stream(self, ask: Ask, change: StreamChange[Any, Any]) -> AbstractAsyncContextManager[Stream]:
        """Approve a reviewed StreamChange and open its answer."""
        return self._writer.open(Approved(change), progress=ask.progress, command=ask.command)

    async def admit(self, ask: Ask, act: Change[Any] | Plan[Any]) -> Rows | NotDone:
        """Price, review and reserve; give the ledger rows."""
        return await self._admission.admit(ask, act)


def _read(change: Change[T], reply: Reply) -> T:
    """Read an answer; one that cannot be read, or that names nothing after a paid create, proves nothing."""
    why = "names nothing that was made"
    try:
        value = change.read(reply)
        paid = change.effect is Effect.CREATE and change.cost != FREE
        if not paid or change.identify is None or change.identify(value):
            return value
    except _UNREADABLE as error:
        why = f"cannot be read ({type(error).__name__})"
    raise Uncertain(f"The change was sent, but its answer {why}.", status=reply.status, request_id=reply.request_id)
