"""SIGKILL at any moment: nothing that was acknowledged is lost, nothing is corrupt, and nothing is made twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from theta_tui import settings
from theta_tui.journal import Entry
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.templates import STANDARD_TEMPLATES
from theta_tui.sandbox.world import World
from theta_tui.session import Session
from theta_tui.vault import MemoryBackend, Vault

COMMANDS = ("create", "chat", "upload", "stop", "delete")
MOST_STEPS = 600
ORDER = ("reserved", "sent", "uncertain", "refused", "confirmed", "reconciled")
"""States by how much is known: a row may be ahead of what was acknowledged, never behind it."""


@dataclass
class Figures:
    """What the kills came to."""

    kills: int = 0
    acknowledged: int = 0
    lost: int = 0
    corrupt: int = 0
    creates: int = 0
    twice: int = 0
    unwritten: int = 0

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.acknowledged} rows acknowledged, {self.lost} lost, {self.corrupt} corrupt, "
            f"{self.creates} creates, {self.twice} beyond one per intent, "
            f"{self.unwritten} without a row before the first byte"
        )


@dataclass
class Nursery:
    """Victims, the cloud they act on, and the one journal that they share."""

    world: World
    environ: dict[str, str]
    folder: Path
    process: subprocess.Popen[str]
    figures: Figures = field(default_factory=Figures)
    count: int = 0

    def kill(self, *commands: str, point: int | None = None, lines: int = 0, after: float = 0.0) -> int:
        """Let a victim live until it kills itself, or so many seconds after it has told so many lines."""
        self.count += 1
        lines += self.lines
        job = {
            "environ": self.environ, "folder": str(self.folder), "told": str(self.folder / "told"), "point": point,
            "commands": commands, "name": f"v{self.count}", "template": STANDARD_TEMPLATES[0].id,
        }  # fmt: skip
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        pid = int(self.process.stdout.readline())
        if point is None:
            while self.lines < lines:
                time.sleep(0.002)
            time.sleep(after)
            os.kill(pid, signal.SIGKILL)
        status = int(self.process.stdout.readline())
        self.figures.kills += os.WIFSIGNALED(status)
        return status

    @property
    def lines(self) -> int:
        path = self.folder / "told"
        return path.read_bytes().count(b"\n") if path.exists() else 0

    def told(self) -> dict[int, str]:
        """Give the rows that victims were told of, each with the last state that was acknowledged."""
        path = self.folder / "told"
        lines = path.read_text().splitlines() if path.exists() else []
        said = [(int(number), state) for number, _, state in (line.partition(" ") for line in lines)]
        assert [words for number, words in said if number == 0 and not words.startswith("quota")] == []
        return {number: state for number, state in said if number > 0}

    async def judge(self) -> None:
        """Compare the journal with what was acknowledged and with the cloud, then do what the next start does."""
        loaded = settings.load(None, self.environ)
        vault = Vault(loaded.profile, self.environ, backend=MemoryBackend())
        session = await Session.begin(loaded, self.environ, face="cli", data_dir=self.folder, vault=vault)
        figures, told = self.figures, self.told()
        figures.corrupt += session.journal.problem is not None
        known = {entry.id: entry for entry in await session.journal.ledger(100_000)}
        figures.acknowledged = len(told)
        lost = {row: (state, known.get(row)) for row, state in told.items() if not _holds(known.get(row), state)}
        figures.lost += len(lost)
        sys.stdout.write("".join(f"lost: {row} was {state}, is {entry}\n" for row, (state, entry) in lost.items()))
        self._compare(known)
        sent = [call.index for call in self.world.calls if call.method != "GET"]
        outcomes = await session.ask("theta.cleanup.reconcile")
        assert [call.index for call in self.world.calls if call.method != "GET"] == sent
        for one in outcomes.settled:
            if one.command == "theta.deployments.create":
                assert one.outcome == "happened", one
        await session.close()

    def _compare(self, known: dict[int, Entry]) -> None:
        whole = [call for call in self.world.calls if call.path == "/deployment" and call.body]  # not cut by the kill
        creates = [json.loads(call.body)["name"] for call in whole]
        self.figures.creates = len(creates)
        self.figures.twice = sum(count - 1 for count in Counter(creates).values())
        rows = {entry.target_name for entry in known.values() if entry.state not in ("reserved", "refused")}
        self.figures.unwritten = len(set(creates) - rows)

    def is_right(self) -> bool:
        figures = self.figures
        return (figures.lost, figures.corrupt, figures.twice, figures.unwritten) == (0, 0, 0, 0)


def _holds(entry: Entry | None, state: str) -> bool:
    return entry is not None and ORDER.index(entry.state) >= ORDER.index(state)


@pytest.fixture
def nursery(sandbox: SandboxServer, world: World, tmp_path: Path) -> Iterator[Nursery]:
    environ = {**sandbox.environment(), "THETA_TUI_HOME": str(tmp_path), "THETA_HTTP_RETRY_BACKOFF_MS": "25"}
    command = [sys.executable, str(Path(__file__).with_name("victim.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Nursery(world, environ, tmp_path / "data", process)
        process.stdin.close()  # type: ignore[union-attr]


KILLS = pytest.mark.parametrize("kills", [15, pytest.param(500, marks=pytest.mark.full)])


@KILLS
async def test_kills_at_random_moments_lose_nothing(
    kills: int, nursery: Nursery, prove: Any, record_property: Any
) -> None:
    chance = random.Random(kills)
    while nursery.figures.kills < kills:
        nursery.world.pace = chance.choice((0.0, 0.01))
        order = (*chance.sample(COMMANDS[:3], 3), *COMMANDS[3:])
        nursery.kill(*order, lines=chance.randint(0, 12), after=chance.uniform(0.0, 0.06))
        if nursery.figures.kills % 10 == 0:
            await nursery.judge()
    await nursery.judge()
    record_property("figures", str(nursery.figures))
    sys.stdout.write(f"{nursery.figures}\n")
    assert nursery.is_right(), nursery.figures
    assert nursery.figures.acknowledged > kills
    prove("I1", "theta.deployments.create", nursery.figures.creates)
    prove("I10", "rows acknowledged before a kill", nursery.figures.acknowledged)
    prove("F39", "any command, at a random moment", nursery.figures.kills)


EVERY = [pytest.param(command, 1, marks=pytest.mark.full) for command in COMMANDS]


@pytest.mark.parametrize(("command", "stride"), [("create", 3), *EVERY])
async def test_a_kill_before_any_step_of_an_intent_leaves_it_right(
    command: str, stride: int, nursery: Nursery, prove: Any, record_property: Any
) -> None:
    commands = ("create", command) if command in ("stop", "delete") else (command,)
    point = 1
    while nursery.kill(*commands, point=point) != 0:  # until it lives because it has no such step
        point += stride
        assert point < MOST_STEPS
    await nursery.judge()
    record_property("figures", f"{command}: {nursery.figures}")
    sys.stdout.write(f"{command}: {nursery.figures}\n")
    assert nursery.is_right(), nursery.figures
    assert nursery.figures.kills > 15
    prove("F39", command, nursery.figures.kills)
    prove("I1", command, nursery.figures.kills)
