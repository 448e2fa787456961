"""A stage for acts of money: real gates and journals, and between them and the truth a cloud that the test plays.

Every act stops at stations (in review, looking, at the cloud) until the test says how it goes on, so that any order of
events can be played, also a crash at any of them. There is no network and no time but the stage's own.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from theta_tui import settings
from theta_tui.account import SessionAccount
from theta_tui.change import Approved, Change, Cost, Effect, Family, JsonBody, Reply, Request, Target
from theta_tui.cloud.outcomes import LATE_SECONDS, Reconciliation
from theta_tui.errors import NetworkError
from theta_tui.gate import Gate
from theta_tui.journal import Entry, Journal, owners
from theta_tui.review import Answer, Ask, Policy, Review, Verdict
from theta_tui.shapes.outcomes import Outcomes

CAP = Decimal(10)
ZONE = ZoneInfo("America/New_York")
KIND, COMMAND = "livestream", "theta.video.streamCreate"
"""The kind of object whose list the stage can play, and what makes one."""


@dataclass(repr=False)
class Act:
    """One thing a user wants made, and how far it is. `station` is where it waits, "" while it moves on."""

    name: str
    price: Decimal
    owner: Process
    verdict: asyncio.Future[Verdict]
    look: asyncio.Future[str | None]
    answer: asyncio.Future[Reply]
    task: asyncio.Task[Any] | None = None
    station: str = ""
    shown: Review | None = None
    is_confirmed: bool = False
    requests: list[Request] = field(default_factory=list)
    sent_at: float = 0.0

    def __repr__(self) -> str:
        sent = len(self.requests)
        return f"<{self.name} {self.price} {self.station or 'over'}, confirmed {self.is_confirmed}, {sent} sent>"

    @property
    def is_moving(self) -> bool:
        return self.task is not None and not self.task.done() and not self.station


class Process:
    """A program at work: its journal, its gate, and the acts it has begun."""

    def __init__(self, stage: Stage, journal: Journal) -> None:
        self.stage = stage
        self.journal = journal
        self.is_alive, self.is_killed = True, False
        policy = Policy(profile="default", face="cli", cap_usd=CAP)
        self.gate = Gate(writer=stage, journal=journal, keeper=stage, policy=lambda: policy)

    async def crash(self) -> None:
        """End as SIGKILL ends a program: from now on nothing it does reaches the disk."""
        store = self.journal._store
        await store.read(lambda connection: connection.close(), None)
        store._connection, store.problem = None, "the program is gone"
        self.is_alive, self.is_killed = False, True
        owners.give_back(store.owner)
        await self.stage.end_of(self)
        await self.journal.close()

    async def leave(self) -> None:
        """End as a program ends: what is in flight is cancelled, the journal closed."""
        self.is_alive = False
        await self.stage.end_of(self)
        await self.journal.close()

    async def reconcile(self) -> Outcomes:
        """Do what the next start does about changes of unknown outcome."""
        account = SessionAccount(
            reader=self.stage, settings=self.stage.settings, hosts=Any, knobs=Any, journal=self.journal,
            keys=Any, dry_run=lambda: False,
        )  # type: ignore[arg-type]  # fmt: skip
        return await Reconciliation(account).reconcile()


class Stage:
    """The play: its cloud (what is `made`), its clock, its programs and acts."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "journal.sqlite3"
        self.settings = settings.load(None, {"THETA_TUI_HOME": str(folder), "THETA_EC_PROJECT_ID": "prj_stage"})
        self.now = 1_793_507_400.0  # half past midnight in New York, the day its clocks go back
        self.elapsed = 0.0
        self.is_offline = False
        self.acts: list[Act] = []
        self.processes: list[Process] = []
        self.made: Counter[str] = Counter()
        self.undecided: dict[str, Act] = {}
        self._moved = asyncio.Event()

    # What the user does

    async def open(self) -> Process:
        process = Process(self, await Journal.open(self._path, lambda: self.now, zone=ZONE))
        self.processes.append(process)
        return process

    async def submit(self, process: Process, price: Decimal, *, looks_itself: bool) -> Act:
        loop = asyncio.get_running_loop()
        act = Act(
            f"act-{len(self.acts)}", price, process, loop.create_future(), loop.create_future(), loop.create_future()
        )
        self.acts.append(act)
        change = self._change(act, looks_itself=looks_itself)
        act.task = asyncio.create_task(process.gate.submit(Ask(COMMAND, _Person(self, act)), change))
        act.task.add_done_callback(lambda _: self._moved.set())
        await self.quiet()
        return act

    async def go_on(self, future: asyncio.Future[Any], act: Act, result: object) -> None:
        """Let an act leave its station with a result, or an error."""
        act.station = ""
        if isinstance(result, BaseException):
            future.set_exception(result)
        else:
            future.set_result(result)
        await self.quiet()

    async def cancel(self, act: Act, times: int) -> None:
        assert act.task is not None
        for _ in range(times):
            act.task.cancel()
            await asyncio.sleep(0)
        act.station = ""
        await self.quiet()

    async def end_of(self, process: Process) -> None:
        for act in self.acts:
            if act.owner is process and act.task is not None and not act.task.done():
                await self.cancel(act, 1)

    # What the cloud does

    def commit(self, act: Act) -> None:
        self.undecided.pop(act.name)
        self.made[act.name] += 1

    def late(self) -> list[Act]:
        """Acts that the cloud may still do, although nobody waits for its answer."""
        return [act for act in self.undecided.values() if self.elapsed - act.sent_at < LATE_SECONDS]

    async def quiet(self) -> None:
        """Wait until every act is at a station or at its end, and nothing is left to be written."""
        while any(act.is_moving for act in self.acts):
            self._moved.clear()
            await self._moved.wait()
        waiting = {act.task for act in self.acts}
        others = asyncio.all_tasks() - waiting - {asyncio.current_task()}
        if others:
            await asyncio.wait(others)

    def arrive(self, act: Act, station: str) -> None:
        act.station = station
        self._moved.set()

    # The gate's keeper and writer, the account's reader

    async def keep(self, name: str, credential: object) -> None:
        raise AssertionError("no act of the stage has a credential")

    async def rename(self, old: str, new: str) -> None:
        raise AssertionError("no act of the stage has a credential")

    async def send(self, approved: Approved[Any], **_: object) -> Reply:
        change = approved.use()
        act = next(act for act in self.acts if act.name == change.target.name)
        act.requests.append(change.requests[0])
        act.sent_at, self.undecided[act.name] = self.elapsed, act
        self.arrive(act, "at the cloud")
        return await act.answer

    def open_stream(self, *_: object) -> None:
        raise AssertionError("no act of the stage streams")

    def describe(self, request: Request) -> Mapping[str, Any]:
        return {"method": request.method, "url": "https://stage.example/stream", "headers": {}}

    async def fetch(self, request: Request, *_: Request) -> Reply:
        if self.is_offline:
            raise NetworkError("The host was not reached.")
        streams = [{"id": f"id-{name}", "name": name} for name in self.made.elements()]
        return Reply(200, {"streams": streams, "projects": [{"id": "prj_stage", "tva_id": "srvacc_stage"}]}, request)

    def _change(self, act: Act, *, looks_itself: bool) -> Change[str]:
        async def recheck() -> str | None:
            self.arrive(act, "looking")
            return await act.look

        async def reconcile() -> str | None:
            return f"id-{act.name}" if self.made[act.name] else None

        return Change(
            summary=f"Make {act.name}",
            effect=Effect.CREATE,
            requests=(Request("POST", Family.VIDEO, ("stream",), body=JsonBody({"name": act.name})),),
            read=lambda reply: str(reply.value),
            cost=Cost(usd=act.price, source="stage"),
            target=Target(KIND, "", act.name),
            identify=lambda key: key,
            recheck=recheck,
            reconcile=reconcile if looks_itself else None,
        )


class _Person:
    """Whoever is shown an act; the test gives the answer."""

    def __init__(self, stage: Stage, act: Act) -> None:
        self._stage, self._act = stage, act

    async def review(self, review: Review) -> Verdict:
        self._act.shown = review
        self._stage.arrive(self._act, "in review")
        return await self._act.verdict


async def rows(process: Process) -> dict[str, Entry]:
    """Give the ledger's rows by the names of their acts."""
    return {entry.target_name: entry for entry in await process.journal.ledger(10_000)}


YES, NO = Verdict(Answer.CONFIRM), Verdict(Answer.CANCEL)


def _future() -> asyncio.Future[Any]:
    return asyncio.get_running_loop().create_future()
