"""Deleting a deployment by whatever is known of it, and looking until it is gone (wire 15.3, 17)."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable

from theta_tui.change import After, Family, Hole, Request, Segment, query_of
from theta_tui.cloud.deployment_list import listed, plural
from theta_tui.command import Account
from theta_tui.shapes.deployments import Deployment

GONE_SECONDS = 60.0
"""How long a deleted deployment may stay in the list."""
LONGEST_PAUSE = 5.0
"""Seconds between two looks at the list, at the most."""


def deletion(project_id: str, base: str | Hole, shard: str | Hole, suffix: str | Hole) -> tuple[Request, ...]:
    """Give the ways to delete: by base id, else by shard and suffix, each also plural (CT-17, CT-16, wire 17)."""
    project = query_of(project_id=project_id)
    paths: list[tuple[Segment, ...]] = [("deployment", "base", base)] if base else []
    if shard and suffix:
        paths.append(("deployment", shard, suffix))
    singular = [Request("DELETE", Family.CONTROLLER, path, project, only_after=After.NO_ROUTE) for path in paths]
    ways = [*singular, *(plural(one) for one in singular)]
    return (dataclasses.replace(ways[0], only_after=None), *ways[1:]) if ways else ()


async def await_gone(
    account: Account, project_id: str, *, is_meant: Callable[[Deployment], bool], seconds: float, pause: float
) -> Deployment | None:
    """Look at the list until a deployment is gone; what is still listed after `seconds`, else None.

    ProtocolError where the list cannot prove it.
    """
    left = seconds
    while True:
        found = next(filter(is_meant, await listed(account, project_id)), None)
        left -= pause
        if found is None or left < 0:
            return found
        await asyncio.sleep(pause)
