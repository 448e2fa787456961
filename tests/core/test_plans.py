"""Plans on the real stack: upload a picture and have it described, under one review, with holes and clean-up."""

from __future__ import annotations

import asyncio
import struct
import zlib
from decimal import Decimal
from typing import Any

import pytest

from tests.stack import Begin, Person
from theta_tui.change import (
    FREE,
    Change,
    Cost,
    Done,
    Effect,
    Family,
    Hole,
    HoleKind,
    JsonBody,
    NotDone,
    Plan,
    RawBody,
    Request,
    Step,
    query_of,
)
from theta_tui.errors import Uncertain
from theta_tui.review import Answer, Ask
from theta_tui.sandbox.demo import seed_demo
from theta_tui.sandbox.world import World
from theta_tui.session import Session
from theta_tui.shapes.on_demand import Job, UploadSlots

URL = Hole("upload.url", HoleKind.URL)
FILE = Hole("upload.filename", HoleKind.TEXT)


def picture() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\x00" + b"\x40\x80\xc0" * 8 for _ in range(8)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def describe_a_picture(stop_suffix: str, *, upload: bytes) -> Plan[Any]:
    slot = Change(
        summary="Open a slot",
        effect=Effect.CREATE,
        requests=(
            Request(
                "POST",
                Family.ONDEMAND,
                ("infer_request", "blip", "input_presigned_urls"),
                body=JsonBody({"input_fields": ["input_img"]}),
            ),
        ),
        read=lambda reply: UploadSlots.of(reply.value),
    )
    put = Change(
        summary="Upload the picture",
        effect=Effect.CREATE,
        requests=(Request("PUT", Family.SLOT, base=URL, body=RawBody(upload)),),
        read=lambda reply: reply.status,
    )
    infer = Change(
        summary="Describe it",
        effect=Effect.METERED,
        requests=(
            Request(
                "POST",
                Family.ONDEMAND,
                ("infer_request", "blip"),
                query_of(wait=30),
                JsonBody({"input": {"input_img": FILE}}),
                deadline=30,
            ),
        ),
        read=lambda reply: Job.of(reply.value),
        cost=Cost(usd=Decimal("0.01"), source="test"),
    )
    stop = Change(
        summary="Stop the machine",
        effect=Effect.UPDATE,
        requests=(
            Request("PUT", Family.CONTROLLER, ("deployment", "1", stop_suffix, "stop"),
                    query_of(project_id="prj_sandboxproject00000000000000")),
        ),
        read=lambda reply: reply.value,
        cost=FREE,
    )  # fmt: skip
    gives = {URL: lambda slots: slots.slots[0].presigned_url, FILE: lambda slots: slots.slots[0].filename}
    return Plan(
        summary="Describe a picture",
        effect=Effect.METERED,
        steps=(
            Step(name="slot", change=slot, gives=gives),
            Step(name="upload", change=put),
            Step(name="infer", change=infer),
            Step(name="tidy", change=stop, cleanup=True),
        ),
        read=lambda values, errors: {"values": dict(values), "errors": dict(errors)},
    )


@pytest.fixture
async def session(begin: Begin, world: World) -> Session:
    seed_demo(world)
    begun: Session = await begin()
    return begun


def suffix(world: World) -> str:
    machines = world.deployments if isinstance(world.deployments, list) else list(world.deployments.values())
    return str(next(item.suffix for item in machines if item.name == "support-chat"))


async def perform(session: Session, plan: Plan[Any], person: Person | None = None) -> Any:
    return await session.gate.submit(Ask("theta.test.describe", person or Person()), plan)


def changes(world: World) -> list[str]:
    return [f"{call.method} {call.path}" for call in world.calls if call.method != "GET"]


async def test_one_approval_covers_all_steps_in_order(session: Session, world: World) -> None:
    person = Person()
    done = await perform(session, describe_a_picture(suffix(world), upload=picture()), person)
    assert isinstance(done, Done)
    assert "8" in str(done.value["values"]["infer"].output)
    assert [line.split("/")[1] for line in changes(world)] == ["infer_request", "upload", "infer_request", "deployment"]
    [review] = person.shown
    assert review.worst_usd == Decimal("0.01")
    shown = review.preview["steps"]
    assert shown[1]["requests"][0]["url"] == "{upload.url}"
    assert shown[2]["requests"][0]["body"] == {"input": {"input_img": "{upload.filename}"}}
    assert shown[3]["cleanup"] is True
    assert {row.state for row in await session.journal.ledger(10)} == {"confirmed"}
    assert await session.journal.unfinished_plans(session.settings.profile) == []


async def test_a_refused_plan_sends_nothing(session: Session, world: World) -> None:
    plan = describe_a_picture(suffix(world), upload=picture())
    outcome = await perform(session, plan, Person(Answer.CANCEL))
    assert isinstance(outcome, NotDone)
    assert changes(world) == []


async def test_clean_up_runs_after_a_failure_and_what_was_not_reached_is_given_back(
    session: Session, world: World
) -> None:
    world.faults.add({"kind": "status", "status": 403, "match": {"method": "PUT", "path": "/upload/"}})
    done = await perform(session, describe_a_picture(suffix(world), upload=picture()))
    assert isinstance(done, Done)
    assert list(done.value["errors"]) == ["upload"]
    assert changes(world)[-1].endswith("/stop")
    states = {row.summary: row.state for row in await session.journal.ledger(10)}
    assert states["Describe it"] == "refused"
    assert states["Stop the machine"] == "confirmed"


async def test_clean_up_runs_although_dry_run_was_switched_on_half_way(session: Session, world: World) -> None:
    plan = describe_a_picture(suffix(world), upload=picture())
    world.faults.add({"kind": "slow", "seconds": 0.3, "match": {"method": "PUT", "path": "/upload/"}})
    work = asyncio.create_task(perform(session, plan))
    while not any(call.method == "PUT" for call in world.calls):
        await asyncio.sleep(0.005)
    session.dry_run = True
    done = await work
    assert "infer" in done.value["errors"] or "upload" in done.value["errors"]
    assert changes(world)[-1].endswith("/stop")


async def test_clean_up_runs_after_a_cancel(session: Session, world: World) -> None:
    plan = describe_a_picture(suffix(world), upload=picture())
    world.faults.add({"kind": "hang", "seconds": 3, "match": {"method": "PUT", "path": "/upload/"}})
    work = asyncio.create_task(perform(session, plan))
    while not any(call.method == "PUT" for call in world.calls):
        await asyncio.sleep(0.005)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert changes(world)[-1].endswith("/stop")


async def test_an_answer_that_names_no_usable_address_stops_the_plan(session: Session, world: World) -> None:
    body = {"status": "success", "body": {"input_img": {"presigned_url": "file:///etc/passwd", "filename": "x"}}}
    world.faults.add({"kind": "json", "body": body, "match": {"path": "input_presigned_urls"}})
    done = await perform(session, describe_a_picture(suffix(world), upload=picture()))
    assert list(done.value["errors"]) == ["slot"]
    assert not any("/upload/" in line for line in changes(world))


async def test_a_lost_answer_in_a_plan_stays_uncertain(session: Session, world: World) -> None:
    world.faults.add({"kind": "reset", "after": True, "match": {"method": "POST", "path": "/infer_request/blip$"}})
    done = await perform(session, describe_a_picture(suffix(world), upload=picture()))
    assert isinstance(done.value["errors"]["infer"], Uncertain)
    states = {row.summary: row.state for row in await session.journal.ledger(10)}
    assert states["Describe it"] == "uncertain"
