"""Acts on their way: confirmed, sent or about to be, and not answered yet. For who must know before the program ends.

It sends nothing and settles nothing: what became of an act is the journal's to say.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from theta_tui.change import CancelledUndone, Change, Cost, Effect, Plan, Stage, StreamChange, Waiting
from theta_tui.errors import ThetaError, Uncertain
from theta_tui.review import Ask

T = TypeVar("T")


@dataclass(eq=False)
class Flight:
    """One act on its way; seconds are of the monotonic clock. `error` is what it ended with, if with one."""

    ask: Ask
    act: Change[Any] | Plan[Any]
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None
    error: BaseException | None = None
    step: str = ""
    """Which step of a Plan it is at, such as `2/6 ready`; empty if that was not told."""
    _until: float = 0.0

    @property
    def is_up(self) -> bool:
        """Whether it is still on its way."""
        return self.ended is None

    @property
    def is_stream(self) -> bool:
        """Whether its answer comes in pieces, which are kept as they come."""
        return isinstance(self.act, StreamChange)

    @property
    def is_plan(self) -> bool:
        """Whether it has several steps."""
        return isinstance(self.act, Plan)

    @property
    def costs(self) -> tuple[Cost, ...]:
        """What it may cost, part by part."""
        return tuple(change.cost for change in self.act.changes) if isinstance(self.act, Plan) else (self.act.cost,)

    @property
    def is_paid(self) -> bool:
        """Whether it may cost something, or makes something."""
        return self.act.effect is Effect.CREATE or any(not cost.is_free for cost in self.costs)

    @property
    def seconds(self) -> float:
        """How long it has been on its way, or was."""
        return (self.ended or time.monotonic()) - self.began

    @property
    def again_in(self) -> float:
        """Seconds until it is sent again after a refusal; 0 when it is not waiting for that."""
        return max(0.0, self._until - time.monotonic()) if self.is_up else 0.0

    @property
    def is_unknown(self) -> bool:
        """Whether it has ended without anybody knowing what became of it, as far as can be told here."""
        return isinstance(self.error, (Uncertain, asyncio.CancelledError)) and not isinstance(
            self.error, CancelledUndone
        )

    @property
    def why_not(self) -> str:
        """Why it was not done, in the words of who refused it."""
        return self.error.message if isinstance(self.error, ThetaError) and not self.is_unknown else ""

    def take(self, waiting: Waiting) -> None:
        """Take what gate and wire say of it, and pass it on."""
        self._until = time.monotonic() + waiting.seconds if waiting.error else 0.0
        if isinstance(waiting, Stage) and waiting.state == "begins":
            self.step = f"{waiting.attempt}/{waiting.attempts} {waiting.step}"
        if self.ask.progress is not None:
            self.ask.progress(waiting)


class Flights:
    """Those of one session."""

    def __init__(self) -> None:
        self._up: list[Flight] = []
        self._writing: set[asyncio.Future[Any]] = set()
        self._moved = asyncio.Event()

    @property
    def up(self) -> Sequence[Flight]:
        """Those on their way, the oldest first."""
        return tuple(self._up)

    def begin(self, ask: Ask, act: Change[Any] | Plan[Any]) -> tuple[Flight, Ask]:
        """Enter an act; give it with the Ask under which it is to be performed, so that its waiting is seen."""
        flight = Flight(ask, act)
        self._up.append(flight)
        return flight, replace(ask, progress=flight.take)

    def end(self, flight: Flight, error: BaseException | None = None) -> None:
        """Say that it is over, once; later words change nothing."""
        if flight in self._up:
            self._up.remove(flight)
            flight.ended, flight.error = time.monotonic(), error
            self._moved.set()

    async def to_its_end(self, work: Awaitable[T]) -> T:
        """Await what is done to its end even if its caller is cancelled; `landed` waits for it as well."""
        task = asyncio.ensure_future(work)
        self._writing.add(task)
        task.add_done_callback(self._written)
        return await asyncio.shield(task)

    async def landed(self, seconds: float | None = None) -> bool:
        """Wait until nothing is on its way and all of it is written down; False if that takes longer than `seconds`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._up or self._writing:
                    self._moved.clear()
                    await self._moved.wait()
        return not self._up and not self._writing

    def _written(self, task: asyncio.Future[Any]) -> None:
        self._writing.discard(task)
        self._moved.set()
