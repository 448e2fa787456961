from __future__ import annotations

import asyncio
import socket
import threading
import time

import httpx
import pytest

from theta_tui.sandbox.clock import Clock
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}
#: The client may see an abort as a reset or as an early end; both mean that no answer came.
BROKEN = (httpx.ReadError, httpx.RemoteProtocolError)


@pytest.fixture
def client(sandbox: SandboxServer):
    with httpx.Client(base_url=sandbox.origin, headers=BROWSER, timeout=5) as client:
        yield client


def add_fault(client: httpx.Client, **fault: object) -> None:
    assert client.post("/_sandbox/faults", json=fault).status_code == 200


async def test_a_sleeper_wakes_when_the_clock_jumps() -> None:
    clock = Clock(speed=0)
    sleeper = asyncio.create_task(clock.sleep(3600))
    await asyncio.sleep(0)
    clock.advance(3599)
    await asyncio.sleep(0.02)
    assert not sleeper.done()
    clock.advance(1)
    await asyncio.wait_for(sleeper, 30)
    assert clock.elapsed() == 3600


async def test_a_sleeper_wakes_when_the_clock_is_sped_up_by_another_thread() -> None:
    clock = Clock(speed=1)
    sleeper = asyncio.create_task(clock.sleep(1000))
    await asyncio.sleep(0)
    threading.Thread(target=setattr, args=(clock, "speed", 100_000)).start()
    await asyncio.wait_for(sleeper, 30)


def test_the_clock_speaks_the_clouds_time_form() -> None:
    assert len(Clock().iso()) == len("2026-05-26T08:00:00.000Z")
    assert Clock().iso().endswith("Z")


def test_two_fresh_worlds_make_the_same_ids() -> None:
    assert World().ids.make("prj_") == World().ids.make("prj_")
    assert len(World().ids.make("infr_rqst_")) == len("infr_rqst_") + 22


def test_the_demo_ids_have_the_clouds_lengths() -> None:
    world = World()
    assert (len(world.project_id), len(world.org_id), len(world.keys.video_sa_id)) == (32, 32, 32)
    assert (len(world.keys.project_api_key), len(world.keys.ondemand_token)) == (32, 64)


def test_an_unknown_path_gets_the_error_envelope(client: httpx.Client) -> None:
    answer = client.get("/no/such/path")
    assert answer.status_code == 404
    assert answer.json() == {"status": "error", "message": "Not Found"}


def test_a_python_user_agent_is_blocked_at_the_edge(sandbox: SandboxServer) -> None:
    answer = httpx.get(f"{sandbox.origin}/service/list")
    assert (answer.status_code, answer.text) == (403, "error code: 1010")


def test_calls_are_recorded_with_masked_credentials(client: httpx.Client) -> None:
    headers = {"Authorization": "Bearer very-secret-token", "x-api-key": "other-secret"}
    client.post("/thing?a=1&a=2", json={"x": 1}, headers=headers)
    answer = client.get("/_sandbox/calls")
    (call,) = answer.json()
    assert (call["method"], call["path"], call["query"]) == ("POST", "/thing", [["a", "1"], ["a", "2"]])
    assert (call["status"], call["json"], call["size"]) == (404, {"x": 1}, 7)
    assert call["target"] == "/thing?a=1&a=2"
    assert ["authorization", "Bearer [masked]"] in call["headers"]
    assert ["x-api-key", "[masked]"] in call["headers"]
    assert "secret" not in answer.text


def test_calls_can_be_read_from_an_index_on(client: httpx.Client) -> None:
    client.get("/first")
    client.get("/second")
    assert [call["path"] for call in client.get("/_sandbox/calls?since=1").json()] == ["/second"]


def test_faults_strike_in_order_and_run_out(client: httpx.Client) -> None:
    add_fault(client, kind="status", status=500, times=2, match={"method": "get", "path": "^/thing"})
    add_fault(client, kind="status", status=429, headers={"Retry-After": "7"}, body={"status": "error", "message": "m"})
    assert client.post("/thing").status_code == 429
    assert [client.get("/thing").status_code for _ in range(3)] == [500, 500, 404]
    assert [fault["taken"] for fault in client.get("/_sandbox/faults").json()] == [2, 1]
    assert client.delete("/_sandbox/faults").json() == []


def test_a_fault_that_makes_no_sense_is_refused(client: httpx.Client) -> None:
    for asked in ({}, {"kind": "slow", "times": 0}, {"kind": "slow", "match": {"path": "("}}, "slow"):
        assert client.post("/_sandbox/faults", json=asked).status_code == 400


def test_a_reset_breaks_the_connection(client: httpx.Client) -> None:
    add_fault(client, kind="reset")
    with pytest.raises(BROKEN):
        client.get("/thing")
    assert client.get("/thing").status_code == 404


def test_a_reset_afterwards_keeps_the_effect(client: httpx.Client, world: World) -> None:
    add_fault(client, kind="reset", after=True, match={"path": "/thing"})
    with pytest.raises(BROKEN):
        client.post("/thing", json={"x": 1})
    assert world.calls[0].body == b'{"x":1}'


def test_a_truncated_answer_ends_too_early(client: httpx.Client) -> None:
    add_fault(client, kind="truncate", bytes=10)
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/thing")


def test_a_hanging_call_never_answers_and_does_not_hinder_others(client: httpx.Client) -> None:
    add_fault(client, kind="hang", match={"path": "/thing"})
    with pytest.raises(httpx.ReadTimeout):
        client.get("/thing", timeout=0.1)
    assert client.get("/other").status_code == 404


