"""Disposable validation (wire 15.3): a deployment made to be tried once, and deleted whatever happens."""

from __future__ import annotations

import secrets

from theta_tui.change import Effect, Plan, Step, Target, Wait
from theta_tui.cloud.deployment_list import listed
from theta_tui.cloud.deployments import Deployments
from theta_tui.cloud.trial import (
    BASE,
    CREDENTIAL,
    GIVES,
    SHARD,
    STILL_BASE,
    STILL_SHARD,
    STILL_SUFFIX,
    SUFFIX,
    Trial,
)
from theta_tui.command import workflow
from theta_tui.errors import UsageError
from theta_tui.leftover import MADE
from theta_tui.shapes.deployments import NewDeployment
from theta_tui.shapes.disposable import DisposableParams, ValidationReport

PROJECT = "project.id"
"""Beside the name, what the journal knows of a validation before the cloud has answered."""


class Disposable(Deployments):
    """Deployments that are made to be tried."""

    @workflow(Effect.CREATE)
    async def validate_disposable(self, params: DisposableParams) -> Plan[ValidationReport]:
        """Try a template on a machine for a moment: create, wait until ready, chat once, and always delete.

        Wire 15.3. The machine is billed until it is deleted; the review counts the longer of the budget horizon and
        the time it may take to become ready. A name that is taken already is refused: after a crash what has to be
        deleted may be known by its name alone. Raises the error of a create that was refused.
        """
        project_id = self.account.project_id(params.project_id)
        name = params.name or f"theta-check-{secrets.token_hex(3)}"
        if any(item.name == name for item in await listed(self.account, project_id)):
            raise UsageError(f"There is a deployment {name!r} already; choose another name, or none.")
        trial = Trial(self.account, params, name, project_id)
        fields = {field: getattr(params, field) for field in NewDeployment.model_fields}
        create = trial.prepared(await self.create(NewDeployment.model_validate({**fields, "name": name})))
        chat = [Step(name="chat", change=trial.chat())] if params.probe == "openai" else []
        return Plan(
            summary=f"Try {params.deployment_template_id} as {name}: {create.summary.lower()}, probe it, delete it",
            effect=Effect.CREATE,
            steps=(
                Wait(name="balance before", run=trial.read_balance),
                Step(name="create", change=create, gives=GIVES | {CREDENTIAL: trial.credential_of}, awaited=True),
                Wait(name="ready", run=trial.wait_until_ready),
                *chat,
                Wait(name="identify", run=trial.identify, cleanup=True),
                Step(name="delete", change=trial.delete(BASE, SHARD, SUFFIX), cleanup=True),
                Wait(name="gone", run=trial.wait_until_gone, cleanup=True),
                Step(name="delete again", change=trial.delete(STILL_BASE, STILL_SHARD, STILL_SUFFIX), cleanup=True),
                Wait(name="gone for good", run=trial.wait_until_gone, cleanup=True),
                Wait(name="balance after", run=trial.read_balance, cleanup=True),
            ),
            read=trial.report,
            target=Target("deployment", "", name),
            known={MADE: name, PROJECT: project_id},
            is_clean=trial.is_clean,
        )
