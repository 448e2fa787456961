"""Every command of the registry sends what the wire specification says, and makes of the answer what it should."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from typing import Any

import pytest

from tests.stack import Person
from theta_tui.command import Kind
from theta_tui.journal import Intent
from theta_tui.registry import commands
from theta_tui.sandbox.chain import FIRST_HEIGHT, WALLET, digest
from theta_tui.sandbox.footage import videos
from theta_tui.sandbox.knowledge import chatbots
from theta_tui.sandbox.livestreams import INGESTORS, streams
from theta_tui.sandbox.network import WALLET_PASSWORD
from theta_tui.sandbox.own_templates import templates_of
from theta_tui.sandbox.platform import members_of
from theta_tui.sandbox.world import Call, World
from theta_tui.session import Session

from .wire_expected import Row, Sent, fill
from .wire_rows import LOOKS, ROWS

EVERY = [(name, row) for name, rows in ROWS.items() for row in (rows if isinstance(rows, tuple) else (rows,))]


def ids_of(world: World) -> dict[str, str]:
    """Give the ids of the demo's cloud that the table speaks of."""
    machines = {machine.name: machine for machine in world.deployments.values()}
    agent = next(iter(chatbots(world).values()))
    return {
        "project": world.project_id,
        "org": world.org_id,
        "account": world.keys.video_sa_id,
        "member": next(iter(members_of(world))),
        "standard": machines["support-chat"].template.id,
        "custom": next(iter(templates_of(world))),
        "suffix": machines["support-chat"].suffix,
        "shard": str(machines["support-chat"].shard),
        "base": machines["support-chat"].base_id,
        "gradio": machines["shelf-finder"].suffix,
        "stopped": machines["research-notes"].suffix,
        "stopped_shard": str(machines["research-notes"].shard),
        "left": machines["oss-trial"].base_id,
        "agent": agent.id,
        "document": next(iter(agent.documents)),
        "video": next(
            key for key, video in videos(world).items() if video.order.get("file_name") == "product-tour.mp4"
        ),
        "stream": next(iter(streams(world))),
        "ingestor": str(INGESTORS[0]["id"]),
        "wallet": WALLET[0],
        "password": WALLET_PASSWORD,
        "block": digest("block", FIRST_HEIGHT),
    }


async def leave_something_behind(session: Session, world: World) -> None:
    """Write down a validation whose deployment was not deleted, and a change whose answer was lost."""
    machine = next(one for one in world.deployments.values() if one.name == "oss-trial")
    ids = {"deployment.name": machine.name, "deployment.base_id": machine.base_id, "project.id": world.project_id}
    plan = await session.journal.begin_plan(session.settings.profile, "theta.deployments.validateDisposable", "Try it")
    await session.journal.plan_step(plan, "create", "done", ids)
    await session.journal.finish_plan(plan, clean=False)
    lost = Intent(
        profile=session.settings.profile,
        face="cli",
        command="theta.video.streamCreate",
        target_kind="livestream",
        target_name=next(iter(streams(world).values())).name,
    )
    await session.journal.mark(await session.journal.reserve(lost), "uncertain")


async def run(session: Session, name: str, arguments: Any) -> Any:
    if commands()[name].kind is Kind.QUERY:
        return await session.ask(name, arguments)
    return (await session.submit(name, arguments, reviewer=Person())).value


def unlike(row: Row, calls: Sequence[Call], world: dict[str, str]) -> list[str]:
    """Compare what was sent with the row: every request is either expected, in its place, or a permitted look."""
    open_, wrong = list(row.sends), []
    for call in calls:
        candidates = open_ if not row.in_order else open_[:1]
        found = next((sent for sent in candidates if not sent.differences(call, world)), None)
        if found is not None:
            open_.remove(found)
        elif all(look.differences(call, world) for look in (*LOOKS, *row.also)):
            near = min((sent.differences(call, world) for sent in candidates), key=len, default=["nothing expected"])
            wrong.append(f"{call.method} {call.target}: {'; '.join(near)}")
    return wrong + [f"not sent: {sent.method} {sent.path}" for sent in open_]


