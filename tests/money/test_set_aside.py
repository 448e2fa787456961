"""What is set aside is given back when nothing is sent, and goes on counting when nobody knows what became of it."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from tests.laws.conftest import Bench, MakeBench
from tests.stack import Person
from theta_tui.change import FREE, Change, Cost, Effect, Family, JsonBody, Plan, Request, Step, Wait
from theta_tui.errors import JournalUnavailable, PolicyRefused, ThetaError, Uncertain
from theta_tui.review import Ask, is_price, worst_case
from theta_tui.shapes.on_demand import Job

CHAT = {"service": "gpt_oss_120b", "messages": [{"role": "user", "content": "hi"}]}
MODEL, INPUT = "stable_diffusion_xl_turbo", {"input": {"prompt": "a lighthouse"}}
PICTURE = {"service": MODEL, **INPUT}


def picture(**more: Any) -> Change[Job]:
    request = Request(
        "POST",
        Family.ONDEMAND,
        ("infer_request", "stable_diffusion_xl_turbo"),
        body=JsonBody({"input": {"prompt": "x"}}),
    )
    fields = {"summary": "Run it", "effect": Effect.METERED, "requests": (request,), "read": lambda r: Job.of(r.value)}
    return Change(**{**fields, "cost": Cost(usd=Decimal("0.5"), source="test"), **more})


async def counted(bench: Bench) -> Decimal:
    return (await bench.session.journal.spending(bench.session.settings.profile)).total_usd


async def states(bench: Bench) -> list[str]:
    entries = reversed(await bench.session.journal.ledger())
    return [entry.state for entry in entries if entry.command != "theta.video.streamCreate"]  # left on purpose


@pytest.mark.parametrize("failure", [PolicyRefused("no"), ThetaError("no"), RuntimeError("no")])
async def test_a_look_that_fails_just_before_sending_gives_the_money_back(
    failure: Exception, make_bench: MakeBench
) -> None:
    async def fails() -> str | None:
        raise failure

    bench = await make_bench()
    with pytest.raises(type(failure)):
        await bench.session.gate.submit(Ask("theta.test", Person()), picture(recheck=fails))
    assert await states(bench) == ["refused"]
    assert await counted(bench) == 0
    assert bench.changes_sent() == []


async def test_a_cancel_just_before_sending_gives_the_money_back(make_bench: MakeBench) -> None:
    looking = asyncio.Event()

    async def looks() -> str | None:
        looking.set()
        await asyncio.sleep(60)
        return None

    bench = await make_bench()
    work = asyncio.create_task(bench.session.gate.submit(Ask("theta.test", Person()), picture(recheck=looks)))
    await looking.wait()
    assert await counted(bench) == Decimal("0.5")
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert (await states(bench), await counted(bench)) == (["refused"], 0)


async def test_a_plan_that_cannot_set_everything_aside_holds_nothing(make_bench: MakeBench) -> None:
    """Two acts under one cap: another process takes what is left between the review and the second of them."""
    bench = await make_bench(THETA_MAX_BUDGET_USD="1.20")
    journal, reserve = bench.session.journal, bench.session.journal.reserve

    async def greedy(intent: Any) -> int:
        row = await reserve(intent)
        if intent.command == "theta.test":
            await reserve(type(intent)(profile=intent.profile, face="cli", command="other", worst_usd=Decimal("0.6")))
        return row

    journal.reserve = greedy
    steps = tuple(Step(name=str(number), change=picture()) for number in range(2))
    plan: Plan[Any] = Plan(summary="Two", effect=Effect.METERED, steps=steps, read=lambda values, errors: values)
    outcome = await bench.session.gate.submit(Ask("theta.test", Person()), plan)
    assert outcome.reason == "budget"
    assert await states(bench) == ["refused", "reserved"]
    assert await counted(bench) == Decimal("0.6")


async def test_a_plan_that_is_cancelled_before_its_first_step_holds_nothing(make_bench: MakeBench) -> None:
    bench = await make_bench()
    waiting = asyncio.Event()

    async def wait(filled: dict[str, str]) -> dict[str, str]:
        waiting.set()
        await asyncio.sleep(60)
        return {}

    steps = (Wait(name="look", run=wait), Step(name="run", change=picture()))
    plan: Plan[Any] = Plan(summary="One", effect=Effect.METERED, steps=steps, read=lambda values, errors: values)
    work = asyncio.create_task(bench.session.gate.submit(Ask("theta.test", Person()), plan))
    await waiting.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert (await states(bench), await counted(bench)) == (["refused"], 0)


async def test_a_plan_without_a_journal_sends_nothing_and_holds_nothing(make_bench: MakeBench) -> None:
    async def unavailable(*_: Any) -> int:
        raise JournalUnavailable("locked")

    bench = await make_bench()
    bench.session.journal.begin_plan = unavailable
    steps = (Step(name="run", change=picture()),)
    plan: Plan[Any] = Plan(summary="One", effect=Effect.METERED, steps=steps, read=lambda values, errors: values)
    with pytest.raises(JournalUnavailable):
        await bench.session.gate.submit(Ask("theta.test", Person()), plan)
    assert (await states(bench), await counted(bench), bench.changes_sent()) == (["refused"], 0, [])


@pytest.mark.parametrize("command", ["theta.ondemand.infer", "theta.ondemand.chat"])
async def test_an_unknown_outcome_is_told_although_the_journal_has_failed_meanwhile(
    command: str, make_bench: MakeBench
) -> None:
    bench = await make_bench()
    store = bench.session.journal._store
    bench.world.faults.add({"kind": "reset", "after": True, "match": {"method": "POST"}})
    sent, mark = asyncio.Event(), bench.session.journal.mark

    async def marked(row: int, state: str, **more: Any) -> None:
        await mark(row, state, **more)
        if state == "sent":
            sent.set()
            store.problem = "the disk is gone"

    bench.session.journal.mark = marked
    with pytest.raises(Uncertain):
        await bench.session.submit(command, PICTURE if "infer" in command else CHAT, reviewer=Person())
    assert sent.is_set()
    store.problem = None
    assert await states(bench) == ["sent"]
    assert await counted(bench) > 0


async def test_an_answer_is_not_lost_because_the_journal_is(make_bench: MakeBench) -> None:
    bench = await make_bench()
    run = await bench.session.open("theta.ondemand.chat", {**CHAT, "stream": True}, reviewer=Person())
    async with run:
        async for _ in run:
            bench.session.journal._store.problem = "the disk is gone"
    assert run.result.text
    assert run.result.complete


@pytest.mark.parametrize("read", [lambda r: 1 / 0, lambda r: r.nothing, lambda r: [][0], lambda r: Decimal("x")])
async def test_an_answer_that_cannot_be_read_proves_nothing(read: Any, make_bench: MakeBench) -> None:
    bench = await make_bench()
    with pytest.raises(Uncertain):
        await bench.session.gate.submit(Ask("theta.test", Person()), picture(read=read))
    assert (await states(bench), await counted(bench)) == (["uncertain"], Decimal("0.5"))


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity", "-0.01", "1E+999999", "1000000001"])
async def test_a_price_that_cannot_be_is_refused_before_it_is_shown(amount: str, make_bench: MakeBench) -> None:
    bench = await make_bench(THETA_MAX_BUDGET_USD="5")
    for cost in (
        Cost(usd=Decimal(amount)),
        Cost(usd_per_hour=Decimal(amount)),
        Cost(Decimal(1), hours=Decimal(amount)),
    ):
        person = Person()
        with pytest.raises(PolicyRefused, match="not an amount"):
            await bench.session.gate.submit(Ask("theta.test", person), picture(cost=cost))
        assert person.shown == []
    assert (await states(bench), bench.changes_sent()) == ([], [])


def test_a_worst_case_finer_than_the_ledger_keeps_is_rounded_up() -> None:
    third = Cost(usd_per_hour=Decimal("0.1"), hours=Decimal(1) / 3)
    assert worst_case(third, Decimal("0.01")) == Decimal("0.033333333334")
    assert worst_case(Cost(usd=Decimal("0.0000003")), Decimal(1)) == Decimal("0.0000003")
    assert worst_case(FREE, Decimal(1)) == 0
    assert is_price(third)
