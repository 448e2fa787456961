"""Finishing what interrupted validations left: deployments that a killed process could not delete any more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from theta_tui.change import FREE, Change, Effect, Family, Filled, MachineEvent, Plan, Step, Target, Wait
from theta_tui.cloud.deletion import GONE_SECONDS, await_gone, deletion
from theta_tui.cloud.deployment_list import listed
from theta_tui.cloud.disposable import PROJECT
from theta_tui.cloud.trial import BASE, SHARD, SUFFIX, failure_of
from theta_tui.command import Account, Cloud, query, workflow
from theta_tui.errors import CloudError, UsageError
from theta_tui.leftover import Leftover
from theta_tui.shapes.deployments import Deployment
from theta_tui.shapes.disposable import CleanupParams, CleanupReport, PendingCleanup, PendingDeployment

PAUSE_SECONDS = 1.0
"""Between two looks at the list."""


class Cleanup(Cloud):
    """What is left of workflows that never came to their end."""

    prefix = "theta.cleanup"
    domain = "deployments"
    needs = (Family.CONTROLLER,)

    @query()
    async def pending(self) -> PendingCleanup:
        """List deployments that interrupted validations may have left running, from the local journal (CT-9)."""
        found = await self._pending()
        return PendingCleanup(deployments=tuple([await self._looked_up(item) for item in found]))

    @workflow(Effect.DESTROY)
    async def finish(self, params: CleanupParams) -> Plan[CleanupReport]:
        """Delete what interrupted validations left, and check that it is gone.

        CT-17, CT-16. UsageError when nothing is pending. What is gone already is only crossed off in the journal.
        """
        pending = [item for item in await self._pending() if params.number in (None, item.number)]
        if not pending:
            raise UsageError(
                "There is no clean-up to finish.", hint="`theta-tui run theta.cleanup.pending` lists them."
            )
        ends = [Ending(self.account, item, await self._listed(item)) for item in pending]
        alive = [end for end in ends if end.found is not None]
        names = ", ".join(end.item.name for end in alive)
        one = alive[0].found if len(alive) == 1 else None
        return Plan(
            summary=f"Delete {names}, left by an interrupted run" if alive else "Cross off what is gone already",
            effect=Effect.DESTROY,
            steps=tuple(step for end in ends for step in end.steps()),
            read=lambda values, errors: _report(ends, errors),
            target=Target("deployment", one.key if one else "", names),
            is_clean=lambda _: True,  # what is left is still written down by the run that made it
        )

    async def _pending(self) -> list[PendingDeployment]:
        return [_pending(left) for left in await self.account.leftovers()]

    async def _looked_up(self, item: PendingDeployment) -> PendingDeployment:
        try:
            found = await self._listed(item)
        except CloudError:
            return item
        return item.model_copy(update={"listed": found is not None})

    async def _listed(self, item: PendingDeployment) -> Deployment | None:
        project_id = self.account.project_id(item.project_id or None)
        return next(filter(item.is_meant, await listed(self.account, project_id)), None)


class Ending:
    """The end of one leftover: deleted if it is still listed, then looked for, then crossed off."""

    def __init__(self, account: Account, item: PendingDeployment, found: Deployment | None) -> None:
        self._account = account
        self._project_id = account.project_id(item.project_id or None)
        self.item = item
        self.found = found
        self.is_gone = False
        self._deleted = False

    def steps(self) -> tuple[Step | Wait, ...]:
        """Give its steps; each leftover is seen to, whatever becomes of the others."""
        label = f"{self.item.number} {self.item.name}"
        check = Wait(name=f"gone {label}", run=self._check, cleanup=True)
        found, item = self.found, self.item
        if found is None:
            return (check,)
        ids = (found.base_id or item.base_id, found.shard or item.shard, found.suffix or item.suffix)
        ways = deletion(self._project_id, *ids)
        if not ways:
            return (check,)
        delete: Change[bool] = Change(
            summary=f"Delete the deployment {found.name or item.name} for good",
            effect=Effect.DESTROY,
            requests=ways,
            read=lambda _: self._mark_deleted(),
            cost=FREE,
            target=Target("deployment", found.key, found.name or item.name),
            machine=MachineEvent.ENDS,
            reconcile=self._find_gone,
            idempotent=True,
        )
        return Step(name=f"delete {label}", change=delete, cleanup=True), check

    async def _find_gone(self) -> bool | None:
        found = await listed(self._account, self._project_id)
        return None if any(map(self.item.is_meant, found)) else self._mark_deleted()

    def _mark_deleted(self) -> bool:
        self._deleted = True
        return True

    async def _check(self, filled: Filled) -> Filled:
        still = await await_gone(
            self._account,
            self._project_id,
            is_meant=self.item.is_meant,
            seconds=GONE_SECONDS if self._deleted else 0.0,
            pause=PAUSE_SECONDS,
        )
        self.is_gone = still is None
        if self.is_gone:
            await self._account.close_leftover(self.item.number)
        return {}


def _pending(left: Leftover) -> PendingDeployment:
    return PendingDeployment(
        number=left.number,
        command=left.command,
        began=datetime.fromtimestamp(left.began, UTC).isoformat(timespec="seconds"),
        name=left.made,
        base_id=left.known.get(BASE.name, ""),
        shard=left.known.get(SHARD.name, ""),
        suffix=left.known.get(SUFFIX.name, ""),
        project_id=left.known.get(PROJECT, ""),
    )


def _report(ends: list[Ending], errors: Mapping[str, BaseException]) -> CleanupReport:
    return CleanupReport(
        deleted=tuple(end.item.name for end in ends if end.is_gone and end.found),
        gone=tuple(end.item.name for end in ends if end.is_gone and not end.found),
        left=tuple(end.item.name for end in ends if not end.is_gone),
        failures=tuple(failure_of(step, error) for step, error in errors.items()),
    )
