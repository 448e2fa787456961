"""The network changes under a session: a proxy resets, names lead elsewhere, idle connections are forgotten.

Reads go on; what may have arrived of a change is unknown, and is never sent twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.faults.conftest import Prove
from tests.faults.rig import make_impatient
from tests.faults.scripted import ScriptedServer
from tests.faults.test_fault_network import NAME, Begin, begin, context_of  # noqa: F401 a fixture
from tests.stack import Person, begin_session
from theta_tui.change import Done
from theta_tui.errors import Uncertain
from theta_tui.sandbox.demo import seed_demo
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World
from theta_tui.session import Session
from theta_tui.wire import transport

READS = ("theta.deployments.list", "theta.billing.balance", "theta.video.list", "theta.ondemand.listRequests")
PAID: tuple[tuple[str, dict[str, Any]], ...] = (
    ("theta.ondemand.infer", {"service": "stable_diffusion_xl_turbo", "input": {"prompt": "x"}}),
    ("theta.video.streamCreate", {"name": "Flap"}),
)
LISTED = ("theta.video.streamCreate",)
"""Whether these happened is looked up, after their answer was lost."""


class Middle:
    """A proxy that passes bytes on, and does with the connections it has what it is told."""

    def __init__(self, behind: int) -> None:
        self._behind = behind
        self._pairs: list[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._forgotten = 0
        self.accepted = 0
        self.on_request: Callable[[], None] | None = None
        self.on_answer: Callable[[], None] | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        self.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def reset(self) -> None:
        """Reset every connection of the client's."""
        for client, _ in self._pairs:
            raw: socket.socket = client.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.transport.abort()
        self.close()

    def close(self) -> None:
        """Close every connection politely."""
        for pair in self._pairs:
            for writer in pair:
                writer.close()
        self._pairs.clear()

    def forget(self) -> None:
        """Swallow whatever comes on the connections there are, and say nothing."""
        self._forgotten = self.accepted

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        number = self.accepted
        there, cloud = await asyncio.open_connection("127.0.0.1", self._behind)
        self._pairs.append((writer, cloud))
        for source, target, event in ((reader, cloud, "on_request"), (there, writer, "on_answer")):
            task = asyncio.create_task(self._pass(number, source, target, event))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(self, number: int, source: asyncio.StreamReader, target: asyncio.StreamWriter, event: str) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            while data := await source.read(65_536):
                happens: Callable[[], None] | None = getattr(self, event)
                if happens is not None:
                    setattr(self, event, None)
                    happens()
                if number > self._forgotten and not target.is_closing():
                    target.write(data)
                    await target.drain()
        target.close()


@dataclass
class Flapping:
    """A session, the proxy between, and the cloud behind."""

    session: Session
    middle: Middle
    world: World

    def changes(self) -> list[str]:
        return [call.path for call in self.world.calls if call.method not in ("GET", "HEAD")]

    async def pays(self, name: str, arguments: dict[str, Any], then: Callable[[], None] = lambda: None) -> bool:
        """Submit; something happens between the yes and the sending. True if it is done, False if nobody knows."""
        try:
            done = await self.session.submit(name, arguments, reviewer=Person(then=then))
        except Uncertain:
            assert (await self.session.journal.ledger(1))[0].state == "uncertain"
            return False
        assert isinstance(done, Done)
        return True


@pytest.fixture
async def flapping(tmp_path: Path) -> AsyncIterator[Flapping]:
    world = World(pace=0)
    seed_demo(world)
    world.clock.advance(60)
    with SandboxServer(world) as server:
        middle = Middle(int(server.origin.rpartition(":")[2]))
        await middle.start()
        world.origin = f"http://127.0.0.1:{middle.port}"
        environ = {name: value.replace(server.origin, world.origin) for name, value in server.environment().items()}
        session = await begin_session({**environ, "THETA_TUI_HOME": str(tmp_path)})
        make_impatient(session)
        yield Flapping(session, middle, world)
        assert session._wire.busy_slots == 0
        await session.close()
        await middle.stop()