def test_a_slow_answer_is_late(client: httpx.Client) -> None:
    add_fault(client, kind="slow", seconds=0.15)
    began = time.monotonic()
    assert client.get("/thing").status_code == 404
    assert time.monotonic() - began >= 0.15


def test_faults_can_replace_the_answer(client: httpx.Client) -> None:
    add_fault(client, kind="html", status=520)
    add_fault(client, kind="cloudflare_1010")
    add_fault(client, kind="json", body={"status": "success", "body": None})
    add_fault(client, kind="status", status=200, body_hex="fffe00", content_type="application/json")
    page, blocked, replaced, raw = (client.get("/thing") for _ in range(4))
    assert page.status_code == 520
    assert page.headers["content-type"].startswith("text/html")
    assert (blocked.status_code, blocked.text) == (403, "error code: 1010")
    assert replaced.json() == {"status": "success", "body": None}
    assert (raw.content, raw.headers["content-type"]) == (b"\xff\xfe\x00", "application/json")


def test_extra_fields_arrive_in_every_object(client: httpx.Client) -> None:
    add_fault(client, kind="extra_fields")
    assert "sandbox_unknown" in client.get("/thing").json()


def test_dripping_and_flooding_answers_arrive_whole(client: httpx.Client) -> None:
    add_fault(client, kind="drip", bytes=20, every=0.001)
    add_fault(client, kind="flood", bytes=200_000)
    assert client.get("/thing").json()["message"] == "Not Found"
    assert len(client.get("/thing").json()) >= 200_000


def test_a_scenario_is_taken_once_and_only_for_what_it_is_about(world: World) -> None:
    world.faults.add({"kind": "vm_capacity", "vm_id": "vm_gt1"})
    assert world.faults.take("vm_capacity", vm_id="vm_gt2") is None
    assert world.faults.take("vm_capacity", vm_id="vm_gt1") is not None
    assert world.faults.take("vm_capacity", vm_id="vm_gt1") is None


def test_a_scenario_does_not_disturb_answers(client: httpx.Client, world: World) -> None:
    add_fault(client, kind="null_output", times=None)
    assert client.get("/thing").status_code == 404
    assert world.faults.take("null_output") is not None


def test_the_clock_is_moved_by_a_control_call(client: httpx.Client, world: World) -> None:
    answer = client.post("/_sandbox/clock", json={"advance": 60, "speed": 10, "pace": 0.5}).json()
    assert answer["elapsed"] >= 60
    assert (world.clock.speed, world.pace) == (10, 0.5)
    assert client.post("/_sandbox/clock", json={"advance": -1}).status_code == 400


def test_reset_makes_a_fresh_world(client: httpx.Client, world: World) -> None:
    balance = world.balance_cents
    world.charge(balance / 2, "a test")
    client.get("/thing")
    client.post("/_sandbox/reset")
    assert (world.balance_cents, world.calls, world.charges) == (balance, [], [])


def test_an_occupied_port_is_one_clear_error() -> None:
    with SandboxServer(World()) as first:
        port = int(first.origin.rpartition(":")[2])
        with pytest.raises(OSError, match=f"Port {port} on 127.0.0.1 cannot be used"):
            SandboxServer(World(), port=port).start()


def test_a_port_occupied_by_something_else_is_the_same_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(OSError, match="cannot be used"):
        SandboxServer(World(), port=other.getsockname()[1]).start()


def test_a_named_port_is_served() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    with SandboxServer(World(), port=port) as server:
        assert server.origin == f"http://127.0.0.1:{port}"


async def test_the_server_serves_inside_a_running_loop() -> None:
    async with SandboxServer(World()) as server, httpx.AsyncClient(headers=BROWSER) as client:
        assert (await client.get(f"{server.origin}/_sandbox/world")).status_code == 200


def test_stopping_is_quick_also_with_a_hanging_call() -> None:
    world = World()
    server = SandboxServer(world)
    origin = server.start()
    world.faults.add({"kind": "hang"})
    failures: list[Exception] = []

    def call() -> None:
        try:
            httpx.get(f"{origin}/thing", headers=BROWSER)
        except httpx.HTTPError as error:
            failures.append(error)

    caller = threading.Thread(target=call)
    caller.start()
    deadline = time.monotonic() + 2
    while not world.calls and time.monotonic() < deadline:
        time.sleep(0.005)
    began = time.monotonic()
    server.stop()
    server.stop()
    assert time.monotonic() - began < 1
    caller.join(2)
    assert len(failures) <= 1
    assert not any(thread.name == "sandbox" for thread in threading.enumerate())


def test_the_environment_points_every_family_at_the_sandbox(sandbox: SandboxServer) -> None:
    environment = sandbox.environment()
    families = ("ONDEMAND", "CONTROLLER", "PLATFORM", "AI", "VIDEO")
    assert {environment[f"THETA_{family}_API_BASE_URL"] for family in families} == {sandbox.origin}
    assert all(environment.values())


def test_answers_on_a_kept_connection_do_not_wait_for_nagle(client: httpx.Client) -> None:
    client.get("/_sandbox/world")
    began = time.monotonic()
    for _ in range(50):
        client.get("/_sandbox/world")
    assert time.monotonic() - began < 1  # two seconds and more with Nagle's algorithm
