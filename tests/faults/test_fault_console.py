"""The real console on a real terminal, before a cloud that keeps its answers back: left, suspended, answered twice."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyte
import pytest

from tests.faults.conftest import Prove
from tests.faults.held import CREATE, Held, held, wait_for_creates
from tests.faults.test_fault_terminal import Open, console, environ, world
from tests.terminal import Terminal, command_line, on_a_terminal
from theta_tui.sandbox.world import World

__all__ = ["console", "environ", "held", "world"]

PROMPT = "the-shell> "
READY = "verified"
"""What the first pane says of a key once the session is there."""


def order(program: Terminal, name: str = CREATE["name"], *, then: str = "") -> None:
    """Order a create; with nothing to be typed `then` in the same moment, its review is waited for."""
    words = " ".join(f"{field}={value}" for field, value in {**CREATE, "name": name}.items())
    program.type(f":run theta.deployments.create {words}\r{then}")
    if not then:
        program.seen_since("Review ·")
        program.until_quiet(0.6)


def picture(program: Terminal, columns: int = 120, rows: int = 36) -> str:
    """What is on the screen after all that was written."""
    screen = pyte.Screen(columns, rows)
    pyte.Stream(screen).feed(program.text)
    return "\n".join(screen.display)


def ledger(home: Path) -> list[tuple[Any, ...]]:
    """State, worst case and cost of every change, as they are on disk."""
    with contextlib.closing(sqlite3.connect(home / "data" / "journal.sqlite3")) as journal:
        return journal.execute("SELECT state, worst_usd, cost_usd FROM intents ORDER BY id").fetchall()


WAYS: dict[str, Callable[[Terminal], None]] = {
    "the key": lambda program: _leave_by_key(program),
    "SIGTERM": lambda program: os.kill(program.pid, signal.SIGTERM),
    "SIGHUP": lambda program: os.kill(program.pid, signal.SIGHUP),
}


def _leave_by_key(program: Terminal) -> None:
    program.type("q")
    program.seen_since("Leave now")
    while program.code is None:  # a key that comes too early is no answer
        program.type("q")
        with contextlib.suppress(AssertionError):
            program.wait(1.5)


@pytest.mark.parametrize(
    "way", ["the key", *(pytest.param(name, marks=pytest.mark.full) for name in ("SIGTERM", "SIGHUP"))]
)
def test_quit_with_a_create_in_flight_tells_what_is_unknown_and_the_next_start_finds_it(
    way: str, console: Open, world: World, held: Held, tmp_path: Path, prove: Prove
) -> None:
    held.keep(world)
    program = console()
    program.until(READY)
    order(program)
    program.type("y")
    wait_for_creates(world, 1)
    WAYS[way](program)
    begun = time.monotonic()
    assert program.wait(4) == 0
    assert time.monotonic() - begun < 2.0 + 1.0  # the goal is two seconds; the machine may be busy
    program.is_restored()
    said = program.text.rpartition("\x1b[?1049l")[2]
    told = f"theta-tui: no answer came to: Create the deployment {CREATE['name']} on vm_gt1."
    assert told in said
    assert said.count("theta-tui:") == 1
    assert [row[0] for row in ledger(tmp_path / "home")] == ["uncertain"]
    held.give()
    again = console()
    again.until("it was made")
    again.type("\x11")
    assert again.wait() == 0
    assert [row[0] for row in ledger(tmp_path / "home")] == ["reconciled"]
    assert world.counts["creates"] == 1
    prove("F38", f"theta.deployments.create, console, {way}")
    prove("I1", "theta.deployments.create")
    prove("I12", f"quit in flight by {way}")


def test_one_yes_is_one_create_however_often_it_is_given(console: Open, world: World, held: Held, prove: Prove) -> None:
    program = console()
    program.until(READY)
    order(program, "early-one", then="y\ny\ny\r")  # typed before there is anything to read
    program.seen_since("Review ·")
    program.until_quiet(0.6)
    assert world.counts["creates"] == 0
    program.type("\x1b[200~y\ny\n\x1b[201~")  # pasted into the review
    program.until_quiet(0.6)
    assert world.counts["creates"] == 0
    assert "Review ·" in picture(program)
    program.type("\x1b")
    program.until_quiet(0.6)
    answers = {"y key": "y" * 30, "Enter": "\x1b[C\x1b[C" + "\r" * 10, "click": ""}
    for count, (name, keys) in enumerate(answers.items(), 1):
        program.type("\x1b")
        program.until_quiet(0.4)
        order(program, f"only-{count}")
        program.type(keys or _clicks_on(program, "Confirm", 4))
        wait_for_creates(world, count)
        program.until_quiet(0.6)
        assert world.counts["creates"] == count, name
        prove("F40", f"theta.deployments.create, {name} on a terminal")
        for _ in range(3):
            program.type("\x1b")
            program.until_quiet(0.3)
    prove("F40", "theta.deployments.create, typed too early and pasted", 2)
    prove("I1", "theta.deployments.create", 3)
    program.type("\x11")
    assert program.wait() == 0


def _clicks_on(program: Terminal, words: str, times: int) -> str:
    """Give the mouse reports (SGR) of so many clicks in one moment."""
    lines = picture(program).split("\n")
    row = next(number for number, line in enumerate(lines) if words in line)
    place = f"{lines[row].index(words) + 2};{row + 1}"
    return f"\x1b[<0;{place}M\x1b[<0;{place}m" * times


def test_of_two_consoles_under_one_cap_that_fits_one_create_the_other_is_told_why_not(
    console: Open, world: World, tmp_path: Path, prove: Prove
) -> None:
    both = [console(THETA_MAX_BUDGET_USD="0.50") for _ in range(2)]
    for number, program in enumerate(both):
        program.until(READY)
        order(program, f"rival-{number}")
    for program in both:
        program.type("y")
    wait_for_creates(world, 1)
    end = time.monotonic() + 30
    while not any("Today's cap is $0.50" in re.sub(r"\s+", " ", picture(program)) for program in both):
        assert time.monotonic() < end, "\n".join(map(picture, both))
        for program in both:
            program.until_quiet(0.1)
    assert world.counts["creates"] == 1
    rows = ledger(tmp_path / "home")
    counted = [Decimal(cost or worst) for state, worst, cost in rows if state != "refused"]
    assert len(counted) == 1
    assert sum(counted) <= Decimal("0.50")
    for program in both:
        program.type("\x11")
        assert program.wait() == 0
    prove("F41", "theta.deployments.create, two consoles")
    prove("I4", "two consoles")


@pytest.fixture
def shell(environ: dict[str, str]) -> Iterator[Terminal]:
    """A shell with job control on a terminal."""
    variables = {**environ, "PS1": PROMPT, "BASH_SILENCE_DEPRECATION_WARNING": "1"}
    made = on_a_terminal(["bash", "--norc", "--noprofile", "-i"], variables, size=(120, 36))
    made.seen_since(PROMPT)
    yield made
    made.end()


def test_ctrl_z_gives_the_shell_its_terminal_and_fg_comes_back_to_the_same_picture(
    shell: Terminal, world: World, held: Held, prove: Prove
) -> None:
    held.keep(world)
    shell.type(" ".join(command_line((), None)) + "\n")
    shell.seen_since(READY)
    order(shell)
    shell.type("y")
    wait_for_creates(world, 1)
    shell.until_quiet(0.6)
    before = picture(shell)
    shell.type("\x1a")
    shell.seen_since(PROMPT)
    last = dict(re.findall(r"\x1b\[\?(\d+)([hl])", shell.text))
    assert {
        mode: how for mode, how in last.items() if mode in ("1049", "1000", "1003", "1006", "1004")
    } == dict.fromkeys(("1049", "1000", "1003", "1006", "1004"), "l")
    shell.type(
        "stty -a | tr ';' '\\n' | grep -c ' echo \\|^echo ' ; jobs\n"
    )  # the shell works, and what is typed is seen
    shell.seen_since("Stopped")
    held.give()  # the answer comes while nobody reads it
    shell.type("fg\n")
    shell.seen_since(READY)
    shell.seen_since("Suffix")  # the answer has been read
    shell.type("\x1b")
    shell.until_quiet(0.6)
    assert _still(picture(shell)) == _still(before)
    assert world.counts["creates"] == 1
    shell.type("\x11")
    shell.seen_since(PROMPT)
    prove("F44", "ctrl+z and fg with a create in flight")
    prove("I12", "ctrl+z")


def _still(shown: str) -> list[str]:
    """The part of a picture that no clock and no count changes: the navigation and the frames."""
    return [re.sub(r"[\d.:$]+", "0", line[:20]) for line in shown.split("\n")[2:-1]]


@pytest.mark.full
def test_a_trial_that_is_killed_in_the_middle_is_told_cleaned_up_once_and_can_be_had_again(
    console: Open, world: World, held: Held, prove: Prove
) -> None:
    names = {machine.name for machine in world.deployments.values()}
    order_line = f":run theta.deployments.validateDisposable deployment_template_id={CREATE['deployment_template_id']} "
    killed = console()
    killed.until(READY)
    held.keep(world)
    killed.type(f"{order_line}vm_id=vm_gt1\r")
    killed.seen_since("Review ·")
    killed.until_quiet(0.6)
    killed.type("y")
    wait_for_creates(world, 1)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    held.give()
    world.faults.clear()
    [left] = [machine.name for machine in world.deployments.values() if machine.name not in names]
    again = console()
    again.until(READY)
    again.until_quiet()
    again.type("!")
    again.until_quiet(0.6)
    told = re.sub(r"\W+", " ", picture(again))
    assert f"have left {left}".replace("-", " ") in told
    assert "it was made" in told
    again.type("\x1b")
    again.until_quiet(0.4)
    again.type(":run theta.cleanup.finish\r")
    again.seen_since("Review ·")
    again.until_quiet(0.6)
    for keys in ("\t", "\t", "\t", left, "\r", "y"):
        again.type(keys)
        again.until_quiet(0.5)
    assert "deleted" in picture(again), picture(again)
    assert {machine.name for machine in world.deployments.values()} == names
    assert world.counts["creates"] == 1
    again.type("\x11")
    assert again.wait() == 0
    third = console()
    third.until(READY)
    third.until_quiet()
    assert "interrupted run" not in third.text
    third.type(f"{order_line}vm_id=vm_gt1\r")  # the rest can be had again
    third.seen_since("Review ·")
    third.type("\x1b")
    third.until_quiet(0.4)
    third.type("\x11")
    assert third.wait() == 0
    prove("F39", "theta.deployments.validateDisposable, console killed in the create")
    prove("I1", "theta.deployments.validateDisposable")
