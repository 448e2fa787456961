"""The machine sleeps, or the program is stopped and woken (SIGSTOP, SIGCONT): at rest, mid-request, mid-stream."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import Prove
from tests.terminal import Terminal, on_a_terminal, whole_environment
from theta_tui.sandbox.demo import seed_demo
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World


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
