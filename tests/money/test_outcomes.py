"""Changes whose answer was lost are looked up: what the lists prove is settled, and nothing is sent again."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.stack import Person
from theta_tui import settings
from theta_tui.errors import Uncertain
from theta_tui.journal import Entry, Intent, Journal
from theta_tui.review import Ask
from theta_tui.sandbox.demo import seed_demo
from theta_tui.sandbox.livestreams import streams
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World
from theta_tui.session import Session
from theta_tui.shapes.outcomes import Outcome
from theta_tui.vault import MemoryBackend, Vault

PICTURE = {"service": "stable_diffusion_xl_turbo", "input": {"prompt": "a lighthouse"}}
CHAT = {"service": "gpt_oss_120b", "messages": [{"role": "user", "content": "hi"}]}
HOUR = 3600.0


class Desk:
    """A session on a seeded cloud whose journal follows a clock that the test moves."""

    def __init__(self, session: Session, world: World) -> None:
        self.session = session
        self.world = world
        self.late = 0.0
        session.journal._store.now = lambda: time.time() + self.late

    async def loses(self, name: str, arguments: dict[str, Any], *, after: bool = True) -> Entry:
        """Submit a command whose answer is lost, and whose own look afterwards fails."""
        lists = {"path": "/list$|/streams$", "method": "GET"}
        command, act = await self.session.build(name, arguments)
        for method in ("POST", "PUT", "DELETE"):
            self.world.faults.add({"kind": "reset", "after": after, "match": {"method": method}, "times": None})
        self.world.faults.add({"kind": "status", "status": 401, "match": lists, "times": None})
        with pytest.raises(Uncertain):
            await self.session.perform(command, act, Ask(name, Person()))
        self.world.faults.clear()
        entry = (await self.session.journal.ledger(1))[0]
        assert entry.state == "uncertain"
        return entry

    async def looks(self, late: float = 0.0) -> list[Outcome]:
        self.late += late
        sent = [call for call in self.world.calls if call.method != "GET"]
        found = await self.session.ask("theta.cleanup.reconcile")
        assert [call for call in self.world.calls if call.method != "GET"] == sent
        return list(found.changes)

    async def entry(self) -> Entry:
        return (await self.session.journal.ledger(1))[0]

    async def counted(self) -> Decimal:
        return (await self.session.journal.spending(self.session.settings.profile)).total_usd


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    world = World(pace=0)
    seed_demo(world)
    world.clock.advance(60)
    with SandboxServer(world) as server:
        environ = {**server.environment(), "THETA_TUI_HOME": str(tmp_path), "THETA_HTTP_MAX_RETRIES": "0"}
        loaded = settings.load(None, environ)
        vault = Vault(loaded.profile, environ, backend=MemoryBackend())
        session = await Session.begin(loaded, environ, face="cli", data_dir=tmp_path / "data", vault=vault)
        yield Desk(session, world)
        await session.close()


async def create(desk: Desk, name: str = "lost-and-found") -> dict[str, Any]:
    found = await desk.session.ask("theta.deployments.listStandard", {"category": "serving"})
    plain = next(one for one in found.templates if len(one.container_images) == 1 and not one.require_env_vars)
    return {"deployment_template_id": plain.id, "vm_id": "vm_gt1", "name": name}


async def test_a_lost_create_is_found_by_its_name_and_billed_until_it_is_deleted(desk: Desk) -> None:
    await desk.loses("theta.deployments.create", await create(desk))
    [seen] = await desk.looks()
    machine = next(one for one in desk.world.deployments.values() if one.name == "lost-and-found")
    assert (seen.outcome, seen.key) == ("happened", machine.suffix)
    entry = await desk.entry()
    assert (entry.state, entry.object_id, entry.ended) == ("reconciled", machine.suffix, None)
    assert entry.note == "lost-and-found is in the list: it was made."
    desk.late += 3 * HOUR
    assert await desk.counted() >= Decimal("1.19")
    place = {"shard": str(machine.shard), "suffix": machine.suffix}
    await desk.session.submit("theta.deployments.delete", place, reviewer=Person())
    desk.late += HOUR
    assert await desk.counted() < Decimal("1.21")
    assert await desk.looks() == []


async def test_a_create_that_never_came_to_be_stops_counting_once_the_cloud_had_its_time(desk: Desk) -> None:
    await desk.loses("theta.deployments.create", await create(desk), after=False)
    [seen] = await desk.looks()
    assert (seen.outcome, "10 min more" in seen.words) == ("unknown", True)
    assert (await desk.entry()).state == "uncertain"
    assert await desk.counted() == Decimal("0.4")
    [seen] = await desk.looks(late=601)
    assert seen.outcome == "did not happen"
    assert ((await desk.entry()).state, await desk.counted()) == ("reconciled", 0)


async def test_one_of_the_same_name_that_was_there_before_is_not_taken_for_it(desk: Desk) -> None:
    made = (await desk.session.submit("theta.deployments.create", await create(desk), reviewer=Person())).value  # type: ignore[union-attr]
    await desk.loses("theta.deployments.create", await create(desk), after=False)
    [seen] = await desk.looks(late=601)
    assert (seen.outcome, seen.key) == ("did not happen", "")
    assert made.suffix in {machine.suffix for machine in desk.world.deployments.values()}


async def test_two_of_one_name_are_left_to_the_user(desk: Desk) -> None:
    await desk.loses("theta.deployments.create", await create(desk))
    await desk.loses("theta.deployments.create", await create(desk))
    assert [seen.outcome for seen in await desk.looks(late=601)] == ["unknown", "unknown"]


@pytest.mark.parametrize("verb", ["stop", "delete"])
@pytest.mark.parametrize("happened", [True, False])
async def test_a_lost_stop_or_delete_ends_the_machine_only_if_it_happened(
    verb: str, happened: bool, desk: Desk
) -> None:
    made = (await desk.session.submit("theta.deployments.create", await create(desk), reviewer=Person())).value  # type: ignore[union-attr]
    place = {"shard": made.shard, "suffix": made.suffix, "name": made.name}
    await desk.loses(f"theta.deployments.{verb}", place, after=happened)
    [seen] = await desk.looks(late=601)
    assert seen.outcome == ("happened" if happened else "did not happen")
    machine = (await desk.session.journal.ledger(2))[1]
    assert (machine.ended is not None) is happened


async def test_a_lost_run_is_found_among_the_requests_with_its_cost(desk: Desk) -> None:
    await desk.session.submit("theta.ondemand.infer", PICTURE, reviewer=Person())
    entry = await desk.loses("theta.ondemand.infer", PICTURE)
    assert entry.worst_usd > 0
    await desk.session.ask("theta.ondemand.listRequests")
    [seen] = await desk.looks()
    assert (seen.outcome, seen.key.startswith("infr_rqst_")) == ("happened", True)
    found = await desk.entry()
    assert (found.state, found.object_id, found.estimate) == ("reconciled", seen.key, False)
    assert found.cost_usd is not None


async def test_what_no_list_tells_counts_as_spent_and_is_left_alone_after_a_day(desk: Desk) -> None:
    entry = await desk.loses("theta.ondemand.chat", {**CHAT, "stream": False}, after=False)
    [seen] = await desk.looks(late=HOUR)
    assert seen.outcome == "unknown"
    assert await desk.counted() == entry.worst_usd
    [seen] = await desk.looks(late=24 * HOUR)
    assert seen.outcome == "happened"
    found = await desk.entry()
    assert (found.state, found.cost_usd) == ("reconciled", None)


async def test_a_lost_livestream_is_found_by_its_name(desk: Desk) -> None:
    for stream in (await desk.session.ask("theta.video.streams")).streams[2:]:
        pytest.fail(f"no room for another livestream beside {stream.name}")
    await desk.loses("theta.video.streamCreate", {"name": "Lost"})
    assert [seen.outcome for seen in await desk.looks()] == ["happened"]


async def test_a_network_that_is_down_settles_nothing(desk: Desk) -> None:
    await desk.loses("theta.deployments.create", await create(desk))
    desk.world.faults.add({"kind": "status", "status": 500, "match": {"path": "/list"}, "times": None})
    [seen] = await desk.looks(late=601)
    assert seen.outcome == "unknown"
    assert (await desk.entry()).state == "uncertain"


async def test_what_a_killed_program_set_aside_and_never_sent_is_given_back(tmp_path: Path) -> None:
    first = await Journal.open(tmp_path / "journal.sqlite3")
    intent = Intent(profile="p", face="cli", command="c", worst_usd=Decimal(2), usd_per_hour=Decimal(2))
    never, sent = await first.reserve(intent), await first.reserve(intent)
    await first.mark(sent, "sent")
    second = await Journal.open(tmp_path / "journal.sqlite3")
    assert await second.release("p") == 0
    await first.close()
    assert await second.release("p") == 1
    assert {entry.id: entry.state for entry in await second.ledger()} == {never: "refused", sent: "sent"}
    assert [entry.id for entry in await second.unsettled("p")] == [sent]
    assert await second.settle(sent, happened=False, note="not there")
    assert not await second.settle(sent, happened=True, note="too late")
    assert (await second.spending("p")).total_usd == 0
    await second.close()


@pytest.mark.parametrize("follow", ["theta.ondemand.pollUntilDone", "theta.ondemand.listRequests"])
async def test_a_run_that_was_not_over_at_first_costs_what_it_came_to(follow: str, desk: Desk) -> None:
    job = (await desk.session.submit("theta.ondemand.infer", {**PICTURE, "wait": 0}, reviewer=Person())).value  # type: ignore[union-attr]
    entry = await desk.entry()
    assert (entry.state, entry.cost_usd, entry.object_id) == ("confirmed", None, job.id)
    asked = {"request_id": job.id, "interval_ms": 100} if "poll" in follow else {}
    desk.world.clock.advance(60)
    end = time.monotonic() + 10
    while (entry := await desk.entry()).cost_usd is None and time.monotonic() < end:
        await desk.session.ask(follow, asked)
    assert entry.cost_usd == (await desk.session.ask("theta.ondemand.status", {"request_id": job.id})).spent_usd
    assert not entry.estimate
    assert await desk.counted() == entry.cost_usd


async def lost(desk: Desk, count: int, **about: Any) -> None:
    """Write changes of unknown outcome into the journal, as programs that died over them leave them."""
    journal, profile = desk.session.journal, desk.session.settings.profile
    for _ in range(count):
        await journal.mark(await journal.reserve(Intent(profile=profile, face="cli", **about)), "uncertain")


async def test_hundreds_of_lost_changes_are_looked_up_in_one_reading_of_each_list(desk: Desk) -> None:
    await lost(desk, 120, command="theta.ondemand.infer", target_kind="service", target_id="flux", target_name="flux")
    await lost(desk, 120, command="theta.video.streamCreate", target_kind="livestream", target_name="nowhere")
    await lost(desk, 60, command="theta.deployments.delete", target_kind="deployment", target_id="nobody")
    asked = len(desk.world.calls)
    assert len(await desk.looks()) == 300
    paths = [call.path for call in desk.world.calls[asked:]]
    assert len(paths) == len(set(paths)) <= 6, paths
    desk.world.faults.add({"kind": "status", "status": 500, "times": None})
    asked = len(desk.world.calls)
    told = await desk.looks()
    assert {(one.outcome, "could not be looked up" in one.words) for one in told} == {("unknown", True)}
    assert len(desk.world.calls) - asked <= 6


async def test_two_lost_acts_are_not_both_found_in_one_object(desk: Desk) -> None:
    name = next(iter(streams(desk.world).values())).name
    await lost(desk, 2, command="theta.video.streamCreate", target_kind="livestream", target_name=name)
    told = await desk.looks()
    assert [one.outcome for one in told] == ["happened", "unknown"]


UNPROVEN = {
    "an entry that is none": [None],
    "an entry without a name": [{"Suffix": "8888888888888888"}],
    "a text for a list": "nothing",
    "an object without a list": {"note": "nothing"},
}


@pytest.mark.parametrize("answer", UNPROVEN.values(), ids=UNPROVEN)
async def test_a_list_that_cannot_be_read_whole_proves_no_absence(desk: Desk, answer: Any) -> None:
    await lost(desk, 1, command="theta.deployments.create", target_kind="deployment", target_name="lost-one",
               worst_usd=Decimal(3), usd_per_hour=Decimal(1))  # fmt: skip
    await lost(desk, 1, command="theta.deployments.delete", target_kind="deployment", target_id="0123456789abcdef")
    fault = {"kind": "json", "body": {"status": "success", "body": answer}, "match": {"path": "/list$"}, "times": None}
    desk.world.faults.add(fault)
    told = await desk.looks(late=601)
    assert [one.outcome for one in told] == ["unknown", "unknown"], told
    assert await desk.counted() >= 3
    desk.world.faults.clear()
    assert [one.outcome for one in await desk.looks()] == ["did not happen", "happened"]
