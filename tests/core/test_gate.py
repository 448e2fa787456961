"""The gate on the real stack: journal on disk, wire over a socket, the sandbox as the truth."""

from __future__ import annotations

import asyncio
import dataclasses
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.stack import Begin, Person
from theta_tui import settings
from theta_tui.change import Done, NotDone
from theta_tui.errors import CapacityError, EmptyOutput, JobFailed, PolicyRefused, Uncertain
from theta_tui.review import Answer, Review, Verdict
from theta_tui.sandbox.agent_seed import seed_agents
from theta_tui.sandbox.agents import chatbots
from theta_tui.sandbox.world import World
from theta_tui.session import Session

CHAT = {"service": "gpt_oss_120b", "messages": [{"role": "user", "content": "hi"}]}


async def template(session: Session) -> str:
    found = await session.ask("theta.deployments.listStandard", {"category": "serving"})
    return str(
        next(item.id for item in found.templates if len(item.container_images) == 1 and not item.require_env_vars)
    )


async def test_a_confirmed_chat_is_sent_once_and_its_cost_is_in_the_ledger(begin: Begin, world: World) -> None:
    session = await begin()
    done = await session.submit("theta.ondemand.chat", CHAT, reviewer=Person())
    assert isinstance(done, Done)
    assert done.value.text
    [row] = await session.journal.ledger(10)
    assert row.state == "confirmed"
    assert row.cost_usd == done.spent_usd == world.charged_cents / 100
    assert [call.method for call in world.calls].count("POST") == 1


async def test_the_ledger_knows_of_a_request_before_it_is_sent(begin: Begin, world: World, tmp_path: Path) -> None:
    session = await begin()
    world.faults.add({"kind": "hang", "match": {"method": "POST"}, "seconds": 5})
    work = asyncio.create_task(session.submit("theta.ondemand.chat", CHAT, reviewer=Person()))
    while not any(call.method == "POST" for call in world.calls):
        await asyncio.sleep(0.005)
    with sqlite3.connect(tmp_path / "data" / "journal.sqlite3") as database:
        text = "\n".join(str(row) for row in database.iterdump())
    assert "'sent'" in text
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    [row] = await session.journal.ledger(10)
    assert row.state == "uncertain"


async def test_a_lost_answer_is_found_again_by_the_name_of_what_was_made(begin: Begin, world: World) -> None:
    session = await begin()
    world.faults.add({"kind": "reset", "after": True, "match": {"method": "POST"}})
    create = {"deployment_template_id": await template(session), "vm_id": "vm_gt1", "name": "lost-and-found"}
    done = await session.submit("theta.deployments.create", create, reviewer=Person())
    assert isinstance(done, Done)
    assert done.value.name == "lost-and-found"
    [row] = await session.journal.ledger(10)
    assert (row.state, row.object_id) == ("confirmed", done.value.suffix)
    assert world.counts["creates"] == 1


async def test_a_price_that_rose_since_the_review_stops_the_create(begin: Begin, world: World) -> None:
    session = await begin()
    dearer = {"vms": [{"id": "vm_gt1", "name": "G-T4_16GB-x1", "price_hr": "9000"}]}

    class Slow(Person):
        async def review(self, review: Review) -> Verdict:
            body = {"status": "success", "body": dearer}
            world.faults.add({"kind": "json", "body": body, "match": {"path": "/resource/vm/list"}})
            return await super().review(review)

    create = {"deployment_template_id": await template(session), "vm_id": "vm_gt1"}
    with pytest.raises(PolicyRefused, match="Changed since shown"):
        await session.submit("theta.deployments.create", create, reviewer=Slow())
    assert world.counts.get("creates", 0) == 0


async def test_a_lost_answer_is_uncertain_counts_as_spent_and_is_not_sent_again(begin: Begin, world: World) -> None:
    session = await begin()
    world.faults.add({"kind": "reset", "after": True, "match": {"method": "POST"}})
    world.faults.add({"kind": "status", "status": 500, "match": {"path": "/deployments?/list"}, "times": None})
    create = {"deployment_template_id": await template(session), "vm_id": "vm_gt1"}
    with pytest.raises(Uncertain):
        await session.submit("theta.deployments.create", create, reviewer=Person())
    [row] = await session.journal.ledger(10)
    assert row.state == "uncertain"
    assert (await session.journal.spending(session.settings.profile)).total_usd >= Decimal("0.4")
    assert world.counts["creates"] == 1


