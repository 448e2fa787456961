"""The console as a program beside the small one: start, keys at rest, an idle screen, memory; the command line."""

from __future__ import annotations

import resource
import subprocess
import sys
import time

from tests.benchmarks.figures import Figure
from tests.benchmarks.probe import Probe, running

ROUNDS, KEYS, IDLE_SECONDS = 5, 20, 6.0
TILES = "Recent activity"
"""The overview's frame is there, and keys move in it."""
DATA = "No problems"
"""Every tile has what it shows."""


def measure() -> list[Figure]:
    """Measure them in turn, so that what else the machine does hits both alike."""
    names = ("first paint", "usable", "data on the screen (demo)", "key to paint", "idle CPU", "idle wake-ups",
             "idle output", "memory, most")  # fmt: skip
    units = ("ms", "ms", "ms", "ms", "%", "per s", "bytes", "MB")
    found = {name: Figure(name, unit) for name, unit in zip(names, units, strict=True)}
    for number in range(ROUNDS):
        with running(module="tests.benchmarks.hello") as probe:
            moment = _net(probe, probe.until("hello, ready"))
            found["first paint"].hello.append(moment)
            found["usable"].hello.append(moment)
            found["key to paint"].hello += _keys(probe)
            _idle(probe, found, "hello", is_long=number == 0)
            found["memory, most"].hello.append(probe.peak_megabytes)
        with running("--demo", "--fresh") as probe:
            found["first paint"].ours.append(_net(probe, probe.until("Starting")))
            found["usable"].ours.append(_net(probe, probe.until(TILES)))
            found["data on the screen (demo)"].ours.append(_net(probe, probe.until(DATA)))
            probe.settle(1.0)
            found["key to paint"].ours += _keys(probe)
            _idle(probe, found, "ours", is_long=number == 0)
            found["memory, most"].ours.append(probe.peak_megabytes)
    return [*found.values(), *_commands()]


def _net(probe: Probe, moment: float) -> float:
    """Milliseconds from the start to a moment, without those in which others had the CPU."""
    return (moment - probe.began - probe.waited_seconds) * 1e3


def _keys(probe: Probe) -> list[float]:
    """Milliseconds from a key to the first thing that is drawn for it."""
    probe.settle()
    spent = []
    for number in range(KEYS):
        pressed = probe.type("\x1b[B" if number % 2 == 0 else "\x1b[A")
        if probe.read(1.0):
            spent.append((time.monotonic() - pressed) * 1e3)
        probe.settle(0.1, 1.0)
    return spent


def _idle(probe: Probe, found: dict[str, Figure], whose: str, *, is_long: bool) -> None:
    if not is_long:
        return
    probe.settle(1.0)
    mark, cpu, woken, end = probe.mark(), probe.cpu_seconds, probe.woken, time.monotonic() + IDLE_SECONDS
    while (left := end - time.monotonic()) > 0:
        probe.read(left)
    getattr(found["idle CPU"], whose).append((probe.cpu_seconds - cpu) / IDLE_SECONDS * 100)
    getattr(found["idle wake-ups"], whose).append((probe.woken - woken) / IDLE_SECONDS)
    getattr(found["idle output"], whose).append(probe.mark() - mark)


def _commands() -> list[Figure]:
    """CPU of headless starts, beside an interpreter that does nothing."""
    figures = []
    for words in (["--version"], ["--help"], ["commands"]):
        figure = Figure(f"theta-tui {words[0]} (beside: python -c pass)", "CPU ms")
        for _ in range(ROUNDS):
            figure.ours.append(_cpu([sys.executable, "-m", "theta_tui", *words]))
            figure.hello.append(_cpu([sys.executable, "-c", "pass"]))
        figures.append(figure)
    return figures


def _cpu(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3
