"""Thousands of schedules on a clock that jumps: delays, losses, late commits and cancels at every possible second.

The gate and the ledger are the real ones; the cloud is played. What the user is told, what the ledger says and what the
cloud did must agree, whatever the order.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.money.virtual_time import journal_at, play
from theta_tui.change import FREE, Approved, Change, Cost, Done, Effect, Family, Reply, Request, Target
from theta_tui.errors import CapacityError, NetworkError, PolicyRefused, TimedOut, Uncertain
from theta_tui.gate import Gate
from theta_tui.journal import Entry, Journal
from theta_tui.review import Answer, Ask, Policy, Review, Verdict

CAP = Decimal(10)
COMMAND = "theta.deployments.create"
NOON = 1_790_000_000.0
SECONDS = st.sampled_from([0.0, 1.0, 2.0, 3.0, 5.0])


@dataclass(frozen=True)
class Sending:
    """What the cloud does with one sending: when it acts on it (None: never), and what it answers after how long."""

    answer: str
    acts_after: float | None
    answers_after: float


@dataclass(frozen=True)
class Schedule:
    """Everything that happens to one act, in seconds after the moment before it."""

    is_stop: bool
    price: Decimal
    begins: float
    thinks: float
    says: Answer
    looks: float
    is_changed: bool
    sendings: tuple[Sending, Sending]
    looks_up: float
    is_blind: bool
    cancels: tuple[float, ...]


SCHEDULES = st.builds(
    Schedule,
    is_stop=st.booleans(),
    price=st.sampled_from([Decimal(1), Decimal(4), Decimal(6), Decimal("9.99")]),
    begins=SECONDS,
    thinks=SECONDS,
    says=st.sampled_from([Answer.CONFIRM, Answer.CONFIRM, Answer.CONFIRM, Answer.CANCEL]),
    looks=SECONDS,
    is_changed=st.sampled_from([False, False, False, True]),
    sendings=st.tuples(*[
        st.builds(Sending, st.sampled_from(["lost", "done", "refused", "garbled"]), st.none() | SECONDS, SECONDS)
    ] * 2),
    looks_up=SECONDS,
    is_blind=st.booleans(),
    cancels=st.lists(st.sampled_from([0.0, 1.0, 2.0, 4.0, 6.0, 9.0]), max_size=2).map(tuple),
)  # fmt: skip


@dataclass
class Act:
    """One act on the stage, with the truth about it."""

    name: str
    schedule: Schedule
    sent: list[Request] = field(default_factory=list)
    done: int = 0
    shown: Review | None = None
    task: asyncio.Task[Any] | None = None


class Cloud:
    """Writer, keeper and reviewer of a gate: all that is not the program."""

    def __init__(self, journal: Journal, schedules: list[Schedule]) -> None:
        self.journal = journal
        self.acts = {f"act-{number}": Act(f"act-{number}", one) for number, one in enumerate(schedules)}
        policy = Policy(profile="default", face="cli", cap_usd=CAP)
        self.gate = Gate(writer=self, journal=journal, keeper=self, policy=lambda: policy)

    async def keep(self, name: str, credential: object) -> None:
        raise AssertionError("no act has a credential")

    async def rename(self, old: str, new: str) -> None:
        raise AssertionError("no act has a credential")

    def open(self, *_: object, **__: object) -> Any:
        raise AssertionError("no act streams")

    def describe(self, request: Request) -> Mapping[str, Any]:
        return {"method": request.method, "url": "https://stage.example/", "headers": {}}

    async def review(self, review: Review) -> Verdict:
        act = self.acts[review.target.name]
        act.shown = review
        await asyncio.sleep(act.schedule.thinks)
        return Verdict(act.schedule.says, named=review.typed)

    async def send(self, approved: Approved[Any], **_: object) -> Reply:
        change = approved.use()
        act = self.acts[change.target.name]
        assert (await self.rows())[act.name].state == ("uncertain" if act.sent else "sent"), "written before it is sent"
        assert act.shown is not None
        assert change.requests[0] is act.shown.act.requests[0]  # I3
        how = act.schedule.sendings[min(len(act.sent), 1)]
        act.sent.append(change.requests[0])
        if how.answer == "refused":
            await asyncio.sleep(how.answers_after)
            raise CapacityError("No instances available.")
        late = how.answers_after if how.answer in ("done", "garbled") else how.acts_after
        if late is not None:
            asyncio.get_running_loop().call_later(late, self._act_on, act)
        await asyncio.sleep(how.answers_after)
        if how.answer == "lost":
            raise Uncertain("The change was sent, but what became of it is unknown.")
        await asyncio.sleep(0.5)
        return Reply(200, "" if how.answer == "garbled" else act.name, change.requests[0])

    @staticmethod
    def _act_on(act: Act) -> None:
        act.done += 1

    async def rows(self) -> dict[str, Entry]:
        return {entry.target_name: entry for entry in await self.journal.ledger(100)}

    def change(self, act: Act) -> Change[str]:
        how = act.schedule

        async def recheck() -> str | None:
            await asyncio.sleep(how.looks)
            return "it is another one" if how.is_changed else None

        async def reconcile() -> str | None:
            await asyncio.sleep(how.looks_up)
            if how.is_blind:
                raise NetworkError("The host was not reached.")
            return act.name if act.done else None

        return Change(
            summary=f"Do {act.name}",
            effect=Effect.UPDATE if how.is_stop else Effect.CREATE,
            requests=(Request("POST", Family.CONTROLLER, (act.name,)),),
            read=lambda reply: str(reply.value),
            cost=FREE if how.is_stop else Cost(usd=how.price, source="stage"),
            target=Target("thing", "", act.name),
            identify=lambda key: key,
            recheck=recheck,
            reconcile=reconcile,
            idempotent=how.is_stop,
        )

    async def perform(self, act: Act) -> None:
        await asyncio.sleep(act.schedule.begins)
        act.task = asyncio.ensure_future(self.gate.submit(Ask(COMMAND, self), self.change(act)))
        for seconds in act.schedule.cancels:
            await asyncio.sleep(seconds)
            act.task.cancel()
        await asyncio.wait((act.task,))


async def never_over_the_cap(cloud: Cloud) -> int:
    """Look every half second while anything is at work; give how often."""
    looks = 0
    while any(act.task is None or not act.task.done() for act in cloud.acts.values()):
        assert (await cloud.journal.spending("default")).total_usd <= CAP  # I4
        looks += 1
        await asyncio.sleep(0.5)
    return looks


async def stage(folder: Path, schedules: list[Schedule], tried: Counter[str]) -> None:
    loop = asyncio.get_running_loop()
    journal = await journal_at(folder / "journal.sqlite3", lambda: NOON + loop.time())
    cloud = Cloud(journal, schedules)
    looks, *_ = await asyncio.gather(never_over_the_cap(cloud), *map(cloud.perform, cloud.acts.values()))
    await asyncio.sleep(60)  # whatever the cloud still does, it has done by then
    rows, counted = await cloud.rows(), (await journal.spending("default")).total_usd
    for act in cloud.acts.values():
        judge(act, rows.get(act.name))
    assert counted == sum((row.worst_usd for row in rows.values() if row.state != "refused"), Decimal(0))
    await journal.close()
    tried.update(schedules=1, acts=len(schedules), sent=sum(len(act.sent) for act in cloud.acts.values()), looks=looks)


def judge(act: Act, row: Entry | None) -> None:
    """Compare what the user was told and what the ledger says with what was sent and done."""
    assert act.task is not None
    most = 2 if act.schedule.is_stop else 1
    assert len(act.sent) <= (most if act.schedule.says is Answer.CONFIRM else 0), act  # I1
    assert act.done <= len(act.sent), act
    assert row is not None or not act.sent, act
    if row is not None:
        assert row.state in ("confirmed", "refused", "uncertain"), (act, row)  # nothing is left half-way
        assert act.done or row.state != "confirmed", (act, row)  # I9
        assert not act.done or row.state != "refused", (act, row)
        if len(act.sent) > 1:
            assert "once more" in (row.note or "") or "looked up" in (row.note or ""), row
    if act.task.cancelled():
        return
    error = act.task.exception()
    if error is None:
        assert act.done or not isinstance(act.task.result(), Done), act  # I9
    elif isinstance(error, (CapacityError, PolicyRefused)):
        assert not act.done, act
    else:
        assert isinstance(error, (Uncertain, TimedOut)), error


def run_schedules(examples: int) -> Counter[str]:
    tried: Counter[str] = Counter()
    memory = Path("/dev/shm")
    root = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=examples < 500,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(SCHEDULES, min_size=1, max_size=3))
    def every(schedules: list[Schedule]) -> None:
        folder = Path(tempfile.mkdtemp(dir=root))
        try:
            play(stage(folder, schedules, tried))
        finally:
            shutil.rmtree(folder)

    try:
        every()
    finally:
        shutil.rmtree(root)
    return tried


@pytest.mark.parametrize("examples", [100, pytest.param(3_000, marks=pytest.mark.full)])
def test_any_schedule_leaves_user_ledger_and_cloud_of_one_mind(examples: int, prove: Any) -> None:
    tried = run_schedules(int(os.environ.get("SCHEDULES", examples)) if examples > 100 else examples)
    sys.stdout.write(f"{dict(tried)}\n")
    assert tried["sent"] > examples / 4
    for number, what in {"I1": "acts", "I3": "sent", "I4": "looks", "I9": "acts", "F43": "schedules"}.items():
        prove(number, COMMAND, tried[what])
