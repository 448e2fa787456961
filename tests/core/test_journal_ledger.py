"""The spend ledger: one cap for all processes, the local day, machines, restarts."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theta_tui.errors import JournalUnavailable, OverBudget, PolicyRefused
from theta_tui.journal import Intent, Journal, money
from theta_tui.journal.ledger import Ledger

NEW_YORK = ZoneInfo("America/New_York")


class Clock:
    def __init__(self, text: str, zone: ZoneInfo = NEW_YORK) -> None:
        self.zone = zone
        self.set(text)

    def set(self, text: str) -> None:
        self.seconds = datetime.fromisoformat(text).replace(tzinfo=self.zone).timestamp()

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock("2026-11-20T12:00")


@pytest.fixture
async def journal(tmp_path: Path, clock: Clock) -> AsyncIterator[Journal]:
    opened = await Journal.open(tmp_path / "journal.sqlite3", clock, zone=NEW_YORK)
    yield opened
    await opened.close()


def call(worst: str = "1.00", cap: str | None = "5.00", **more: object) -> Intent:
    given: dict[str, object] = {
        "profile": "p",
        "face": "cli",
        "command": "theta.on_demand.infer",
        "item": "service/flux",
        "worst_usd": Decimal(worst),
        "cap_usd": None if cap is None else Decimal(cap),
    }
    return Intent(**{**given, **more})  # type: ignore[arg-type]


def machine(rate: str = "0.40", **more: object) -> Intent:
    return call(rate, usd_per_hour=Decimal(rate), command="theta.deployments.create", item="vm/vm_gt1", **more)


async def total(journal: Journal, profile: str = "p") -> Decimal:
    return (await journal.spending(profile)).total_usd


async def test_a_call_counts_its_worst_case_until_its_cost_is_known(journal: Journal) -> None:
    row = await journal.reserve(call("1.00"))
    assert (await journal.spending("p")).reserved_usd == Decimal("1.00")
    await journal.mark(row, "sent")
    assert await total(journal) == Decimal("1.00")
    await journal.mark(row, "uncertain", note="no answer")
    assert (await journal.spending("p")).uncertain_usd == Decimal("1.00")
    await journal.mark(row, "reconciled", cost_usd=Decimal("0.0123"))
    assert (await journal.spending("p")).spent_usd == await total(journal) == Decimal("0.0123")


async def test_a_confirmed_call_of_unknown_cost_goes_on_counting_its_worst_case(journal: Journal) -> None:
    row = await journal.reserve(call("1.00"))
    await journal.mark(row, "confirmed")
    assert await total(journal) == Decimal("1.00")
    await journal.mark(row, "confirmed", cost_usd=Decimal("NaN"))
    assert await total(journal) == Decimal("1.00")
    await journal.mark(row, "confirmed", cost_usd=Decimal("0.20"))
    assert await total(journal) == Decimal("0.20")


async def test_a_refused_call_gives_its_reservation_back(journal: Journal) -> None:
    row = await journal.reserve(call("5.00"))
    with pytest.raises(OverBudget):
        await journal.reserve(call("0.01"))
    await journal.mark(row, "refused")
    assert await total(journal) == 0
    await journal.reserve(call("5.00"))


async def test_the_refusal_names_the_cap_what_is_spent_and_what_was_asked(journal: Journal) -> None:
    await journal.reserve(call("4.20"))
    with pytest.raises(OverBudget) as refused:
        await journal.reserve(call("1.00"))
    assert all(amount in refused.value.message for amount in ("$5.00", "$4.20", "$1.00"))
    assert len(await journal.ledger()) == 1


async def test_exactly_the_cap_is_allowed_and_a_free_act_is_allowed_beyond_it(journal: Journal) -> None:
    await journal.reserve(call("5.00"))
    await journal.reserve(call("0"))
    with pytest.raises(OverBudget):
        await journal.reserve(call("0.000001"))


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-0.01", "1E+999999", "1E-999999", "1000000001"])
async def test_an_amount_that_is_none_is_refused(journal: Journal, amount: str) -> None:
    with pytest.raises(PolicyRefused):
        await journal.reserve(call(amount, cap=None))
    with pytest.raises(PolicyRefused):
        await journal.reserve(call("1", cap=None, usd_per_hour=Decimal(amount)))
    with pytest.raises(PolicyRefused):
        await journal.raise_cap("p", Decimal(amount))
    assert await journal.ledger() == []


@pytest.mark.parametrize("cap", ["NaN", "sNaN", "-1", "Infinity"])
async def test_a_cap_that_is_no_amount_refuses_everything_paid(journal: Journal, cap: str) -> None:
    with pytest.raises(OverBudget):
        await journal.reserve(call("0.01", cap=cap))


async def test_profiles_do_not_share_a_budget(journal: Journal) -> None:
    await journal.reserve(call("5.00"))
    await journal.reserve(call("5.00", profile="q"))
    assert await total(journal, "q") == Decimal("5.00")


async def test_calls_of_yesterday_do_not_count_after_local_midnight(journal: Journal, clock: Clock) -> None:
    clock.set("2026-11-20T23:59:59")
    await journal.reserve(call("5.00"))
    assert await total(journal) == Decimal("5.00")
    clock.set("2026-11-21T00:00:00")
    assert await total(journal) == 0
    assert (await journal.spending("p")).day.isoformat() == "2026-11-21"


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 23), ("2026-11-01", 25), ("2026-11-20", 24)])
async def test_a_machine_that_runs_all_day_counts_the_hours_that_day_has(
    journal: Journal, clock: Clock, day: str, hours: int
) -> None:
    clock.set(f"{day}T00:00:00")
    clock.seconds -= 3600
    row = await journal.reserve(machine("1.00", cap=None))
    await journal.mark(row, "confirmed", object_id="d1")
    clock.set(f"{day}T23:00:00")
    clock.seconds += 3600
    counted = await journal.spending("p")
    clock.seconds -= 0.001
    counted = await journal.spending("p")
    assert counted.day.isoformat() == day
    assert abs(counted.machines_usd - hours) < Decimal("0.00001")


async def test_a_machine_counts_the_larger_of_reservation_and_run_time_until_it_ends(
    journal: Journal, clock: Clock
) -> None:
    row = await journal.reserve(machine("0.40"))
    await journal.mark(row, "sent")
    await journal.mark(row, "confirmed", object_id="base-1")
    clock.set("2026-11-20T12:30")
    assert await total(journal) == Decimal("0.40")
    clock.set("2026-11-20T15:00")
    assert await total(journal) == Decimal("1.20")
    await journal.end_machine("p", "base-1")
    clock.set("2026-11-20T20:00")
    assert await total(journal) == Decimal("1.20")
    clock.set("2026-11-21T01:00")
    assert await total(journal) == 0


async def test_a_machine_left_running_counts_todays_hours_on_the_next_day_and_blocks_what_is_paid(
    journal: Journal, clock: Clock
) -> None:
    row = await journal.reserve(machine("1.00", cap="10"))
    await journal.mark(row, "confirmed", object_id="base-1")
    clock.set("2026-11-21T09:30")
    assert await total(journal) == Decimal("9.5")
    with pytest.raises(OverBudget):
        await journal.reserve(call("0.60", cap="10"))


async def test_a_machine_started_again_ends_its_earlier_run(journal: Journal, clock: Clock) -> None:
    first = await journal.reserve(machine("1.00", cap=None))
    await journal.mark(first, "confirmed", object_id="base-1")
    clock.set("2026-11-20T14:00")
    second = await journal.reserve(machine("1.00", cap=None, target_id="base-1"))
    await journal.mark(second, "confirmed")
    clock.set("2026-11-20T15:00")
    assert await total(journal) == Decimal("3.00")


async def test_a_machine_of_unknown_outcome_counts_until_it_is_found_not_to_exist(
    journal: Journal, clock: Clock
) -> None:
    row = await journal.reserve(machine("1.00"))
    await journal.mark(row, "uncertain")
    clock.set("2026-11-20T14:00")
    assert await total(journal) == Decimal("2.00")
    await journal.mark(row, "reconciled", cost_usd=Decimal(0), note="not in the list")
    assert await total(journal) == 0


async def test_a_clock_set_back_does_not_free_what_was_spent(journal: Journal, clock: Clock) -> None:
    await journal.reserve(call("5.00"))
    clock.set("2026-11-19T12:00")
    with pytest.raises(OverBudget):
        await journal.reserve(call("1.00"))


async def test_a_cap_raised_for_today_is_gone_tomorrow(journal: Journal, clock: Clock) -> None:
    await journal.raise_cap("p", Decimal(8))
    await journal.raise_cap("p", Decimal(9))
    assert await journal.cap_today("p") == Decimal(9)
    assert await journal.cap_today("q") is None
    clock.set("2026-11-21T00:00")
    assert await journal.cap_today("p") is None


async def test_the_last_known_cost_of_an_item_is_remembered_but_not_an_estimate(journal: Journal, clock: Clock) -> None:
    assert await journal.last_cost("service/flux") is None
    known = await journal.reserve(call())
    await journal.mark(known, "confirmed", cost_usd=Decimal("0.01"))
    guessed = await journal.reserve(call())
    await journal.mark(guessed, "confirmed", cost_usd=Decimal("0.77"), estimate=True)
    assert await journal.last_cost("service/flux") == (Decimal("0.01"), clock())


async def test_a_conversation_is_added_up_on_its_own(journal: Journal) -> None:
    first = await journal.reserve(call("1.00", conversation="c1"))
    await journal.reserve(call("0.30", conversation="c1"))
    await journal.reserve(call("2.00", conversation="c2"))
    await journal.mark(first, "confirmed", cost_usd=Decimal("0.05"))
    assert await journal.spent_in("c1") == Decimal("0.35")
    assert await journal.spent_in("c1", first + 1) == Decimal("0.30")
    assert await journal.spent_in("c1", first + 99) is None


async def test_entries_are_listed_newest_first_by_page_and_by_object(journal: Journal) -> None:
    rows = [await journal.reserve(call("0.1", target_id=f"t{number}")) for number in range(5)]
    await journal.mark(rows[0], "confirmed", object_id="made")
    assert [entry.id for entry in await journal.ledger(2)] == [rows[4], rows[3]]
    assert [entry.id for entry in await journal.ledger(2, before=rows[3])] == [rows[2], rows[1]]
    assert [entry.id for entry in await journal.ledger(target_id="t3")] == [rows[3]]
    assert [entry.id for entry in await journal.ledger(target_id="made")] == [rows[0]]
    assert await journal.ledger(profile="q") == []


async def test_a_settled_intent_cannot_be_opened_again(journal: Journal) -> None:
    row = await journal.reserve(call())
    await journal.mark(row, "confirmed")
    with pytest.raises(ValueError, match="cannot become sent"):
        await journal.mark(row, "sent")
    with pytest.raises(ValueError, match="not a state"):
        await journal.mark(row, "perhaps")
    with pytest.raises(ValueError, match="no such intent"):
        await journal.mark(row + 1, "sent")


async def test_every_step_of_an_intent_stays_on_record(journal: Journal, tmp_path: Path) -> None:
    row = await journal.reserve(call())
    for state in ("sent", "uncertain", "reconciled"):
        await journal.mark(row, state)
    with sqlite3.connect(tmp_path / "journal.sqlite3") as reader:
        states = [state for (state,) in reader.execute("SELECT state FROM intent_events ORDER BY id")]
    reader.close()
    assert states == ["reserved", "sent", "uncertain", "reconciled"]


async def test_what_an_earlier_process_left_open_is_listed_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    first = await Journal.open(path)
    sent, settled = await first.reserve(call("1")), await first.reserve(call("1"))
    await first.mark(sent, "sent")
    await first.mark(settled, "confirmed")
    second = await Journal.open(path)
    assert await second.open_intents("p") == []
    await first.close()
    assert [(entry.id, entry.state) for entry in await second.open_intents("p")] == [(sent, "sent")]
    await second.close()


async def test_a_cancelled_reservation_holds_nothing_back(tmp_path: Path) -> None:
    journal = await Journal.open(tmp_path / "journal.sqlite3")
    for _ in range(20):
        task = asyncio.create_task(journal.reserve(call("1.00")))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await journal.end_machine("p", "nothing")  # behind whatever the cancelled ones queued
    await journal.end_machine("p", "nothing")
    assert await total(journal) == 0
    await journal.close()


async def test_two_open_journals_interleave_without_a_lock_error(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    one, other = await asyncio.gather(Journal.open(path), Journal.open(path))
    await asyncio.gather(*(journal.reserve(call("0.01", cap=None)) for _ in range(50) for journal in (one, other)))
    assert await total(one) == await total(other) == Decimal("1.00")
    await asyncio.gather(one.close(), other.close())


async def test_a_ledger_locked_by_another_program_refuses_after_its_time(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    journal = await Journal.open(path, busy_seconds=0.2)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalUnavailable, match="locked"):
        await asyncio.wait_for(journal.reserve(call()), 5)
    assert await journal.ledger() == []
    holder.execute("ROLLBACK")
    holder.close()
    await journal.reserve(call())
    await journal.close()


RESERVER = """
import asyncio, sys
from decimal import Decimal
from pathlib import Path
from theta_tui.errors import OverBudget
from theta_tui.journal import Intent, Journal

