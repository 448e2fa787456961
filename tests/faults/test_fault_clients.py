"""MCP clients that go away, flood or talk nonsense, before the real server as a process; and a network that flaps."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Prove
from tests.faults.front import is_change, is_read
from tests.faults.rig import Rig
from tests.stack import Person
from tests.terminal import command_line, whole_environment
from theta_tui import settings
from theta_tui.change import Done
from theta_tui.errors import CloudError, Uncertain
from theta_tui.journal import Journal
from theta_tui.registry import commands

HELLO = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
CHAT = {"service": "gpt_oss_120b", "messages": [{"role": "user", "content": "hi"}]}


class Host:
    """A program that has started our MCP server and speaks to it over pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._last = 0

    def send(self, method: str, params: Any = None, *, asks: bool = True) -> int:
        """Send a request or notification; gives its id."""
        self._last += 1
        message = {"jsonrpc": "2.0", "method": method, **({"params": params} if params is not None else {})}
        self.write(json.dumps({**message, **({"id": self._last} if asks else {})}).encode() + b"\n")
        return self._last

    def write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)

    async def answer(self, number: int) -> dict[str, Any]:
        """Wait for the answer to a request; every line on the way must be of the protocol."""
        assert self.process.stdout is not None
        while True:
            message: dict[str, Any] = json.loads(await self.process.stdout.readline())
            assert message["jsonrpc"] == "2.0"
            if message.get("id") == number:
                return message

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        found = await self.answer(self.send("tools/call", {"name": tool, "arguments": arguments}))
        structured: dict[str, Any] = found["result"]["structuredContent"]
        return structured

    async def goes_away(self) -> int:
        """Close the server's stdin; gives its exit status."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return await self.process.wait()


@asynccontextmanager
async def serving(rig: Rig) -> AsyncIterator[Host]:
    home = Path(rig.environ["THETA_TUI_HOME"]).parent / "mcp"
    variables = {**rig.environ, "THETA_TUI_HOME": str(home), "THETA_HTTP_MAX_RETRIES": "0"}
    process = await asyncio.create_subprocess_exec(
        *command_line(("mcp", "--allow-writes"), None),
        env=whole_environment(variables, home),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=1 << 24,
    )
    host = Host(process)
    try:
        async with asyncio.timeout(60):
            await host.answer(host.send("initialize", HELLO))
            host.send("notifications/initialized", asks=False)
            yield host
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_nonsense_is_answered_or_passed_over_and_the_next_call_works(rig: Rig, prove: Prove) -> None:
    async with serving(rig) as host:
        for nonsense in (
            b"{\n",
            b"\n",
            b"null\n",
            b'{"jsonrpc": "1.0"}\n',
            b"\xff\xfe\n",
            b'"' + b"x" * 70_000 + b'"\n',
        ):
            host.write(nonsense)
        host.send("notifications/cancelled", {"requestId": 999}, asks=False)
        assert (await host.call("theta.billing.balance"))["result"]
        prove("F59", "nonsense", 7)


async def test_a_flood_of_calls_is_slowed_down_and_told(rig: Rig, prove: Prove) -> None:
    rig.front.aim(at=is_read)
    async with serving(rig) as host:
        numbers = [host.send("tools/call", {"name": "theta.billing.balance", "arguments": {}}) for _ in range(150)]
        told = json.dumps([await host.answer(number) for number in numbers[-3:]])
        assert "slow down" in told
        assert len(rig.front.truth.tries) < 140
        prove("F59", "flood", 150)


async def test_nothing_is_sent_after_the_client_has_gone(rig: Rig, prove: Prove) -> None:
    front = rig.front
    async with serving(rig) as host:
        shown = await host.call("theta.ondemand.chat", **CHAT)
        front.aim((front.hang,), at=lambda _: True)
        front.arrived.clear()
        host.send("tools/call", {"name": "theta.billing.balance", "arguments": {}})
        await front.arrived.wait()
        sent = len(front.requests)
        assert shown["confirm"]
        assert await host.goes_away() == 0
        assert len(front.requests) == sent
        prove("F59", "the client goes")


async def test_a_paid_call_whose_client_goes_is_sent_once(rig: Rig, prove: Prove) -> None:
    front = rig.front
    async with serving(rig) as host:
        shown = await host.call("theta.ondemand.chat", **CHAT)
        front.aim((front.commit, front.hang), at=is_change)
        front.arrived.clear()
        host.send("tools/call", {"name": "theta.ondemand.chat", "arguments": {**CHAT, "confirm": shown["confirm"]}})
        while not front.truth.done:
            await asyncio.sleep(0.02)
        assert await host.goes_away() == 0
        assert len(front.truth.tries) == len(front.truth.done) == 1
    assert await _chats_in(rig) == ["uncertain"]
    prove("F59", "the client goes while paying")
    prove("I1", "theta.ondemand.chat")


async def test_a_paid_call_that_the_client_cancels_is_uncertain_and_its_yes_used_up(rig: Rig, prove: Prove) -> None:
    front = rig.front
    async with serving(rig) as host:
        confirmed = {**CHAT, "confirm": (await host.call("theta.ondemand.chat", **CHAT))["confirm"]}
        front.aim((front.commit, front.hang), at=is_change)
        number = host.send("tools/call", {"name": "theta.ondemand.chat", "arguments": confirmed})
        while not front.truth.done:
            await asyncio.sleep(0.02)
        for _ in range(3):  # a host may say it more than once
            host.send("notifications/cancelled", {"requestId": number, "reason": "the user stopped it"}, asks=False)
        again = await host.answer(host.send("tools/call", {"name": "theta.ondemand.chat", "arguments": confirmed}))
        assert again["result"]["isError"]
        assert again["result"]["structuredContent"]["error"]["kind"] == "policy"
        assert len(front.truth.tries) == len(front.truth.done) == 1
        assert await host.call("theta.billing.balance")
        assert await host.goes_away() == 0
    assert await _chats_in(rig) == ["uncertain"]
    prove("F59", "the client cancels while paying", 3)
    prove("I1", "theta.ondemand.chat")


async def _chats_in(rig: Rig) -> list[str]:
    """Give what became of each chat, as the ledger of the server says on disk."""
    home = Path(rig.environ["THETA_TUI_HOME"]).parent / "mcp"
    journal = await Journal.open(settings.data_dir({"THETA_TUI_HOME": str(home)}) / "journal.sqlite3")
    states = [entry.state for entry in await journal.ledger() if entry.command == "theta.ondemand.chat"]
    await journal.close()
    return states


@pytest.mark.parametrize("name", ["theta.deployments.list", "theta.billing.balance"])
async def test_a_read_survives_a_flap_on_a_kept_connection(name: str, rig: Rig, prove: Prove) -> None:
    front, session = rig.front, rig.bench.session
    for fault in (front.reset, front.close, front.half_close):
        await session.ask(name)
        front.aim((fault,), at=is_read, stays=False)
        await session.ask(name)
        assert len(front.truth.tries) == 2
        prove("F45", name)


async def test_a_network_that_goes_and_comes_back(rig: Rig, prove: Prove) -> None:
    front, session = rig.front, rig.bench.session
    front.greet(front.reset)
    with pytest.raises(CloudError):
        await session.ask("theta.deployments.list")
    front.disarm()
    assert await session.ask("theta.deployments.list")
    prove("F45", "theta.deployments.list")


async def test_a_new_machine_is_waited_for_while_it_warms_up(rig: Rig, prove: Prove) -> None:
    front, name = rig.front, "theta.inference.ready"
    arguments = {**rig.bench.arguments(commands()[name]), "interval_ms": 500, "timeout_ms": 20_000}
    warming = (front.answer(404), front.answer(502, b"<html>", {"Content-Type": "text/html"}), front.answer(503))
    front.aim(*((step, front.close) for step in warming), at=lambda one: is_read(one) and "/endpoint/" in one.target,
              stays=False)  # fmt: skip
    ready = await rig.bench.session.ask(name, arguments)
    assert ready.ready, ready
    assert len(front.truth.tries) > len(warming)
    prove("F20", name)


async def test_a_paid_act_in_a_flap_is_unknown_and_not_sent_again_by_itself(rig: Rig, prove: Prove) -> None:
    front = rig.front
    chat = {**rig.bench.arguments(commands()["theta.ondemand.infer"])}
    front.aim((front.reset,), at=is_change, stays=False)
    with pytest.raises(Uncertain):
        await rig.bench.session.submit("theta.ondemand.infer", chat, reviewer=Person())
    done = await rig.bench.session.submit("theta.ondemand.infer", chat, reviewer=Person())
    assert isinstance(done, Done)
    assert len(front.truth.done) == 1
    prove("F45", "theta.ondemand.infer")
