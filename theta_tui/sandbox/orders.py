"""Reading the bodies of CT-8 and CT-13: every rule of wire 4.5, before anything is made or changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from theta_tui.sandbox.answers import Refused, may, need, need_own_project
from theta_tui.sandbox.compute import community_node
from theta_tui.sandbox.hardware import VM_TYPES, VmType
from theta_tui.sandbox.machines import Machine
from theta_tui.sandbox.own_templates import templates_of
from theta_tui.sandbox.templates import STANDARD_TEMPLATES, Template
from theta_tui.sandbox.world import World

_MOST_REPLICAS = 10
_TEXTS: Final = ("registry_username", "registry_password", "password")
_FIELDS: Final = frozenset(
    {
        *("project_id", "deployment_template_id", "deployment_image_id", "vm_id", "min_replicas", "max_replicas"),
        *("name", "container_image", "env_vars", "annotations", "auth_username", "auth_password", "price_hr", "shard"),
        *_TEXTS,
    }
)
_CHANGEABLE: Final = frozenset(
    {
        *("project_id", "name", "vm_id", "min_replicas", "max_replicas", "container_image", "env_vars"),
        *("annotations", "auth_username", "auth_password"),
    }
)


@dataclass(frozen=True)
class Order:
    """A create request that can be carried out."""

    template: Template
    vm: VmType
    min_replicas: int
    max_replicas: int
    name: str | None
    container_image: str
    env_vars: dict[str, str]
    annotations: dict[str, Any]
    auth_username: str
    auth_password: str
    shard: int


def read_order(world: World, body: Mapping[str, Any]) -> Order:
    """The order in a body. Raises Refused: 400 for what is missing or wrong, 403 for a foreign project."""
    unknown = sorted(set(body) - _FIELDS)
    if unknown:
        raise Refused(400, f"Unknown field: {unknown[0]}")
    need_own_project(world, need(body, "project_id", str))
    template = _template(world, body)
    vm = VM_TYPES.get(need(body, "vm_id", str)) or _community(body)
    if vm is None:
        raise Refused(400, "Invalid field: vm_id")
    least = _count(body, "min_replicas", need(body, "min_replicas", int), 0)
    most = _count(body, "max_replicas", may(body, "max_replicas", int) or max(least, 1), max(least, 1))
    username, password = may(body, "auth_username", str) or "", may(body, "auth_password", str) or ""
    if bool(username) != bool(password):
        raise Refused(400, "auth_username and auth_password belong together")
    for name in _TEXTS:
        may(body, name, str)
    return Order(
        template=template,
        vm=vm,
        min_replicas=least,
        max_replicas=most,
        name=_name(body),
        container_image=_image(body, template),
        env_vars=_environment(body, template),
        annotations=may(body, "annotations", dict) or {},
        auth_username=username,
        auth_password=password,
        shard=_shard(body),
    )


def alter(world: World, machine: Machine, body: Mapping[str, Any]) -> None:
    """Change a machine as the body of CT-13 says; refused as for `read_order`, before anything is changed."""
    unknown = sorted(set(body) - _CHANGEABLE)
    if unknown:
        raise Refused(400, f"Unknown field: {unknown[0]}")
    need_own_project(world, need(body, "project_id", str))
    vm = VM_TYPES.get(may(body, "vm_id", str) or machine.vm.id)
    if vm is None:
        raise Refused(400, "Invalid field: vm_id")
    least = _count(body, "min_replicas", _or(may(body, "min_replicas", int), machine.min_replicas), 0)
    known = max(machine.max_replicas, least)
    most = _count(body, "max_replicas", may(body, "max_replicas", int) or known, max(least, 1))
    username, password = may(body, "auth_username", str), may(body, "auth_password", str)
    if bool(username) != bool(password):
        raise Refused(400, "auth_username and auth_password belong together")
    image = _image({"container_image": machine.container_image, **body}, machine.template)
    variables = _environment(body, machine.template) if "env_vars" in body else machine.env_vars
    machine.name = _name(body) or machine.name
    machine.rebuild(world.clock.elapsed(), vm=vm, min_replicas=least)
    machine.max_replicas, machine.container_image, machine.env_vars = most, image, variables
    machine.annotations = may(body, "annotations", dict) or machine.annotations
    machine.auth_username, machine.auth_password = username or machine.auth_username, password or machine.auth_password


def _community(body: Mapping[str, Any]) -> VmType | None:
    """The community node that a body names, at the price and in the place it is listed with (wire 4.5, 5.1)."""
    found = community_node(str(body["vm_id"]))
    if found is None:
        return None
    vm, shard = found
    if may(body, "price_hr", str) != str(vm.price_hr):
        raise Refused(400, "Invalid field: price_hr")
    if _shard(body) != shard:
        raise Refused(400, "Invalid field: shard")
    return vm


def _or(value: int | None, default: int) -> int:
    return default if value is None else value


def _template(world: World, body: Mapping[str, Any]) -> Template:
    legacy = "deployment_image_id" in body and "deployment_template_id" not in body
    wanted = need(body, "deployment_image_id" if legacy else "deployment_template_id", str)
    for template in (*STANDARD_TEMPLATES, *templates_of(world).values()):
        if template.id == wanted:
            return template
    raise Refused(400, "Invalid field: deployment_template_id")


def _count(body: Mapping[str, Any], name: str, count: int, least: int) -> int:
    if not least <= count <= _MOST_REPLICAS:
        raise Refused(400, f"Invalid field: {name}")
    return count


def _name(body: Mapping[str, Any]) -> str | None:
    name = may(body, "name", str)
    if name and not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", name):
        raise Refused(400, "Invalid field: name")
    return name or None


def _image(body: Mapping[str, Any], template: Template) -> str:
    image = may(body, "container_image", str)
    if image is None and len(template.images) > 1:
        raise Refused(400, "Missing required field: container_image")
    if image is not None and image not in template.images:
        raise Refused(400, "Invalid field: container_image")
    return image or template.images[0]


def _environment(body: Mapping[str, Any], template: Template) -> dict[str, str]:
    variables = may(body, "env_vars", dict) or {}
    if not all(isinstance(value, str) for value in variables.values()):
        raise Refused(400, "Invalid field: env_vars")
    for name in template.env_vars if template.require_env_vars else ():
        if not variables.get(name):
            raise Refused(400, f"Missing required environment variable: {name}")
    return variables


def _shard(body: Mapping[str, Any]) -> int:
    shard = body.get("shard", 1)
    if isinstance(shard, bool) or not str(shard).isdigit():
        raise Refused(400, "Invalid field: shard")
    return int(shard)
