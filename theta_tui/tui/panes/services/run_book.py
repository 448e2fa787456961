"""Writes runs down: from the yes, before anything is sent, to whatever came of it. It knows no screens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from theta_tui.errors import ThetaError, Uncertain
from theta_tui.journal.runs import RunRecord
from theta_tui.review import Answer, Review, Reviewer, Verdict
from theta_tui.shapes.on_demand import Job
from theta_tui.tui.panes.services.run_row import later

if TYPE_CHECKING:
    from theta_tui.session import Session


class RunBook:
    """One run in the journal. It is also the reviewer: another one is asked, and a yes is written down first."""

    def __init__(self, session: Session, reviewer: Reviewer) -> None:
        self._session = session
        self._reviewer = reviewer
        self.given: Mapping[str, Any] = {}
        self.run: RunRecord | None = None
        self._settled = asyncio.Event()

    async def settled(self) -> RunRecord | None:
        """Wait until a run that was confirmed has its answer; None if none was sent."""
        if self.run is not None:
            await self._settled.wait()
        return self.run

    async def review(self, review: Review) -> Verdict:
        """Ask; after a yes the run is written down before its first byte leaves, else JournalUnavailable is raised."""
        verdict = await self._reviewer.review(review)
        if verdict.answer is Answer.CONFIRM:
            given = self.given
            run = RunRecord(
                id=0,
                service=str(given["service"]),
                request_id="",
                state="sending",
                inputs=dict(given.get("input") or {}),
                paths=dict(given.get("paths") or {}),
                variant=str(given.get("variant") or ""),
                created=time.time(),
            )
            number = await self._session.journal.add_run(self._session.settings.profile, run)
            self.run = replace(run, id=number)
            self._settled.clear()
        return verdict

    async def answered(self, job: Job) -> RunRecord | None:
        """Take the cloud's answer."""
        if self.run is not None:
            self.run = later(replace(self.run, request_id=job.id), job)
            await self._session.journal.update_run(self.run)
        self._settled.set()
        return self.run

    async def failed(self, error: ThetaError) -> None:
        """Take an error; when nobody knows what became of it, the run says so."""
        if self.run is not None:
            state = "uncertain" if isinstance(error, Uncertain) else "failed"
            told = f"{error.message} {error.hint}".strip() if state == "uncertain" else error.message
            request_id = error.request_id or self.run.request_id
            self.run = replace(self.run, state=state, error=told, request_id=request_id)
            await self._session.journal.update_run(self.run)
        self._settled.set()

    async def not_sent(self) -> None:
        """Forget a run that was confirmed but not sent."""
        if self.run is not None:
            await self._session.journal.forget_run(self.run.id)
            self.run = None
        self._settled.set()
