"""Two consoles side by side: one whose cloud is hostile, one whose cloud says the same in harmless letters."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.hostile.payloads import harmless
from tests.hostile.poison import in_turn, poisoned_cloud
from tests.hostile.stage import PATIENCE_SECONDS, Stage, escapes_in, hostile_in
from tests.terminal import command_line, on_a_terminal, whole_environment
from theta_tui.sandbox.server import SandboxServer

SIZE = (140, 40)
WATCHED = ("xdg-open", "firefox", "x-www-browser", "www-browser", "wl-copy", "xclip", "xsel", "tmux", "open", "gio")
"""Programs that content might want to have started; each only writes down that it was."""


@dataclass
class House:
    """Where one console lives: its home, and the programs that must not be started from it."""

    home: Path

    @property
    def started(self) -> str:
        """What the watched programs wrote down."""
        note = self.home / "started"
        return note.read_text() if note.exists() else ""

    @property
    def foreign_files(self) -> list[str]:
        """Every file that is not where the console keeps its own."""
        found = (path.relative_to(self.home) for path in self.home.rglob("*") if path.is_file())
        return [str(name) for name in found if name.parts[0] not in ("theta", "bin", "started")]

    def open(self, cloud: SandboxServer, script: str | None = None) -> Stage:
        """Start the console, or a script that does, before a cloud; wait until it is there."""
        binaries = self.home / "bin"
        binaries.mkdir(parents=True)
        for name in WATCHED:
            (binaries / name).write_text(f'#!/bin/sh\necho "{name} $*" >> {self.home}/started\n')
            (binaries / name).chmod(0o755)
        environ = {
            **cloud.environment(),
            "THETA_TUI_HOME": str(self.home / "theta"),
            "THETA_HTTP_MAX_RETRIES": "0",
            "DISPLAY": ":0",
            "PATH": f"{binaries}:{os.environ['PATH']}",
        }
        argv = command_line((), script)
        return Stage(on_a_terminal(argv, whole_environment(environ, self.home), size=SIZE), *SIZE)


@dataclass
class Twins:
    """The console before the hostile cloud, and the one before the harmless cloud, given the same keys."""

    hostile: Stage
    harmless: Stage
    house: House

    @property
    def both(self) -> tuple[Stage, Stage]:
        return self.hostile, self.harmless

    def press(self, keys: str) -> None:
        """Type the same keys into both, and wait until both have drawn what follows."""
        for stage in self.both:
            stage.press(keys)
        for stage in self.both:
            stage.react()

    def until(self, words: str) -> None:
        """Wait until both show these words."""
        for stage in self.both:
            stage.until(words)

    def look_alike(self) -> None:
        """Hold that both screens show the same; what comes late may come."""
        deadline = time.monotonic() + PATIENCE_SECONDS / 2
        while (told := self._difference()) and time.monotonic() < deadline:
            for stage in self.both:
                stage.settle(0.3)
        assert not told, told

    def _difference(self) -> str:
        pairs = zip(self.hostile.timeless.split("\n"), self.harmless.timeless.split("\n"), strict=True)
        return "\n".join(f"hostile : {one}\nharmless: {other}" for one, other in pairs if one != other)

    def is_inert(self) -> None:
        """Hold that content sent nothing to the terminal, started no program and wrote no file."""
        written = bytes(self.hostile.terminal.seen)
        assert hostile_in(written) == []
        assert escapes_in(written) - escapes_in(bytes(self.harmless.terminal.seen)) == set()
        assert self.house.started == ""
        assert self.house.foreign_files == []


MakeTwins = Callable[..., Twins]
Open = Callable[..., tuple[Stage, House]]


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[MakeTwins]:
    """Give a maker of twins for some payloads; `everywhere` poisons ids, addresses and states too."""
    with ExitStack() as stack:

        def make(payloads: Mapping[str, str], *, start: int = 0, everywhere: bool = False) -> Twins:
            tame = {name: harmless(text) for name, text in payloads.items()}
            houses = House(tmp_path / "hostile"), House(tmp_path / "harmless")
            stages = []
            for house, texts in zip(houses, (payloads, tame), strict=True):
                cloud = stack.enter_context(poisoned_cloud(in_turn(texts, start), everywhere=everywhere))
                stages.append(house.open(cloud))
                stack.callback(stages[-1].terminal.end)
            made = Twins(*stages, houses[0])
            made.until("? Help")
            made.until("Credentials")
            for stage in stages:
                stage.settle()
            return made

        yield make


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Open]:
    """Give a maker of a single console before a hostile cloud; a `script` may take barriers away first.

    With `fields` only these are hostile.
    """
    with ExitStack() as stack:

        def make(
            payloads: Mapping[str, str], script: str | None = None, fields: Collection[str] = ()
        ) -> tuple[Stage, House]:
            house, text_for = House(tmp_path), in_turn(payloads)
            chosen = (lambda name: text_for(name) if name in fields else "") if fields else text_for
            stage = house.open(stack.enter_context(poisoned_cloud(chosen)), script)
            stack.callback(stage.terminal.end)
            stage.until("? Help")
            stage.until("Credentials")
            stage.settle()
            return stage, house

        yield make
