"""The list of deployments (CT-9, CT-10): how it is asked for, and when what is not in it is not there."""

from __future__ import annotations

import dataclasses

from theta_tui.change import After, Family, Reply, Request, query_of, segments
from theta_tui.command import Account
from theta_tui.errors import ProtocolError
from theta_tui.shapes.base import Record, is_whole_list, records
from theta_tui.shapes.deployments import Deployment


def plural(request: Request) -> Request:
    """Give the plural form of a deployment route, tried after 404 or 405 only (wire 4.2)."""
    path = ("deployments", *request.path[1:])
    return dataclasses.replace(request, path=path, only_after=After.NO_ROUTE)


def list_requests(project_id: str, *extra: tuple[str, str]) -> tuple[Request, Request]:
    """Give CT-9 and, after 404 or 405, CT-10."""
    first = Request("GET", Family.CONTROLLER, segments("deployment/list"), (*query_of(project_id=project_id), *extra))
    return first, plural(first)


async def listed(account: Account, project_id: str) -> tuple[Deployment, ...]:
    """List the deployments of a project (CT-9, then CT-10).

    ProtocolError for an answer that does not prove which deployments there are.
    """
    found = tuple(map(Deployment.read, proven(await account.read(*list_requests(project_id)), "deployments")))
    if not all(one.key or one.name for one in found):
        raise ProtocolError("The list names a deployment by nothing.")
    return found


def proven(reply: Reply, key: str) -> list[Record]:
    """Give the records of an answer that holds the whole list; ProtocolError for one that only may."""
    if reply.raw is None or not is_whole_list(reply.value, key):
        raise ProtocolError("The answer holds no list.", status=reply.status, request_id=reply.request_id)
    return records(reply.value, key)
