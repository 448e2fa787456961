"""Capabilities and the checklist on the real stack: what is verified, unproven, refused, missing; never a change."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.stack import Begin
from theta_tui.sandbox.world import World
from theta_tui.session import Session
from theta_tui.shapes.base import as_json

NO_KEYS = dict.fromkeys(
    ("THETA_EC_API_KEY", "THETA_EC_PROJECT_ID", "THETA_ORG_ID", "THETA_ONDEMAND_API_TOKEN", "THETA_VIDEO_SA_ID")
)


async def parts(session: Session, **given: Any) -> dict[str, Any]:
    found = as_json(await session.ask("theta.auth.capabilities", given))
    return {item["name"]: item for item in found["capabilities"]}


async def test_the_answer_has_the_documented_form_and_reads_only(cloud: Session, world: World) -> None:
    found = as_json(await cloud.ask("theta.auth.capabilities"))
    assert set(found) == {"mode", "dryRun", "timestamp", "capabilities", "summary"}
    assert (found["mode"], found["dryRun"]) == ("api-key-first", False)
    for item in found["capabilities"]:
        assert {"name", "configured", "verified", "required", "notes"} <= set(item)
    assert [item["name"] for item in found["capabilities"] if item["verified"]] == [
        *("controller", "balance", "service_list", "ondemand", "video"),
    ]
    assert found["summary"] == "verified: controller, balance, service_list, ondemand, video; missing: inference"
    assert {call.method for call in world.calls} == {"GET"}
    assert f"/infer_request/{world.project_id}/list" in {call.path for call in world.calls}


async def test_without_keys_everything_but_the_public_list_is_missing(on_demo: Begin, world: World) -> None:
    found = await parts(await on_demo(**NO_KEYS))
    assert [name for name, item in found.items() if item["configured"]] == ["service_list"]
    assert found["controller"]["notes"] == "not checked: THETA_EC_API_KEY missing"
    assert found["ondemand"]["required"] == ["THETA_ONDEMAND_API_TOKEN"]
    assert [call.path for call in world.calls] == ["/service/list"]


async def test_a_wrong_key_is_configured_and_refused_with_the_reason(on_demo: Begin) -> None:
    found = await parts(
        await on_demo(THETA_EC_API_KEY="wrong-key-0123456789abcdef", THETA_ONDEMAND_API_TOKEN="no-token-7")
    )
    for name in ("controller", "balance", "ondemand"):
        assert (found[name]["configured"], found[name]["verified"]) == (True, False), name
        assert found[name]["error"].startswith("auth: "), name
    assert found["video"]["verified"] is False


async def test_without_a_project_id_the_token_is_tried_on_one_service(on_demo: Begin, world: World) -> None:
    found = await parts(await on_demo(THETA_EC_PROJECT_ID=None))
    assert found["ondemand"]["verified"] is True
    assert not any(call.path.endswith("/list") and "infer_request" in call.path for call in world.calls)
    assert found["controller"]["notes"] == "not checked: THETA_EC_PROJECT_ID missing"


async def test_an_answer_that_anybody_gets_proves_nothing(on_demo: Begin, world: World) -> None:
    service = {"status": "success", "body": {"services": [{"alias": "glm_5_3"}]}}
    world.faults.add({"kind": "json", "body": service, "times": None, "match": {"path": "/service/glm_5_3"}})
    found = await parts(await on_demo(THETA_EC_PROJECT_ID=None))
    assert (found["ondemand"]["verified"], found["ondemand"]["notes"]) == (
        False,
        "accepted (unproven): the route may be public",
    )


async def test_an_endpoint_is_verified_only_if_it_is_closed_without_its_credential(
    on_demo: Begin, world: World
) -> None:
    world.clock.advance(3600)
    machine = next(one for one in world.deployments.values() if one.name == "support-chat")
    where = {"THETA_INFERENCE_ENDPOINT": f"{world.origin}/endpoint/{machine.suffix}"}
    assert (await parts(await on_demo(**where)))["inference"]["notes"].startswith("accepted (unproven)")
    machine.auth_username, machine.auth_password = "client", "planted-pass-1"
    keys = {"THETA_INFERENCE_AUTH_USER": "client", "THETA_INFERENCE_AUTH_PASS": "planted-pass-1"}
    found = (await parts(await on_demo(**where, **keys)))["inference"]
    assert (found["configured"], found["verified"]) == (True, True)


async def test_a_part_that_hangs_does_not_hold_up_the_others(
    on_demo: Begin, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("theta_tui.cloud.capabilities.PROBE_SECONDS", 0.6)
    world.faults.add({"kind": "hang", "match": {"path": "/balance"}, "times": None})
    session, started = await on_demo(), time.monotonic()
    found = await parts(session)
    assert time.monotonic() - started < 3
    assert found["balance"]["error"].startswith("timeout")
    assert found["controller"]["verified"]


async def test_dry_run_is_told(on_demo: Begin) -> None:
    found = as_json(await (await on_demo(THETA_DRY_RUN="1")).ask("theta.auth.capabilities"))
    assert found["dryRun"] is True


async def test_the_checklist_is_local_and_shows_no_value(on_demo: Begin, world: World) -> None:
    session = await on_demo(THETA_VIDEO_SA_ID=None, THETA_ORG_ID=None)
    found = as_json(await session.ask("theta.setup"))
    assert world.calls == []
    assert found["missing"] == ["video_sa_id", "org_id", "inference_endpoint"]
    items = {item["name"]: item for item in found["items"]}
    assert items["ec_api_key"]["source"] == "THETA_EC_API_KEY"
    assert "Dashboard" in items["video_sa_id"]["where"]
    assert any("Developer Plan" in step for step in found["next_steps"])
    assert world.keys.project_api_key not in str(found)
