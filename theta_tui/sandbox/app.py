"""The simulated cloud as one ASGI application: the gateway, and behind it every domain's routes."""

from __future__ import annotations

import traceback
from typing import Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from theta_tui.sandbox import (
    agents,
    billing,
    compute,
    control,
    deployments,
    inference,
    network,
    on_demand,
    platform,
    video,
)
from theta_tui.sandbox.answers import Refused, refusal
from theta_tui.sandbox.gateway import Gateway
from theta_tui.sandbox.world import World


class Domain(Protocol):
    """A module of the sandbox that answers one domain's routes."""

    def routes(self, world: World) -> list[Route]:
        """The routes, most particular first."""
        ...


#: Adding a domain is one module and one entry here.
DOMAINS: tuple[Domain, ...] = (
    on_demand,
    deployments,
    inference,
    agents,
    billing,
    platform,
    compute,
    network,
    video,
    control,
)


def build(world: World) -> ASGIApp:
    """The application over this world."""

    async def broken(request: Request, error: Exception) -> Response:
        world.problems.append("".join(traceback.format_exception(error)))
        return refusal(500, f"Sandbox mistake: {type(error).__name__}: {error}")

    app = Starlette(
        routes=[route for domain in DOMAINS for route in domain.routes(world)],
        exception_handlers={
            Refused: _refused,
            HTTPException: _http_error,
            ClientDisconnect: _disconnected,
            Exception: broken,
        },
    )
    app.router.redirect_slashes = False
    return Gateway(app, world)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)  # noqa: S101 - registered for this class only
    return refusal(error.status, error.message)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    return refusal(error.status_code, error.detail, headers=error.headers)


async def _disconnected(request: Request, error: Exception) -> Response:
    return refusal(400, "Client closed the connection")
