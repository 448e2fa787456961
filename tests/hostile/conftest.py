"""Two consoles side by side: one whose cloud is hostile, one whose cloud says the same in harmless letters."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from tests.hostile.payloads import harmless
from tests.hostile.poison import PoisonedServer, TextFor, in_turn, poisoned_cloud
from tests.hostile.stage import PATIENCE_SECONDS, Stage, escapes_in, hostile_in
from tests.hostile.stored import Say, leave_behind
from tests.hostile.walk import BELOW, FIGURES, IN_ASCII, LATER, NOT_COMPARED, OF_CHANCE
from tests.terminal import on_a_terminal, whole_environment
from theta_tui.sandbox.world import World

ROOT = Path(__file__).parents[2]
SIZE = (140, 40)
SIGN = 8
"""Characters by which a text is recognised in a narrow column."""
WATCHED = ("xdg-open", "firefox", "x-www-browser", "www-browser", "wl-copy", "xclip", "xsel", "tmux", "open", "gio")
"""Programs that content might want to have started; each only writes down that it was."""


@dataclass
class House:
    """Where one console lives: its home, and the programs that must not be started from it."""

    home: Path
    world: World | None = field(default=None, init=False)
    """That of the cloud before it, once it is open."""

    @property
    def started(self) -> str:
        """What the watched programs wrote down."""
        note = self.home / "started"
        return note.read_text() if note.exists() else ""

    @property
    def foreign_files(self) -> list[str]:
        """Every file that is not where the console keeps its own."""
        found = (path.relative_to(self.home) for path in self.home.rglob("*") if path.is_file())
        return [str(name) for name in found if name.parts[0] not in ("theta", "bin", "started", "side")]

    def open(self, cloud: PoisonedServer, script: str = "", stored: Say | None = None) -> Stage:
        """Start the console before a cloud, after a script that may take barriers away; with `stored` it had a past."""
        self.world = cloud.world
        binaries = self.home / "bin"
        binaries.mkdir(parents=True)
        for name in WATCHED:
            (binaries / name).write_text(f'#!/bin/sh\necho "{name} $*" >> {self.home}/started\n')
            (binaries / name).chmod(0o755)
        side = self.home / "side"
        environ = {
            **cloud.environment(),
            "THETA_TUI_HOME": str(self.home / "theta"),
            "THETA_HTTP_MAX_RETRIES": "0",
            "DISPLAY": ":0",
            "PATH": f"{binaries}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
        }
        if stored is not None:
            leave_behind(environ, stored)
        argv = [sys.executable, "-c", f"{script}\nfrom tests.hostile.watched import run\nrun({str(side)!r})"]
        terminal = on_a_terminal(argv, whole_environment(environ, self.home), size=SIZE)
        return Stage(terminal, *SIZE, side=side, is_busy=cloud.is_busy)


@dataclass
class Twins:
    """The console before the hostile cloud, and the one before the harmless cloud, given the same keys."""

    hostile: Stage
    harmless: Stage
    house: House
    clouds: Sequence[PoisonedServer]
    signs: Mapping[str, str]
    """How each class of text begins once it is harmless."""
    steps: int = 0
    """Keys that both were given."""
    views: set[str] = field(default_factory=set)
    sightings: set[tuple[str, str]] = field(default_factory=set)
    """Which class was seen in which view."""

    @property
    def both(self) -> tuple[Stage, Stage]:
        return self.hostile, self.harmless

    def press(self, keys: str) -> None:
        """Type the same keys into both, and wait until both have drawn what follows."""
        for stage in self.both:
            stage.press(keys)
        for stage in self.both:
            stage.rest()

    def go(self, keys: Iterable[str], *, compares: bool = True) -> None:
        """Go a way, comparing at each step; at its end leave what is open."""
        for key in keys:
            self._later() if key == LATER else self.press(key)
            if compares:
                self.look_alike()
            assert self.hostile.is_running, (key, self.hostile.terminal.text[-600:])
            self._remember()
            self.steps += 1
        for stage in self.both:
            stage.go_home()

    def _later(self) -> None:
        """Let time pass in both clouds until both are at something else."""
        before = {stage.view for stage in self.both}
        deadline = time.monotonic() + PATIENCE_SECONDS
        while any(stage.rest() in before for stage in self.both) and time.monotonic() < deadline:
            for cloud in self.clouds:
                cloud.world.clock.advance(30)
            for stage in self.both:
                stage.look(0.2)

    def _remember(self) -> None:
        view, shown = self.hostile.view, self.hostile.shown
        self.views.add(view)
        self.sightings |= {(name, view) for name, sign in self.signs.items() if sign in shown}

    def look_alike(self) -> None:
        """Hold that both screens show the same; what comes late may come."""
        deadline = time.monotonic() + PATIENCE_SECONDS / 2
        while (told := self._difference()) and time.monotonic() < deadline:
            for stage in self.both:
                stage.look(0.1)
                stage.rest()
        assert not told, f"{self.hostile.view}\n{told}"

    def _difference(self) -> str:
        hostile, harmless = (stage.timeless.split("\n") for stage in self.both)
        if self.hostile.view != self.harmless.view:
            return f"hostile : {self.hostile.view}\nharmless: {self.harmless.view}"
        if IN_ASCII.search(self.harmless.view):
            compared = next((row for row, line in enumerate(harmless) if BELOW.search(line)), 0)
            hostile, harmless = hostile[:compared], harmless[:compared]
        if NOT_COMPARED.search(self.harmless.view) or self.harmless.shows_requests:
            return ""
        if OF_CHANCE.search(self.harmless.view):
            hostile, harmless = ([FIGURES.sub("·", line) for line in lines] for lines in (hostile, harmless))
        pairs = zip(hostile, harmless, strict=True)
        return "\n".join(f"hostile : {one}\nharmless: {other}" for one, other in pairs if one != other)

    def is_inert(self) -> None:
        """Hold that content sent nothing to the terminal, started no program and wrote no file."""
        written = bytes(self.hostile.terminal.seen)
        assert hostile_in(written) == []
        assert escapes_in(written) - escapes_in(bytes(self.harmless.terminal.seen)) == set()
        assert self.house.started == ""
        assert self.house.foreign_files == []


@pytest.fixture
def prove(record_property: Callable[[str, object], None]) -> Prove:
    """Put on record how often an invariant was tried on something, for `python -m tests.reliability`."""

    def note(number: str, what: str, trials: int) -> None:
        record_property("proof", [number, what, trials])

    return note


def _stored(text_for: TextFor, what: str) -> str:
    return f"{what} {text_for(what, 0)}"


Prove = Callable[[str, str, int], None]
MakeTwins = Callable[..., Twins]
Open = Callable[..., tuple[Stage, House]]


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[MakeTwins]:
    """Give a maker of twins for some payloads; `everywhere` poisons ids, addresses and states too."""
    with ExitStack() as stack:

        def make(payloads: Mapping[str, str], *, start: int = 0, everywhere: bool = False) -> Twins:
            tame = {name: harmless(text) for name, text in payloads.items()}
            houses = House(tmp_path / "0"), House(tmp_path / "1")
            stages, clouds = [], []
            for house, texts in zip(houses, (payloads, tame), strict=True):
                text_for = in_turn(texts, start)
                clouds.append(stack.enter_context(poisoned_cloud(text_for, everywhere=everywhere)))
                stored = partial(_stored, text_for)
                stages.append(house.open(clouds[-1], stored=stored))
                stack.callback(stages[-1].end)
            signs = {name: text.partition("\n")[0][:SIGN] for name, text in tame.items()}
            made = Twins(*stages, house=houses[0], clouds=clouds, signs=signs)
            for stage in stages:
                stage.rest()
            return made

        yield make


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Open]:
    """Give a maker of a single console before a hostile cloud; a `script` may take barriers away first.

    With `fields` only these are hostile, and in one record alone; with `has_past` so is what is stored here.
    """
    with ExitStack() as stack:

        def make(
            payloads: Mapping[str, str], script: str = "", fields: Collection[str] = (), *, has_past: bool = False
        ) -> tuple[Stage, House]:
            house, text_for = House(tmp_path), in_turn(payloads)

            def chosen(name: str, nth: int) -> str:
                is_meant = not fields or (name in fields and nth == 0)
                return text_for(name, nth) if is_meant else ""

            cloud = stack.enter_context(poisoned_cloud(chosen))
            stage = house.open(cloud, script, stored=partial(_stored, text_for) if has_past else None)
            stack.callback(stage.end)
            stage.rest()
            return stage, house

        yield make
