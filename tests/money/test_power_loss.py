"""Power fails at any statement of a create and a chat: the files as they were then open whole, with all that was told.

At each statement the journal's files are copied as they are, in the thread that writes them. A disk that was writing
when the power failed may also hold a part of the next commit, or rubbish, after what was synced; its -shm is lost.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.money.test_kill import ORDER
from tests.money.victim import tell_of_rows
from tests.stack import Begin, Person
from theta_tui.journal import Journal, store
from theta_tui.sandbox.templates import STANDARD_TEMPLATES

NAME = "journal.sqlite3"
CREATE = {"deployment_template_id": STANDARD_TEMPLATES[0].id, "vm_id": "vm_gt1", "name": "in-the-dark"}
CHAT = {"service": "gpt_oss_120b", "messages": [{"role": "user", "content": "hi"}]}
SPOILS = ("as it was", "no -shm", "cut", "rubbish")


@dataclass
class Darkroom:
    """Copies of the journal's files, each with what had been acknowledged by then."""

    folder: Path
    told: list[str] = field(default_factory=list)
    copies: list[tuple[Path, int]] = field(default_factory=list)

    def expose(self, path: Path) -> None:
        """Copy the files as they are now."""
        told, place = len(self.told), self.folder / str(len(self.copies))
        place.mkdir(parents=True)
        for ending in ("", "-wal", "-shm"):
            if (source := path.with_name(path.name + ending)).exists():
                shutil.copyfile(source, place / source.name)
        self.copies.append((place, told))

    def acknowledged(self, told: int) -> dict[int, str]:
        """Give the rows of the first so many acknowledgements, each with its last state."""
        said = [line.partition(" ") for line in self.told[:told]]
        return {int(number): state for number, _, state in said}


def develop(room: Darkroom, number: int, how: str, chance: random.Random, to: Path) -> Path:
    """Make of a copy what the disk may hold after the power failed then; give its database."""
    place, _ = room.copies[number]
    shutil.copytree(place, to)
    wal, following = to / f"{NAME}-wal", room.copies[min(number + 1, len(room.copies) - 1)][0] / f"{NAME}-wal"
    if how != "as it was":
        (to / f"{NAME}-shm").unlink(missing_ok=True)
    if how in ("cut", "rubbish") and wal.exists():
        now, then = wal.read_bytes(), following.read_bytes()
        more = then[len(now) :] if then.startswith(now) else b""
        part = more[: chance.randint(0, max(0, len(more) - 1))]
        wal.write_bytes(now + part + (chance.randbytes(5_000) if how == "rubbish" else b""))
    return to / NAME


async def judge(room: Darkroom, number: int, path: Path) -> None:
    """Open what is left: it is whole, knows every row that was told, and its sums are those of its rows."""
    journal = await Journal.open(path)
    assert journal.problem is None
    rows = {entry.id: entry for entry in await journal.ledger(1_000)}
    for row, state in room.acknowledged(room.copies[number][1]).items():
        assert row in rows, (number, row, state)
        assert ORDER.index(rows[row].state) >= ORDER.index(state), (number, row, state)
    spent = await journal.spending("default")
    await journal.close()
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        raw = database.execute("SELECT id, state, worst_usd, usd_per_hour, cost_usd FROM intents").fetchall()
        events = dict(database.execute("SELECT intent_id, state FROM intent_events ORDER BY id").fetchall())
    database.close()
    assert events == {row: state for row, state, *_ in raw}, "each row stands where its last event says"
    counted = [Decimal(worst if cost is None or rate else cost) for _, state, worst, rate, cost in raw
               if state != "refused"]  # fmt: skip
    assert abs(spent.total_usd - sum(counted, Decimal(0))) < Decimal("0.001"), number  # a machine that ran a second


@pytest.mark.parametrize("stride", [9, pytest.param(1, marks=pytest.mark.full)])
async def test_files_copied_at_any_statement_open_whole_and_know_what_was_told(
    stride: int,
    begin: Begin,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    prove: Any,
    record_property: Callable[[str, object], None],
) -> None:
    room, opened = Darkroom(tmp_path / "copies"), store.files.open_database  # type: ignore[attr-defined]

    def watched(path: Path, busy_seconds: float) -> Any:
        connection = opened(path, busy_seconds)
        connection.set_trace_callback(lambda _: room.expose(path))
        return connection

    monkeypatch.setattr(store.files, "open_database", watched)  # type: ignore[attr-defined]
    session = await begin()
    tell_of_rows(session, room.told.append)
    await session.submit("theta.deployments.create", CREATE, reviewer=Person())
    await session.submit("theta.ondemand.chat", CHAT, reviewer=Person())
    await session.journal.close()
    monkeypatch.undo()
    assert [line.partition(" ")[2] for line in room.told] == ["reserved", "sent", "confirmed"] * 2
    chance, tried = random.Random(stride), 0
    for number in range(0, len(room.copies), stride):
        for how in SPOILS:
            path = develop(room, number, how, chance, tmp_path / f"{number} {how}")
            await judge(room, number, path)
            shutil.rmtree(path.parent)
            tried += 1
    figures = f"{len(room.copies)} statements, {tried} disks opened, {room.copies[-1][1]} acknowledgements"
    record_property("figures", figures)
    sys.stdout.write(f"{figures}\n")
    for number_ in ("I10", "I4"):
        prove(number_, "power loss", tried)
    assert tried > 20, figures
