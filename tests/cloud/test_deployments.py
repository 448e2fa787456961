"""Deployments and templates on the real stack: routes probed, one inspected, changed, switched, templates kept."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.stack import Begin, Person
from theta_tui.change import Done, NotDone
from theta_tui.errors import NotFound, UsageError
from theta_tui.sandbox.machines import Machine
from theta_tui.sandbox.own_templates import templates_of
from theta_tui.sandbox.world import Call, World
from theta_tui.session import Session
from theta_tui.shapes.base import as_json
from theta_tui.shapes.templates import TemplateTags

TEMPLATE = {"name": "Night triage", "containerImage": "registry.example.com/triage:1", "tags": ["LLM"]}


def machine(world: World, name: str = "support-chat") -> Machine:
    return next(one for one in world.deployments.values() if one.name == name)


def ref(one: Machine) -> dict[str, Any]:
    return {"shard": one.shard, "suffix": one.suffix}


def changes(world: World) -> list[Call]:
    return [call for call in world.calls if call.method != "GET"]


@pytest.mark.parametrize("plural", [False, True])
async def test_both_list_routes_are_tried_and_the_working_one_is_named(
    on_demo: Begin, world: World, plural: bool
) -> None:
    session = await on_demo()
    if plural:
        world.faults.add({"kind": "plural_routes", "times": None})
    found = await session.ask("theta.deployments.routeProbe")
    assert [call.path for call in world.calls] == ["/deployment/list", "/deployments/list"]
    assert found.working == ("deployments/list" if plural else "deployment/list",)
    shown = as_json(found)
    assert shown["use"] == found.working[0]
    assert [route["status"] for route in shown["routes"]] == ([404, 200] if plural else [200, 404])
    assert [route["deployments"] for route in shown["routes"]] == ([None, 5] if plural else [5, None])


async def test_a_project_that_is_not_ours_works_on_no_route(cloud: Session) -> None:
    found = await cloud.ask("theta.deployments.routeProbe", {"projectId": "prj_other"})
    assert found.working == ()
    assert as_json(found)["use"] is None
    assert "permission" in found.routes[0].error


@pytest.mark.parametrize("plural", [False, True])
async def test_one_deployment_is_inspected_on_either_route(on_demo: Begin, world: World, plural: bool) -> None:
    session = await on_demo()
    if plural:
        world.faults.add({"kind": "plural_routes", "times": None})
    found = await session.ask("theta.deployments.inspect", ref(machine(world)))
    assert (found.name, found.vm_id) == ("support-chat", "vm_gv1")


async def test_an_inspected_password_stays_sealed(cloud: Session, world: World) -> None:
    machine(world).auth_username, machine(world).auth_password = "me", "canary-Pass-9x"
    found = await cloud.ask("theta.deployments.inspect", ref(machine(world)))
    assert found.auth_password is not None
    assert "canary-Pass-9x" not in repr(found) + str(as_json(found))


async def test_an_update_sends_what_changed_and_the_project(cloud: Session, world: World) -> None:
    one, person = machine(world), Person()
    done = await cloud.submit(
        "theta.deployments.update",
        {**ref(one), "payload": {"name": "triage-chat", "annotations": {"nickname": "Triage"}}},
        reviewer=person,
    )
    [call] = changes(world)
    assert (call.method, call.path) == ("PUT", f"/deployment/{one.shard}/{one.suffix}")
    assert call.query == [("project_id", world.project_id)]
    assert json.loads(call.body) == {
        "project_id": world.project_id,
        "name": "triage-chat",
        "annotations": {"nickname": "Triage"},
    }
    assert done.value.name == "triage-chat"
    assert person.shown[0].cost.is_free


async def test_an_update_to_more_machines_costs_what_all_of_them_cost(cloud: Session, world: World) -> None:
    person = Person()
    await cloud.submit("theta.deployments.update", {**ref(machine(world)), "min_replicas": 3}, reviewer=person)
    cost = person.shown[0].cost
    assert (cost.usd_per_hour, cost.note) == (Decimal("2.85"), "$0.95/h until now")
    assert machine(world).min_replicas == 3
    [row] = await cloud.journal.ledger(5)
    assert (row.usd_per_hour, row.object_id) == (Decimal("2.85"), machine(world).suffix)


async def test_an_update_over_the_budget_is_not_sent_but_a_saving_is(on_demo: Begin, world: World) -> None:
    session, one = await on_demo(THETA_MAX_BUDGET_USD="0.10"), machine(world)
    dearer = await session.submit("theta.deployments.update", {**ref(one), "vm_id": "vm_ga1"}, reviewer=Person())
    assert isinstance(dearer, NotDone)
    assert dearer.reason == "budget"
    cheaper = await session.submit("theta.deployments.update", {**ref(one), "vm_id": "vm_gt1"}, reviewer=Person())
    assert isinstance(cheaper, Done)
    assert machine(world).vm.id == "vm_gt1"


async def test_new_endpoint_credentials_are_kept_under_the_deployment(cloud: Session, world: World) -> None:
    one, person = machine(world), Person()
    given = {"auth_username": "client", "auth_password": "canary-Pass-9x"}
    await cloud.submit("theta.deployments.update", {**ref(one), **given}, reviewer=person)
    assert one.auth_password == "canary-Pass-9x"
    names = set(await cloud.vault.names())
    assert {f"endpoint/{one.suffix}/username", f"endpoint/{one.suffix}/password"} <= names
    assert "canary-Pass-9x" not in json.dumps(person.shown[0].preview, default=str)


@pytest.mark.parametrize("given", [{}, {"auth_username": "alone"}, {"deployment_template_id": "img_x"}])
async def test_an_update_of_nothing_or_of_half_a_credential_is_refused(
    cloud: Session, world: World, given: dict[str, Any]
) -> None:
    with pytest.raises(UsageError):
        await cloud.submit("theta.deployments.update", {**ref(machine(world)), **given}, reviewer=Person())
    assert world.calls == []


async def test_where_shard_and_suffix_have_no_route_the_base_id_stops_it(cloud: Session, world: World) -> None:
    one, person = machine(world), Person()
    gone = {"kind": "status", "status": 404, "match": {"path": r"^/deployments?/\d+/.*/stop"}, "times": None}
    world.faults.add(gone)
    done = await cloud.submit("theta.deployments.stop", ref(one), reviewer=person)
    assert isinstance(done, Done)
    assert not one.running
    by_shard, base = f"/{one.shard}/{one.suffix}/stop", f"/deployment/base/{one.base_id}/stop"
    assert [(call.method, call.path) for call in changes(world)] == [
        ("PUT", f"/deployment{by_shard}"),
        ("PUT", f"/deployments{by_shard}"),
        ("POST", f"/deployment{by_shard}"),
        ("POST", f"/deployments{by_shard}"),
        ("POST", base),
    ]
    shown = person.shown[0].preview["requests"]
    assert [(request["method"], request["only_after"]) for request in shown[-2:]] == [
        ("POST", "404/405"),
        ("PUT", "404/405"),
    ]


async def test_a_stop_looks_at_the_machine_once_when_shown_and_once_before_it_is_sent(
    cloud: Session, world: World
) -> None:
    one, at = machine(world), list[int]()
    person = Person(then=lambda: at.append(len(world.calls)))
    await cloud.submit("theta.deployments.stop", {**ref(one), "baseId": one.base_id}, reviewer=person)
    assert ([call.method for call in world.calls], at) == (["GET", "GET", "PUT"], [1])


async def test_without_a_base_id_there_is_no_way_by_it(on_demo: Begin, world: World) -> None:
    session, person = await on_demo(THETA_HTTP_MAX_RETRIES="0"), Person()
    world.faults.add({"kind": "status", "status": 500, "match": {"method": "GET"}, "times": None})
    await session.submit("theta.deployments.stop", ref(machine(world)), reviewer=person)
    assert not any("base" in str(request.path) for request in person.shown[0].act.requests)


async def test_templates_are_found_by_word_and_tag(cloud: Session, world: World) -> None:
    found = await cloud.ask("theta.deployments.searchTemplates", {"search": "qwen3", "category": "serving"})
    assert [template.name for template in found.templates] == ["Qwen3 8B", "Qwen3 32B"]
    [call] = world.calls
    assert dict(call.query) == {
        "tags": "",
        "search": "qwen3",
        "page": "0",
        "number": "50",
        "category": "serving",
        "hidden": "false",
    }
    assert [one.name for one in (await cloud.ask("theta.deployments.searchTemplates", {"tags": "3D"})).templates] == [
        "Sketch to 3D"
    ]


async def test_the_tags_are_listed(cloud: Session) -> None:
    assert "LLM" in (await cloud.ask("theta.deployments.templateTags")).tags


@pytest.mark.parametrize(
    "body", [["a", "b"], {"tags": ["a", "b"]}, {"list": [{"name": "a"}, {"tag": "b"}]}, ["a", None, 5, "b", ""]]
)
def test_tags_are_read_however_they_are_nested(body: Any) -> None:
    assert TemplateTags.of(body).tags == ("a", "b")


@pytest.mark.parametrize("body", [None, {}, "LLM", {"tags": None}, 7])
def test_odd_tags_are_none(body: Any) -> None:
    assert TemplateTags.of(body).tags == ()


async def test_a_template_of_ones_own_is_made_changed_listed_and_deleted(cloud: Session, world: World) -> None:
    made = (await cloud.submit("theta.templates.create", TEMPLATE, reviewer=Person())).value
    assert (made.name, made.container_images) == ("Night triage", ("registry.example.com/triage:1",))
    assert json.loads(changes(world)[0].body) == {
        "project_id": world.project_id,
        "name": "Night triage",
        "container_image": "registry.example.com/triage:1",
        "tags": ["LLM"],
    }
    listed = await cloud.ask("theta.deployments.listCustom")
    assert [template.id for template in listed.templates][-1] == made.id
    given = {"templateId": made.id, "containerPort": 9000}
    changed = (await cloud.submit("theta.templates.update", given, reviewer=Person())).value
    assert (changed.container_port, changed.name) == (9000, "Night triage")
    assert json.loads(changes(world)[1].body) == {"project_id": world.project_id, "container_port": 9000}
    person = Person()
    await cloud.submit("theta.templates.delete", {"templateId": made.id, "name": made.name}, reviewer=person)
    assert person.shown[0].typed == "Night triage"
    assert made.id not in templates_of(world)
    with pytest.raises(NotFound):
        await cloud.submit("theta.templates.delete", {"templateId": made.id}, reviewer=Person())


async def test_a_template_of_ones_own_can_be_deployed(cloud: Session, world: World) -> None:
    made = (await cloud.submit("theta.templates.create", TEMPLATE, reviewer=Person())).value
    create = {"deployment_template_id": made.id, "vm_id": "vm_gt1"}
    done = await cloud.submit("theta.deployments.create", create, reviewer=Person())
    assert done.value.template_name == "Night triage"


async def test_the_requests_of_a_project_are_listed(cloud: Session, world: World) -> None:
    picture = {"service": "stable_diffusion_xl_turbo", "input": {"prompt": "x"}}
    made = (await cloud.submit("theta.ondemand.infer", picture, reviewer=Person())).value
    found = await cloud.ask("theta.ondemand.listRequests")
    assert [job.id for job in found.requests] == [made.id]
    assert as_json(found)[0]["id"] == made.id
    assert world.calls[-1].path == f"/infer_request/{world.project_id}/list"
