"""One trial of a disposable deployment: the steps between its create and its end, and what was seen on the way.

What was made is known from the moment the cloud says so, and by its name before that.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from theta_tui.change import (
    FREE,
    Change,
    Effect,
    Family,
    Filled,
    Hole,
    HoleKind,
    JsonBody,
    MachineEvent,
    Request,
    Target,
)
from theta_tui.cloud import timeouts
from theta_tui.cloud.billing import Billing
from theta_tui.cloud.chat import chat_fold, whole_answer
from theta_tui.cloud.deletion import GONE_SECONDS, LONGEST_PAUSE, await_gone, deletion
from theta_tui.cloud.deployment_list import listed
from theta_tui.cloud.inference import first_model, watch
from theta_tui.command import Account, Endpoint
from theta_tui.errors import AuthError, CloudError, NoCredentials, NotFound, ThetaError, TimedOut, Uncertain
from theta_tui.shapes.billing import OrgParams
from theta_tui.shapes.chat import ChatAnswer
from theta_tui.shapes.deployments import Deployment
from theta_tui.shapes.disposable import DisposableParams, StepFailure, ValidationReport
from theta_tui.shapes.inference import Look, Readiness

BASE, SHARD, SUFFIX = Hole("deployment.base_id"), Hole("deployment.shard"), Hole("deployment.suffix")
ENDPOINT = Hole("deployment.endpoint", HoleKind.URL)
CREDENTIAL = Hole("deployment.credential", HoleKind.TEXT)
MODEL = Hole("deployment.model", HoleKind.TEXT)
STILL_BASE, STILL_SHARD, STILL_SUFFIX = Hole("still.base_id"), Hole("still.shard"), Hole("still.suffix")

TRIED = ("create", "ready", "chat")
"""The steps whose failure is a verdict on the template; the others clean up, and count by what is left."""

CHAT_TOKENS = 32
LOOKS_FOR_A_LOST_CREATE = 4

GIVES: dict[Hole, Callable[[Deployment], str | None]] = {
    BASE: lambda deployment: deployment.base_id or None,
    SHARD: lambda deployment: deployment.shard or None,
    SUFFIX: lambda deployment: deployment.suffix or None,
    ENDPOINT: lambda deployment: deployment.endpoint or None,
}


class Trial:
    """One validation: its waits, and what was seen on the way."""

    def __init__(self, account: Account, params: DisposableParams, name: str, project_id: str) -> None:
        self._account = account
        self._params = params
        self._name = name
        self._project_id = project_id
        self._interval, self._limit = timeouts.readiness_limits(params.interval_ms, params.ready_timeout_ms)
        self._made: Deployment | None = None
        self._looks: list[Look] = []
        self._readiness: Readiness | None = None
        self._deleted = False
        self._gone = False
        self._balances: list[Decimal | None] = []

    def prepared(self, create: Change[Deployment]) -> Change[Deployment]:
        """Give the create, priced for the time of the trial, with credentials that are held for this run only."""
        credential = create.credential
        return dataclasses.replace(
            create,
            read=lambda reply: self._note(create.read(reply)),
            cost=dataclasses.replace(create.cost, hours=Decimal(str(self._limit)) / 3600),
            credential=credential and dataclasses.replace(credential, lasting=False),
            reconcile=self._find_lost,
        )

    def chat(self) -> Change[ChatAnswer]:
        """Ask once, for few tokens (DI-2)."""
        fields = {
            "model": self._params.model or MODEL,
            "messages": [{"role": "user", "content": self._params.smoke_message}],
            "max_tokens": CHAT_TOKENS,
            "stream": False,
        }
        fold = chat_fold(self._params.model or "", None, free=True)
        request = Request(
            "POST",
            Family.ENDPOINT,
            ("v1", "chat", "completions"),
            body=JsonBody(fields),
            base=ENDPOINT,
            credential=CREDENTIAL,
            deadline=timeouts.CHAT_SECONDS,
        )
        return Change(
            summary=f"Ask it for up to {CHAT_TOKENS} tokens",
            effect=Effect.METERED,
            requests=(request,),
            read=lambda reply: whole_answer(fold(), reply),
            cost=FREE,
        )

    def delete(self, base: Hole, shard: Hole, suffix: Hole) -> Change[bool]:
        """Delete it, by whatever ids are known by then."""
        again = base is STILL_BASE
        return Change(
            summary=f"Delete {self._name} for good{', if it is still listed' if again else ''}",
            effect=Effect.DESTROY,
            requests=deletion(self._project_id, base, shard, suffix),
            read=lambda _: self._mark_deleted(),
            cost=FREE,
            target=Target("deployment", "", self._name),
            machine=MachineEvent.ENDS,
            identify=lambda _: self._made.key if self._made else "",
            reconcile=self._find_gone,
        )

    def credential_of(self, deployment: Deployment) -> str:
        """Name the vault item of its credentials."""
        return f"endpoint/{deployment.key or f'new-{self._name}'}"

    async def read_balance(self, filled: Filled) -> Filled:
        """Read the balance (PF-2) if an organisation is known; nothing fails for want of it."""
        if self._balances and self._made is None:
            return {}  # nothing was made, so there is nothing to compare
        try:
            found = await Billing(self._account).balance(OrgParams(org_id=self._params.org_id))
        except (CloudError, NoCredentials):
            self._balances.append(None)
        else:
            self._balances.append(found.balance)
        return {}

    async def wait_until_ready(self, filled: Filled) -> Filled:
        """Probe with its credentials until it is ready (wire 9.3); TimedOut or AuthError if that is not to be."""
        address = filled.get(ENDPOINT.name) or await self._listed_endpoint()
        endpoint = Endpoint(self._account.check_url(address, Family.ENDPOINT), filled[CREDENTIAL.name])
        self._readiness = await watch(
            self._account,
            endpoint,
            self._params.probe,
            interval=self._interval,
            limit=self._limit,
            looks=self._looks,
        )
        if not self._readiness.ready:
            failure = AuthError if self._looks[-1].status in (401, 403) else TimedOut
            raise failure(self._readiness.note, hint="Large models need readyTimeoutMs of 900000.")
        found = {ENDPOINT.name: endpoint.origin}
        if self._params.probe == "openai" and not self._params.model:
            found[MODEL.name] = await first_model(self._account, endpoint)
        return found

    async def identify(self, filled: Filled) -> Filled:
        """Find the ids needed to delete it where the create's answer did not hold them."""
        can_delete = BASE.name in filled or {SHARD.name, SUFFIX.name} <= filled.keys()
        if self._made is None or can_delete:
            return {}
        found = self._made
        if not (found.base_id or (found.shard and found.suffix)):
            found = self._note(await self._listed_one())
        return {hole.name: value for hole, give in GIVES.items() if (value := give(found)) and hole is not ENDPOINT}

    async def wait_until_gone(self, filled: Filled) -> Filled:
        """Look at the list until it is gone; what is still there fills the holes of a second deletion."""
        made = self._made
        if made is None or self._gone:
            return {}
        pause = min(self._interval, LONGEST_PAUSE)
        seconds = GONE_SECONDS if self._deleted else 0.0
        still = await await_gone(
            self._account, self._project_id, is_meant=self._is_it, seconds=seconds, pause=pause
        )  # fmt: skip
        self._gone = still is None
        if still is None:
            return {}
        ids = {STILL_BASE: still.base_id, STILL_SHARD: still.shard, STILL_SUFFIX: still.suffix}
        return {hole.name: value for hole, value in ids.items() if value}

    def is_clean(self, errors: Mapping[str, BaseException]) -> bool:
        """Whether nothing is left: it is gone, or was never made."""
        return self._gone if self._made else not isinstance(errors.get("create"), Uncertain)

    def report(self, values: Mapping[str, Any], errors: Mapping[str, BaseException]) -> ValidationReport:
        """Sum it up; raises what kept it from being created."""
        made = self._made
        if made is None:
            raise next(iter(errors.values()))
        before, after = (*self._balances, None, None)[:2]
        readiness = self._readiness or Readiness(probe=self._params.probe, looks=tuple(self._looks))
        return ValidationReport(
            name=self._name,
            endpoint=made.endpoint,
            base_id=made.base_id,
            shard=made.shard,
            suffix=made.suffix,
            ready=readiness.ready,
            readiness=readiness,
            chat=values.get("chat"),
            cleanup_verified=self._gone,
            balance_before_cents=before,
            balance_after_cents=after,
            failures=tuple(
                failure_of(step, error) for step, error in errors.items() if step in TRIED or not self._gone
            ),
            warnings=() if self._gone else (self._warning(made),),
        )

    def _warning(self, made: Deployment) -> str:
        ids = {"base id": made.base_id, "shard": made.shard, "suffix": made.suffix}
        known = ", ".join(f"{name} {value}" for name, value in ids.items() if value)
        return (
            f"NOT CLEANED UP: the deployment {self._name} ({known or 'no ids known'}) may still be running and costing "
            "money. `theta-tui run theta.cleanup.finish` tries again; else delete it in the dashboard."
        )

    def _note(self, deployment: Deployment) -> Deployment:
        self._made = deployment
        return deployment

    def _mark_deleted(self) -> bool:
        self._deleted = True
        return True

    def _is_it(self, deployment: Deployment) -> bool:
        made = self._made
        ids = made is not None and made.key in (deployment.suffix, deployment.base_id, deployment.id)
        return bool(ids and made and made.key) or deployment.name == self._name

    async def _find_lost(self) -> Deployment | None:
        """Look for it by its name, which nothing else had, after the answer to its create was lost."""
        for _ in range(LOOKS_FOR_A_LOST_CREATE):
            await asyncio.sleep(min(self._interval, LONGEST_PAUSE) / 2)
            try:
                return self._note(await self._listed_one())
            except CloudError:
                continue
        return None

    async def _find_gone(self) -> bool | None:
        found = await listed(self._account, self._project_id)
        return None if any(map(self._is_it, found)) else self._mark_deleted()

    async def _listed_one(self) -> Deployment:
        found = next(filter(self._is_it, await listed(self._account, self._project_id)), None)
        if found is None:
            raise NotFound(f"The list names no deployment {self._name}.")
        return found

    async def _listed_endpoint(self) -> str:
        found = await self._listed_one()
        if not found.endpoint:
            raise NotFound(f"The deployment {self._name} names no endpoint.")
        return found.endpoint


def failure_of(step: str, error: BaseException) -> StepFailure:
    """Write a step's error down."""
    if isinstance(error, ThetaError):
        return StepFailure(step=step, kind=error.kind, message=error.message)
    return StepFailure(step=step, kind="protocol", message=type(error).__name__)
