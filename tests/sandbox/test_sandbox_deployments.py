from __future__ import annotations

import contextlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from theta_tui.sandbox.hardware import VM_TYPES
from theta_tui.sandbox.machines import WARM_UPS
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.templates import STANDARD_TEMPLATES
from theta_tui.sandbox.world import World

BY_NAME = {template.name: template for template in STANDARD_TEMPLATES}
LIST = "/deployment/list"
BROKEN = (httpx.ReadError, httpx.RemoteProtocolError)


@pytest.fixture
def client(sandbox: SandboxServer, world: World) -> Iterator[httpx.Client]:
    headers = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)", "x-api-key": world.keys.project_api_key}
    world.clock.speed = 0  # exact moments: only `advance` moves the time
    with httpx.Client(base_url=sandbox.origin, headers=headers, timeout=5) as client:
        yield client


def order(world: World, template: str = "Llama 3 8B", **more: Any) -> dict[str, Any]:
    body = {"project_id": world.project_id, "deployment_template_id": BY_NAME[template].id}
    return {**body, "vm_id": "vm_gt1", "min_replicas": 1, **more}


def create(client: httpx.Client, world: World, template: str = "Llama 3 8B", **more: Any) -> dict[str, Any]:
    answer = client.post("/deployment", json=order(world, template, **more))
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()["body"]
    return body


def own(world: World) -> dict[str, str]:
    return {"project_id": world.project_id}


def names(client: httpx.Client, world: World, **filters: Any) -> list[str]:
    return [item["Name"] for item in client.get(LIST, params={**own(world), **filters}).json()["body"]]


def test_the_vm_list_is_public_and_prices_are_strings(client: httpx.Client) -> None:
    del client.headers["x-api-key"]
    vms = {vm["id"]: vm for vm in client.get("/resource/vm/list").json()["body"]["vms"]}
    assert len(vms) == 7
    assert (vms["vm_gt1"]["price_hr"], vms["vm_gh200x1"]["price_hr"]) == ("4000", "24900")


def test_templates_come_in_pages_with_a_count_written_as_text(client: httpx.Client) -> None:
    path = "/deployment_template/list_standard_templates"
    pages = [client.get(path, params={"page": page, "number": 10}).json()["body"] for page in range(3)]
    assert pages[0]["total_count"] == str(len(STANDARD_TEMPLATES))
    assert [len(page["templates"]) for page in pages] == [10, len(STANDARD_TEMPLATES) - 10, 0]
    assert len({template["id"] for page in pages for template in page["templates"]}) == len(STANDARD_TEMPLATES) >= 14


def test_templates_are_filtered_by_category(client: httpx.Client) -> None:
    path = "/deployment_template/list_standard_templates?category=prototyping"
    found = client.get(path).json()["body"]["templates"]
    assert {template["category"] for template in found} == {"prototyping"}
    assert any(len(template["container_images"]) > 1 for template in found)


def test_custom_templates_belong_to_the_project(client: httpx.Client, world: World) -> None:
    found = client.get("/deployment_template/list_custom_templates", params=own(world)).json()["body"]["templates"]
    assert {template["project_id"] for template in found} == {world.project_id}


@pytest.mark.parametrize("key", [None, "", "wrong"])
def test_a_missing_or_wrong_key_is_401(client: httpx.Client, world: World, key: str | None) -> None:
    del client.headers["x-api-key"]
    headers = {} if key is None else {"x-api-key": key}
    answer = client.get(LIST, params=own(world), headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"status": "error", "message": "Unauthorized"})


def test_a_foreign_project_is_403(client: httpx.Client) -> None:
    answer = client.get(LIST, params={"project_id": "prj_other"})
    assert (answer.status_code, answer.json()["message"]) == (403, "You are not allowed to perform this action")


def test_a_wrong_query_spelling_is_400(client: httpx.Client, world: World) -> None:
    answer = client.get(LIST, params={"projectId": world.project_id})
    assert (answer.status_code, answer.json()["message"]) == (400, "Missing required parameter: project_id")
    answer = client.get(LIST, params={**own(world), "templateName": "x"})
    assert (answer.status_code, answer.json()["message"]) == (400, "Unknown parameter: templateName")


