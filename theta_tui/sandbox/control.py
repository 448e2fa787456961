"""The sandbox's own routes, outside Theta's paths: what happened, the clock, the faults, a fresh start."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from theta_tui.sandbox.answers import Answer, Refused, read_json, whole_number
from theta_tui.sandbox.demo import seed_demo
from theta_tui.sandbox.world import Call, World


def routes(world: World) -> list[Route]:
    """`/_sandbox/…`: plain JSON without the envelope and without credentials; never recorded as calls."""
    control = _Control(world)
    return [
        Route("/_sandbox/calls", control.calls),
        Route("/_sandbox/world", control.summary),
        Route("/_sandbox/clock", control.clock, methods=["GET", "POST"]),
        Route("/_sandbox/faults", control.faults, methods=["GET", "POST", "DELETE"]),
        Route("/_sandbox/reset", control.reset, methods=["POST"]),
    ]


class _Control:
    def __init__(self, world: World) -> None:
        self.world = world

    async def calls(self, request: Request) -> Response:
        since = whole_number(dict(request.query_params), "since", 0, most=10**9)
        return Answer([_described(call) for call in self.world.calls[since:]])

    async def summary(self, request: Request) -> Response:
        world, at = self.world, self.world.clock.elapsed()
        return Answer(
            {
                "now": world.clock.iso(),
                "balance_cents": world.balance_cents,
                "charged_cents": world.charged_cents,
                "charges": [{"time": one.time, "cents": one.cents, "why": one.why} for one in world.charges],
                "counts": dict(world.counts),
                "deployments": [
                    {
                        "name": machine.name,
                        "suffix": machine.suffix,
                        "base_id": machine.base_id,
                        "vm_id": machine.vm.id,
                        "state": machine.state(at),
                        "probe_status": machine.probe_status(at),
                        "cost_cents": machine.cost_cents(at),
                    }
                    for machine in world.deployments.values()
                ],
                "calls": len(world.calls),
                "problems": world.problems,
            }
        )

    async def clock(self, request: Request) -> Response:
        world, clock = self.world, self.world.clock
        if request.method == "POST":
            asked = await read_json(request)
            try:
                if "speed" in asked:
                    clock.speed = float(asked["speed"])
                if "pace" in asked:
                    world.pace = max(float(asked["pace"]), 0.0)
                if "advance" in asked:
                    clock.advance(float(asked["advance"]))
            except (TypeError, ValueError) as error:
                raise Refused(400, str(error)) from error
        return Answer({"now": clock.iso(), "elapsed": clock.elapsed(), "speed": clock.speed, "pace": world.pace})

    async def faults(self, request: Request) -> Response:
        faults = self.world.faults
        if request.method == "DELETE":
            faults.clear()
        if request.method == "POST":
            try:
                asked = json.loads(await request.body())
                for one in asked if isinstance(asked, list) else [asked]:
                    faults.add(one)
            except (AttributeError, ValueError) as error:
                raise Refused(400, str(error)) from error
        return Answer(faults.describe())

    async def reset(self, request: Request) -> Response:
        """Start afresh; the query `demo=1` fills the world as the demo does."""
        self.world.reset()
        if request.query_params.get("demo") == "1":
            seed_demo(self.world)
        return Answer({"reset": True})


def _described(call: Call) -> dict[str, Any]:
    described: dict[str, Any] = {
        "index": call.index,
        "time": call.time,
        "method": call.method,
        "path": call.path,
        "target": call.target,
        "query": call.query,
        "headers": call.headers,
        "domain": call.domain,
        "status": call.status,
        "size": call.body_size,
    }
    if call.body:
        try:
            described["json"] = json.loads(call.body)
        except ValueError:
            if call.content_type.startswith("text/"):
                described["text"] = call.body.decode("utf-8", "replace")
    return described
