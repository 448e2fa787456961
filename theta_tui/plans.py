"""Performing an approved Plan: steps in order, holes filled from earlier answers, clean-up always.

It sends only through the function it is given, and writes each step to the journal before it is sent, so that after a
kill the next start knows what was created.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic, TypeVar

from theta_tui.change import (
    Change,
    Filled,
    Hole,
    HoleKind,
    Plan,
    Progress,
    Renewal,
    Stage,
    Step,
    Wait,
    fillable,
    holes_in,
)
from theta_tui.errors import CloudError, JournalUnavailable, PolicyRefused, ThetaError, Uncertain
from theta_tui.journal import Journal
from theta_tui.redact import redactor

T = TypeVar("T")

Send = Callable[[Step, Mapping[str, str]], Awaitable[Any]]
GiveBack = Callable[[Change[Any]], Awaitable[None]]

_KINDS = {
    HoleKind.ID: re.compile(r"[A-Za-z0-9_-]{1,200}"),
    HoleKind.URL: re.compile(r"https?://[!-~]{1,4000}"),
    HoleKind.TEXT: re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,2000}"),
}


class PlanRun(Generic[T]):
    """One run of one Plan."""

    def __init__(
        self,
        plan: Plan[T],
        send: Send,
        give_back: GiveBack,
        journal: Journal,
        profile: str,
        command: str,
        progress: Progress | None = None,
    ) -> None:
        self._plan = plan
        self._send = send
        self._give_back = give_back
        self._journal = journal
        self._profile = profile
        self._command = command
        self._progress = progress
        self._holes: Filled = {}
        self._values: dict[str, Any] = {}
        self._errors: dict[str, BaseException] = {}
        self._stopping: BaseException | None = None
        self._breakable: asyncio.Future[None] | None = None
        self._only: frozenset[Hole] | None = None

    @property
    def is_stopping(self) -> bool:
        """Whether it was cancelled, so that nothing but clean-up may be sent any more."""
        return self._stopping is not None

    async def perform(self) -> T:
        """Run all steps; after a failure or a cancel only the clean-up steps still run, to their end.

        Raises what stopped it, if that was no ThetaError of a step, when the clean-up is over.
        """
        work = asyncio.ensure_future(self._run_all())
        while not work.done():
            try:
                await asyncio.wait((work,))
            except asyncio.CancelledError as error:
                self._stop(error)
        work.result()
        if self._stopping is not None:
            raise self._stopping
        return self._plan.read(self._values, self._errors)

    def _stop(self, error: asyncio.CancelledError) -> None:
        """Break off the present step, unless it must be waited for; the clean-up comes next."""
        self._stopping = error
        if self._breakable is not None:
            self._breakable.cancel()

    async def _begin(self) -> int:
        """Write down that the plan begins; without a journal nothing is sent, and nothing stays set aside."""
        try:
            return await self._journal.begin_plan(self._profile, self._command, self._plan.summary)
        except JournalUnavailable:
            for change in self._plan.changes:
                await self._give_back(change)
            raise

    async def _run_all(self) -> None:
        record = await self._begin()
        for step in self._plan.steps:
            if step.cleanup or self._may_go_on:
                await self._take(record, step)
                if isinstance(step, Step) and step.renewal and self._is_renewable(step):
                    await self._renew(record, step, step.renewal)
                continue
            self._tell(step, "skipped")
            if isinstance(step, Step):
                await self._give_back(step.change)
        with contextlib.suppress(JournalUnavailable):  # it stays open there, and is looked at again
            await self._journal.finish_plan(record, clean=self._is_clean())

    async def _take(self, record: int, step: Step | Wait) -> None:
        self._tell(step, "begins")
        await self._run(record, step)
        self._tell(step, self._state_of(step))

    def _is_renewable(self, step: Step) -> bool:
        """Whether a step failed by an answer, or by the loss of one: nothing else is cured by another try."""
        error = self._errors.get(step.name)
        is_answered = isinstance(error, Uncertain) or (isinstance(error, CloudError) and error.status is not None)
        return is_answered and self._stopping is None

    async def _renew(self, record: int, step: Step, renewal: Renewal) -> None:
        """Do a step once more, after the one that it depends on; of what goes wrong one clear error is left."""
        first, source = self._errors.pop(step.name), self._plan.source_of(step)
        self._only = frozenset(renewal.holes)
        await self._take(record, source)
        self._only = None
        refused, words = self._errors.pop(source.name, None), "It was tried once more, in vain."
        if refused is not None:
            self._errors[step.name] = first
            words = f"It was to be tried once more, but: {getattr(refused, 'message', 'interrupted')}"
        elif self._stopping is None:
            await self._take(record, step)
        error = self._errors.get(step.name)
        if isinstance(error, ThetaError):
            error.add(words)

    @property
    def _may_go_on(self) -> bool:
        return not self._stopping and (self._plan.goes_on or not self._errors)

    def _state_of(self, step: Step | Wait) -> str:
        if step.name in self._errors:
            return "failed"
        return "stopped" if self._stopping and not step.cleanup else "done"

    def _tell(self, step: Step | Wait, state: str) -> None:
        if self._progress is not None:
            number, of = self._plan.steps.index(step) + 1, len(self._plan.steps)
            error = self._errors.get(step.name)
            kind, words = (error.kind, error.message) if isinstance(error, ThetaError) else ("", step.name)
            self._progress(Stage(kind, words, 0.0, number, of, step.name, state, step.cleanup))

    async def _run(self, record: int, step: Step | Wait) -> None:
        work = asyncio.ensure_future(self._step(record, step))
        must_end = step.cleanup or (isinstance(step, Step) and step.awaited)
        self._breakable = None if must_end else work
        while not work.done():
            try:
                await asyncio.wait((work,))
            except asyncio.CancelledError as error:  # the loop itself ends; the clean-up is still done
                self._stopping = error
        self._breakable = None
        failure = asyncio.CancelledError() if work.cancelled() else work.exception()
        if isinstance(failure, ThetaError):
            self._errors[step.name] = failure
        elif failure is not None:  # whatever it is, clean-up comes first; it is raised afterwards
            self._stopping = self._stopping or failure

    def _is_clean(self) -> bool:
        if self._plan.is_clean is not None:
            return self._plan.is_clean(self._errors)
        return not any(step.cleanup and step.name in self._errors for step in self._plan.steps)

    async def _step(self, record: int, step: Step | Wait) -> None:
        if isinstance(step, Wait):
            self._holes.update(await step.run(dict(self._holes)))
            return
        if not self._can_send(step):
            await self._give_back(step.change)
            if not step.cleanup:
                needed = {hole.name for hole in holes_in(step.change.requests)}
                raise PolicyRefused(f"Step {step.name} lacks {', '.join(sorted(needed - self._holes.keys()))}.")
            return
        await self._note(record, step, "sending", self._plan.known)
        value = await self._send(step, self._holes)
        self._values[step.name] = value
        try:
            self._fill(step, value)
        finally:
            await self._note(record, step, "done", self._holes)

    def _can_send(self, step: Step) -> bool:
        ways = step.change.requests
        return bool(fillable(ways, self._holes)) if step.cleanup else len(fillable(ways, self._holes)) == len(ways)

    def _fill(self, step: Step, value: Any) -> None:
        """Fill the holes this answer fills, all that can be before one that cannot: clean-up needs the others."""
        wanted = step.gives if self._only is None else {hole: step.gives[hole] for hole in self._only}
        given = {hole: give(value) for hole, give in wanted.items()}
        usable = {hole.name: text for hole, text in given.items() if text is not None and _is_usable(hole, text)}
        self._holes.update(usable)
        for hole, text in given.items():
            if text is not None and hole.name not in usable:
                raise PolicyRefused(
                    f"The answer of step {step.name} does not hold a usable {hole.kind.value}; the plan stops here."
                )

    async def _note(self, record: int, step: Step, state: str, ids: Mapping[str, str]) -> None:
        """Write down how far a step is; without a journal nothing is sent, but what was made is cleaned up."""
        # Ids are what a later clean-up needs; addresses that carry a signature are not for the disk.
        safe = {name: redactor.url(text) for name, text in ids.items()}
        try:
            await self._journal.plan_step(record, step.name, state, safe)
        except JournalUnavailable:
            if not step.cleanup and state == "sending":
                raise


def _is_usable(hole: Hole, text: str) -> bool:
    return _KINDS[hole.kind].fullmatch(text) is not None
