"""The terminal and the signals: told to end, gone, tiny, huge, slow, dumb, none at all. It is always left as found."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import Prove
from tests.terminal import Terminal, command_line, on_a_terminal, whole_environment
from theta_tui.sandbox.demo import seed_demo
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World

READY = "Help"
Open = Callable[..., Terminal]


@pytest.fixture
def world() -> World:
    made = World(pace=0)
    seed_demo(made)
    return made


@pytest.fixture
def environ(world: World, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a user of this world."""
    with SandboxServer(world) as server:
        yield whole_environment({**server.environment(), "THETA_TUI_HOME": str(tmp_path / "home")}, tmp_path)


@pytest.fixture
def console(environ: dict[str, str]) -> Iterator[Open]:
    """Open the console on a terminal of some size."""
    opened: list[Terminal] = []

    def start(size: tuple[int, int] = (120, 36), ignoring: int | None = None, **more: str) -> Terminal:
        opened.append(on_a_terminal(command_line((), None), {**environ, **more}, size=size, ignoring=ignoring))
        return opened[-1]

    yield start
    for one in opened:
        one.end()


def _leave(program: Terminal) -> None:
    program.type("\x11")
    assert program.wait() == 0
    program.is_restored()
    assert "Traceback" not in program.text


SIGNALS = [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT]


@pytest.mark.parametrize("number", SIGNALS, ids=lambda one: one.name)
@pytest.mark.parametrize("moment", ["Starting…", READY])
def test_a_signal_ends_it_properly_at_any_moment(console: Open, prove: Prove, number: int, moment: str) -> None:
    program = console()
    program.until(moment)
    os.kill(program.pid, number)
    assert program.wait(4) in (0, 128 + number)
    program.is_restored()
    assert "Traceback" not in program.text
    prove("F56", f"{signal.Signals(number).name} at {moment}")
    prove("I12", signal.Signals(number).name)


@pytest.mark.parametrize("ignoring", [None, signal.SIGHUP])
def test_without_its_terminal_it_ends_within_two_seconds_and_spins_no_longer(
    console: Open, prove: Prove, ignoring: int | None
) -> None:
    program = console(ignoring=ignoring)
    program.until(READY)
    program.until_quiet()
    program.hang_up()
    begun, used = time.monotonic(), os.times()
    program.wait(3)
    spent = os.times().children_user + os.times().children_system - used.children_user - used.children_system
    assert time.monotonic() - begun < 2.5
    assert spent < 6  # what the whole life of the process cost
    prove("F56", "terminal gone" + (", SIGHUP ignored" if ignoring else ""))


def test_what_was_under_way_is_settled_when_it_is_told_to_end(
    console: Open, world: World, tmp_path: Path, prove: Prove
) -> None:
    program = console()
    program.until(READY)
    program.type("3")
    program.until("Ask anything.")
    program.type("hello")
    program.until("hello")
    world.faults.add({"kind": "hang", "match": {"method": "POST"}})
    program.type("\r")
    program.until("Review ·")
    program.until_quiet(0.6)
    program.type("y")
    _wait_for(lambda: any(call.method == "POST" for call in world.calls), program)
    os.kill(program.pid, signal.SIGTERM)
    assert program.wait(4) == 0
    program.is_restored()
    with contextlib.closing(sqlite3.connect(tmp_path / "home" / "data" / "journal.sqlite3")) as journal:
        assert [row[0] for row in journal.execute("SELECT state FROM intents")] == ["uncertain"]
    prove("F56", "SIGTERM with a call under way")


def test_it_is_suspended_with_the_terminal_as_it_was_and_comes_back(console: Open, prove: Prove) -> None:
    program = console()
    program.until(READY)
    program.until_quiet()
    os.kill(program.pid, signal.SIGTSTP)
    _wait_for(lambda: _state(program.pid) == "T", program)
    program.until_quiet(0.3)
    program.is_restored()
    program.seen.clear()
    os.kill(program.pid, signal.SIGCONT)
    program.until(READY)
    _leave(program)
    prove("F56", "SIGTSTP and SIGCONT")


def test_a_storm_of_resizes_ends_with_a_whole_picture(console: Open, prove: Prove) -> None:
    program = console()
    program.until(READY)
    for turn in range(200):
        program.resize(40 + turn * 7 % 160, 10 + turn * 3 % 50)
        program._read(0.002)
    program.until_quiet(0.5)
    program.seen.clear()
    program.resize(120, 36)
    program.until("GPU + Storage")
    _leave(program)
    prove("F56", "200 resizes", 200)


@pytest.mark.parametrize("size", [(1, 1), (2, 40), (400, 1), (10_000, 30), (120, 1_000)], ids=str)
def test_any_size_is_survived_and_left(console: Open, prove: Prove, size: tuple[int, int]) -> None:
    program = console(size=size)
    program.until("\x1b[?1049h")
    program.until_quiet(1.5)
    program.resize(120, 36)
    program.until("GPU + Storage")
    program.resize(*size)
    program.until_quiet(0.5)
    _leave(program)
    prove("F56", f"{size[0]}×{size[1]}")


@pytest.mark.parametrize(
    "more", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": ""}, {"TERM": "vt100"}, {"LANG": "C"}], ids=str
)
def test_a_poor_terminal_is_served_or_refused_in_one_line(console: Open, prove: Prove, more: dict[str, str]) -> None:
    program = console(**more)
    program.until(READY)
    program.until_quiet(0.5)
    if "NO_COLOR" in more:
        assert "\x1b[38;2" not in program.text.replace("\x1b[38;2;0;0;0m", "")
    _leave(program)
    prove("F56", f"{more}")


def test_a_reader_that_stops_for_five_seconds_gets_the_newest_picture(console: Open, prove: Prove) -> None:
    program = console()
    program.until(READY)
    for digit in "2457890124" * 20:
        program.type(digit)
        time.sleep(0.025)
    program.until_quiet(1.0)
    program.type("4")
    program.until("TEMPLATE")
    _leave(program)
    prove("F56", "a reader that sleeps 5 s")


@pytest.mark.parametrize("which", ["stdin", "stdout", "stderr"])
def test_without_a_terminal_it_is_one_line_and_exit_2(environ: dict[str, str], prove: Prove, which: str) -> None:
    leader, follower = os.openpty()
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), follower) | {which: subprocess.PIPE}
    process = subprocess.Popen(command_line((), None), env=environ, start_new_session=True, **streams)  # type: ignore[call-overload]
    os.close(follower)
    assert process.wait(20) == 2
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    os.close(leader)
    prove("F56", f"no terminal at {which}")


def _wait_for(condition: Callable[[], bool], program: Terminal) -> None:
    deadline = time.monotonic() + 15
    while not condition():
        program._read(0.05)
        assert time.monotonic() < deadline, program.text[-800:]


def _state(process: int) -> str:
    return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0]
