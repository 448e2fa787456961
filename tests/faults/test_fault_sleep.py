"""The machine sleeps, or the program is stopped and woken (SIGSTOP, SIGCONT): at the console, mid-request, mid-poll."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Prove
from tests.faults.front import is_change, is_read
from tests.faults.rig import Rig
from tests.faults.scripted import Connection
from tests.faults.test_fault_streams import said
from tests.stack import Person
from tests.terminal import Terminal, command_line, on_a_terminal, whole_environment
from theta_tui.change import Done
from theta_tui.registry import commands
from theta_tui.sandbox.demo import seed_demo
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World

ASLEEP_SECONDS = 1.6
HELD_UP_SECONDS = 2.0


def sleep(process: int, seconds: float) -> None:
    """Stop a process for so long."""
    os.kill(process, signal.SIGSTOP)
    time.sleep(seconds)
    os.kill(process, signal.SIGCONT)


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Callable[[], Terminal]]:
    """Open the real console on a terminal, before a cloud of its own."""
    world = World(pace=0)
    seed_demo(world)
    opened: list[Terminal] = []

    def open_one() -> Terminal:
        variables = {**server.environment(), "THETA_TUI_HOME": str(tmp_path / "home")}
        command = [sys.executable, "-m", "theta_tui"]
        opened.append(on_a_terminal(command, whole_environment(variables, tmp_path), size=(120, 36)))
        return opened[-1]

    with SandboxServer(world) as server:
        yield open_one
        for one in opened:
            one.end()


def test_the_console_wakes_draws_itself_again_and_leaves_the_terminal_as_it_was(
    console: Callable[[], Terminal], prove: Prove
) -> None:
    terminal = console()
    terminal.until("support-chat")
    for _ in range(2):
        sleep(terminal.pid, 0.3)
        terminal.seen_since("support-chat")
    terminal.type("\x11")
    assert terminal.wait() == 0
    assert terminal.modes_now == terminal.modes
    assert terminal.text.rstrip("\x1b[0m").rfind("\x1b[?1049l") > terminal.text.rfind("\x1b[?1049h")
    prove("F44", "the console")
    prove("I12", "SIGSTOP and SIGCONT", 2)


@dataclass
class Program:
    """The command line as a process of its own, behind the front door of a rig."""

    rig: Rig
    process: asyncio.subprocess.Process | None = None

    async def run(self, *words: str) -> tuple[int, Any]:
        """Run a command; gives its exit status and the JSON it printed."""
        variables = {**self.rig.environ, "THETA_HTTP_TIMEOUT_MS": "1000", "THETA_HTTP_RETRY_BACKOFF_MS": "25"}
        home = Path(variables["THETA_TUI_HOME"]).parent / "program"
        self.process = await asyncio.create_subprocess_exec(
            *command_line(words, None),
            env=whole_environment({**variables, "THETA_TUI_HOME": str(home)}, home),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(30):
            out, err = await self.process.communicate()
        return await self.process.wait(), json.loads(out or err)

    async def sleeps(self, connection: Connection) -> None:
        """A step: the program is stopped now, for longer than it waits for an answer, and what follows is sent."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        asyncio.get_running_loop().call_later(ASLEEP_SECONDS, self.process.send_signal, signal.SIGCONT)


@pytest.fixture
def program(rig: Rig) -> Program:
    return Program(rig)


async def test_what_came_while_it_slept_is_taken_and_not_asked_for_again(program: Program, prove: Prove) -> None:
    front = program.rig.front
    front.aim((program.sleeps, front.relay), at=is_read)
    code, found = await program.run("run", "theta.deployments.list", "--output", "json")
    assert (code, len(front.truth.tries), bool(found)) == (0, 1, True)
    prove("F44", "theta.deployments.list")


@pytest.mark.full
async def test_a_read_whose_connection_died_meanwhile_is_asked_again(program: Program, prove: Prove) -> None:
    front = program.rig.front
    front.aim((program.sleeps, front.sleep(1.0), front.reset), at=is_read, stays=False)
    code, found = await program.run("run", "theta.billing.balance", "--output", "json")
    assert (code, len(front.truth.tries), bool(found)) == (0, 2, True)
    prove("F44", "theta.billing.balance")


