"""The project behind the key, and its members (PF-3 to PF-8)."""

from __future__ import annotations

from typing import Any, Final, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from theta_tui.sandbox.answers import (
    Refused,
    envelope,
    need,
    need_own_project,
    need_project_key,
    read_json,
    read_query,
)
from theta_tui.sandbox.world import World

_CREATED: Final = "2026-01-01T00:00:00.000Z"
_ROLES: Final = ("admin", "editor", "viewer")
_PEOPLE: Final = (
    ("usr_sandboxowner", "Ada", "Sandbox", "ada@example.com", "admin"),
    ("usr_sandboxeditor", "Ben", "Sandbox", "ben@example.com", "editor"),
    ("usr_sandboxviewer", "Cleo", "Sandbox", "cleo@example.com", "viewer"),
)


def members_of(world: World) -> dict[str, dict[str, Any]]:
    """The members by id: three from the beginning."""
    people = {
        name.ljust(32, "0"): {
            "id": name.ljust(32, "0"),
            "first_name": first,
            "last_name": last,
            "avatar_url": None,
            "create_time": _CREATED,
            "email": email,
            "role": role,
            "disabled": False,
        }
        for name, first, last, email, role in _PEOPLE
    }
    return cast(dict[str, dict[str, Any]], world.records["platform"].setdefault("members", people))


def routes(world: World) -> list[Route]:
    """The routes of one project."""
    office = _Office(world)
    project = "/project/{project_id}"
    return [
        Route(project, office.project),
        Route(project, office.rename, methods=["PUT"]),
        Route(f"{project}/users", office.members),
        Route(f"{project}/user", office.add, methods=["POST"]),
        Route(f"{project}/user/{{user_id}}", office.disable, methods=["DELETE"]),
        Route(f"{project}/user/{{user_id}}/enable", office.enable, methods=["PUT"]),
    ]


class _Office:
    def __init__(self, world: World) -> None:
        self.world = world

    async def project(self, request: Request) -> Response:
        """PF-3: from this a client learns its organisation and video account."""
        self._admit(request)
        await self.world.pause(0.1)
        return self._described()

    async def rename(self, request: Request) -> Response:
        """PF-4."""
        self._admit(request)
        self.world.records["platform"]["name"] = need(await self._body(request, "name"), "name", str)
        return self._described()

    async def members(self, request: Request) -> Response:
        """PF-5."""
        self._admit(request)
        return envelope({"users": list(members_of(self.world).values())})

    async def add(self, request: Request) -> Response:
        """PF-6."""
        self._admit(request)
        body = await self._body(request, "user_id", "role")
        user_id, role = need(body, "user_id", str), need(body, "role", str)
        if role not in _ROLES:
            raise Refused(400, "Invalid field: role")
        if not user_id.startswith("usr_"):
            raise Refused(400, "Invalid field: user_id")
        if user_id in members_of(self.world):
            raise Refused(409, "User is already a member of this project")
        member = {"id": user_id, "role": role, "create_time": self.world.clock.iso(), "disabled": False}
        hidden = {"first_name": "New", "last_name": "Member", "avatar_url": None, "email": "new@example.com"}
        members_of(self.world)[user_id] = {**hidden, **member}
        return _member(member)

    async def disable(self, request: Request) -> Response:
        """PF-7: 204 without a body."""
        self._one(request)["disabled"] = True
        return Response(status_code=204)

    async def enable(self, request: Request) -> Response:
        """PF-8."""
        found = self._one(request)
        found["disabled"] = False
        return _member(found)

    def _admit(self, request: Request) -> None:
        need_project_key(request, self.world)
        read_query(request)
        need_own_project(self.world, request.path_params["project_id"])

    def _one(self, request: Request) -> dict[str, Any]:
        self._admit(request)
        found = members_of(self.world).get(request.path_params["user_id"])
        if found is None:
            raise Refused(404, "User not found")
        return found

    async def _body(self, request: Request, *fields: str) -> dict[str, Any]:
        body = await read_json(request)
        unknown = sorted(set(body) - set(fields))
        if unknown:
            raise Refused(400, f"Unknown field: {unknown[0]}")
        return body

    def _described(self) -> Response:
        world = self.world
        described = {
            "id": world.project_id,
            "name": world.records["platform"].get("name", "Sandbox"),
            "org_id": world.org_id,
            "tva_id": world.keys.video_sa_id,
            "gateway_id": None,
            "create_time": _CREATED,
        }
        return envelope({"projects": [described]})


def _member(member: dict[str, Any]) -> Response:
    """The member object of wire 7.4."""
    kept = {name: member[name] for name in ("id", "role", "create_time", "disabled")}
    return envelope({"model": "users", "models": {}, **kept})
