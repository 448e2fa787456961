"""Routing on the real stack: what can do a task, the cheapest first, and the next one without capacity."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.stack import Begin, Person
from theta_tui import settings
from theta_tui.errors import CapacityError, InvalidRequest, UsageError
from theta_tui.sandbox.world import World
from theta_tui.session import Session
from theta_tui.shapes.base import as_json
from theta_tui.shapes.routing import Route

HELLO = {"messages": [{"role": "user", "content": "hi"}]}


async def route(session: Session, task: str, **more: Any) -> Route:
    found: Route = await session.ask("theta.route", {"task": task, **more})
    return found


async def run(session: Session, task: str, reviewer: Person | None = None, **more: Any) -> Any:
    done = await session.submit("theta.route.run", {"task": task, **more}, reviewer=reviewer or Person())
    return done.value


def posts(world: World) -> list[str]:
    return [call.path for call in world.calls if call.method == "POST"]


def no_capacity(world: World, alias: str) -> None:
    body = {"status": "error", "message": "No instances available - try again later"}
    match = {"method": "POST", "path": f"/infer_request/{alias}"}
    world.faults.add({"kind": "status", "status": 409, "body": body, "times": None, "match": match})


@pytest.mark.parametrize(
    ("task", "services"),
    [
        ("chat", {"gpt_oss_120b", "qwen3", "glm_5_3", "glm_5_3_flash"}),
        ("image", {"flux", "stable_diffusion_xl_turbo"}),
        ("restyling", {"image_to_image"}),
        ("upscaling", {"image_to_image", "esrgan"}),
        ("background_removal", {"image_to_image"}),
        ("detection", {"grounding_dino"}),
        ("caption", {"blip"}),
        ("question", {"llava"}),
        ("transcription", {"whisper"}),
        ("speech", {"kokoro_82m"}),
        ("video", set()),
    ],
)
async def test_services_are_found_by_what_they_take_and_give(cloud: Session, task: str, services: set[str]) -> None:
    assert {item.service for item in (await route(cloud, task)).candidates} == services


async def test_the_cheapest_is_first_with_its_price_and_reason(cloud: Session) -> None:
    found = await route(cloud, "chat")
    prices = [item.usd for item in found.candidates]
    assert prices == sorted(prices)
    assert found.take == "gpt_oss_120b"
    best = found.candidates[0]
    assert best.usd == Decimal("0.00014")
    assert best.context_tokens == 131_072
    assert best.reason == "the cheapest: $0.00014 for 1000 tokens in, 500 out"
    assert as_json(found)["candidates"][0]["quota_left"] is None


async def test_what_does_not_fit_comes_last_and_says_why(cloud: Session) -> None:
    found = await route(cloud, "chat", contextTokens=200_000)
    assert found.take == "glm_5_3_flash"
    out = {item.service: item.reason for item in found.candidates if not item.eligible}
    assert set(out) == {"gpt_oss_120b", "qwen3"}
    assert "32768 tokens is less than the 200000" in out["qwen3"]
    assert (await route(cloud, "chat", maxUsd="0.0000001")).take is None


async def test_speed_is_what_past_calls_took(cloud: Session) -> None:
    assert (await route(cloud, "image")).candidates[0].median_seconds is None
    await cloud.submit("theta.ondemand.infer", {"service": "flux", "input": {"prompt": "x"}}, reviewer=Person())
    seconds = {item.service: item.median_seconds for item in (await route(cloud, "image")).candidates}
    assert seconds["flux"] is not None
    assert 0 < seconds["flux"] < 10
    assert seconds["stable_diffusion_xl_turbo"] is None


async def test_without_the_live_list_prices_are_those_of_the_last_calls(cloud: Session, world: World) -> None:
    await cloud.submit("theta.ondemand.infer", {"service": "flux", "input": {"prompt": "x"}}, reviewer=Person())
    world.faults.add({"kind": "status", "status": 400, "match": {"path": "/service/list"}})
    found = await route(cloud, "image")
    assert found.source == "catalog"
    assert (found.take, found.candidates[0].price_source) == ("flux", "last call")
    assert "unknown" in found.candidates[1].reason


async def test_a_task_is_done_on_the_cheapest(cloud: Session, world: World) -> None:
    reviewer = Person()
    routed = await run(cloud, "chat", reviewer, input=HELLO)
    assert (routed.service, routed.switches) == ("gpt_oss_120b", ())
    assert routed.answer.text
    shown = reviewer.shown[0].preview["requests"]
    assert [one.get("only_after") for one in shown] == [None, "409 capacity", "409 capacity"]
    assert reviewer.shown[0].worst_usd == Decimal("0.00036072")
    assert len(posts(world)) == 1


async def test_without_capacity_the_next_is_taken_and_the_result_says_so(cloud: Session, world: World) -> None:
    no_capacity(world, "chat/completions")
    routed = await run(cloud, "chat", input=HELLO, fallbacks=3)
    assert routed.service == "qwen3"
    assert routed.switches[-1].endswith("qwen3 was asked instead.")
    assert routed.switches[0].startswith("gpt_oss_120b had no capacity")
    assert as_json(routed)["switches"] == list(routed.switches)
    assert posts(world)[-1] == "/infer_request/qwen3"


async def test_the_list_of_fallbacks_in_the_settings_comes_first(on_demo: Begin, world: World, tmp_path: Path) -> None:
    settings.save_value(None, "chat_fallbacks", ("glm_5_3", "qwen3"), config_dir=tmp_path / "config")
    session = await on_demo()
    no_capacity(world, "chat/completions")
    routed = await run(session, "chat", input=HELLO, fallbacks=2)
    assert routed.service == "qwen3"
    assert routed.switches == (
        "gpt_oss_120b had no capacity, glm_5_3 was asked instead.",
        "glm_5_3 had no capacity, qwen3 was asked instead.",
    )


async def test_an_image_switches_too_and_costs_what_the_one_that_drew_it_costs(cloud: Session, world: World) -> None:
    no_capacity(world, "flux")
    routed = await run(cloud, "image", input={"prompt": "a lighthouse"})
    assert routed.service == "stable_diffusion_xl_turbo"
    assert routed.job.state == "success"
    assert routed.cost_usd == Decimal("0.01")
    [entry] = await cloud.journal.ledger(5)
    assert entry.cost_usd == Decimal("0.01")


async def test_with_no_fallbacks_left_the_capacity_error_is_raised(cloud: Session, world: World) -> None:
    no_capacity(world, "flux")
    with pytest.raises(CapacityError):
        await run(cloud, "image", input={"prompt": "x"}, fallbacks=0)
    assert all("flux" in path for path in posts(world))


async def test_a_refusal_that_is_not_capacity_does_not_switch(cloud: Session, world: World) -> None:
    world.faults.add({"kind": "status", "status": 400, "match": {"method": "POST"}, "times": None})
    with pytest.raises(InvalidRequest):
        await run(cloud, "image", input={"prompt": "x"})
    assert len(posts(world)) == 1


async def test_services_that_do_not_take_the_input_are_left_out(cloud: Session, world: World) -> None:
    routed = await run(cloud, "image", input={"prompt": "x", "seed": "7"})
    assert routed.service == "flux"
    with pytest.raises(UsageError, match="No service") as failure:
        await run(cloud, "caption", input={"prompt": "x"})
    assert "needs the input input_img" in failure.value.hint
    assert len(posts(world)) == 1
