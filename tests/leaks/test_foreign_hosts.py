"""What hosts receive that no credential belongs to: targets of redirects, presigned slots, and other families."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults.front import Front
from tests.faults.scripted import Received, ScriptedServer
from tests.laws.conftest import Bench, known_arguments, leave_something_behind
from tests.leaks.canaries import CANARIES
from tests.leaks.conftest import Clean
from tests.leaks.haystack import found_in
from tests.proofs import Prove
from tests.stack import Person, begin_session
from tests.wire.conftest import Bench as WireBench
from theta_tui.change import Family, RawBody, Request
from theta_tui.errors import ThetaError
from theta_tui.registry import commands
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World

PROJECT, ON_DEMAND = CANARIES["THETA_EC_API_KEY"], CANARIES["THETA_ONDEMAND_API_TOKEN"]
CHATBOT, VIDEO = CANARIES["THETA_CHATBOT_TOKEN"], CANARIES["THETA_VIDEO_SA_SECRET"]
ENDPOINT = CANARIES["THETA_INFERENCE_AUTH_TOKEN"]
KEYS = {
    Family.ONDEMAND: {"token": ON_DEMAND},
    Family.CONTROLLER: {"key": PROJECT},
    Family.PLATFORM: {"key": PROJECT},
    Family.AI: {"token": CHATBOT},
    Family.VIDEO: {"id": "srvacc_1", "secret": VIDEO},
    Family.ENDPOINT: {"token": ENDPOINT},
}
TARGETS: dict[str, Callable[[ScriptedServer, ScriptedServer], str]] = {
    "another port": lambda own, other: f"http://127.0.0.1:{other.port}/take",
    "another name": lambda own, other: f"http://localhost:{other.port}/take",
    "no scheme": lambda own, other: f"//127.0.0.1:{other.port}/take",
    "userinfo that looks like us": lambda own, other: f"http://127.0.0.1:{own.port}@127.0.0.1:{other.port}/take",
    "another scheme": lambda own, other: f"HTTP://127.0.0.1:{other.port}/take",
    "ourselves, elsewhere": lambda own, other: f"{own.url}/take",
    "a path that climbs out": lambda own, other: "/../../take",
}
KINDS = (
    "read of the project", "read of the platform", "read on demand", "read of an agent", "read of the videos",
    "read of a machine", "change", "change on demand", "presigned slot", "output", "stream", "JSON-RPC",
)  # fmt: skip


@pytest.fixture
async def servers() -> AsyncIterator[tuple[ScriptedServer, ScriptedServer]]:
    """Our own host, and another one."""
    own, other = ScriptedServer(), ScriptedServer()
    for one in (own, other):
        await one.start()
    yield own, other
    for one in (own, other):
        await one.stop()


async def _send(bench: WireBench, kind: str) -> None:
    own, get = bench.server.url, bench.get
    slot = Request("PUT", Family.SLOT, base=f"{own}/upload", body=RawBody(b"x"))
    ways: dict[str, Callable[[], Any]] = {
        "read of the project": lambda: bench.reader.fetch(get()),
        "read of the platform": lambda: bench.reader.fetch(get("x", family=Family.PLATFORM)),
        "read on demand": lambda: bench.reader.fetch(get("x", family=Family.ONDEMAND)),
        "read of an agent": lambda: bench.reader.fetch(get("x", family=Family.AI)),
        "read of the videos": lambda: bench.reader.fetch(get("x", family=Family.VIDEO)),
        "read of a machine": lambda: bench.reader.fetch(get("v1", family=Family.ENDPOINT, base=f"{own}/endpoint/a")),
        "change": lambda: bench.writer.send(bench.approved()),
        "change on demand": lambda: bench.writer.send(bench.approved(bench.post("x", family=Family.ONDEMAND))),
        "presigned slot": lambda: bench.writer.send(bench.approved(slot)),
        "output": lambda: bench.reader.download(f"{own}/output/1", limit_bytes=1000),
        "JSON-RPC": lambda: bench.reader.fetch(get("x", family=Family.CHAIN)),
    }
    if kind == "stream":
        async with bench.writer.open(bench.approved(bench.post("x", family=Family.ONDEMAND))):
            return
    await ways[kind]()


def _told(requests: list[Received]) -> bytes:
    return b"\n".join(one.raw for one in requests)


@pytest.mark.parametrize("kind", KINDS)
async def test_no_redirect_takes_a_credential_or_a_body_anywhere(
    kind: str, servers: tuple[ScriptedServer, ScriptedServer], is_clean: Clean, prove: Prove
) -> None:
    own, other = servers
    bench = WireBench(own)
    bench.keys.values = KEYS
    for status in (301, 302, 303, 307, 308):
        for target in TARGETS.values():
            own.requests.clear()
            other.only(other.json({"taken": True}))
            own.only(own.answer(status, b"", {"Location": target(own, other)}))
            with pytest.raises(ThetaError, match="redirect"):
                await _send(bench, kind)
            assert len(own.requests) == 1
            assert other.connections == 0
    await bench.wire.aclose()
    is_clean("requests at targets of redirects", _told(other.requests))
    prove("I8", f"redirects, {kind}", 5 * len(TARGETS))
    if kind in ("presigned slot", "output", "JSON-RPC"):
        is_clean(f"requests of {kind}", _told(own.requests))
    else:
        assert found_in(_told(own.requests)), "the key went to its own host, so the check can see one"


async def test_a_client_that_follows_is_found(
    servers: tuple[ScriptedServer, ScriptedServer], record_property: Callable[[str, object], None]
) -> None:
    own, other = servers
    other.only(other.json({}))
    for status in (302, 307):
        own.only(own.answer(status, b"", {"Location": f"{other.url}/take"}))
        async with httpx.AsyncClient(follow_redirects=True, trust_env=False) as client:
            await client.post(own.url, headers={"x-api-key": PROJECT}, content=VIDEO)
    assert len(other.requests) == 2
    hits = found_in(_told(other.requests))
    assert {hit.split()[0] for hit in hits} == {"THETA_EC_API_KEY", "THETA_VIDEO_SA_SECRET"}
    record_property("control", "headers and body at the target of a redirect")


FAMILIES = {
    "ONDEMAND": {"THETA_ONDEMAND_API_TOKEN"},
    "CONTROLLER": {"THETA_EC_API_KEY", "THETA_INFERENCE_AUTH_TOKEN"},  # the machines are at this origin
    "PLATFORM": {"THETA_EC_API_KEY"},
    "AI": {"THETA_CHATBOT_TOKEN"},
    "VIDEO": {"THETA_VIDEO_SA_SECRET"},
}
"""The hosts of the cloud, each behind a door of its own, and what may be seen there."""


@pytest.mark.parametrize(
    "named", ["ONDEMAND", *(pytest.param(one, marks=pytest.mark.full) for one in ("CONTROLLER", "VIDEO"))]
)
async def test_every_host_receives_its_own_credential_and_no_other(
    named: str, world: World, cloud: SandboxServer, tmp_path: Path, is_clean: Clean, prove: Prove
) -> None:
    """Every command is run; the slots, outputs and machines that answers name are at the origin `named`."""
    async with contextlib.AsyncExitStack() as stack:
        doors = {}
        for family in FAMILIES:
            doors[family] = Front(("127.0.0.1", int(cloud.origin.rpartition(":")[2])))
            await doors[family].start()
            stack.push_async_callback(doors[family].stop)
        world.origin = doors[named].url
        bases = {f"THETA_{family}_API_BASE_URL": door.url for family, door in doors.items()}
        environ = {**cloud.environment(), **bases, "THETA_TUI_HOME": str(tmp_path), "THETA_HTTP_MAX_RETRIES": "0"}
        session = await begin_session(environ)
        stack.push_async_callback(session.close)
        await leave_something_behind(session, world)
        world.faults.add({"kind": "warm_up", "script": [[0, 404]], "times": None})
        bench = Bench(session, world, known_arguments(world), environ)
        for command in commands().values():
            with contextlib.suppress(ThetaError):
                arguments = bench.arguments(command)
                if command.is_read:
                    await session.ask(command.name, arguments)
                else:
                    await session.submit(command.name, arguments, reviewer=Person())
        for family, door in doors.items():
            _is_for(family, door.requests, is_clean)
            prove("I8", f"the host {family}", len(door.requests))


def _is_for(family: str, requests: list[Received], is_clean: Clean) -> None:
    assert requests, family
    bare = [one for one in requests if one.target.startswith(("/upload/", "/output/"))]
    is_clean("requests of slots and outputs", _told(bare))
    seen = {hit.split()[0] for hit in found_in(_told(requests))}
    assert seen <= FAMILIES[family], (family, seen)
    assert seen, f"no key was sent to {family}, so nothing was proved"
    is_clean(f"requests at the host {family}", _without(FAMILIES[family], _told(requests)))


def _without(names: set[str], told: bytes) -> bytes:
    for name in names:
        told = told.replace(CANARIES[name].encode(), b"")
    return told
