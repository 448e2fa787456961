"""`theta-tui smoke`: one small call to each of some services, stopped before the cap is passed (wire 15.2).

Every call goes through the gate; one yes is given for all of them, after all of them were shown.
"""

from __future__ import annotations

import dataclasses
import time
from argparse import Namespace
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from theta_tui.change import Change, NotDone, Plan
from theta_tui.command import Command
from theta_tui.errors import (
    AuthError,
    BillingError,
    CapacityError,
    JournalUnavailable,
    NoCredentials,
    ThetaError,
    Uncertain,
)
from theta_tui.headless import exact_json
from theta_tui.headless.output import Output
from theta_tui.headless.reviewers import Logged, Preview, Yes, ask_line, can_ask
from theta_tui.headless.running import NOT_APPLIED, opened, run
from theta_tui.headless.smoke_calls import CHAT, INFER, Call, call_for, follow
from theta_tui.review import Answer, Ask
from theta_tui.session import Session

DEFAULT_CAP = Decimal("2.00")
DEFAULT_SERVICES = ("qwen3", "stable_diffusion_xl_turbo", "blip", "whisper")
POINTLESS = (NoCredentials, AuthError, BillingError, JournalUnavailable)
"""Errors after which every further call would fail as well."""


@dataclasses.dataclass
class Trial:
    """One service: what is to be sent, what it may cost in USD, and how it went."""

    service: str
    state: str = "not run"
    note: str = ""
    call: Call | None = None
    command: Command | None = None
    act: Change[Any] | Plan[Any] | None = None
    preview: Mapping[str, Any] | None = None
    seconds: float | None = None
    cost_usd: Decimal | None = None
    request_id: str | None = None

    @property
    def worst_usd(self) -> Decimal | None:
        """The most it may cost; None when unknown."""
        worst: Decimal | None = self.preview["cost"]["usd_estimate"] if self.preview else None
        return worst

    def row(self) -> dict[str, Any]:
        """Give the line of the report."""
        return {
            "service": self.service,
            "state": self.state,
            "seconds": None if self.seconds is None else round(self.seconds, 2),
            "cost_usd": self.cost_usd,
            "request_id": self.request_id,
            "note": self.note or None,
        }


def smoke(options: Namespace, environ: Mapping[str, str]) -> int:
    """Give the exit status: 0 if every call succeeded, 1 if one failed, 3 if nothing was sent or the cap stopped it."""
    output = Output(options.output)

    async def work() -> int:
        async with opened(options, environ, output) as session:
            if session.settings.budget_usd is None:
                session.settings = dataclasses.replace(session.settings, budget_usd=DEFAULT_CAP)
            return await Smoke(session, options, output).perform()

    return run(work())