def test_create_answers_in_pascal_case_with_the_credentials(client: httpx.Client, world: World) -> None:
    made = create(client, world, auth_username="me", auth_password="pass", annotations={"nickname": "n"})
    assert made["Endpoint"] == f"{world.origin}/endpoint/{made['Suffix']}"
    assert len(made["Suffix"]) == 16
    assert (made["AuthUsername"], made["AuthPassword"], made["EndpointStatus"]) == ("me", "pass", "Pending")
    (listed,) = client.get(LIST, params=own(world)).json()["body"]
    assert "AuthPassword" not in listed
    assert (listed["TemplateName"], listed["VmId"], listed["Annotations"]) == (
        "Llama 3 8B",
        "vm_gt1",
        {"nickname": "n"},
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"project_id": None}, "Missing required field: project_id"),
        ({"deployment_template_id": None}, "Missing required field: deployment_template_id"),
        ({"deployment_template_id": "img_none"}, "Invalid field: deployment_template_id"),
        ({"vm_id": ""}, "Missing required field: vm_id"),
        ({"vm_id": "vm_none"}, "Invalid field: vm_id"),
        ({"min_replicas": "1"}, "Invalid field: min_replicas"),
        ({"min_replicas": True}, "Invalid field: min_replicas"),
        ({"min_replicas": 11}, "Invalid field: min_replicas"),
        ({"min_replicas": 3, "max_replicas": 2}, "Invalid field: max_replicas"),
        ({"vmId": "vm_gt1"}, "Unknown field: vmId"),
        ({"name": "Not A Name"}, "Invalid field: name"),
        ({"container_image": "some/other:1"}, "Invalid field: container_image"),
        ({"env_vars": {"A": 1}}, "Invalid field: env_vars"),
        ({"auth_username": "alone"}, "auth_username and auth_password belong together"),
        ({"shard": "x"}, "Invalid field: shard"),
    ],
)
def test_a_bad_create_body_is_refused(client: httpx.Client, world: World, change: dict[str, Any], message: str) -> None:
    answer = client.post("/deployment", json=order(world, **change))
    assert (answer.status_code, answer.json()["message"]) == (400, message)
    assert world.counts["creates"] == 0


def test_a_create_body_that_is_no_json_object_is_refused(client: httpx.Client) -> None:
    for content in (b"{", b"[]", b"\xff"):
        answer = client.post("/deployment", content=content, headers={"content-type": "application/json"})
        assert answer.status_code == 400
    assert client.post("/deployment", data={"vm_id": "vm_gt1"}).status_code == 400


def test_one_of_several_images_must_be_chosen(client: httpx.Client, world: World) -> None:
    answer = client.post("/deployment", json=order(world, "Jupyter Notebook"))
    assert answer.json()["message"] == "Missing required field: container_image"
    image = BY_NAME["Jupyter Notebook"].images[1]
    assert create(client, world, "Jupyter Notebook", container_image=image)["ContainerImage"] == image


def test_a_gated_template_demands_its_variable(client: httpx.Client, world: World) -> None:
    answer = client.post("/deployment", json=order(world, "Gemma 3 12B"))
    assert answer.json()["message"] == "Missing required environment variable: HUGGING_FACE_HUB_TOKEN"
    create(client, world, "Gemma 3 12B", env_vars={"HUGGING_FACE_HUB_TOKEN": "x"})


def test_the_legacy_template_field_still_works(client: httpx.Client, world: World) -> None:
    body = order(world)
    body["deployment_image_id"] = body.pop("deployment_template_id")
    assert client.post("/deployment", json=body).status_code == 200


def test_the_views_are_filtered_by_template_name(client: httpx.Client, world: World) -> None:
    create(client, world, name="chat")
    create(client, world, "GPU Node", name="node")
    assert names(client, world, template_name="GPU Node") == ["node"]
    assert names(client, world, not_template_name=["Jupyter Notebook", "GPU Node"]) == ["chat"]
    assert [item["Name"] for item in client.get("/deployment", params=own(world)).json()["body"]] == ["chat", "node"]


def test_a_deployment_goes_from_pending_to_running(client: httpx.Client, world: World) -> None:
    create(client, world)
    seen = []
    for _ in range(2):
        (item,) = client.get(LIST, params=own(world)).json()["body"]
        seen.append((item["EndpointStatus"], item["Replicas"]))
        world.clock.advance(60)
    assert seen == [("Pending", "0/1"), ("Running", "1/1")]


