"""Every command there is, by name: derived from the cloud classes named here, and from nothing else."""

from __future__ import annotations

import difflib
from functools import cache

from theta_tui.cloud.agents import AgentDocuments, Agents
from theta_tui.cloud.billing import Billing
from theta_tui.cloud.capabilities import Access
from theta_tui.cloud.cleanup import Cleanup
from theta_tui.cloud.compute import Compute
from theta_tui.cloud.deployments import Deployments
from theta_tui.cloud.disposable import Disposable
from theta_tui.cloud.inference import Inference
from theta_tui.cloud.livestreams import Livestreams
from theta_tui.cloud.network import Chain, EdgeClient, Keys
from theta_tui.cloud.on_demand import OnDemand
from theta_tui.cloud.outcomes import Reconciliation
from theta_tui.cloud.platform import Platform
from theta_tui.cloud.routing import Router
from theta_tui.cloud.templates import Templates, TemplateShelf
from theta_tui.cloud.upload_infer import UploadInfer
from theta_tui.cloud.video import Videos
from theta_tui.command import Cloud, Command, commands_of
from theta_tui.errors import UsageError
from theta_tui.shapes.base import NoParams

CLOUDS: tuple[type[Cloud], ...] = (
    Platform,
    Access,
    OnDemand,
    UploadInfer,
    Router,
    Inference,
    Deployments,
    Disposable,
    Cleanup,
    Reconciliation,
    TemplateShelf,
    Templates,
    Compute,
    Billing,
    Agents,
    AgentDocuments,
    Videos,
    Livestreams,
    Chain,
    Keys,
    EdgeClient,
)


@cache
def commands() -> dict[str, Command]:
    """Give every command by its name, in the order of the domains."""
    return {command.name: command for cloud in CLOUDS for command in commands_of(cloud, NoParams)}


@cache
def aliases() -> dict[str, str]:
    """Give the further names: alias → name."""
    return {alias: command.name for command in commands().values() for alias in command.aliases}


def find(name: str) -> Command:
    """Give the command with this name or alias; UsageError names the nearest one."""
    known = commands()
    command = known.get(aliases().get(name, name))
    if command is not None:
        return command
    near = difflib.get_close_matches(name, [*known, *aliases()], n=1)
    hint = f"Did you mean {near[0]}?" if near else "`theta-tui commands` lists them."
    raise UsageError(f"Unknown command {name!r}.", hint=hint)
