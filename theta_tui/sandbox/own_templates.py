"""Templates: the standard ones to look through, and those of the project (CT-1 to CT-7). It starts no machine."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from theta_tui.sandbox.answers import (
    Refused,
    envelope,
    may,
    need,
    need_own_project,
    need_project_key,
    read_json,
    read_query,
    whole_number,
)
from theta_tui.sandbox.templates import STANDARD_TEMPLATES, Template, custom_template
from theta_tui.sandbox.world import World

_FIELDS: Final = frozenset(
    {
        *("name", "project_id", "description", "container_image", "container_port", "container_args"),
        *("env_vars", "tags", "icon_url"),
    }
)
_PAGING: Final = ("page", "number")


def templates_of(world: World) -> dict[str, Template]:
    """The project's own templates by id; a fresh world has one."""
    first = custom_template(world.project_id)
    return cast(dict[str, Template], world.records["templates"].setdefault("own", {first.id: first}))


def routes(world: World) -> list[Route]:
    """The routes of templates."""
    shelf, path = _Shelf(world), "/deployment_template"
    return [
        Route(f"{path}/list_standard_templates", shelf.standard),
        Route(f"{path}/list_custom_templates", shelf.custom),
        Route(f"{path}/standard_template_tags", shelf.tags),
        Route(f"{path}/standard_templates", shelf.search),
        Route(path, shelf.create, methods=["POST"]),
        Route(f"{path}/{{template_id}}", shelf.update, methods=["PUT"]),
        Route(f"{path}/{{template_id}}", shelf.delete, methods=["DELETE"]),
    ]


class _Shelf:
    def __init__(self, world: World) -> None:
        self.world = world

    async def standard(self, request: Request) -> Response:
        """CT-1."""
        need_project_key(request, self.world)
        query = read_query(request, optional=("category", *_PAGING))
        category = query.get("category")
        return _page(query, [one for one in STANDARD_TEMPLATES if category in (None, one.category)])

    async def custom(self, request: Request) -> Response:
        """CT-2."""
        need_project_key(request, self.world)
        query = read_query(request, required=("project_id",), optional=_PAGING)
        need_own_project(self.world, query["project_id"])
        return _page(query, list(templates_of(self.world).values()))

    async def tags(self, request: Request) -> Response:
        """CT-3."""
        need_project_key(request, self.world)
        return envelope(sorted({tag for template in STANDARD_TEMPLATES for tag in template.tags}))

    async def search(self, request: Request) -> Response:
        """CT-4: words in name or description, one tag, a category; no template here is hidden."""
        need_project_key(request, self.world)
        query = read_query(request, optional=("tags", "search", "category", "hidden", *_PAGING))
        if query.get("hidden", "false") not in ("true", "false"):
            raise Refused(400, "Invalid parameter: hidden")
        words, tag, category = query.get("search", "").lower(), query.get("tags", ""), query.get("category")
        return _page(
            query,
            [
                one
                for one in STANDARD_TEMPLATES
                if words in f"{one.name} {one.short_description}".lower()
                and (not tag or tag in one.tags)
                and category in (None, "", one.category)
            ],
        )

    async def create(self, request: Request) -> Response:
        """CT-5."""
        body = await self._body(request)
        made = Template(
            id=self.world.ids.make("img_"),
            name=need(body, "name", str),
            short_description="",
            category="serving",
            tags=(),
            kind="openai",
            model="sandbox/own",
            images=(need(body, "container_image", str),),
            vms=("vm_gt1", "vm_gt2"),
            port=8000,
            min_vram=16,
            project_id=self.world.project_id,
            create_time=self.world.clock.iso(),
        )
        made = dataclasses.replace(made, **_changes(body))
        templates_of(self.world)[made.id] = made
        return envelope(made.describe(0))

    async def update(self, request: Request) -> Response:
        """CT-6."""
        body = await self._body(request)
        changed = dataclasses.replace(self._own(request), **_changes(body))
        templates_of(self.world)[changed.id] = changed
        return envelope(changed.describe(0))

    async def delete(self, request: Request) -> Response:
        """CT-7."""
        need_project_key(request, self.world)
        need_own_project(self.world, read_query(request, required=("project_id",))["project_id"])
        del templates_of(self.world)[self._own(request).id]
        return envelope(True)

    async def _body(self, request: Request) -> dict[str, Any]:
        need_project_key(request, self.world)
        read_query(request)
        body = await read_json(request)
        unknown = sorted(set(body) - _FIELDS)
        if unknown:
            raise Refused(400, f"Unknown field: {unknown[0]}")
        need_own_project(self.world, need(body, "project_id", str))
        return body

    def _own(self, request: Request) -> Template:
        found = templates_of(self.world).get(request.path_params["template_id"])
        if found is None:
            raise Refused(404, "Deployment template not found")
        return found


def _changes(body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a template that a body sets, each of its type."""
    tags, arguments, variables = may(body, "tags", list), may(body, "container_args", list), may(body, "env_vars", dict)
    for name, items in (("tags", tags), ("container_args", arguments), ("env_vars", (variables or {}).values())):
        if not all(isinstance(item, str) for item in items or ()):
            raise Refused(400, f"Invalid field: {name}")
    image = may(body, "container_image", str)
    fields = {
        "name": may(body, "name", str),
        "short_description": may(body, "description", str),
        "images": (image,) if image else None,
        "port": may(body, "container_port", int),
        "container_args": None if arguments is None else tuple(arguments),
        "env_values": None if variables is None else tuple(variables.items()),
        "tags": None if tags is None else tuple(tags),
        "icon_url": may(body, "icon_url", str),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _page(query: dict[str, str], templates: list[Template]) -> Response:
    page, number = whole_number(query, "page", 0), whole_number(query, "number", 50, least=1)
    shown = [template.describe(10 * rank) for rank, template in enumerate(templates, 1)][page * number :][:number]
    return envelope({"total_count": str(len(templates)), "page": page, "number": number, "templates": shown})
