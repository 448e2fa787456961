"""One answer under way: opened, read and stopped. It knows neither the journal nor the screen."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from theta_tui.change import NotDone
from theta_tui.errors import ThetaError
from theta_tui.tui.panes.chat.tool_calls import ToolCalls

if TYPE_CHECKING:
    from theta_tui.change import Progress, Waiting
    from theta_tui.review import Review, Reviewer, Verdict
    from theta_tui.session import Session
    from theta_tui.shapes.chat import ChatAnswer, ChatEvent
    from theta_tui.streaming import Run

Opens = Callable[["Reviewer", "Progress"], Awaitable["Run[Any, Any]"]]
"""Gives the run of one question, which tells how it goes on."""


def asks(session: Session, command: str, arguments: Mapping[str, Any], conversation: str) -> Opens:
    """Ask one question by itself, with a review of its own."""

    def opens(reviewer: Reviewer, progress: Progress) -> Awaitable[Run[Any, Any]]:
        return session.open(command, arguments, reviewer=reviewer, conversation=conversation, progress=progress)

    return opens


class Sheet(Protocol):
    """What an answer is written on."""

    def feed(self, text: str) -> None:
        """Append to the text."""

    def feed_reasoning(self, text: str) -> None:
        """Append to the reasoning."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went: one of `result`, `not_done` and `error`, or none when it was stopped before anything came.

    `first_seconds` is the time until the first word or thought, from sending on. `why_not` tells the rule that kept it
    from being sent, `undone` of a stop that every try before it was refused.
    """

    result: ChatAnswer | None = None
    not_done: NotDone | None = None
    error: ThetaError | None = None
    stopped: bool = False
    first_seconds: float | None = None
    why_not: str = ""
    undone: bool = False


class Answering:
    """Asks once. `begin` gives the sheet, when the cloud has begun to answer; `stop` ends it at once."""

    def __init__(self, opens: Opens, *, reviewer: Reviewer, begin: Callable[[], Awaitable[Sheet]]) -> None:
        self._opens = opens
        self._reviewer = reviewer
        self._begin = begin
        self._calls = ToolCalls()
        self._task: asyncio.Task[None] | None = None
        self._run: Any = None
        self._waiting: tuple[Waiting, float] | None = None
        self._doing = "is asked"
        self._first: float | None = None
        self._left = 0.0
        self._why_not = ""
        self.written = 0
        """Characters of the answer's own text that are on the sheet."""
        self.started = time.monotonic()
        self.stopped = False
        self._undone = False
        self.changed: Callable[[], None] | None = None
        """Called when it does something else than before."""

    def stop(self) -> None:
        """End it now; what has come is kept."""
        if not self.stopped and self._task is not None:
            self._undone = self._waiting is not None and time.monotonic() < self._waiting[1]
            self.stopped = True
            self._task.cancel()

    @property
    def is_waiting(self) -> bool:
        """Whether it waits to ask again."""
        return self._waiting is not None and not self.stopped

    @property
    def seconds(self) -> float:
        """How long it has been under way."""
        return time.monotonic() - self.started

    @property
    def cost_usd(self) -> Decimal | None:
        """What it has come to so far, in USD; None while nobody can tell."""
        return self._run.fold.cost_so_far if self._run is not None and self._first is not None else None

    @property
    def words(self) -> str:
        """What it is doing."""
        if self.stopped:
            return "is being stopped"
        if self._waiting is None:
            return self._doing
        waiting, until = self._waiting
        left = max(0, math.ceil(until - time.monotonic()))
        again = f"again in {left} s" if left else "asking again"
        return f"waits · {again} (retry {waiting.attempt} of {waiting.attempts})"

    @property
    def reason(self) -> str:
        """Why it waits, in the words of who refused it."""
        return self._waiting[0].message if self._waiting is not None and not self.stopped else ""

    async def review(self, review: Review) -> Verdict:
        """Have the reviewer asked; the time that takes is not the answer's."""
        self._do("waits for your yes")
        verdict = await self._reviewer.review(review)
        self._why_not = review.block.words if review.block is not None else ""
        self.started = time.monotonic()
        self._do("is asked")
        return verdict

    async def run(self) -> Outcome:
        """Ask, and read to the end, to a stop, or to an error."""
        self._task = asyncio.create_task(self._read())
        error: ThetaError | None = None
        try:
            await self._task
        except asyncio.CancelledError:
            if not self.stopped:
                raise
        except ThetaError as problem:
            error = problem
        run = self._run
        result = run.result if run is not None else None
        not_done = run.not_done if run is not None else None
        if self.stopped and (run is None or not run.was_begun):
            not_done = NotDone("cancelled", {}, "Nothing was sent.")
        why_not = self._why_not if not_done is not None else ""
        return Outcome(result, not_done, error, self.stopped, self._first_seconds(result), why_not, self._undone)

    async def _read(self) -> None:
        opening = self._run = await self._opens(self, self._wait)
        async with opening as run:
            if run.not_done is not None:
                return
            self._waiting = None
            self._do("has begun")
            sheet = await self._begin()
            try:
                async for event in run:
                    self._take(event, sheet)
            finally:
                sheet.feed(self._calls.close())
                self._left = time.monotonic()

    def _take(self, event: ChatEvent, sheet: Sheet) -> None:
        if self._first is None:
            self._first = time.monotonic()
        if event.kind == "text":
            self._do("is writing")
            self.written += len(event.text)
            sheet.feed(self._calls.close() + event.text)
        elif event.kind == "reasoning":
            self._do("is thinking")
            sheet.feed_reasoning(event.text)
        else:
            self._do("is calling a tool")
            sheet.feed(self._calls.text_of(event))

    def _wait(self, waiting: Waiting) -> None:
        self._waiting = (waiting, time.monotonic() + waiting.seconds)
        self._tell()

    def _do(self, words: str) -> None:
        if words != self._doing:
            self._doing = words
            self._tell()

    def _tell(self) -> None:
        if self.changed is not None:
            self.changed()

    def _first_seconds(self, result: ChatAnswer | None) -> float | None:
        """Count from the sending, which lies `result.seconds` before the end; a review before it does not count."""
        if result is None or self._first is None:
            return None
        return max(result.seconds - (self._left - self._first), 0.0)
