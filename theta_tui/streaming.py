"""StreamChanges being performed: review, send, read, settle, whatever happens in between."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from theta_tui.books import Books
from theta_tui.change import Change, Fold, NotDone, Plan, Progress, Spent, Stream, StreamChange
from theta_tui.errors import JournalUnavailable, PolicyRefused, Uncertain
from theta_tui.flights import Flight, Flights
from theta_tui.review import Ask

T = TypeVar("T")
E = TypeVar("E")


Admit = Callable[[], Awaitable[int | NotDone | None]]
"""Gives the ledger row of what was admitted, or why nothing is to be sent."""


class Steps(Protocol):
    """What a run needs of the gate."""

    flights: Flights
    """What is on its way."""
    books: Books
    """Where it is written down."""

    async def admit(self, ask: Ask, act: Change[Any] | Plan[Any]) -> Sequence[int | None] | NotDone:
        """Price, review and reserve; give the ledger rows."""

    def send_stream(self, ask: Ask, change: StreamChange[Any, Any]) -> AbstractAsyncContextManager[Stream]:
        """Send the approved Change."""


class Run(Generic[E, T]):
    """A StreamChange being performed: iterate for its events, then look at `result`.

    `not_done` is set when nothing was sent; iterating then gives nothing. Leaving closes the stream, settles the ledger
    and marks the result complete or cut.
    """

    def __init__(self, gate: Steps, ask: Ask, change: StreamChange[E, T], admit: Admit | None = None) -> None:
        self._gate = gate
        self._ask = ask
        self._change = change
        self._admit = admit or self._admit_alone
        self._fold: Fold[E, T] = change.fold()
        self._events: deque[E] = deque()
        self._row: int | None = None
        self._flight: Flight | None = None
        self._opening: AbstractAsyncContextManager[Stream] | None = None
        self._stream: Stream | None = None
        self._messages: Any = None
        self._fed = False
        self._started = 0.0
        self._first: float | None = None
        self._over = False
        self.was_begun = False
        """Whether it may have been sent; before that, leaving early leaves nothing behind."""
        self.not_done: NotDone | None = None
        self.result: T | None = None
        self.spent: Spent | None = None

    async def __aenter__(self) -> Self:
        gate = self._gate
        admitted = await self._admit()
        if isinstance(admitted, NotDone):
            self.not_done = admitted
            return self
        self._row = admitted
        self._flight, ask = gate.flights.begin(self._ask, self._change)
        try:
            await self._open(ask)
        except BaseException as error:
            gate.flights.end(self._flight, error)
            raise
        return self

    async def _open(self, ask: Ask) -> None:
        gate = self._gate
        await gate.books.prepare(self._change, self._row)
        opening, self._started = gate.send_stream(ask, self._change), time.monotonic()
        self.was_begun = True
        try:
            self._stream = await opening.__aenter__()
        except BaseException as error:
            await gate.flights.to_its_end(gate.books.fail(self._row, error))
            raise
        self._opening, self._messages = opening, aiter(self._stream)

    async def _admit_alone(self) -> int | NotDone | None:
        admitted = await self._gate.admit(self._ask, self._change)
        return admitted if isinstance(admitted, NotDone) else admitted[0]

    @property
    def fold(self) -> Fold[E, T]:
        """What has arrived so far."""
        return self._fold

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> E:
        while not self._events:
            if self._messages is None:
                raise StopAsyncIteration
            try:
                message = await anext(self._messages)
            except StopAsyncIteration:
                self._over = True
                raise
            self._fed = True
            self._events.extend(self._fold.feed(message))
        if self._first is None:
            self._first = time.monotonic() - self._started
        return self._events.popleft()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._opening is not None:
            await self._gate.flights.to_its_end(self._close(error))

    async def _close(self, error: BaseException | None) -> None:
        try:
            await self._settle(error)
        except BaseException as failure:
            self._land(failure)
            raise
        # A stream that was broken off after its first words has an outcome: what has come.
        self._land(None if self._fed else error)

    def _land(self, error: BaseException | None) -> None:
        if self._flight is not None:
            self._gate.flights.end(self._flight, error)

    async def _settle(self, error: BaseException | None) -> None:
        opening, stream = self._opening, self._stream
        self._opening = None
        if opening is None or stream is None:
            return
        await opening.__aexit__(None, None, None)
        if not self._fed and error is not None:
            await self._gate.books.fail(self._row, error)
            return
        # The first message is often an empty one; what counts is when there was something to read.
        ending = dataclasses.replace(stream.ending(finished=self._fold.finished), first_seconds=self._first)
        if not self._over:
            ending = dataclasses.replace(ending, complete=False, note="Stopped before the end.")
        try:
            self.result = self._fold.result(ending)
        except ValueError:
            silent = Uncertain("The change was sent, but its answer says nothing.", request_id=ending.request_id)
            await self._gate.books.fail(self._row, silent)
            raise silent from None
        self.spent = self._change.spent(self.result) if self._change.spent else None
        with contextlib.suppress(JournalUnavailable):  # the answer is its owner's; the row counts as spent
            await self._gate.books.settle(self._change, self._row, self.result, self.spent, None)


class Runs:
    """Several StreamChanges under one review, each of them then run by itself, side by side.

    `not_done` is set when nothing was sent. Leaving gives back what was set aside for those that were never entered.
    """

    def __init__(self, gate: Steps, ask: Ask, plan: Plan[Any]) -> None:
        self._gate = gate
        self._ask = ask
        self._plan = plan
        self._rows: dict[int, int | None] = {}
        self.not_done: NotDone | None = None

    async def __aenter__(self) -> Self:
        admitted = await self._gate.admit(self._ask, self._plan)
        if isinstance(admitted, NotDone):
            self.not_done = admitted
        else:
            self._rows = dict(enumerate(admitted))
        return self

    def run(self, number: int, command: str, progress: Progress | None = None) -> Run[Any, Any]:
        """Give the run of one of them, by its place; entering it a second time raises PolicyRefused."""
        change = self._plan.changes[number]
        assert isinstance(change, StreamChange), "runs are made of streams"  # noqa: S101

        async def admit() -> int | None:
            if number not in self._rows:
                raise PolicyRefused("This approval was already used; nothing was sent twice.")
            return self._rows.pop(number)

        return Run(self._gate, dataclasses.replace(self._ask, command=command, progress=progress), change, admit)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        rows, self._rows = self._rows, {}
        for row in rows.values():
            await self._gate.flights.to_its_end(self._gate.books.give_back(row, "not reached"))