async def main() -> None:
    journal = await Journal.open(Path(sys.argv[1]))
    assert journal.problem is None, journal.problem
    print("ready", flush=True)
    sys.stdin.readline()
    won = 0
    for _ in range(60):
        try:
            await journal.reserve(Intent(profile="p", face="cli", command="c", worst_usd=Decimal("0.01"),
                                         cap_usd=Decimal("1.00")))
            won += 1
        except OverBudget:
            pass
    print(won, flush=True)
    await journal.close()

asyncio.run(main())
"""


def race(path: Path) -> list[int]:
    processes = [
        subprocess.Popen([sys.executable, "-c", RESERVER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(8)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write(b"go\n")
            process.stdin.flush()
        return [int(process.communicate(timeout=30)[0]) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()


async def test_eight_processes_under_one_cap_reserve_exactly_the_cap(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    path = tmp_path / "journal.sqlite3"
    won = race(path)
    record_property("proof", ["I4", "eight processes", 8 * 60])
    assert sum(won) == 100
    journal = await Journal.open(path)
    assert await total(journal) == Decimal("1.00")
    await journal.close()


WRITER = """
import asyncio, sys
from decimal import Decimal
from pathlib import Path
from theta_tui.journal import Intent, Journal

async def main() -> None:
    journal = await Journal.open(Path(sys.argv[1]))
    while True:
        intent = Intent(profile="p", face="cli", command="c", worst_usd=Decimal("0.01"))
        print(await journal.reserve(intent), flush=True)

