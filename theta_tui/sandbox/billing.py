"""The balance (PF-2). Scenario: `balance_string` (the number as a string)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from theta_tui.sandbox.answers import (
    FORBIDDEN,
    Refused,
    envelope,
    need_bearer,
    need_project_key,
    read_query,
)
from theta_tui.sandbox.world import World


def routes(world: World) -> list[Route]:
    """One route; the on-demand token opens it too, as was observed."""

    async def balance(request: Request) -> Response:
        if "authorization" in request.headers and "x-api-key" not in request.headers:
            need_bearer(request, world.keys.ondemand_token)
        else:
            need_project_key(request, world)
        org_id = read_query(request, required=("orgID",))["orgID"]
        if org_id != world.org_id:
            raise Refused(403, FORBIDDEN)
        await world.pause(0.1)
        cents = world.balance_cents
        as_string = world.faults.take("balance_string", request.method, request.url.path)
        return envelope({"balances": [{"org_id": org_id, "balance": str(cents) if as_string else cents}]})

    return [Route("/balance", balance)]
