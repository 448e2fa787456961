"""Leaving early: cancels at every moment, signals, and a yes that is pressed again and again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Prove
from tests.faults.front import is_change
from tests.faults.rig import Rig
from tests.faults.test_fault_streams import said
from tests.stack import Person
from tests.terminal import command_line, whole_environment
from tests.tui.conftest import Opens, console
from theta_tui import settings
from theta_tui.journal import Journal
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.templates import STANDARD_TEMPLATES
from theta_tui.sandbox.world import World
from theta_tui.tui.review import ReviewModal

__all__ = ["console"]

CREATE = {"deployment_template_id": STANDARD_TEMPLATES[0].id, "vm_id": "vm_gt1"}
CHAT = {"service": "gpt_oss_120b", "messages": [{"role": "user", "content": "hi"}], "stream": True}


@pytest.mark.parametrize("count", [25, pytest.param(300, marks=pytest.mark.full)])
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("moment", ["at once", "before headers", "in the middle"])
async def test_cancels_leave_no_connection_taken_and_no_row_without_a_state(
    moment: str, times: int, count: int, rig: Rig, prove: Prove
) -> None:
    front, session = rig.front, rig.bench.session
    partial = (front.commit, front.sse(), front.send(said("Once ")), front.hang)
    front.aim((front.hang,) if moment == "before headers" else partial, at=is_change)
    for turn in range(count):
        talking = asyncio.Event()
        work = asyncio.create_task(_talk(session, talking))
        if moment == "before headers":
            while len(front.truth.tries) <= turn:
                await asyncio.sleep(0.001)
        elif moment == "in the middle":
            await _first_of(talking, work)
        else:
            await asyncio.sleep(turn % 25 * 0.001)
        for _ in range(times):
            work.cancel()
            await asyncio.sleep(0)
        with contextlib.suppress(asyncio.CancelledError):
            await work
    assert await session.flights.landed(5)
    end = time.monotonic() + 5
    while session._wire.busy_slots and time.monotonic() < end:
        await asyncio.sleep(0.01)
    assert session._wire.busy_slots == 0
    assert _connections_to(front.url) <= 1  # the one that reads have left open for the next
    states = {entry.state for entry in await session.journal.ledger(500) if entry.command == "theta.ondemand.chat"}
    wanted = {"before headers": {"uncertain"}, "in the middle": {"confirmed"}}
    assert states <= wanted.get(moment, {"uncertain", "refused", "confirmed"}), states
    prove("F37", f"theta.ondemand.chat {moment}", count)


def _connections_to(url: str) -> int:
    """Count the descriptors of this process that are connections to a server in it, seen from the client."""
    port, found = int(url.rpartition(":")[2]), 0
    for name in os.listdir("/dev/fd"):
        try:
            one = socket.socket(fileno=int(name))
        except OSError:
            continue
        with contextlib.suppress(OSError):
            found += one.family == socket.AF_INET and one.getpeername()[1] == port
        one.detach()
    return found


async def _first_of(talking: asyncio.Event, work: asyncio.Task[None]) -> None:
    """Wait until the answer has begun; what ended it before that is raised."""
    begun = asyncio.create_task(talking.wait())
    await asyncio.wait((begun, work), return_when=asyncio.FIRST_COMPLETED)
    begun.cancel()
    if not talking.is_set():
        work.result()


async def _talk(session: Any, talking: asyncio.Event) -> None:
    async with await session.open("theta.ondemand.chat", CHAT, reviewer=Person()) as run:
        async for _ in run:
            talking.set()


def _told_to_end(command: list[str], environ: dict[str, str], world: World, number: signal.Signals) -> int:
    """Send a program a signal once the cloud has made what it asked for; give its exit status."""
    # Under nohup it would go on in spite of a hang-up, as it should.
    heeds = partial(signal.signal, number, signal.SIG_DFL)
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, preexec_fn=heeds) as program:
        while world.counts["creates"] == 0:
            assert program.poll() is None
            time.sleep(0.01)
        program.send_signal(number)
        return program.wait(10)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_program_told_to_end_with_a_create_in_flight_writes_down_that_nobody_knows(
    number: signal.Signals, sandbox: SandboxServer, world: World, tmp_path: Path, prove: Prove
) -> None:
    world.faults.add({"kind": "hang", "after": True, "match": {"method": "POST"}, "seconds": 30})
    variables = {**sandbox.environment(), "THETA_TUI_HOME": str(tmp_path)}
    words = ("run", "theta.deployments.create", *(f"{name}={value}" for name, value in CREATE.items()), "--yes")
    environ = whole_environment(variables, tmp_path)
    assert _told_to_end(command_line(words, None), environ, world, number) == 128 + number
    journal = await Journal.open(settings.data_dir(variables) / "journal.sqlite3")
    [row] = await journal.unsettled("default")
    assert row.state == "uncertain"
    await journal.close()
    assert world.counts["creates"] == 1
    prove("F38", f"theta.deployments.create, {number.name}")


@pytest.mark.parametrize("keys", [("y", "y", "y"), ("y", "enter", "enter"), ("y", "enter", "space", "y")])
async def test_a_yes_that_is_pressed_again_is_one_yes(keys: tuple[str, ...], console: Opens, prove: Prove) -> None:
    async with console() as it:
        session = it.app.session
        assert session is not None
        made = it.world.counts["creates"]
        it.app.run_worker(session.submit("theta.deployments.create", CREATE, reviewer=it.app))
        await it.until(lambda: isinstance(it.app.screen, ReviewModal) and it.app.screen.armed)
        await it.press(*keys)
        await it.until(lambda: it.world.counts["creates"] > made)
        await it.pilot.pause(0.3)
        assert it.world.counts["creates"] == made + 1
        prove("F40", "theta.deployments.create")
