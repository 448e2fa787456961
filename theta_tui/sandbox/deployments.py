"""Deployments and VM types: CT-8 to CT-18 and PF-1; templates have a module of their own.

Scenarios: `plural_routes` (the singular routes are gone, the plural ones answer), `string_create`, `no_base_id`,
`never_ready`, `warm_up` (option `script`: pairs of seconds and status), `vm_capacity` (options `vm_id`, `status`,
`message`), `sticky_delete` (option `lists`, 2: for so many lists the deleted item stays visible).
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from theta_tui.sandbox import own_templates
from theta_tui.sandbox.answers import (
    Refused,
    envelope,
    need_own_project,
    need_project_key,
    read_json,
    read_query,
)
from theta_tui.sandbox.hardware import VM_TYPES
from theta_tui.sandbox.listings import disclosed, endpoint, listed
from theta_tui.sandbox.machines import WARM_UPS, Machine, Script
from theta_tui.sandbox.orders import Order, alter, read_order
from theta_tui.sandbox.world import World

REGIONS = ("us-west", "us-east", "eu-west", "asia-east-1")
_NO_CAPACITY = "No instances available - try again later"


def routes(world: World) -> list[Route]:
    """The routes of this domain; `/deployments/…` is the same desk behind the other door."""
    desk = _Desk(world)
    found = [Route("/resource/vm/list", _vm_types), *own_templates.routes(world)]
    for door in ("/deployment", "/deployments"):
        found += [
            Route(door, desk.create, methods=["POST"]),
            Route(door, desk.show_all),
            Route(f"{door}/list", desk.show_all),
            Route(f"{door}/base/{{base_id}}/start", desk.start, methods=["POST", "PUT"]),
            Route(f"{door}/base/{{base_id}}/stop", desk.stop, methods=["POST", "PUT"]),
            Route(f"{door}/base/{{base_id}}", desk.delete, methods=["DELETE"]),
            Route(f"{door}/{{shard}}/{{suffix}}/start", desk.start, methods=["PUT"]),
            Route(f"{door}/{{shard}}/{{suffix}}/stop", desk.stop, methods=["PUT"]),
            Route(f"{door}/{{shard}}/{{suffix}}", desk.update, methods=["PUT"]),
            Route(f"{door}/{{shard}}/{{suffix}}", desk.delete, methods=["DELETE"]),
            Route(f"{door}/{{shard}}/{{suffix}}", desk.inspect),
        ]
    return found


async def _vm_types(request: Request) -> Response:
    """PF-1, public."""
    read_query(request)
    return envelope({"vms": [vm.describe() for vm in VM_TYPES.values()]})


class _Desk:
    def __init__(self, world: World) -> None:
        self.world = world

    async def create(self, request: Request) -> Response:
        """CT-8."""
        world = self.world
        self._admit(request)
        order = read_order(world, await read_json(request))
        if world.balance_cents <= 0:
            raise Refused(402, "Insufficient balance")
        refused = world.faults.take("vm_capacity", request.method, request.url.path, vm_id=order.vm.id)
        if refused is not None:
            raise Refused(int(refused.option("status", 409)), refused.option("message", _NO_CAPACITY))
        machine = make_machine(world, order)
        machine.script = self._script(request)
        machine.start(world.clock.elapsed())
        world.add_deployment(machine)
        world.counts["creates"] += 1
        await world.pause(0.6)
        if world.faults.take("string_create", request.method, request.url.path):
            return envelope(f"Custom deployment initiated. Access it at: {endpoint(world, machine)}")
        answer = disclosed(world, machine)
        if world.faults.take("no_base_id", request.method, request.url.path):
            del answer["BaseID"]
        return envelope(answer)

    async def show_all(self, request: Request) -> Response:
        """CT-9, CT-10 and CT-11."""
        world = self.world
        self._admit(request)
        query = read_query(request, required=("project_id",), optional=("template_name", "not_template_name"))
        need_own_project(world, query["project_id"])
        wanted = request.query_params.getlist("template_name")
        unwanted = request.query_params.getlist("not_template_name")
        await world.pause(0.15)
        items = [listed(world, machine) for machine in world.deployments.values()] + self._still_leaving()
        return envelope(
            [
                item
                for item in items
                if (not wanted or item["TemplateName"] in wanted) and item["TemplateName"] not in unwanted
            ]
        )

    async def inspect(self, request: Request) -> Response:
        """CT-12."""
        return envelope(disclosed(self.world, self._own(request)))

    async def update(self, request: Request) -> Response:
        """CT-13: what the body names is changed; a machine that is on goes on, billed by its new type."""
        machine = self._own(request)
        alter(self.world, machine, await read_json(request))
        return envelope(disclosed(self.world, machine))

    async def start(self, request: Request) -> Response:
        """CT-14 and CT-18."""
        machine = self._own(request)
        if machine.running:
            raise Refused(400, "Deployment is already running")
        if self.world.balance_cents <= 0:
            raise Refused(402, "Insufficient balance")
        machine.start(self.world.clock.elapsed())
        self.world.counts["starts"] += 1
        return envelope("Deployment started")

    async def stop(self, request: Request) -> Response:
        """CT-15 and CT-18."""
        machine = self._own(request)
        if not machine.running:
            raise Refused(400, "Deployment is not running")
        machine.stop(self.world.clock.elapsed())
        self.world.counts["stops"] += 1
        return envelope("Deployment stopped")

    async def delete(self, request: Request) -> Response:
        """CT-16 and CT-17."""
        machine = self._own(request)
        sticky = self.world.faults.take("sticky_delete", request.method, request.url.path)
        if sticky:
            leaving = self.world.records["deployments"].setdefault("leaving", [])
            leaving.append([listed(self.world, machine), int(sticky.option("lists", 2))])
        self.world.remove_deployment(machine)
        self.world.counts["deletes"] += 1
        return envelope(True)

    def _admit(self, request: Request) -> None:
        """The door must be the one that is open, and the key must be right."""
        path = request.url.path
        plural = self.world.faults.take("plural_routes", request.method, path) is not None
        if path.startswith("/deployments") != plural:
            raise Refused(404, "Not Found")
        need_project_key(request, self.world)

    def _own(self, request: Request) -> Machine:
        self._admit(request)
        need_own_project(self.world, read_query(request, required=("project_id",))["project_id"])
        wanted = request.path_params
        for machine in self.world.deployments.values():
            if machine.base_id == wanted.get("base_id"):
                return machine
            if (str(machine.shard), machine.suffix) == (wanted.get("shard"), wanted.get("suffix")):
                return machine
        raise Refused(404, "Deployment not found")

    def _script(self, request: Request) -> Script | None:
        faults, path = self.world.faults, request.url.path
        if faults.take("never_ready", request.method, path):
            return WARM_UPS["never"]
        asked = faults.take("warm_up", request.method, path)
        return tuple((float(until), int(status)) for until, status in asked.option("script", [])) if asked else None

    def _still_leaving(self) -> list[dict[str, Any]]:
        leaving = self.world.records["deployments"].get("leaving", [])
        shown = [item for item, left in leaving if left > 0]
        for one in leaving:
            one[1] -= 1
        return shown


def make_machine(world: World, order: Order) -> Machine:
    """A machine for an order, switched off and not yet in the project."""
    ids = world.ids
    short = "".join(character for character in order.template.name.lower() if character.isalnum())[:12]
    return Machine(
        number=ids.number(),
        base_id=ids.hexadecimal(8),
        name=order.name or f"{short}-{ids.characters(4)}",
        shard=order.shard,
        suffix=ids.hexadecimal(16),
        template=order.template,
        vm=order.vm,
        region=REGIONS[(order.shard - 1) % len(REGIONS)],
        create_time=world.clock.iso(),
        min_replicas=order.min_replicas,
        max_replicas=order.max_replicas,
        container_image=order.container_image,
        env_vars=order.env_vars,
        annotations=order.annotations,
        auth_username=order.auth_username,
        auth_password=order.auth_password,
    )
