"""The project behind the key (PF-3)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from theta_tui.sandbox.answers import envelope, need_own_project, need_project_key, read_query
from theta_tui.sandbox.world import World


def routes(world: World) -> list[Route]:
    """One route, from which a client learns its organisation and video account."""

    async def project(request: Request) -> Response:
        need_project_key(request, world)
        read_query(request)
        need_own_project(world, request.path_params["project_id"])
        await world.pause(0.1)
        described = {
            "id": world.project_id,
            "name": "Sandbox",
            "org_id": world.org_id,
            "tva_id": world.keys.video_sa_id,
            "gateway_id": None,
            "create_time": "2026-01-01T00:00:00.000Z",
        }
        return envelope({"projects": [described]})

    return [Route("/project/{project_id}", project)]
