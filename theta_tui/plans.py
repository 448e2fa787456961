"""Performing an approved Plan: steps in order, holes filled from earlier answers, clean-up always.

It sends only through the function it is given, and writes each step to the journal before it is sent, so that after a
kill the next start knows what was created.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic, TypeVar

from theta_tui.change import Change, Filled, HoleKind, Plan, Step, holes_in
from theta_tui.errors import PolicyRefused, ThetaError
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
        self, plan: Plan[T], send: Send, give_back: GiveBack, journal: Journal, profile: str, command: str
    ) -> None:
        self._plan = plan
        self._send = send
        self._give_back = give_back
        self._journal = journal
        self._profile = profile
        self._command = command
        self._holes: Filled = {}
        self._values: dict[str, Any] = {}
        self._errors: dict[str, BaseException] = {}

    async def perform(self) -> T:
        """Run all steps; after a failure or cancellation only the clean-up steps still run, shielded."""
        record = await self._journal.begin_plan(self._profile, self._command, self._plan.summary)
        interrupted: BaseException | None = None
        for step in self._plan.steps:
            is_cleanup = isinstance(step, Step) and step.cleanup
            if (self._errors or interrupted) and not is_cleanup:
                if isinstance(step, Step):
                    await self._give_back(step.change)
                continue
            work = asyncio.ensure_future(self._step(record, step))
            try:
                await (asyncio.shield(work) if is_cleanup else work)
            except asyncio.CancelledError as error:
                interrupted = error
                if is_cleanup:
                    await work
            except ThetaError as error:
                self._errors[step.name] = error
        await self._journal.finish_plan(record, clean=not any(self._is_cleanup(name) for name in self._errors))
        if interrupted is not None:
            raise interrupted
        return self._plan.read(self._values, self._errors)

    def _is_cleanup(self, name: str) -> bool:
        return any(isinstance(step, Step) and step.cleanup and step.name == name for step in self._plan.steps)

    async def _step(self, record: int, step: Any) -> None:
        if not isinstance(step, Step):
            self._holes.update(await step.run(dict(self._holes)))
            return
        needed = {hole.name for hole in holes_in(step.change.requests)}
        if not needed <= self._holes.keys():
            await self._give_back(step.change)
            if not step.cleanup:
                raise PolicyRefused(f"Step {step.name} lacks {', '.join(sorted(needed - self._holes.keys()))}.")
            return
        await self._journal.plan_step(record, step.name, "sending", {})
        value = await self._send(step, self._holes)
        self._values[step.name] = value
        filled = {hole.name: _checked(step.name, hole.kind, give(value)) for hole, give in step.gives.items()}
        self._holes.update({name: text for name, text in filled.items() if text is not None})
        # Ids are what a later clean-up needs; addresses that carry a signature are not for the disk.
        ids = {name: redactor.url(text) for name, text in self._holes.items()}
        await self._journal.plan_step(record, step.name, "done", ids)


def _checked(step: str, kind: HoleKind, value: str | None) -> str | None:
    if value is not None and not _KINDS[kind].fullmatch(value):
        raise PolicyRefused(f"The answer of step {step} does not hold a usable {kind.value}; the plan stops here.")
    return value