@pytest.mark.parametrize("how", ["reset", "close"])
async def test_idle_connections_that_a_proxy_ended_cost_nothing(how: str, flapping: Flapping, prove: Prove) -> None:
    end = getattr(flapping.middle, how)
    for name in READS:
        await flapping.session.ask(name)
        end()
        await flapping.session.ask(name)
        prove("F45", name)
    for name, arguments in PAID:
        before = len(flapping.changes())
        assert await flapping.pays(name, arguments, then=end)
        assert len(flapping.changes()) == before + 1
        prove("F45", name)


@pytest.mark.parametrize("when", ["on_request", "on_answer"])
async def test_a_reset_in_flight_is_read_again_and_leaves_a_change_unknown(
    when: str, flapping: Flapping, prove: Prove
) -> None:
    session, middle = flapping.session, flapping.middle
    for name in READS:
        setattr(middle, when, middle.reset)
        assert await session.ask(name)
        assert getattr(middle, when) is None
        prove("F45", name)
    for name, arguments in PAID:
        before = len(flapping.changes())
        arrived = when == "on_answer"
        is_known = await flapping.pays(name, arguments, then=lambda: setattr(middle, when, middle.reset))
        assert is_known is (arrived and name in LISTED)
        assert len(flapping.changes()) == before + arrived  # told as unknown either way, except what a list shows
        prove("F45", name)
        prove("I1", name)


async def test_a_forgotten_connection_is_left_for_another_by_a_read_and_makes_a_change_unknown(
    flapping: Flapping, prove: Prove
) -> None:
    session, middle = flapping.session, flapping.middle
    for name in READS[:2]:
        await session.ask(name)
        middle.forget()
        accepted = middle.accepted
        assert await session.ask(name)
        assert middle.accepted > accepted
        prove("F45", name)
    name, arguments = PAID[0]
    before = len(flapping.changes())
    assert not await flapping.pays(name, arguments, then=middle.forget)
    assert len(flapping.changes()) == before
    prove("F45", name)


async def test_after_a_sleep_no_connection_of_before_is_used(
    flapping: Flapping, monkeypatch: pytest.MonkeyPatch, prove: Prove
) -> None:
    session, middle, slept = flapping.session, flapping.middle, [0.0]
    awake = transport.lead
    monkeypatch.setattr(transport, "lead", lambda: awake() + slept[0])

    def sleep() -> None:
        slept[0] += 3600
        middle.forget()

    await asyncio.gather(*(session.ask(name) for name in READS))
    sleep()
    tried = len(await session.journal.requests(1000))
    await session.ask(READS[0])
    for name, arguments in PAID:
        before = len(flapping.changes())
        assert await flapping.pays(name, arguments, then=sleep)
        assert len(flapping.changes()) == before + 1
        prove("F45", name)
    attempts = (await session.journal.requests(1000))[: -tried or None]
    assert {one.number for one in attempts} == {1}  # nothing had to be tried again
    prove("F44", "idle connections")


async def test_a_name_that_leads_elsewhere_is_followed(
    begin: Begin,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    prove: Prove,
) -> None:
    real, leads = socket.getaddrinfo, ["127.0.0.1"]

    def lookup(host: Any, *rest: Any, **more: Any) -> Any:
        return real(leads[0] if host in (NAME, NAME.encode()) else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    ours = trustme.CA()
    ours.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    tls = context_of(ours.issue_cert(NAME))
    home, away = (ScriptedServer().only(ScriptedServer.json({"status": "success", "body": []})) for _ in range(2))
    await home.start(tls)
    try:
        await away.start(tls, "127.0.0.2", home.port)
    except OSError:
        await home.stop()
        pytest.skip("this machine has one loopback address only")
    try:
        session = await begin(f"https://{NAME}:{home.port}", THETA_CA_BUNDLE=str(tmp_path / "ca.pem"))
        await session.ask("theta.deployments.list")
        leads[0] = "127.0.0.2"
        await home.stop()
        await session.ask("theta.deployments.list")
        away.only(ScriptedServer.json({"body": {"streams": [{"id": "stream_1", "name": "Demo"}]}}))
        done = await session.submit("theta.video.streamCreate", {"name": "Demo"}, reviewer=Person())
        assert isinstance(done, Done)
        assert [one.split()[0] for one in home.methods] == ["GET"]
        assert [one for one in away.methods if one.startswith("POST")] == ["POST /stream"]
        prove("F45", "theta.deployments.list")
        prove("F45", "theta.video.streamCreate")
    finally:
        await home.stop()
        await away.stop()
