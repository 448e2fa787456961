"""Clusters and volumes (CT-20, CT-21): listed only, and empty, since no source shows what an item looks like."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from theta_tui.sandbox.answers import envelope, need_own_project, need_project_key, read_query, whole_number
from theta_tui.sandbox.world import World


def routes(world: World) -> list[Route]:
    """Two lists; they spell the project's id differently, as the cloud does."""

    async def clusters(request: Request) -> Response:
        need_project_key(request, world)
        need_own_project(world, read_query(request, required=("project_id",))["project_id"])
        return envelope([])

    async def volumes(request: Request) -> Response:
        need_project_key(request, world)
        query = read_query(request, required=("projectId",), optional=("page", "number"))
        need_own_project(world, query["projectId"])
        whole_number(query, "page", 1, least=1)
        whole_number(query, "number", 20, least=1)
        return envelope([])

    return [Route("/cluster/list", clusters), Route("/volume/claim", volumes)]