async def test_a_refused_change_costs_nothing(begin: Begin, world: World) -> None:
    session = await begin(THETA_HTTP_MAX_RETRIES="0")
    body = {"status": "error", "message": "No instances available - try again later"}
    world.faults.add({"kind": "status", "status": 409, "body": body, "match": {"method": "POST"}, "times": None})
    with pytest.raises(CapacityError):
        await session.submit("theta.ondemand.chat", CHAT, reviewer=Person())
    [row] = await session.journal.ledger(10)
    assert row.state == "refused"
    assert (await session.journal.spending(session.settings.profile)).total_usd == 0


async def test_a_busy_model_is_asked_again_and_the_wait_is_told(begin: Begin, world: World) -> None:
    session = await begin()
    body = {"status": "error", "message": "No instances available - try again later"}
    world.faults.add({"kind": "status", "status": 409, "body": body, "match": {"method": "POST"}})
    waits: list[Any] = []
    done = await session.submit("theta.ondemand.chat", CHAT, reviewer=Person(), progress=waits.append)
    assert isinstance(done, Done)
    assert waits[0].error == "capacity"
    assert [call.status for call in world.calls if call.method == "POST"] == [409, 200]


async def test_the_budget_refuses_before_anything_is_sent(begin: Begin, world: World) -> None:
    session = await begin(THETA_MAX_BUDGET_USD="0.30")
    create = {"deployment_template_id": await template(session), "vm_id": "vm_gt1"}
    outcome = await session.submit("theta.deployments.create", create, reviewer=Person())
    assert isinstance(outcome, NotDone)
    assert outcome.reason == "budget"
    assert "0.30" in outcome.message
    assert not any(call.method == "POST" for call in world.calls)


async def test_the_cap_can_be_raised_in_the_review_for_today(begin: Begin, world: World) -> None:
    session = await begin(THETA_MAX_BUDGET_USD="0.30")
    create = {"deployment_template_id": await template(session), "vm_id": "vm_gt1"}
    person = Person(Verdict(Answer.CONFIRM, cap_usd=Decimal(1)))
    outcome = await session.submit("theta.deployments.create", create, reviewer=person)
    assert isinstance(outcome, Done)
    assert world.counts["creates"] == 1
    assert await session.journal.cap_today(session.settings.profile) == Decimal(1)


