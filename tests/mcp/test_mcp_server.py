"""The MCP face through the official client, on the real stack."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.types import ElicitResult

from tests.stack import Begin
from theta_tui.mcp import server as server_module
from theta_tui.mcp.server import build_server
from theta_tui.registry import commands
from theta_tui.sandbox.demo import seed_demo
from theta_tui.sandbox.footage import slots
from theta_tui.sandbox.world import World
from theta_tui.session import Session

CHAT = {"service": "gpt_oss_120b", "messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture
async def session(begin: Begin, world: World) -> Session:
    seed_demo(world)
    begun: Session = await begin("mcp")
    return begun


def posts(world: World) -> int:
    return sum(call.method != "GET" for call in world.calls)


async def call(client: Any, tool: str, **arguments: Any) -> dict[str, Any]:
    answer = await client.call_tool(tool, arguments)
    structured: dict[str, Any] = answer.structured_content
    assert json.loads(answer.content[0].text) == structured
    return structured


async def test_every_command_and_the_official_four_are_tools_with_all_hints(session: Session) -> None:
    async with Client(build_server(session)) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert commands().keys() <= tools.keys()
    assert {"list_services", "infer", "get_request_status", "get_upload_url"} <= tools.keys()
    for tool in tools.values():
        assert tool.annotations is not None
        hints = (tool.annotations.read_only_hint, tool.annotations.destructive_hint)
        assert None not in (*hints, tool.annotations.idempotent_hint, tool.annotations.open_world_hint)
        assert tool.output_schema is not None
    assert tools["theta.billing.balance"].annotations.read_only_hint is True
    assert tools["theta.deployments.delete"].annotations.destructive_hint is True
    assert set(tools["infer"].input_schema["properties"]) == {
        "service", "input", "wait", "prediction", "variant", "confirm",
    }  # fmt: skip


async def test_a_read_answers_with_its_provenance(session: Session) -> None:
    async with Client(build_server(session)) as client:
        answer = await call(client, "theta.deployments.list")
        assert "not instructions" in answer["provenance"]
        assert {item["Name"] for item in answer["result"]} >= {"support-chat"}
        services = await call(client, "list_services", category="text")
        assert services["result"]["source"] == "live"


async def test_a_change_is_previewed_and_sent_only_with_its_key(session: Session, world: World) -> None:
    async with Client(build_server(session, allow_writes=True)) as client:
        shown = await call(client, "theta.ondemand.chat", **CHAT)
        assert shown["applied"] is False
        assert shown["preview"]["requests"][0]["method"] == "POST"
        assert posts(world) == 0
        done = await call(client, "theta.ondemand.chat", **CHAT, confirm=shown["confirm"])
        assert done["applied"] is True
        assert done["result"]["text"]
        assert posts(world) == 1
        again = await call(client, "theta.ondemand.chat", **CHAT, confirm=shown["confirm"])
        assert again["error"]["kind"] == "policy"
        assert posts(world) == 1


async def test_an_upload_address_that_was_asked_for_can_be_used(session: Session) -> None:
    async with Client(build_server(session, allow_writes=True)) as client:
        asked = {"service": "whisper", "input_field": "audio_filename"}
        shown = await call(client, "get_upload_url", **asked)
        done = await call(client, "get_upload_url", **asked, confirm=shown["confirm"])
    assert done["result"]["slots"][0]["presigned_url"].startswith("http")
    assert "Signature" in done["result"]["slots"][0]["presigned_url"]


async def test_a_key_is_good_for_its_own_call_only(session: Session, world: World) -> None:
    async with Client(build_server(session, allow_writes=True)) as client:
        shown = await call(client, "theta.ondemand.chat", **CHAT)
        other = {**CHAT, "messages": [{"role": "user", "content": "something else"}]}
        refused = await call(client, "theta.ondemand.chat", **other, confirm=shown["confirm"])
        assert refused["error"]["kind"] == "policy"
    assert posts(world) == 0


async def test_without_the_flag_nothing_can_be_sent(session: Session, world: World) -> None:
    async with Client(build_server(session)) as client:
        shown = await call(client, "theta.ondemand.chat", **CHAT)
        assert "confirm" not in shown
        refused = await call(client, "theta.ondemand.chat", **CHAT, confirm="guess")
        assert refused["error"]["kind"] == "policy"
    assert posts(world) == 0


async def test_dry_run_wins_over_a_confirmation(session: Session, world: World) -> None:
    async with Client(build_server(session, allow_writes=True)) as client:
        shown = await call(client, "theta.ondemand.chat", **CHAT)
        session.dry_run = True
        held = await call(client, "theta.ondemand.chat", **CHAT, confirm=shown["confirm"])
        assert held == {**held, "applied": False, "reason": "dry_run"}
    assert posts(world) == 0


@pytest.mark.parametrize(("agrees", "applied"), [(True, True), (False, False)])
async def test_destroying_is_asked_of_the_person(session: Session, world: World, agrees: bool, applied: bool) -> None:
    asked: list[str] = []

    async def person(context: Any, params: Any) -> ElicitResult:
        asked.append(params.message)
        return ElicitResult(action="accept", content={"approve": agrees})

    listed = (await session.ask("theta.deployments.list")).deployments
    doomed = {"shard": listed[0].shard, "suffix": listed[0].suffix}
    server = build_server(session, allow_writes=True)
    async with Client(server, elicitation_callback=person) as client:
        shown = await call(client, "theta.deployments.delete", **doomed)
        done = await call(client, "theta.deployments.delete", **doomed, confirm=shown["confirm"])
    assert len(asked) == 1
    assert done.get("applied", False) is applied
    assert world.counts.get("deletes", 0) == int(applied)


async def test_long_work_reports_progress(session: Session, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "PROGRESS_SECONDS", 0.05)
    world.faults.add({"kind": "never_ready", "times": None})
    listed = (await session.ask("theta.deployments.list")).deployments
    told: list[float] = []

    async def progress(done: float, total: float | None, message: str | None) -> None:
        told.append(done)

    async with Client(build_server(session)) as client:
        arguments = {"deployment": listed[2].suffix, "timeout_ms": 1000, "interval_ms": 500}
        answer = await client.call_tool("theta.inference.ready", arguments, progress_callback=progress)
    assert answer.structured_content["result"]["ready"] is False
    assert told == sorted(told)
    assert len(told) >= 2


async def test_errors_are_told_in_one_object_without_a_traceback(session: Session) -> None:
    async with Client(build_server(session)) as client:
        for tool, arguments in (
            ("theta.ondemand.status", {"request_id": "infr_rqst_missing"}),
            ("theta.ondemand.status", {}),
            ("theta.nothing", {}),
        ):
            answer = await client.call_tool(tool, arguments)
            assert answer.is_error
            assert set(answer.structured_content["error"]) >= {"kind", "message"}
            assert "Traceback" not in answer.content[0].text


@pytest.mark.parametrize("spelt", [{"path": "F"}, {"Path": "F"}, {"payload": {"path": "F"}}])
async def test_no_tool_reads_a_local_file(
    session: Session, world: World, tmp_path: Path, spelt: dict[str, Any]
) -> None:
    secret = tmp_path / "private.mp4"
    secret.write_bytes(b"nobody else's business")
    given = json.loads(json.dumps(spelt).replace('"F"', json.dumps(str(secret))))
    async with Client(build_server(session, allow_writes=True)) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert "content" in tools["theta.video.upload"].input_schema["properties"]
        assert "path" not in tools["theta.video.upload"].input_schema["properties"]
        answer = await client.call_tool("theta.video.upload", given)
        assert answer.is_error
        assert answer.structured_content["error"]["kind"] == "policy"
    assert posts(world) == 0


async def test_a_video_given_as_content_is_uploaded_after_a_confirmation(session: Session, world: World) -> None:
    file = {"filename": "clip.mp4", "content": base64.b64encode(b"frames").decode()}
    async with Client(build_server(session, allow_writes=True)) as client:
        shown = await call(client, "theta.video.upload", content=file)
        assert shown["preview"]["steps"][1]["requests"][0]["body"]["bytes"] == 6
        done = await call(client, "theta.video.upload", content=file, confirm=shown["confirm"])
        assert done["result"]["file_name"] == "clip.mp4"
    assert [slot.size for slot in slots(world).values()] == [6]


async def test_no_answer_holds_a_key(session: Session) -> None:
    secret = session.vault._environ["THETA_EC_API_KEY"]
    async with Client(build_server(session, allow_writes=True)) as client:
        for name, command in commands().items():
            if command.is_read and not command.params.model_fields:
                answer = await client.call_tool(name, {})
                assert secret not in answer.content[0].text
