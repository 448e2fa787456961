"""What can go wrong with this machine's own state, and with what changes while a person decides: money stays safe."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Prove
from tests.faults.rig import Rig
from tests.laws.conftest import Bench, MakeBench
from tests.stack import Begin, Person, begin_session
from tests.terminal import command_line, whole_environment
from theta_tui import settings
from theta_tui.change import Change, Done, Effect
from theta_tui.errors import JournalUnavailable, PolicyRefused
from theta_tui.journal import Intent, Journal, store
from theta_tui.registry import commands
from theta_tui.review import Review, Verdict
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.templates import STANDARD_TEMPLATES
from theta_tui.sandbox.world import World
from theta_tui.session import Session

PICTURE = {"service": "stable_diffusion_xl_turbo", "input": {"prompt": "a lighthouse"}}
CHAT = {"service": "gpt_oss_120b", "messages": [{"role": "user", "content": "hi"}]}
CREATE = {"deployment_template_id": STANDARD_TEMPLATES[0].id, "vm_id": "vm_gt1", "name": "fault-made"}
PAID = (("theta.ondemand.infer", PICTURE), ("theta.ondemand.chat", CHAT), ("theta.deployments.create", CREATE))


def changes(world: World) -> int:
    return sum(call.method != "GET" for call in world.calls)


async def nothing_paid_is_sent(session: Session, world: World, prove: Prove, number: str) -> None:
    """Reads work, and each paid act is refused before a byte of it is sent."""
    assert (await session.ask("theta.health")).ok
    before = changes(world)
    for name, arguments in PAID:
        with pytest.raises(PolicyRefused):
            await session.submit(name, arguments, reviewer=Person())
        prove(number, name)
    assert changes(world) == before


# F41, F42: others act too


def test_two_programs_under_one_cap_make_one(
    sandbox: SandboxServer, world: World, tmp_path: Path, prove: Prove
) -> None:
    variables = {**sandbox.environment(), "THETA_TUI_HOME": str(tmp_path), "THETA_MAX_BUDGET_USD": "0.50"}
    given = [f"{name}={value}" for name, value in CREATE.items() if name != "name"]
    words = ("run", "theta.deployments.create", *given, "--yes", "--output", "json")
    programs = [
        subprocess.Popen(
            command_line(words, None),
            env=whole_environment(variables, tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    said = [program.communicate(timeout=60) for program in programs]
    assert sorted(program.returncode for program in programs) == [0, 3], said
    assert world.counts["creates"] == 1
    prove("F41", "theta.deployments.create", 2)


@pytest.mark.parametrize("name", ["theta.deployments.create", "theta.deployments.start"])
async def test_a_price_that_changed_since_it_was_shown_stops_the_act(
    name: str,
    make_bench: MakeBench,
    prove: Prove,
) -> None:
    bench = await make_bench()
    off = next(one for one in bench.world.deployments.values() if one.name == "research-notes")
    place = {"shard": str(off.shard), "suffix": off.suffix}
    dearer = [{"id": vm, "name": vm, "price_hr": "90000"} for vm in ("vm_gt1", off.vm.id)]
    body = {"status": "success", "body": {"vms": dearer}}
    fault = {"kind": "json", "body": body, "match": {"path": "/resource/vm/list"}, "times": None}
    person = Person(then=lambda: bench.world.faults.add(fault))
    before = len(bench.changes_sent())
    with pytest.raises(PolicyRefused, match="Changed since shown"):
        await bench.session.submit(name, CREATE if name.endswith("create") else place, reviewer=person)
    assert len(bench.changes_sent()) == before
    assert (await bench.session.journal.ledger(1))[0].state == "refused"
    prove("F42", name)


Then = Callable[[Session, Bench], Awaitable[object]]


def others(name: str, /, **given: Any) -> Then:
    """Have somebody else do something meanwhile, with the same arguments unless others are given."""

    async def act(session: Session, bench: Bench) -> None:
        await session.submit(name, given or bench.arguments(commands()[name]), reviewer=Person())

    return act


def the_machine(bench: Bench) -> Any:
    return next(one for one in bench.world.deployments.values() if one.suffix == bench.known["suffix"])


async def another_takes_its_place(_: Session, bench: Bench) -> None:
    the_machine(bench).base_id, the_machine(bench).name = "zz99yy88", "somebody-elses"


async def it_is_renamed(_: Session, bench: Bench) -> None:
    the_machine(bench).name = "another-name"


STOP, DELETE = others("theta.deployments.stop"), others("theta.deployments.delete")
MEANWHILE: tuple[tuple[str, Then, str], ...] = (
    ("theta.deployments.stop", STOP, "support-chat is Stopped now, it was Running"),
    *((f"theta.deployments.{verb}", DELETE, "is not there any more") for verb in ("stop", "update", "delete")),
    ("theta.deployments.update", STOP, "is Stopped now"),
    ("theta.deployments.delete", STOP, "is Stopped now"),
    *((f"theta.deployments.{verb}", another_takes_its_place, "somebody-elses is in its place")
      for verb in ("stop", "update", "delete")),
    ("theta.deployments.delete", it_is_renamed, "is called another-name now"),
    *((f"theta.templates.{verb}", others("theta.templates.delete"), "is not there any more")
      for verb in ("update", "delete")),
    ("theta.project.update", others("theta.project.update", name="Theirs"), "is called Theirs now"),
    ("theta.project.disableMember", others("theta.project.disableMember"), "is disabled now, it was enabled"),
)  # fmt: skip


class Meanwhile(Person):
    """Says yes, but only after somebody else has acted."""

    def __init__(self, act: Callable[[], Awaitable[object]]) -> None:
        super().__init__()
        self._act = act

    async def review(self, review: Review) -> Verdict:
        await self._act()
        return await super().review(review)


@pytest.mark.parametrize(("name", "act", "words"), MEANWHILE, ids=[f"{name}: {words}" for name, _, words in MEANWHILE])
async def test_what_changed_since_it_was_shown_is_not_sent(
    name: str, act: Then, words: str, make_bench: MakeBench, prove: Prove
) -> None:
    bench, sent = await make_bench(), list[int]()
    session = bench.session

    async def they_act() -> None:
        await act(session, bench)
        sent.append(len(bench.changes_sent()))

    with pytest.raises(PolicyRefused, match="Changed since shown: ") as told:
        await session.submit(name, bench.arguments(commands()[name]), reviewer=Meanwhile(they_act))
    assert words in told.value.message
    assert [len(bench.changes_sent())] == sent, "nothing of ours was sent"
    row = next(one for one in await session.journal.ledger() if one.command == name)
    assert (row.state, row.note) == ("refused", told.value.message)
    prove("F42", name)


async def test_what_did_not_change_or_cannot_be_seen_is_sent(make_bench: MakeBench, prove: Prove) -> None:
    bench = await make_bench()
    unseen = {"kind": "status", "status": 500, "match": {"method": "GET", "path": "/list$"}, "times": None}
    person = Person(then=lambda: bench.world.faults.add(unseen))
    stop = bench.arguments(commands()["theta.deployments.stop"])
    assert isinstance(await bench.session.submit("theta.deployments.stop", stop, reviewer=person), Done)
    bench.world.faults.clear()
    delete = bench.arguments(commands()["theta.deployments.delete"])
    assert isinstance(await bench.session.submit("theta.deployments.delete", delete, reviewer=Person()), Done)
    prove("F42", "unseen")


NOT_LOOKED_AT = {
    "theta.ai.agent.update": "only what is given is sent, and a missing one is the cloud's 404",
    "theta.ai.agent.document.update": "a missing one is created, as shown",
    "theta.video.ingestor.select": "no list tells who has a node",
    "theta.video.ingestor.unselect": "no list tells who has a node",
    "theta.project.addMember": "the member is not there yet",
    "theta.keys.unlock": "locked or not, the end is the same",
    "theta.keys.lock": "locked or not, the end is the same",
}


async def test_every_other_change_of_something_that_exists_is_looked_at_again(make_bench: MakeBench) -> None:
    bench = await make_bench()
    blind = []
    for command in commands().values():
        if command.effect not in (Effect.UPDATE, Effect.DESTROY):
            continue
        _, act = await bench.session.build(command.name, bench.arguments(command))
        if isinstance(act, Change) and act.target.id and act.recheck is None:
            blind.append(command.name)
    assert sorted(blind) == sorted(NOT_LOOKED_AT)


# F49 to F52: the journal

AtHome = Callable[[Path], Awaitable[Session]]


@pytest.fixture
async def at_home(sandbox: SandboxServer) -> AsyncIterator[AtHome]:
    """Give a maker of sessions on the sandbox whose data lies in a home."""
    opened: list[Session] = []

    async def make(home: Path) -> Session:
        opened.append(await begin_session({**sandbox.environment(), "THETA_TUI_HOME": str(home)}))
        return opened[-1]

    yield make
    for session in opened:
        await session.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=False)
    if done.returncode != 0:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def test_a_full_disk_blocks_what_is_paid_until_there_is_room(
    small_disk: Path,
    at_home: AtHome,
    world: World,
    prove: Prove,
) -> None:
    session = await at_home(small_disk)
    filler = small_disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    journal, told = session.journal, list[int]()
    with contextlib.suppress(JournalUnavailable):  # sqlite may have some room of its own left
        while len(told) < 5_000:
            told.append(await journal.reserve(Intent(profile="other", face="cli", command="c")))
    assert len(told) < 5_000
    await nothing_paid_is_sent(session, world, prove, "F49")
    filler.unlink()
    assert isinstance(await session.submit(*PAID[1], reviewer=Person()), Done)
    assert len(await journal.ledger(10_000, profile="other")) == len(told)


async def test_a_folder_that_cannot_be_written_blocks_what_is_paid(
    tmp_path: Path,
    at_home: AtHome,
    world: World,
    prove: Prove,
) -> None:
    settings.data_dir({"THETA_TUI_HOME": str(tmp_path)}).write_text("a file where the folder should be")
    session = await at_home(tmp_path)
    assert session.journal.problem
    await nothing_paid_is_sent(session, world, prove, "F49")


async def test_a_ledger_that_another_program_holds_blocks_after_five_seconds(
    tmp_path: Path,
    at_home: AtHome,
    world: World,
    prove: Prove,
) -> None:
    session = await at_home(tmp_path)
    holder = sqlite3.connect(session.journal._store.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    with pytest.raises(JournalUnavailable, match="locked"):
        await session.submit(*PAID[0], reviewer=Person())
    assert 4 < time.monotonic() - begun < 15
    assert (await session.ask("theta.health")).ok
    holder.close()
    assert isinstance(await session.submit(*PAID[0], reviewer=Person()), Done)
    assert changes(world) == 1
    prove("F50", PAID[0][0])


@pytest.mark.parametrize("how", ["no database", "a torn page", "newer"])
async def test_a_ledger_that_cannot_be_trusted_blocks_what_is_paid_and_is_kept(
    how: str,
    tmp_path: Path,
    at_home: AtHome,
    world: World,
    prove: Prove,
) -> None:
    path = settings.data_dir({"THETA_TUI_HOME": str(tmp_path)}) / "journal.sqlite3"
    journal = await Journal.open(path)
    for _ in range(300):
        await journal.reserve(Intent(profile="p", face="cli", command="c", preview_json="x" * 900))
    await journal.close()
    if how == "newer":
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA user_version = 999")
        connection.close()
    else:
        data = bytearray(path.read_bytes())
        start, end = (0, 4096) if how == "no database" else (len(data) // 2, len(data) // 2 + 8192)
        data[start:end] = b"\xa5" * (end - start)
        path.write_bytes(bytes(data))
    before = path.read_bytes()
    session = await at_home(tmp_path)
    assert session.journal.problem
    await nothing_paid_is_sent(session, world, prove, "F51")
    assert path.read_bytes() == before
    kept = await session.journal.begin_anew() if how != "newer" else path
    assert kept is not None
    assert kept.read_bytes() == before


async def test_an_older_and_a_newer_program_share_one_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prove: Prove
) -> None:
    """The older one goes on with what it has open; begun again, it only reads."""
    path = tmp_path / "journal.sqlite3"
    older = await Journal.open(path)
    version, changes = store.files.VERSION, store.files.CHANGES  # type: ignore[attr-defined]
    monkeypatch.setattr(store.files, "VERSION", version + 1)
    monkeypatch.setattr(store.files, "CHANGES", (*changes, ("ALTER TABLE intents ADD COLUMN mood TEXT",)))
    newer = await Journal.open(path)
    intent = Intent(profile="p", face="cli", command="c", worst_usd=Decimal(1), cap_usd=Decimal(2))
    for journal in (older, newer):
        await journal.mark(await journal.reserve(intent), "confirmed")
    with pytest.raises(PolicyRefused):
        await older.reserve(intent)
    await older.close()
    monkeypatch.setattr(store.files, "VERSION", version)
    again = await Journal.open(path)
    assert "newer" in (again.problem or "")
    assert len(await again.ledger()) == 2
    with pytest.raises(JournalUnavailable):
        await again.reserve(intent)
    await asyncio.gather(newer.close(), again.close())
    prove("F52", "the ledger", 2)


# F53: no keyring


async def test_a_password_that_no_keyring_keeps_is_not_made_up_and_nothing_stays_set_aside(
    begin: Begin, world: World, prove: Prove
) -> None:
    session = await begin()
    session.vault._keyring.failure = "there is no keyring"
    with pytest.raises(PolicyRefused, match="nothing was created"):
        await session.submit("theta.deployments.create", {**CREATE, "generate_auth": True}, reviewer=Person())
    assert changes(world) == 0
    assert (await session.journal.spending(session.settings.profile)).total_usd == 0
    prove("F53", "theta.deployments.create")


# F58: jobs that never end


@pytest.mark.parametrize("states", [["processing"], ["processing", "pending", "processing", "waiting"]])
async def test_a_job_that_never_ends_is_left_at_the_limit_and_stays_counted(
    states: list[str], rig: Rig, prove: Prove
) -> None:
    front, session = rig.front, rig.bench.session
    answers = [
        front.json({"status": "success", "body": {"infer_requests": [{"id": "j", "state": state}]}}) for state in states
    ]
    front.aim(*((answer, front.close) for answer in answers), at=lambda one: "/infer_request/j" in one.target)
    asked = {"request_id": "j", "interval_ms": 100, "timeout_ms": 1500}
    begun = time.monotonic()
    result = await session.ask("theta.ondemand.pollUntilDone", asked)
    assert (result.terminal_state, time.monotonic() - begun < 10) == ("timeout", True)
    assert 2 <= len(front.truth.tries) <= 16
    prove("F58", "theta.ondemand.pollUntilDone")