def looks_like_a_browser(call: Call) -> bool:
    """Whether a call has the headers without which the cloud's front door answers 403 (wire 1.5)."""
    headers = {name.lower(): value for name, value in call.headers}
    return headers["user-agent"].startswith("Mozilla/5.0 ") and "application/json" in headers["accept"]


def test_every_command_has_a_row() -> None:
    assert list(ROWS) == list(commands())


@pytest.mark.parametrize(("name", "row"), EVERY, ids=[name for name, _ in EVERY])
async def test_a_command_sends_what_the_wire_says(name: str, row: Row, cloud: Session, world: World) -> None:
    world.clock.advance(3600)
    world.faults.add({"kind": "warm_up", "script": [[0, 404]], "times": None})
    await leave_something_behind(cloud, world)
    known = ids_of(world)
    if row.first is not None:
        known["request"] = (await run(cloud, *row.first)).id
    before = len(world.calls)
    value = await run(cloud, name, fill(row.arguments, known))
    sent = world.calls[before:]
    assert unlike(row, sent, known) == []
    assert [call.target for call in sent if not looks_like_a_browser(call)] == []
    result = commands()[name].result
    assert result is typing.Any or isinstance(value, result)
    assert row.answer(value), value


def test_a_wrong_spelling_is_noticed() -> None:
    sent = Sent("GET", "/volume/claim", ("x-api-key",), (("projectId", "$project"),))
    good = Call(1, "", "GET", "/volume/claim", "", [("projectId", "prj_1")], [("X-API-Key", "[masked]")])
    assert sent.differences(good, {"project": "prj_1"}) == []
    for change in (
        {"method": "POST"},
        {"path": "/volume/claims"},
        {"query": [("project_id", "prj_1")]},
        {"query": [*good.query, ("page", "1")]},
        {"headers": [("Authorization", "Bearer [masked]")]},
        {"headers": [*good.headers, ("Authorization", "Bearer [masked]")]},
        {"headers": [*good.headers, ("Content-Type", "application/json")], "body": b"{}"},
    ):
        assert len(sent.differences(Call(**{**vars(good), **change}), {"project": "prj_1"})) >= 1, change


def test_a_wrong_body_is_noticed() -> None:
    sent = Sent("POST", "/deployment", ("x-api-key",), (), {"project_id": "$project", "min_replicas": 1})
    headers = [("x-api-key", "[masked]"), ("content-type", "application/json")]
    for body, is_right in (
        (b'{"min_replicas":1,"project_id":"prj_1"}', True),
        (b'{"min_replicas":1,"projectId":"prj_1"}', False),
        (b'{"min_replicas":"1","project_id":"prj_1"}', False),
        (b'{"min_replicas":1,"project_id":"prj_1","name":null}', False),
        (b'{"min_replicas":1}', False),
    ):
        call = Call(1, "", "POST", "/deployment", "", [], headers, body=body)
        assert (sent.differences(call, {"project": "prj_1"}) == []) is is_right, body


def test_an_unexpected_request_is_noticed_and_a_look_is_not() -> None:
    world = {"project": "prj_1", "org": "org_1"}
    row = Row({}, (Sent("GET", "/cluster/list", ("x-api-key",), (("project_id", "$project"),)),), bool)
    expected = Call(1, "", "GET", "/cluster/list", "", [("project_id", "prj_1")], [("x-api-key", "[masked]")])
    look = Call(2, "", "GET", "/resource/vm/list", "", [], [])
    change = Call(3, "", "POST", "/resource/vm/list", "", [], [])
    assert unlike(row, [look, expected, look], world) == []
    assert len(unlike(row, [expected, change], world)) == 1
    assert unlike(row, [look], world) == ["not sent: GET /cluster/list"]
    assert len(unlike(row, [expected, expected], world)) == 1