async def test_two_sessions_share_one_cap(begin: Begin, world: World) -> None:
    first, second = await begin("console", THETA_MAX_BUDGET_USD="0.50"), await begin("cli", THETA_MAX_BUDGET_USD="0.50")
    create = {"deployment_template_id": await template(first), "vm_id": "vm_gt1"}
    outcomes = await asyncio.gather(
        first.submit("theta.deployments.create", create, reviewer=Person()),
        second.submit("theta.deployments.create", create, reviewer=Person()),
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Done", "NotDone"]
    assert world.counts["creates"] == 1


async def test_a_dry_run_is_remembered_with_its_preview_and_counts_nothing(begin: Begin, world: World) -> None:
    session = await begin(THETA_MAX_BUDGET_USD="0.30")
    create = {"deployment_template_id": await template(session), "vm_id": "vm_gt1"}
    outcome = await session.submit("theta.deployments.create", create, reviewer=Person(Verdict(Answer.DRY_RUN)))
    assert isinstance(outcome, NotDone)
    [row] = await session.journal.ledger(10)
    assert row.state == "previewed"
    assert '"vm_gt1"' in row.preview_json
    assert (await session.journal.spending(session.settings.profile)).total_usd == 0
    assert not any(call.method == "POST" for call in world.calls)


async def test_max_usd_stops_a_dearer_act(begin: Begin, world: World) -> None:
    session = await begin()
    outcome = await session.submit("theta.ondemand.chat", CHAT, reviewer=Person(), max_usd=Decimal("0.00000001"))
    assert isinstance(outcome, NotDone)
    assert outcome.reason == "budget"
    assert not any(call.method == "POST" for call in world.calls)


async def test_an_unknown_price_is_refused_under_a_cap_and_reserved_by_max_usd(begin: Begin, world: World) -> None:
    session = await begin(THETA_MAX_BUDGET_USD="1")
    kokoro = {"service": "kokoro_82m", "payload": {"text": "hi", "voice": "af_sky"}}
    person = Person()
    refused = await session.submit("theta.ondemand.infer", kokoro, reviewer=person)
    assert person.shown[0].preview["cost"]["source"] == "unknown price"
    assert isinstance(refused, NotDone)
    assert refused.reason == "budget"
    done = await session.submit("theta.ondemand.infer", kokoro, reviewer=person, max_usd=Decimal("0.25"))
    assert isinstance(done, Done)
    assert (await session.journal.ledger(1))[0].worst_usd == Decimal("0.25")


async def test_an_allowance_answers_for_the_rest_of_the_conversation(begin: Begin, world: World) -> None:
    session = await begin()
    person = Person(Verdict(Answer.CONFIRM, allow_usd=Decimal("0.01")))
    for _ in range(3):
        await session.submit("theta.ondemand.chat", CHAT, reviewer=person, conversation="chat/1")
    assert len(person.shown) == 1
    await session.submit("theta.ondemand.chat", CHAT, reviewer=person, conversation="chat/2")
    assert len(person.shown) == 2


def long_chat(world: World, **fault: Any) -> dict[str, Any]:
    """A message that may cost $0.0242 at the most and really costs far less."""
    if fault:
        world.faults.add(fault)
    return {"service": "glm_5_3", "max_tokens": 5000, "messages": [{"role": "user", "content": "hi"}], "stream": True}


async def test_an_allowance_runs_out(begin: Begin) -> None:
    session = await begin()
    person = Person(Verdict(Answer.CONFIRM, allow_usd=Decimal("0.000365")))
    for _ in range(3):
        await session.submit("theta.ondemand.chat", CHAT, reviewer=person, conversation="chat/1")
    assert len(person.shown) > 1


async def test_an_allowance_gets_back_what_a_message_did_not_cost(begin: Begin, world: World) -> None:
    session = await begin()
    person = Person(Verdict(Answer.CONFIRM, allow_usd=Decimal("0.03")))
    for _ in range(6):
        await session.submit("theta.ondemand.chat", long_chat(world), reviewer=person, conversation="chat/1")
    assert len(person.shown) == 1
    assert await session.allowance("chat/1") == Decimal("0.03") - world.charged_cents / 100


async def test_an_allowance_counts_cut_lost_and_unpriced_answers_as_the_ledger_does(begin: Begin, world: World) -> None:
    session = await begin()
    session.settings = dataclasses.replace(session.settings, unknown_price_usd=Decimal("0.05"))
    person = Person(Verdict(Answer.CONFIRM, allow_usd=Decimal("0.11")))
    said = {"reviewer": person, "conversation": "chat/1"}
    await session.submit("theta.ondemand.chat", long_chat(world, kind="cut_stream", chunks=3), **said)
    seed_agents(world)
    ask_agent = {"chatbot_id": next(iter(chatbots(world))), "messages": CHAT["messages"]}
    await session.submit("theta.ai.agent.chat", ask_agent, **said)
    with pytest.raises(Uncertain):
        await session.submit("theta.ondemand.chat", long_chat(world, kind="status", status=502), **said)
    lost, unpriced, cut = await session.journal.ledger(3)
    assert (lost.state, unpriced.cost_usd, cut.estimate) == ("uncertain", None, True)
    counted = lost.worst_usd + Decimal("0.05") + (cut.cost_usd or 0)
    assert Decimal("0.07") < counted < Decimal("0.09")
    assert await session.allowance("chat/1") == Decimal("0.11") - counted
    assert len(person.shown) == 1
    await session.submit("theta.ai.agent.chat", ask_agent, **said)
    assert len(person.shown) == 2


async def test_two_messages_at_once_do_not_both_take_the_rest_of_an_allowance(begin: Begin, world: World) -> None:
    session = await begin()
    person = Person(Verdict(Answer.CONFIRM, allow_usd=Decimal("0.04")))
    chat = long_chat(world)
    await session.submit("theta.ondemand.chat", chat, reviewer=person, conversation="chat/1")
    both = [session.submit("theta.ondemand.chat", chat, reviewer=person, conversation="chat/1") for _ in range(2)]
    await asyncio.gather(*both)
    assert len(person.shown) == 2


async def test_an_unknown_price_cannot_be_allowed_for_a_conversation(begin: Begin, world: World) -> None:
    session = await begin()
    person = Person(Verdict(Answer.CONFIRM, allow_usd=Decimal(1)))
    kokoro = {"service": "kokoro_82m", "payload": {"text": "hi", "voice": "af_sky"}}
    await session.submit("theta.ondemand.infer", kokoro, reviewer=person, conversation="chat/1")
    assert not person.shown[0].can_allow
    assert await session.allowance("chat/1") is None


async def test_generated_credentials_are_kept_before_and_found_after_the_create(begin: Begin, world: World) -> None:
    session = await begin("console")
    create = {"deployment_template_id": await template(session), "vm_id": "vm_gt1", "generate_auth": True}
    done = await session.submit("theta.deployments.create", create, reviewer=Person())
    suffix = done.value.suffix
    names = await session.vault.names()
    assert {f"endpoint/{suffix}/username", f"endpoint/{suffix}/password"} == set(names)
    world.clock.advance(600)
    ready = await session.ask("theta.inference.probe", {"deployment": suffix})
    assert ready.status == 200


async def test_a_password_that_cannot_be_kept_is_not_made_up(begin: Begin, world: World) -> None:
    session = await begin("cli")
    session.vault._keyring.failure = "there is no keyring"
    create = {"deployment_template_id": await template(session), "vm_id": "vm_gt1", "generate_auth": True}
    with pytest.raises(PolicyRefused, match="nothing was created"):
        await session.submit("theta.deployments.create", create, reviewer=Person())
    assert world.counts.get("creates", 0) == 0


async def test_stopping_ends_the_machine_in_the_ledger(begin: Begin, world: World) -> None:
    session = await begin()
    create = {"deployment_template_id": await template(session), "vm_id": "vm_gt1"}
    made = (await session.submit("theta.deployments.create", create, reviewer=Person())).value
    await session.submit("theta.deployments.stop", {"shard": made.shard, "suffix": made.suffix}, reviewer=Person())
    spending = await session.journal.spending(session.settings.profile)
    assert spending.machines_usd == Decimal("0.4")


async def test_an_empty_completion_is_an_error_but_its_cost_is_kept(begin: Begin, world: World) -> None:
    session = await begin()
    world.faults.add({"kind": "null_output"})
    with pytest.raises(EmptyOutput):
        await session.submit("theta.ondemand.chat", CHAT, reviewer=Person())
    [row] = await session.journal.ledger(10)
    assert row.state == "confirmed"


async def test_a_failed_job_is_an_error_with_the_clouds_words(begin: Begin, world: World) -> None:
    session = await begin()
    world.faults.add({"kind": "job_error", "text": "CUDA out of memory"})
    picture = {"service": "stable_diffusion_xl_turbo", "input": {"prompt": "x"}}
    with pytest.raises(JobFailed, match="CUDA out of memory"):
        await session.submit("theta.ondemand.infer", picture, reviewer=Person())


async def test_a_stream_left_early_keeps_its_part_and_settles(begin: Begin, world: World) -> None:
    session = await begin()
    world.pace = 0.2
    run = await session.open("theta.ondemand.chat", {**CHAT, "stream": True}, reviewer=Person())
    async with run:
        async for _ in run:
            break
    assert run.result.complete is False
    assert run.result.text or run.result.reasoning
    [row] = await session.journal.ledger(10)
    assert row.state == "confirmed"
    assert row.estimate


async def test_a_damaged_journal_blocks_what_is_paid_and_leaves_reading(
    begin: Begin, world: World, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "journal.sqlite3").write_bytes(b"not a database at all" * 400)
    session = await begin()
    assert session.journal.problem
    assert (await session.ask("theta.health")).ok
    with pytest.raises(PolicyRefused):
        await session.submit("theta.ondemand.chat", CHAT, reviewer=Person())
    assert not any(call.method == "POST" for call in world.calls)


# A protected profile


async def test_a_protected_profile_wants_a_name_for_every_change_and_lets_calls_pass(
    begin: Begin, world: World, tmp_path: Path
) -> None:
    folder = tmp_path / "config"
    settings.save_value("default", "protection", "confirm", config_dir=folder)
    session = await begin()
    create = {"deployment_template_id": await template(session), "vm_id": "vm_gt1", "name": "demo-one"}
    hasty = Person()
    refused = await session.submit("theta.deployments.create", create, reviewer=hasty)
    assert isinstance(refused, NotDone)
    assert (refused.reason, hasty.shown[0].typed, hasty.shown[0].guard) == ("read_only", "default", "default")
    assert "--confirm default" in refused.message
    assert world.counts["creates"] == 0
    person = Person(Verdict(Answer.CONFIRM, named="default"))
    assert isinstance(await session.submit("theta.deployments.create", create, reviewer=person), Done)
    assert world.counts["creates"] == 1
    assert isinstance(await session.submit("theta.ondemand.chat", CHAT, reviewer=Person()), Done)
    [made] = world.deployments.values()
    delete = {"shard": made.shard, "suffix": made.suffix, "name": "demo-one"}
    wrong = await session.submit("theta.deployments.delete", delete, reviewer=person)
    assert isinstance(wrong, NotDone)
    right = Person(Verdict(Answer.CONFIRM, named="demo-one"))
    assert isinstance(await session.submit("theta.deployments.delete", delete, reviewer=right), Done)


async def test_each_profile_has_a_budget_of_its_own(begin: Begin, world: World, tmp_path: Path) -> None:
    settings.save_value("default", "budget_usd", Decimal("0.30"), config_dir=tmp_path / "config")
    settings.save_value("lab", "budget_usd", Decimal(5), config_dir=tmp_path / "config")
    tight, lab = await begin(), await begin(THETA_PROFILE="lab")
    create = {"deployment_template_id": await template(tight), "vm_id": "vm_gt1"}
    refused = await tight.submit("theta.deployments.create", create, reviewer=Person())
    assert isinstance(refused, NotDone)
    assert refused.reason == "budget"
    assert isinstance(await lab.submit("theta.deployments.create", create, reviewer=Person()), Done)


async def test_a_day_counts_the_chats_of_every_face_once(begin: Begin, world: World) -> None:
    console, lines = await begin("console"), await begin("cli")
    person = Person()
    said = {"reviewer": person, "conversation": "chat/1"}
    for session, chat in ((console, CHAT), (lines, long_chat(world)), (console, long_chat(world))):
        assert isinstance(await session.submit("theta.ondemand.chat", chat, **said), Done)
    for session in (console, lines):
        spending = await session.journal.spending(session.settings.profile)
        assert (spending.spent_usd, spending.total_usd) == (world.charged_cents / 100,) * 2
    day = {cost.item: (cost.calls, cost.usd) for cost in await lines.journal.costs("default")}
    assert {item: calls for item, (calls, _) in day.items()} == {"service/gpt_oss_120b": 1, "service/glm_5_3": 2}
    assert sum(usd for _, usd in day.values()) == world.charged_cents / 100
    assert {(entry.face, entry.state) for entry in await lines.journal.ledger()} == {
        ("console", "confirmed"),
        ("cli", "confirmed"),
    }
    capped = await begin("console", THETA_MAX_BUDGET_USD=str(world.charged_cents / 100))
    refused = await capped.submit("theta.ondemand.chat", CHAT, reviewer=person)
    assert isinstance(refused, NotDone)
    assert refused.reason == "budget"


async def test_a_change_cancelled_while_every_try_was_refused_costs_nothing(begin: Begin, world: World) -> None:
    session = await begin()
    busy = {"status": "error", "message": "No instances available"}
    match = {"method": "POST"}
    world.faults.add({"kind": "status", "status": 409, "headers": {"Retry-After": "9"}, "body": busy, "match": match})
    waits = asyncio.Event()
    submitting = session.submit("theta.ondemand.chat", CHAT, reviewer=Person(), progress=lambda _: waits.set())
    work = asyncio.create_task(submitting)
    await waits.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert (await session.journal.ledger(1))[0].state == "refused"
    assert (await session.journal.spending("default")).total_usd == 0