def test_stop_and_start_by_shard_and_suffix(client: httpx.Client, world: World) -> None:
    made = create(client, world)
    path = f"/deployment/{made['Shard']}/{made['Suffix']}"
    assert client.put(f"{path}/start", params=own(world)).status_code == 400
    assert client.put(f"{path}/stop", params=own(world)).status_code == 200
    assert client.get(path, params=own(world)).json()["body"]["EndpointStatus"] == "Stopped"
    assert client.put(f"{path}/stop", params=own(world)).status_code == 400
    assert client.put(f"{path}/start", params=own(world)).status_code == 200
    assert client.get(path, params=own(world)).json()["body"]["EndpointStatus"] == "Pending"


def test_post_to_start_is_405(client: httpx.Client, world: World) -> None:
    made = create(client, world)
    answer = client.post(f"/deployment/{made['Shard']}/{made['Suffix']}/start", params=own(world))
    assert (answer.status_code, answer.json()["status"]) == (405, "error")


def test_stop_and_start_by_base_id_take_either_verb(client: httpx.Client, world: World) -> None:
    path = f"/deployment/base/{create(client, world)['BaseID']}"
    assert client.post(f"{path}/stop", params=own(world)).status_code == 200
    assert client.put(f"{path}/start", params=own(world)).status_code == 200


@pytest.mark.parametrize("form", ["/deployment/{Shard}/{Suffix}", "/deployment/base/{BaseID}"])
def test_a_deleted_deployment_is_gone(client: httpx.Client, world: World, form: str) -> None:
    path = form.format(**create(client, world))
    assert client.delete(path).status_code == 400
    assert client.delete(path, params=own(world)).status_code == 200
    assert names(client, world) == []
    assert client.delete(path, params=own(world)).status_code == 404


def test_a_sticky_deletion_stays_visible_for_two_lists(client: httpx.Client, world: World) -> None:
    made = create(client, world, name="chat")
    world.faults.add({"kind": "sticky_delete"})
    client.delete(f"/deployment/base/{made['BaseID']}", params=own(world))
    assert [names(client, world) for _ in range(3)] == [["chat"], ["chat"], []]


def test_the_plural_routes_are_closed_unless_asked_for(client: httpx.Client, world: World) -> None:
    assert client.get("/deployments/list", params=own(world)).status_code == 404
    world.faults.add({"kind": "plural_routes", "times": None})
    assert client.get(LIST, params=own(world)).status_code == 404
    assert client.get("/deployments/list", params=own(world)).status_code == 200
    assert client.post("/deployments", json=order(world)).status_code == 200
    made = next(iter(world.deployments.values()))
    assert client.put(f"/deployments/1/{made.suffix}/stop", params=own(world)).status_code == 200
    assert client.delete(f"/deployments/1/{made.suffix}", params=own(world)).status_code == 200


def test_create_can_answer_a_string_or_leave_out_the_base_id(client: httpx.Client, world: World) -> None:
    world.faults.add({"kind": "string_create"})
    world.faults.add({"kind": "no_base_id"})
    text = client.post("/deployment", json=order(world)).json()["body"]
    assert text.startswith("Custom deployment initiated. Access it at: http")
    assert "BaseID" not in create(client, world)
    assert world.counts["creates"] == 2


def test_capacity_can_be_short_for_one_machine_type(client: httpx.Client, world: World) -> None:
    world.faults.add({"kind": "vm_capacity", "vm_id": "vm_gt1"})
    answer = client.post("/deployment", json=order(world))
    assert (answer.status_code, answer.json()["message"]) == (409, "No instances available - try again later")
    create(client, world, vm_id="vm_gt2")
    assert world.counts["creates"] == 1


def test_a_machine_bills_by_the_second_until_it_is_stopped(client: httpx.Client, world: World) -> None:
    opening = world.balance_cents
    made = create(client, world, min_replicas=2)
    world.clock.advance(90)
    assert opening - world.balance_cents == 2  # two T4 at 40 cents an hour
    client.put(f"/deployment/base/{made['BaseID']}/stop", params=own(world))
    world.clock.advance(3600)
    assert opening - world.balance_cents == 2
    client.delete(f"/deployment/base/{made['BaseID']}", params=own(world))
    assert opening - world.balance_cents == 2
    assert [charge.cents for charge in world.charges] == [Decimal(2)]