INFER = ("run", "theta.ondemand.infer", "service=flux", 'input:={"prompt": "x"}', "--yes", "--output", "json")


async def test_a_paid_act_that_slept_is_done_once_and_only_believed_when_answered(
    program: Program, prove: Prove
) -> None:
    front = program.rig.front
    for end, code in ((front.relay, 0), (front.reset, 5)):
        front.aim((program.sleeps, *(() if end == front.relay else (front.commit,)), end), at=is_change)
        status, told = await program.run(*INFER)
        assert (status, len(front.truth.tries), len(front.truth.done)) == (code, 1, 1), told
        assert (told.get("error", {}).get("kind") == "uncertain") is (code == 5)
        prove("F44", "theta.ondemand.infer")
        prove("I1", "theta.ondemand.infer")


CHAT = ("run", "theta.ondemand.chat", "service=qwen3", 'messages:=[{"role":"user","content":"hi"}]', "stream:=true")


async def test_a_stream_goes_on_after_a_sleep_or_keeps_what_came(program: Program, prove: Prove) -> None:
    front = program.rig.front
    begun = (front.commit, front.sse(), front.send(said("Once ")), program.sleeps, front.send(said("upon")))
    whole = (*begun, front.send(said(finish="stop") + b"data: [DONE]\n\n"), front.close)
    for steps, complete in ((whole, True), ((*begun, front.sleep(0.3), front.close), False)):
        front.aim(steps, at=is_change)
        code, answer = await program.run(*CHAT, "--yes", "--output", "json")
        assert (code, answer["text"], answer["complete"]) == (0 if complete else 1, "Once upon", complete)
        assert len(front.truth.tries) == 1
        prove("F44", "theta.ondemand.chat")


@pytest.mark.full
async def test_a_poll_that_slept_looks_once_more_before_it_gives_up(program: Program, prove: Prove) -> None:
    front, job = program.rig.front, program.rig.bench.known["request_id"]
    pending = front.json({"status": "success", "body": {"infer_requests": [{"id": job, "state": "pending"}]}})
    front.aim((program.sleeps, pending, front.close), at=is_read, stays=False)
    limits = ("interval_ms:=100", "timeout_ms:=3000")
    code, found = await program.run("run", "theta.ondemand.pollUntilDone", f"request_id={job}", *limits)
    assert (code, found["terminal_state"], len(front.truth.tries)) == (0, "success", 2)
    prove("F44", "theta.ondemand.pollUntilDone")


async def hold_up(connection: Connection) -> None:
    """A step: other code holds the event loop of client and server up, for longer than anybody waits."""
    time.sleep(HELD_UP_SECONDS)  # noqa: ASYNC251  that is the fault


@pytest.mark.parametrize("name", ["theta.deployments.list", "theta.ondemand.infer"])
async def test_a_loop_held_up_by_other_code_calls_nobody_slow(name: str, rig: Rig, prove: Prove) -> None:
    command = commands()[name]
    rig.front.aim((hold_up, rig.front.relay), at=is_read if command.is_read else is_change)
    if command.is_read:
        await rig.bench.session.ask(name, rig.bench.arguments(command))
    else:
        done = await rig.bench.session.submit(name, rig.bench.arguments(command), reviewer=Person())
        assert isinstance(done, Done)
        assert len(rig.front.truth.done) == 1
    assert len(rig.front.truth.tries) == 1
    prove("F60", name)


async def test_a_stream_held_up_by_other_code_is_not_called_silent(rig: Rig, prove: Prove) -> None:
    front = rig.front
    front.aim(
        (front.commit, front.sse(), front.send(said("Once ")), front.sleep(0.05), hold_up, front.send(said("upon")),
         front.send(said(finish="stop") + b"data: [DONE]\n\n"), front.close),
        at=is_change,
    )  # fmt: skip
    arguments = {**rig.bench.arguments(commands()["theta.ondemand.chat"]), "stream": True}
    done = await rig.bench.session.submit("theta.ondemand.chat", arguments, reviewer=Person())
    assert isinstance(done, Done)
    assert (done.value.text, done.value.complete) == ("Once upon", True)
    prove("F60", "theta.ondemand.chat")
