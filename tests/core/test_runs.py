"""Several streams under one review: nothing before the yes, every cent set aside first, each settled by itself."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from tests.stack import Begin, Person
from theta_tui.change import NotDone, StreamChange
from theta_tui.errors import CapacityError, PolicyRefused
from theta_tui.review import Answer, Verdict
from theta_tui.sandbox.agent_seed import seed_agents
from theta_tui.sandbox.agents import chatbots
from theta_tui.sandbox.world import World
from theta_tui.session import Session
from theta_tui.streaming import Run, Runs
from theta_tui.together import open_all

CHAT = "theta.ondemand.chat"
SERVICES = ("glm_5_3", "gpt_oss_120b", "qwen3")


async def written(session: Session, services: Sequence[str] = SERVICES) -> list[StreamChange[Any, Any]]:
    said = {"messages": [{"role": "user", "content": "hi"}], "stream": True}
    acts = [(await session.build(CHAT, {"service": service, **said}))[1] for service in services]
    return [act for act in acts if isinstance(act, StreamChange)]


def side_by_side(session: Session, changes: list[StreamChange[Any, Any]], person: Person) -> Runs:
    calls = [(CHAT, {"service": change.target.id}) for change in changes]
    told: dict[str, Any] = {"name": "all", "summary": "Ask all", "reviewer": person, "conversation": "chat/1"}
    return open_all(session, "chat.compare", calls, changes, **told)


async def drain(run: Run[Any, Any]) -> Any:
    async with run:
        async for _ in run:
            pass
    return run.result


def posts(world: World) -> int:
    return [call.method for call in world.calls].count("POST")


async def test_one_yes_lets_all_run_at_once_and_each_is_settled_by_itself(begin: Begin, world: World) -> None:
    session, person = await begin(), Person()
    changes = await written(session)
    async with side_by_side(session, changes, person) as runs:
        [review] = person.shown
        assert posts(world) == 0
        assert [row.state for row in await session.journal.ledger()] == ["reserved"] * 3
        assert review.worst_usd == sum(row.worst_usd for row in await session.journal.ledger())
        assert [step["summary"] for step in review.preview["steps"]] == [change.summary for change in changes]
        answers = await asyncio.gather(*(drain(runs.run(number, CHAT)) for number in range(3)))
    assert all(answer.complete and answer.text for answer in answers)
    rows = await session.journal.ledger()
    assert [(row.target_name, row.state) for row in rows] == [(name, "confirmed") for name in reversed(SERVICES)]
    assert sum(row.cost_usd or 0 for row in rows) == world.charged_cents / 100


@pytest.mark.parametrize("answer", [Answer.CANCEL, Answer.DRY_RUN])
async def test_a_no_sends_none_of_them(begin: Begin, world: World, answer: Answer) -> None:
    session = await begin()
    async with side_by_side(session, await written(session), Person(answer)) as runs:
        assert isinstance(runs.not_done, NotDone)
        with pytest.raises(PolicyRefused):
            await drain(runs.run(0, CHAT))
    assert posts(world) == 0
    assert {row.state for row in await session.journal.ledger()} <= {"previewed"}


async def test_a_cap_that_holds_only_some_of_them_lets_none_through(begin: Begin, world: World) -> None:
    session = await begin()
    changes = await written(session)
    worst = sorted(change.cost.usd or Decimal(0) for change in changes)
    session.settings = dataclasses.replace(session.settings, budget_usd=sum(worst) - worst[0] / 2)
    async with side_by_side(session, changes, Person()) as runs:
        assert runs.not_done is not None
        assert runs.not_done.reason == "budget"
    assert posts(world) == 0
    assert (await session.journal.spending("default")).total_usd == 0


async def test_what_was_never_begun_gets_its_reservation_back_and_none_runs_twice(begin: Begin, world: World) -> None:
    session = await begin()
    async with side_by_side(session, await written(session), Person()) as runs:
        await drain(runs.run(1, CHAT))
        with pytest.raises(PolicyRefused):
            await drain(runs.run(1, CHAT))
    states = {row.target_name: row.state for row in await session.journal.ledger()}
    assert states == {"glm_5_3": "refused", "gpt_oss_120b": "confirmed", "qwen3": "refused"}
    assert posts(world) == 1


async def test_one_that_fails_leaves_the_others_alone(begin: Begin, world: World) -> None:
    session = await begin()
    busy = {"status": "error", "message": "No instances available"}
    world.faults.add({"kind": "status", "status": 409, "body": busy, "times": 9, "match": {"path": "qwen3"}})
    async with side_by_side(session, await written(session), Person()) as runs:
        work = [drain(runs.run(number, CHAT)) for number in range(3)]
        good, other, failed = await asyncio.gather(*work, return_exceptions=True)
    assert good.complete
    assert other.complete
    assert isinstance(failed, CapacityError)
    assert [row.state for row in await session.journal.ledger()] == ["refused", "confirmed", "confirmed"]


async def test_an_allowance_covers_the_next_round_and_an_unknown_price_counts_what_is_set_aside(
    begin: Begin, world: World
) -> None:
    session = await begin()
    session.settings = dataclasses.replace(session.settings, unknown_price_usd=Decimal("0.05"))
    seed_agents(world)
    asked = {"chatbot_id": next(iter(chatbots(world))), "messages": [{"role": "user", "content": "hi"}]}
    _, agent = await session.build("theta.ai.agent.chat", {**asked, "stream": True})
    assert isinstance(agent, StreamChange)
    changes = [*await written(session, ("glm_5_3",)), agent]
    person = Person(Verdict(Answer.CONFIRM, allow_usd=Decimal("0.20")))
    for _ in range(2):
        async with side_by_side(session, changes, person) as runs:
            await asyncio.gather(*(drain(runs.run(number, CHAT)) for number in range(2)))
    [review] = person.shown
    assert review.worst_usd == Decimal("0.05") + (changes[0].cost.usd or 0)
    left = await session.allowance("chat/1")
    assert left is not None
    assert left < Decimal("0.10")
