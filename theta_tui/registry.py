"""Every command there is, by name: derived from the cloud classes named here, and from nothing else.

A class is imported when one of its commands is first asked for: of twenty domains the console begins with three.
"""

from __future__ import annotations

import difflib
from functools import cache
from importlib import import_module

from theta_tui.command import Cloud, Command, commands_of
from theta_tui.errors import UsageError
from theta_tui.shapes.base import NoParams

CLOUDS: tuple[tuple[str, str], ...] = (
    ("theta", "platform:Platform"),
    ("theta", "capabilities:Access"),
    ("theta.ondemand", "on_demand:OnDemand"),
    ("theta.ondemand", "upload_infer:UploadInfer"),
    ("theta", "routing:Router"),
    ("theta.inference", "inference:Inference"),
    ("theta.deployments", "deployments:Deployments"),
    ("theta.deployments", "disposable:Disposable"),
    ("theta.cleanup", "cleanup:Cleanup"),
    ("theta.cleanup", "outcomes:Reconciliation"),
    ("theta.deployments", "templates:TemplateShelf"),
    ("theta.templates", "templates:Templates"),
    ("theta", "compute:Compute"),
    ("theta.billing", "billing:Billing"),
    ("theta.ai.agent", "agents:Agents"),
    ("theta.ai.agent.document", "agents:AgentDocuments"),
    ("theta.video", "video:Videos"),
    ("theta.video", "livestreams:Livestreams"),
    ("theta.chain", "network:Chain"),
    ("theta.keys", "network:Keys"),
    ("theta.edge", "network:EdgeClient"),
)
"""What the names of a class's commands begin with, and `module:Class`; in the order in which commands are listed."""


@cache
def _commands_of(where: str) -> dict[str, Command]:
    module, _, name = where.partition(":")
    cloud: type[Cloud] = getattr(import_module(f"theta_tui.cloud.{module}"), name)
    return {command.name: command for command in commands_of(cloud, NoParams)}


@cache
def commands() -> dict[str, Command]:
    """Give every command by its name, in the order of the domains."""
    return {name: command for _, where in CLOUDS for name, command in _commands_of(where).items()}


def is_whole() -> bool:
    """Whether every class has been imported, so that `commands` takes no time."""
    return commands.cache_info().currsize > 0


@cache
def aliases() -> dict[str, str]:
    """Give the further names: alias → name."""
    return {alias: command.name for command in commands().values() for alias in command.aliases}


def find(name: str) -> Command:
    """Give the command with this name or alias; UsageError names the nearest one."""
    for prefix, where in sorted(CLOUDS, key=lambda cloud: -len(cloud[0])):
        if name.startswith(f"{prefix}.") and (command := _commands_of(where).get(name)) is not None:
            return command
    known = commands()
    if name in aliases():
        return known[aliases()[name]]
    near = difflib.get_close_matches(name, [*known, *aliases()], n=1)
    hint = f"Did you mean {near[0]}?" if near else "`theta-tui commands` lists them."
    raise UsageError(f"Unknown command {name!r}.", hint=hint)