asyncio.run(main())
"""


def write_until_killed(path: Path, lines: int) -> list[int]:
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        told = [int(process.stdout.readline()) for _ in range(lines)]
        os.kill(process.pid, signal.SIGKILL)
        return told + [int(line) for line in process.stdout.read().split(b"\n")[:-1]]


async def test_a_killed_process_loses_no_row_that_it_was_told_of(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    acknowledged = [row for lines in (3, 17, 40) for row in write_until_killed(path, lines)]
    journal = await Journal.open(path)
    assert journal.problem is None
    present = {entry.id for entry in await journal.open_intents("p")}
    assert set(acknowledged) <= present
    assert len(set(acknowledged)) == len(acknowledged) >= 60
    await journal.close()


def test_a_process_ends_although_its_journal_was_never_closed(tmp_path: Path) -> None:
    code = WRITER.replace("while True:", "for _ in range(2):")
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "j.sqlite3")], timeout=20, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"1\n2\n", b"")


def test_a_call_counts_on_its_own_day_only_and_a_machine_for_the_time_it_ran() -> None:
    def row(created: float, rate: str | None = None, ended: float | None = None) -> money.Standing:
        hourly = None if rate is None else Decimal(rate)
        return money.Standing("confirmed", Decimal(7), hourly, None, created, ended)

    assert money.counted(row(99.0), 100.0, 200.0) == 0
    assert money.counted(row(100.0), 100.0, 200.0) == 7
    assert money.counted(row(0.0, "1"), 3600.0, 7200.0) == 1
    assert money.counted(row(0.0, "1", ended=1800.0), 3600.0, 7200.0) == 0


amounts = st.decimals(min_value=0, max_value=1_000_000_000, places=12, allow_nan=False, allow_infinity=False)


@given(st.lists(amounts, max_size=60))
def test_amounts_are_added_without_rounding(values: list[Decimal]) -> None:
    pennies = sum(int(value.scaleb(12)) for value in values)
    assert money.total(values).scaleb(12) == pennies
    assert all(money.from_text(money.to_text(value)) == value for value in values)


@given(st.floats(min_value=0, max_value=4e9), st.sampled_from([None, UTC, NEW_YORK, ZoneInfo("Pacific/Apia")]))
def test_a_moment_is_within_the_day_it_belongs_to(now: float, zone: ZoneInfo | None) -> None:
    day, start = money.day_of(now, zone)
    assert 0 <= now - start < 25 * 3600 + 1
    assert datetime.fromtimestamp(start, zone).date() == day


async def test_a_free_act_is_written_down_anew_and_a_paid_one_never(tmp_path: Path) -> None:
    journal = await Journal.open(tmp_path / "journal.sqlite3")
    free = Intent(profile="p", face="cli", command="c", summary="Send it", target_name="it", preview_json="{}")
    first = await journal.reserve(free)
    await journal.mark(first, "refused", note="403")
    second = await journal.reserve_again(first)
    rows = {entry.id: entry for entry in await journal.ledger()}
    assert (rows[first].state, rows[second].state, rows[second].summary) == ("refused", "reserved", "Send it")
    for paid in ({"worst_usd": Decimal("0.01")}, {"usd_per_hour": Decimal(1)}):
        row = await journal.reserve(Intent(profile="p", face="cli", command="c", **paid))
        with pytest.raises(PolicyRefused, match="not done twice"):
            await journal.reserve_again(row)
    assert len(await journal.ledger()) == 4
    await journal.close()


async def test_who_reads_after_a_cancel_sees_nothing_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the reading was handed over while the reservation was still being written."""
    journal, begun, may_end = await Journal.open(tmp_path / "journal.sqlite3"), threading.Event(), threading.Event()
    insert = Ledger._insert

    def slowly(self: Ledger, connection: sqlite3.Connection, intent: Intent) -> int:
        begun.set()
        assert may_end.wait(10)
        return insert(self, connection, intent)

    monkeypatch.setattr(Ledger, "_insert", slowly)
    reserving = asyncio.create_task(journal.reserve(call()))
    await asyncio.to_thread(begun.wait, 10)
    reserving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reserving
    reading = asyncio.create_task(journal.ledger())
    await asyncio.sleep(0)
    may_end.set()
    assert [entry.state for entry in await reading] == ["refused"]
    await journal.close()
