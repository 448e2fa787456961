"""The ledger as a state machine: any order of events, crashes among them, compared with the truth after each.

`LEDGER_EXAMPLES` sets how many orders of events the long test plays.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime
from datetime import time as time_of_day
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.money.stage import CAP, COMMAND, NO, YES, ZONE, Act, Process, Stage, rows
from theta_tui.change import Done, NotDone, Reply
from theta_tui.errors import CapacityError, PolicyRefused, TimedOut, Uncertain
from theta_tui.journal import Entry

T = TypeVar("T")

ODD = ("NaN", "sNaN", "Infinity", "-1", "-0.01", "1E+30")
PRICES = ("1", "2.50", "4", "0.000001", "9.99", "0", "10", "10.000001", "1E+9", *ODD)
LOST = Uncertain("The change was sent, but what became of it is unknown.")


class LedgerMachine(RuleBasedStateMachine):
    """Users, programs and a cloud do what they like; the ledger must never be wrong to its owner's harm.

    `tried` counts what it has played so far, over all examples.
    """

    tried: Counter[str] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.new_event_loop()
        memory = Path("/dev/shm")
        self._folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
        self.stage = Stage(self._folder)
        self.costs: dict[str, Decimal] = {}
        self.born: dict[str, float] = {}

    def run(self, work: Callable[[], Awaitable[T]]) -> T:
        async def do() -> T:
            result = await work()
            await self.stage.quiet()
            return result

        return self._loop.run_until_complete(do())

    def teardown(self) -> None:
        async def end() -> None:
            for process in self.alive:
                await process.leave()

        self.run(end)
        self.tried["examples"] += 1
        self.tried["acts"] += len(self.stage.acts)
        self.tried["requests"] += sum(len(act.requests) for act in self.stage.acts)
        self._loop.close()
        shutil.rmtree(self._folder)

    # Programs

    @property
    def alive(self) -> list[Process]:
        return [process for process in self.stage.processes if process.is_alive]

    def at(self, station: str) -> list[Act]:
        return [act for act in self.stage.acts if act.station == station]

    @initialize()
    def begin(self) -> None:
        self.run(self.stage.open)

    @precondition(lambda self: len(self.alive) < 3)
    @rule()
    def start_a_program(self) -> None:
        self.run(self.stage.open)

    @rule(data=st.data(), kill=st.booleans())
    def end_a_program(self, data: st.DataObject, kill: bool) -> None:
        process = data.draw(st.sampled_from(self.alive))
        waiting = [act for act in self.stage.acts if act.owner is process and act.station]
        self.run(process.crash if kill else process.leave)
        for act in waiting:
            self._is_over(act)
        if not self.alive:
            self.run(self.stage.open)

    @rule(data=st.data(), is_offline=st.sampled_from([False, False, False, True]))
    def reconcile(self, data: st.DataObject, is_offline: bool) -> None:
        process = data.draw(st.sampled_from(self.alive))
        self.stage.is_offline = is_offline
        found = self.run(process.reconcile)
        for one in found.changes:
            name = one.summary.removeprefix("Make ")
            if one.outcome == "happened":
                assert self.stage.made[name] == 1 or "Nobody can tell" in one.words, one
            elif one.outcome == "did not happen":
                assert not self.stage.made[name], one  # I9
                assert name not in [act.name for act in self.stage.late()], one
                self.stage.undecided.pop(name, None)  # the cloud has had its time
                self.costs[name] = Decimal(0)
        for act in self.stage.acts:
            is_gone = act.task is not None and act.task.done() and not act.requests and act.owner.is_killed
            if is_gone and act.name in self.costs:
                self.costs[act.name] = Decimal(0)  # set aside, never sent, given back

    # A user

    @rule(
        data=st.data(),
        price=st.sampled_from(PRICES),
        looks_itself=st.booleans(),
        goes_to=st.sampled_from(["at the cloud", "at the cloud", "at the cloud", "looking", "in review"]),
    )
    def submit(self, data: st.DataObject, price: str, looks_itself: bool, goes_to: str) -> None:
        process = data.draw(st.sampled_from(self.alive))
        act = self.run(lambda: self.stage.submit(process, Decimal(price), looks_itself=looks_itself))
        if price in ODD:
            assert act.task is not None
            assert isinstance(act.task.exception(), PolicyRefused)
            assert act.shown is None
            return
        if goes_to != "in review":
            self._answer(act, yes=True)
        if goes_to == "at the cloud" and act.station:
            self.run(lambda: self.stage.go_on(act.look, act, None))

    @precondition(lambda self: self.at("in review"))
    @rule(data=st.data(), yes=st.sampled_from([True, True, False]))
    def answer_the_review(self, data: st.DataObject, yes: bool) -> None:
        self._answer(data.draw(st.sampled_from(self.at("in review"))), yes=yes)

    def _answer(self, act: Act, *, yes: bool) -> None:
        counted = self._counted()
        self.tried["answers"] += 1
        act.is_confirmed = yes
        self.run(lambda: self.stage.go_on(act.verdict, act, YES if yes else NO))
        assert act.task is not None
        if act.task.done():
            outcome = act.task.result()
            assert isinstance(outcome, NotDone)
            assert outcome.reason == ("budget" if yes else "cancelled")
            was_blocked = act.shown is not None and act.shown.block is not None  # as it was shown, however it is now
            assert not yes or was_blocked or not counted + act.price <= CAP or act.price == 0
            act.is_confirmed = False
            return
        self.costs[act.name], self.born[act.name] = act.price, self.stage.now
        assert counted + act.price <= CAP or act.price == 0  # I4

    @precondition(lambda self: self.at("looking"))
    @rule(data=st.data(), news=st.sampled_from([None, None, None, "the price is higher"]))
    def look_once_more(self, data: st.DataObject, news: str | None) -> None:
        act = data.draw(st.sampled_from(self.at("looking")))
        self.run(lambda: self.stage.go_on(act.look, act, news))
        if news:
            self._is_over(act)

    @precondition(lambda self: any(act.station for act in self.stage.acts))
    @rule(data=st.data(), times=st.sampled_from([1, 1, 2]))
    def cancel(self, data: st.DataObject, times: int) -> None:
        act = data.draw(st.sampled_from([act for act in self.stage.acts if act.station]))
        self.run(lambda: self.stage.cancel(act, times))
        self._is_over(act)

    # The cloud

    @precondition(lambda self: self.at("at the cloud"))
    @rule(data=st.data(), how=st.sampled_from(["lost before", "lost after", "done", "late", "refused"]))
    def the_cloud_answers(self, data: st.DataObject, how: str) -> None:
        act = data.draw(st.sampled_from(self.at("at the cloud")))
        result: object = LOST
        if how in ("done", "lost after"):
            self.stage.commit(act)
        if how == "done":
            result = Reply(200, f"id-{act.name}", act.requests[0])
        elif how == "refused":
            self.stage.undecided.pop(act.name)
            result = CapacityError("No instances available.")
        elif how == "late":
            result = Uncertain("No answer in time.") if data.draw(st.booleans()) else TimeoutError()
        self.run(lambda: self.stage.go_on(act.answer, act, result))
        self._is_over(act)

    @precondition(lambda self: self.stage.late())
    @rule(data=st.data())
    def the_cloud_does_it_late(self, data: st.DataObject) -> None:
        act = data.draw(st.sampled_from(self.stage.late()))
        if not act.station:
            self.stage.commit(act)

    # Time

    @rule(
        seconds=st.sampled_from([60, 601, 3600, 86_400]), way=st.sampled_from(["passes", "passes", "forward", "back"])
    )
    def time_passes_or_the_clock_is_put(self, seconds: int, way: str) -> None:
        if way == "passes":
            self.stage.elapsed += seconds
        if way != "forward" or not self.stage.undecided:  # what the cloud has time for is told by this clock
            self.stage.now += -seconds if way == "back" else seconds

    # What must hold after each of them

    @invariant()
    def nothing_is_made_twice_or_without_a_yes(self) -> None:
        for act in self.stage.acts:
            assert self.stage.made[act.name] <= act.is_confirmed, act  # I1
            assert len(act.requests) <= act.is_confirmed, act

    @invariant()
    def what_was_sent_is_what_was_shown(self) -> None:
        for act in self.stage.acts:
            assert act.shown is not None or not act.requests
            assert all(one is act.shown.act.requests[0] for one in act.requests if act.shown), act  # I3

    @invariant()
    def the_ledger_counts_what_the_truth_counts_and_says_what_is_so(self) -> None:
        async def look() -> tuple[list[Decimal], dict[str, Entry]]:
            counted = [(await process.journal.spending("default")).total_usd for process in self.alive]
            return counted, await rows(self.alive[0])

        if not self.alive:
            return
        counted, known = self.run(look)
        assert set(counted) == {self._counted()}  # I4
        for act in self.stage.acts:
            entry, made = known.get(act.name), self.stage.made[act.name]
            if entry is None:
                assert not act.requests, act  # nothing that was acknowledged is lost
                assert act.name not in self.costs, act
                continue
            may_be = made or act.name in self.stage.undecided
            assert entry.state != "confirmed" or made, (act, entry)  # I9
            is_nothing = entry.state == "refused" or (entry.state == "reconciled" and entry.cost_usd == 0)
            assert not (is_nothing and may_be), (act, entry)

    # Helpers

    def _counted(self) -> Decimal:
        """Add up what counts today, from what happened and not from the ledger."""
        today = datetime.fromtimestamp(self.stage.now, ZONE).date()
        start = datetime.combine(today, time_of_day.min, ZONE).timestamp()
        return sum((usd for name, usd in self.costs.items() if self.born[name] >= start), Decimal(0))

    def _is_over(self, act: Act) -> None:
        """Judge how an act has ended for its user."""
        assert act.task is not None
        assert act.task.done()
        if act.task.cancelled():
            error: BaseException | None = asyncio.CancelledError()
        else:
            error = act.task.exception()
        made, is_open = self.stage.made[act.name], act.name in self.stage.undecided
        if error is None and isinstance(act.task.result(), Done):
            assert made == 1, act  # I9
        elif isinstance(error, (CapacityError, PolicyRefused)):
            assert not made, act
            assert not is_open, act
        if act.name in self.costs and not (made or is_open or act.owner.is_killed):
            # It was refused, changed before it was sent, or never sent: what was set aside is given back.
            self.costs[act.name] = Decimal(0) if not isinstance(error, (Uncertain, TimedOut)) else act.price


def run_machine(examples: int, steps: int) -> Counter[str]:
    """Play so many examples; give how many there were, with their acts, answered reviews and requests."""
    before = Counter(LedgerMachine.tried)
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=examples < 500,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return LedgerMachine.tried - before


def record(tried: Counter[str], prove: Any) -> None:
    """Put on record how often each invariant could have been broken."""
    sys.stdout.write(f"{dict(tried)}\n")
    trials = {"I1": "acts", "I3": "requests", "I4": "answers", "I9": "acts", "F46": "examples"}
    for number, what in trials.items():
        prove(number, COMMAND, tried[what])


def test_any_order_of_events_leaves_the_ledger_right(prove: Any) -> None:
    tried = run_machine(60, 30)
    assert tried["examples"] >= 60
    record(tried, prove)


@pytest.mark.full
def test_a_thousand_orders_of_events_and_more_leave_the_ledger_right(prove: Any) -> None:
    record(run_machine(int(os.environ.get("LEDGER_EXAMPLES", "1000")), 40), prove)
