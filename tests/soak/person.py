"""Somebody who uses the console for hours: walks the panes, chats, filters, resizes the window, closes the lid."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from tests.soak.trend import Sample
from tests.terminal import on_a_terminal, whole_environment
from theta_tui.sandbox.demo import seed_demo
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World

SPEED = 60.0
"""Seconds of the cloud and of polling in one second of ours."""

PATIENCE_SECONDS = 60.0


class Person:
    """Keys and signals for one console; `lap` goes once around it."""

    def __init__(self, world: World, server: SandboxServer, folder: Path) -> None:
        self._world = world
        self._folder = folder
        figures = folder / "figures.jsonl"
        figures.touch()
        self._figures = figures.open()
        command = [sys.executable, "-m", "tests.soak.watched", str(figures), str(SPEED)]
        variables = {**server.environment(), "THETA_TUI_HOME": str(folder / "home")}
        self._terminal = on_a_terminal(command, whole_environment(variables, folder), size=(140, 40))
        self.laps = 0
        self.chats = 0
        self.sleeps = 0

    def sample(self) -> Sample:
        """Figures of the console at rest on its overview."""
        end = time.monotonic() + PATIENCE_SECONDS
        while (one := self._figures_now())["at_work"]:
            assert time.monotonic() < end, f"never at rest: {one}; the screen: {self._terminal.text[-3000:]}"
            self._look(0.3)
        return one

    def lap(self) -> None:
        """Look at each pane, ask one question, and close the lid for a moment."""
        for digit in "2567890":
            self._go(digit)
        self._go("4")
        self._press("/", "support", "\x1b", "\x1b", "e")
        self._look(1.0)
        self._go("3")
        self._chat(asleep=self.laps % 2 == 0)
        self._resize(80 + self.laps % 3 * 30, 24 + self.laps % 2 * 16)
        self._press("\x1b", "\x1b")
        self._go("1")
        if self.laps % 2:
            self._sleep(0.5)
        self._look(0.6)
        self._world.calls.clear()
        self.laps += 1

    def leave(self) -> int:
        """Quit; gives the exit status."""
        self._terminal.type("\x11")
        return self._terminal.wait()

    def end(self) -> None:
        """Make sure that it is gone."""
        self._terminal.end()
        self._figures.close()

    def _chat(self, *, asleep: bool) -> None:
        if self.chats:
            self._insist("\x0e", lambda: b"Ask anything" in self._terminal.seen, 4.0)
        else:
            self._terminal.until("sk anything")  # letters that come before the pane does go nowhere
        self._press(f"Question {self.chats}: what is a lighthouse for?")
        self._look(0.5)
        before = self._world.counts["charges"]
        self._insist("\r", lambda: self._figures_now()["screens"] > 1)
        self._insist("y", lambda: self._figures_now()["screens"] == 1)
        if asleep:
            self._sleep(0.5)
        end = time.monotonic() + PATIENCE_SECONDS
        while self._world.counts["charges"] == before:
            assert time.monotonic() < end, f"no answer: {self._terminal.text[-3000:]}"
            self._look(0.2)
        self.chats += 1

    def _insist(self, key: str, done: Callable[[], bool], seconds: float = 0.8) -> None:
        """Press a key until it has had its effect: in one burst with others, or too early, it is no answer."""
        end = time.monotonic() + PATIENCE_SECONDS
        self._terminal.seen.clear()
        while not done():
            assert time.monotonic() < end, f"{key!r} does nothing: {self._terminal.text[-3000:]}"
            self._press(key)
            tried = time.monotonic() + seconds
            while time.monotonic() < tried and not done():
                self._look(0.1)

    def _sleep(self, seconds: float) -> None:
        os.kill(self._terminal.pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.kill(self._terminal.pid, signal.SIGCONT)
        self.sleeps += 1

    def _resize(self, columns: int, rows: int) -> None:
        self._terminal.resize(columns, rows)

    def _go(self, digit: str) -> None:
        self._insist("\x1b", lambda: self._figures_now()["screens"] == 1, 2.0)
        self._insist("\x07", lambda: b"digit or name" in self._terminal.seen, 4.0)
        self._press(digit)
        self._look(0.5)

    def _press(self, *keys: str) -> None:
        for key in keys:
            self._terminal.type(key)
            self._look(0.5 if key == "\x1b" else 0.12)  # what follows an escape too soon is read with it

    def _look(self, seconds: float) -> None:
        """Read what is drawn for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._terminal._read(left)
            self._terminal._reap()
            assert self._terminal.code is None, f"it has ended: {self._terminal.text[-500:]}\n{self._crashes()}"

    def _crashes(self) -> str:
        return "\n".join(file.read_text() for file in self._folder.rglob("crash-*.txt"))

    def _figures_now(self) -> Sample:
        """What it tells when asked; asked again each second, since one that just begins does not listen yet."""
        self._figures.readlines()  # one that was asked for twice
        end, again = time.monotonic() + PATIENCE_SECONDS, 0.0
        while not (told := self._figures.readlines()):
            now = time.monotonic()
            assert now < end, f"no figures: {self._terminal.text[-3000:]}"
            if now >= again:
                again = now + 1.0
                os.kill(self._terminal.pid, signal.SIGUSR1)
            self._look(0.05)
        found: Sample = json.loads(told[-1])
        return found


@contextmanager
def at_the_console(folder: Path) -> Iterator[Person]:
    """Give a person at a console whose cloud runs fast and whose money does not end."""
    world = World(speed=SPEED, pace=0.2)
    seed_demo(world)
    world.charge(Decimal(-(10**8)), "topped up")
    with SandboxServer(world) as server:
        person = Person(world, server, folder)
        try:
            person._terminal.until("Overview")
            person._look(2.0)
            yield person
        finally:
            person.end()
    assert world.problems == []