def test_without_balance_nothing_is_created(client: httpx.Client, world: World) -> None:
    world.charge(world.balance_cents, "all of it")
    answer = client.post("/deployment", json=order(world))
    assert (answer.status_code, answer.json()["message"]) == (402, "Insufficient balance")


def test_a_create_whose_answer_is_lost_has_happened(client: httpx.Client, world: World) -> None:
    world.faults.add({"kind": "reset", "after": True, "match": {"method": "POST", "path": "^/deployment$"}})
    with pytest.raises(BROKEN):
        client.post("/deployment", json=order(world))
    summary = client.get("/_sandbox/world").json()
    assert summary["counts"] == {"creates": 1}
    assert len(summary["deployments"]) == 1


@pytest.mark.parametrize("kind", ["slow", "truncate", "drip", "status"])
def test_a_fault_afterwards_creates_once(client: httpx.Client, world: World, kind: str) -> None:
    world.faults.add({"kind": kind, "after": True, "bytes": 100, "every": 0, "seconds": 0.01, "status": 502})
    with contextlib.suppress(httpx.RemoteProtocolError):
        answer = client.post("/deployment", json=order(world))
        assert answer.status_code == (502 if kind == "status" else 200)
    assert (world.counts["creates"], len(world.deployments)) == (1, 1)


def test_calls_name_the_domain_that_answered(client: httpx.Client, world: World) -> None:
    client.get(LIST, params=own(world))
    client.get("/resource/vm/list")
    client.get("/balance", params={"orgID": world.org_id})
    assert [call.domain for call in world.calls] == ["deployments", "deployments", "billing"]


def test_the_balance_is_a_number_of_cents_or_a_string(client: httpx.Client, world: World) -> None:
    world.faults.add({"kind": "balance_string"})
    found = [client.get("/balance", params={"orgID": world.org_id}).json() for _ in range(2)]
    assert [one["body"]["balances"][0]["balance"] for one in found] == ["3421.300894", 3421.300894]


def test_the_balance_is_strict_about_spelling_and_keys(client: httpx.Client, world: World) -> None:
    assert client.get("/balance", params={"orgId": world.org_id}).status_code == 400
    assert client.get("/balance", params={"orgID": "org_other"}).status_code == 403
    del client.headers["x-api-key"]
    for token, status in ((world.keys.ondemand_token, 200), ("wrong", 401)):
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get("/balance", params={"orgID": world.org_id}, headers=headers).status_code == status


def test_the_project_names_its_organisation_and_video_account(client: httpx.Client, world: World) -> None:
    (project,) = client.get(f"/project/{world.project_id}").json()["body"]["projects"]
    assert (project["org_id"], project["tva_id"]) == (world.org_id, world.keys.video_sa_id)
    assert client.get("/project/prj_other").status_code == 403


def test_clusters_and_volumes_are_listed_in_their_own_spelling(client: httpx.Client, world: World) -> None:
    assert client.get("/cluster/list", params=own(world)).json() == {"status": "success", "body": []}
    assert client.get("/volume/claim", params={"projectId": world.project_id}).json()["body"] == []
    assert client.get("/volume/claim", params=own(world)).status_code == 400


def test_the_demo_shows_deployments_in_every_state(client: httpx.Client, world: World) -> None:
    client.post("/_sandbox/reset?demo=1")
    items = client.get(LIST, params=own(world)).json()["body"]
    assert sorted(item["EndpointStatus"] for item in items) == ["Pending", "Running", "Running", "Stopped", "Stopped"]
    assert all(item["CreatedAt"] < world.clock.iso() for item in items)
    opening = world.balance_cents
    world.clock.advance(3600)
    running = ("vm_gv1", "vm_gt1", "vm_ga1")
    assert opening - world.balance_cents == sum(VM_TYPES[vm].cents_per_hour for vm in running)
    client.post("/_sandbox/reset")
    assert names(client, world) == []


def test_every_kind_of_template_has_a_warm_up() -> None:
    assert {template.warm_up for template in STANDARD_TEMPLATES} == set(WARM_UPS) - {"never"}
