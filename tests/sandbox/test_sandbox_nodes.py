"""Routes of the sandbox for hardware, members, templates and JSON-RPC nodes: strict about every spelling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from theta_tui.sandbox.chain import FIRST_HEIGHT, WALLET
from theta_tui.sandbox.demo import seed_demo
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World


@pytest.fixture
def client(sandbox: SandboxServer, world: World) -> Iterator[httpx.Client]:
    headers = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)", "x-api-key": world.keys.project_api_key}
    world.clock.speed = 0
    with httpx.Client(base_url=sandbox.origin, headers=headers, timeout=5) as client:
        yield client


def call(client: httpx.Client, door: str, method: str, *params: Any, **more: Any) -> dict[str, Any]:
    body = {"jsonrpc": "2.0", "id": 7, "method": method, "params": list(params), **more}
    answer = client.post(f"/rpc/{door}", json=body)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    assert found["jsonrpc"] == "2.0"
    return found


@pytest.mark.parametrize(
    ("path", "query", "message"),
    [
        ("/community/nodes", {"project_id": "own", "env": "prod"}, "Missing required parameter: projectId"),
        ("/community/nodes", {"projectId": "own"}, "Missing required parameter: env"),
        ("/community/nodes", {"projectId": "own", "env": "test"}, "Invalid parameter: env"),
        ("/volume/claim", {"project_id": "own"}, "Missing required parameter: projectId"),
        ("/volume/claim", {"projectId": "own", "page": "0"}, "Invalid parameter: page"),
        ("/cluster/list", {"projectId": "own"}, "Missing required parameter: project_id"),
        ("/deployment_template/standard_templates", {"tag": "LLM"}, "Unknown parameter: tag"),
    ],
)
def test_a_wrong_spelling_is_refused(
    client: httpx.Client, world: World, path: str, query: dict[str, str], message: str
) -> None:
    params = {name: world.project_id if value == "own" else value for name, value in query.items()}
    answer = client.get(path, params=params)
    assert (answer.status_code, answer.json()["message"]) == (400, message)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/community/nodes?projectId=x&env=prod"),
        ("GET", "/project/x/users"),
        ("POST", "/project/x/user"),
        ("DELETE", "/project/x/user/usr_1"),
        ("POST", "/deployment_template"),
        ("PUT", "/deployment/1/abc?project_id=x"),
    ],
)
def test_a_missing_key_is_401_and_a_foreign_project_403(client: httpx.Client, method: str, path: str) -> None:
    body = {"project_id": "prj_other", "name": "x", "container_image": "y"}
    assert client.request(method, path, json=body).status_code == 403
    assert client.request(method, path, json=body, headers={"x-api-key": ""}).status_code == 401


def test_a_fresh_project_has_neither_clusters_nor_volumes_and_the_demo_has(client: httpx.Client, world: World) -> None:
    volumes = {"projectId": world.project_id}
    assert client.get("/volume/claim", params=volumes).json()["body"] == []
    seed_demo(world)
    assert len(client.get("/volume/claim", params=volumes).json()["body"]) == 2
    assert len(client.get("/volume/claim", params={**volumes, "number": 1, "page": 2}).json()["body"]) == 1
    assert len(client.get("/cluster/list", params={"project_id": world.project_id}).json()["body"]) == 1


def test_a_disabled_member_is_answered_by_204_without_a_body(client: httpx.Client, world: World) -> None:
    users = client.get(f"/project/{world.project_id}/users").json()["body"]["users"]
    path = f"/project/{world.project_id}/user/{users[2]['id']}"
    answer = client.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    enabled = client.put(f"{path}/enable").json()["body"]
    assert (enabled["model"], enabled["disabled"], "email" in enabled) == ("users", False, False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"container_image": ""}, "Missing required field: container_image"),
        ({"container_port": "8000"}, "Invalid field: container_port"),
        ({"tags": "LLM"}, "Invalid field: tags"),
        ({"env_vars": {"A": 1}}, "Invalid field: env_vars"),
        ({"category": "serving"}, "Unknown field: category"),
    ],
)
def test_a_bad_template_is_refused(client: httpx.Client, world: World, change: dict[str, Any], message: str) -> None:
    body = {"project_id": world.project_id, "name": "x", "container_image": "y", **change}
    answer = client.post("/deployment_template", json=body)
    assert (answer.status_code, answer.json()["message"]) == (400, message)


def test_a_rebuilt_machine_is_billed_by_its_new_type_from_then_on(client: httpx.Client, world: World) -> None:
    seed_demo(world)
    machine = next(one for one in world.deployments.values() if one.name == "support-chat")
    world.clock.advance(3600)
    before = machine.cost_cents(world.clock.elapsed())
    path = f"/deployment/{machine.shard}/{machine.suffix}?project_id={world.project_id}"
    answer = client.put(path, json={"project_id": world.project_id, "vm_id": "vm_gt1", "min_replicas": 2})
    assert answer.json()["body"]["VmId"] == "vm_gt1"
    world.clock.advance(3600)
    assert (before, machine.cost_cents(world.clock.elapsed()) - before) == (95, 80)


def test_an_impossible_update_changes_nothing(client: httpx.Client, world: World) -> None:
    seed_demo(world)
    machine = next(one for one in world.deployments.values() if one.name == "support-chat")
    path = f"/deployment/{machine.shard}/{machine.suffix}?project_id={world.project_id}"
    for wrong in ({"vm_id": "vm_none"}, {"min_replicas": 99}, {"registry_password": "x"}, {"auth_username": "a"}):
        answer = client.put(path, json={"project_id": world.project_id, "name": "other", **wrong})
        assert answer.status_code == 400
    assert (machine.name, machine.vm.id, machine.min_replicas) == ("support-chat", "vm_gv1", 1)


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("theta.Nothing", [], -32601),
        ("thetacli.ListKeys", [], -32601),
        ("theta.GetAccount", {"address": WALLET[0]}, -32602),
        ("theta.GetAccount", [], -32602),
        ("theta.GetAccount", [{"address": "0x1"}], -32602),
        ("theta.GetAccount", [{"address": WALLET[0], "extra": 1}], -32602),
        ("theta.GetBlockByHeight", [{"height": 20554}], -32602),
        ("theta.GetStatus", [{}, {}], -32602),
        ("theta.BroadcastRawTransaction", [{"tx_bytes": "0xbeef"}], -32602),
        ("theta.GetAccount", [{"address": "0x" + "1" * 40}], -32000),
    ],
)
def test_json_rpc_refuses_with_http_200(client: httpx.Client, method: str, params: Any, code: int) -> None:
    found = call(client, "chain", method, params=params)
    assert (found["error"]["code"], found["id"], "result" in found) == (code, 7, False)


def test_what_is_no_json_rpc_is_refused_in_its_own_words(client: httpx.Client) -> None:
    assert client.post("/rpc/chain", content=b"{", headers={"content-type": "application/json"}).json()["error"] == {
        "code": -32700,
        "message": "parse error",
    }
    for body in ([], {"method": "theta.GetStatus"}, {"jsonrpc": "1.0", "id": 1, "method": "theta.GetStatus"}):
        assert client.post("/rpc/chain", json=body).json()["error"]["code"] == -32600
    assert client.get("/rpc/chain").status_code == 405


def test_blocks_come_with_time_and_hang_together(client: httpx.Client, world: World) -> None:
    assert call(client, "chain", "theta.GetBlockByHeight", {"height": str(FIRST_HEIGHT + 1)})["result"] == {}
    world.clock.advance(6)
    block = call(client, "chain", "theta.GetBlockByHeight", {"height": str(FIRST_HEIGHT + 1)})["result"]
    assert call(client, "chain", "theta.GetBlock", {"hash": block["hash"]})["result"] == block
    parent = call(client, "chain", "theta.GetBlock", {"hash": block["parent"]})["result"]
    assert (parent["height"], parent["children"]) == (str(FIRST_HEIGHT), [block["hash"]])
    assert int(block["timestamp"]) - int(parent["timestamp"]) == 6


def test_a_transfer_lowers_one_account_and_raises_the_other(client: httpx.Client) -> None:
    heir = "0x" + "ab" * 20
    amounts = {"thetawei": "5", "tfuelwei": "7", "fee": "300000000000000000", "sequence": "7"}
    asked = {"chain_id": "privatenet", "from": WALLET[0], "to": heir, **amounts, "async": True}
    assert call(client, "cli", "thetacli.Send", asked)["result"]["block"] is None
    account = call(client, "chain", "theta.GetAccount", {"address": heir})["result"]
    assert account["coins"] == {"thetawei": "5", "tfuelwei": "7"}
    payer = call(client, "chain", "theta.GetAccount", {"address": WALLET[0]})["result"]
    assert payer["coins"] == {"thetawei": "1249999999999999999995", "tfuelwei": "48210200000000000000116"}
    assert payer["sequence"] == "7"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"chain_id": "mainnet"}, "chain ID"),
        ({"sequence": "9"}, "sequence"),
        ({"fee": "1"}, "fee"),
        ({"tfuelwei": "9" * 30}, "Insufficient fund"),
    ],
)
def test_the_chain_refuses_what_cannot_be_paid(client: httpx.Client, change: dict[str, str], words: str) -> None:
    amounts = {"thetawei": "0", "tfuelwei": "7", "fee": "300000000000000000", "sequence": "7"}
    asked = {"chain_id": "privatenet", "from": WALLET[0], "to": "0x" + "ab" * 20, **amounts, "async": False}
    assert words in call(client, "cli", "thetacli.Send", {**asked, **change})["error"]["message"]


def test_a_reset_begins_chain_and_wallet_anew(client: httpx.Client) -> None:
    call(client, "cli", "thetacli.NewKey", {"password": "x"})
    assert len(call(client, "cli", "thetacli.ListKeys")["result"]["addresses"]) == 3
    client.post("/_sandbox/reset")
    assert call(client, "cli", "thetacli.ListKeys")["result"]["addresses"] == list(WALLET)


def test_the_nodes_are_offered_in_the_environment(sandbox: SandboxServer) -> None:
    environment = sandbox.environment()
    assert {name: environment[name] for name in environment if name.endswith("_RPC_URL")} == {
        "THETA_CHAIN_RPC_URL": f"{sandbox.origin}/rpc/chain",
        "THETA_CLI_RPC_URL": f"{sandbox.origin}/rpc/cli",
        "THETA_EDGECLOUD_RPC_URL": f"{sandbox.origin}/rpc/edge",
    }
