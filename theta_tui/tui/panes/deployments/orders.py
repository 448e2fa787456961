"""What can be done to a deployment that is there: stop, start, delete."""

from __future__ import annotations

from typing import Any

from theta_tui.tui.panes.deployments.row import DeploymentRow, is_stopped
from theta_tui.tui.panes.orders import Verb, is_gone


def _place(row: DeploymentRow) -> dict[str, Any]:
    """Give where it is; the name goes along for the review."""
    deployment = row.deployment
    return {
        "name": deployment.name or None,
        "shard": deployment.shard or None,
        "suffix": deployment.suffix or None,
    }


STOP = Verb[DeploymentRow](
    command="theta.deployments.stop",
    doing="Stopping",
    noun="stop",
    done="stopped: it is billed no longer",
    arguments=_place,
    refusal=lambda row: f"{row.name} is stopped already." if is_stopped(row.deployment) else None,
    is_so=lambda row: row is not None and is_stopped(row.deployment),
)
START = Verb[DeploymentRow](
    command="theta.deployments.start",
    doing="Starting",
    noun="start",
    done="started: it is billed from now on",
    arguments=_place,
    refusal=lambda row: f"{row.name} is not stopped." if row.deployment.is_billed else None,
    is_so=lambda row: row is not None and row.deployment.is_billed,
)
DELETE = Verb[DeploymentRow](
    command="theta.deployments.delete",
    doing="Deleting",
    noun="delete",
    done="deleted",
    arguments=lambda row: {**_place(row), "deployment_id": row.deployment.base_id or None},
    is_so=is_gone,
)