class Smoke:
    """One smoke test."""

    def __init__(self, session: Session, options: Namespace, output: Output) -> None:
        self._session = session
        self._options = options
        self._output = output
        self._stopped: str | None = None
        self._is_uncertain = False

    async def perform(self) -> int:
        """Write all calls down, show them, ask once, send them one after the other; give the exit status."""
        trials = await self._prepare()
        ready = [trial for trial in trials if trial.act is not None]
        if not ready:
            self._report(trials)
            return 1
        refusal = await self._ask(ready)
        if refusal is not None:
            self._output.preview(self._shown(refusal, trials))
            return NOT_APPLIED
        for trial in ready:
            if self._stopped is None:
                await self._try(trial)
                self._tell(trial)
        self._report(trials)
        return self._status(ready)

    async def _prepare(self) -> list[Trial]:
        listed = await self._session.ask("theta.ondemand.listServices")
        if listed.source != "live":
            self._output.warn(f"The live list cannot be had ({listed.fallback_reason}); nothing is tried unseen.")
        wanted = self._session.settings.smoke_services or DEFAULT_SERVICES
        trials = []
        for alias in dict.fromkeys(wanted):
            service = listed.find(alias)
            if service is None or listed.source != "live":
                trials.append(Trial(alias, "not live", "It is not in the live list."))
                continue
            call = call_for(service, self._session.settings)
            trials.append(await self._written(call) if call else Trial(alias, "skipped", "It wants unknown inputs."))
        return trials

    async def _written(self, call: Call) -> Trial:
        """Write a call down, and find out what it would cost and whether it might be sent now."""
        command, act = await self._session.build(call.command, call.arguments)
        answer = Answer.DRY_RUN if self._options.dry_run else Answer.PREVIEW
        looked = await self._session.perform(command, act, Ask(command.name, Preview(answer), self._options.max_usd))
        assert isinstance(looked, NotDone)  # noqa: S101 such a reviewer agrees to nothing
        trial = Trial(call.service, "not run", looked.message, call, command, act, looked.preview)
        if looked.reason == "preview":
            trial.note = ""
        return trial

    async def _ask(self, ready: list[Trial]) -> str | None:
        """Get the one yes for all; gives the reason when there is none."""
        reasons = {str(trial.preview["reason"]) for trial in ready if trial.preview}
        forced = next((reason for reason in ("dry_run", "read_only") if reason in reasons), None)
        if forced is not None or self._options.yes:
            return forced
        if not can_ask():
            return "preview"
        for trial in ready:
            cost = "an unknown price" if trial.worst_usd is None else f"up to ${exact_json.number(trial.worst_usd)}"
            self._output.say(f"  {trial.service}: {trial.call.command if trial.call else ''}, {cost}")
        question = f"Send {len(ready)} calls for up to ${self._total(ready)} in all? [y/N] "
        return None if (await ask_line(question) or "").lower() in ("y", "yes") else "cancelled"

    async def _try(self, trial: Trial) -> None:
        """Send one call through the gate; a refusal for the cap stops everything."""
        assert trial.command is not None and trial.act is not None  # noqa: S101, PT018 only those come here
        started = time.monotonic()
        try:
            reviewer = Yes() if self._output.log is None else Logged(Yes(), self._output.log)
            given = trial.command.given(trial.call.arguments) if trial.call else None
            ask = Ask(trial.command.name, reviewer, self._options.max_usd, arguments=given)
            done = await self._session.perform(trial.command, trial.act, ask)
            if isinstance(done, NotDone):
                self._refused(trial, done)
                return
            await self._take(trial, done.value)
        except ThetaError as error:
            self._fail(trial, error)
        trial.seconds = time.monotonic() - started

    def _refused(self, trial: Trial, done: NotDone) -> None:
        if done.reason == "budget" and trial.worst_usd is None:
            trial.state, trial.note = "skipped", done.message
            return
        trial.state, trial.note = "not run", done.message
        self._stopped = done.reason

    async def _take(self, trial: Trial, value: Any) -> None:
        """Read what came: a chat's answer, a job, or a job that was followed."""
        if trial.command is not None and trial.command.name == CHAT:
            trial.state = "success" if value.complete else "cut"
            trial.cost_usd, trial.request_id = value.cost_usd, value.request_id
            return
        job = value if trial.command is not None and trial.command.name == INFER else value.request
        if not job.is_over and self._session.settings.poll_until_done and job is value:
            limits = follow(self._session.settings)
            job = (await self._session.ask("theta.ondemand.pollUntilDone", {"request_id": job.id, **limits})).request
        trial.state = job.state if job.is_over else "pending"
        trial.cost_usd, trial.request_id = job.spent_usd, job.id
        if trial.state == "pending":
            trial.note = f"theta.ondemand.pollUntilDone requestId={job.id} follows it."

    def _fail(self, trial: Trial, error: ThetaError) -> None:
        trial.state = "no capacity" if isinstance(error, CapacityError) else error.kind
        trial.note, trial.request_id = error.message, error.request_id
        self._is_uncertain = self._is_uncertain or isinstance(error, Uncertain)
        if isinstance(error, POINTLESS):
            self._stopped = error.kind

    def _tell(self, trial: Trial) -> None:
        if not self._output.is_json:
            self._output.say(f"theta-tui: {trial.service}: {trial.state}{f': {trial.note}' if trial.note else ''}")

    def _report(self, trials: list[Trial]) -> None:
        spent = sum((trial.cost_usd for trial in trials if trial.cost_usd is not None), Decimal(0))
        told = {"cap_usd": self._session.settings.budget_usd, "spent_usd": spent, "stopped": self._stopped}
        self._output.result({"results": [trial.row() for trial in trials], **told})

    def _shown(self, reason: str, trials: list[Trial]) -> dict[str, Any]:
        """Give the preview of all: the calls as they would be sent, and what they may cost together."""
        return {
            "applied": False,
            "reason": reason,
            "command": "smoke",
            "cap_usd": self._session.settings.budget_usd,
            "usd_estimate": self._total(trials),
            "calls": [trial.preview for trial in trials if trial.preview],
            "left_out": [{"service": one.service, "why": one.note} for one in trials if one.act is None],
        }

    def _total(self, trials: list[Trial]) -> Decimal:
        return sum((trial.worst_usd for trial in trials if trial.worst_usd is not None), Decimal(0))

    def _status(self, tried: list[Trial]) -> int:
        if self._is_uncertain:
            return Uncertain.exit_code
        if self._stopped in ("budget", "dry_run", "read_only"):
            return NOT_APPLIED
        if self._stopped == NoCredentials.kind:
            return NoCredentials.exit_code
        return 0 if all(trial.state in ("success", "skipped") for trial in tried) else 1
