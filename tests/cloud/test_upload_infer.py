"""Upload, then infer, on the real stack: real bytes reach the slot, the job is followed, files stay files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.stack import Begin, Person
from theta_tui.change import Done
from theta_tui.errors import JobFailed, PermissionDenied, UsageError
from theta_tui.sandbox.pictures import Canvas, png
from theta_tui.sandbox.world import World
from theta_tui.session import Session
from theta_tui.shapes.upload_infer import DOT

INFER_FILES = "theta.ondemand.inferFiles"
DOT_FILE = {"filename": "dot.png", "content": DOT, "encoding": "base64", "contentType": "image/png"}


async def infer(session: Session, reviewer: Person | None = None, **given: Any) -> Any:
    return await session.submit(INFER_FILES, {"service": "blip", **given}, reviewer=reviewer or Person())


def changes(world: World) -> list[str]:
    return [f"{call.method} /{call.path.split('/')[1]}" for call in world.calls if call.method != "GET"]


async def test_a_file_is_uploaded_and_the_job_run_under_one_review(cloud: Session, world: World) -> None:
    reviewer = Person()
    done = await infer(cloud, reviewer, files={"input_img": DOT_FILE})
    assert isinstance(done, Done)
    assert done.value.terminal_state == "success"
    assert "1 by 1 pixels" in str(done.value.request.output)
    assert changes(world) == ["POST /infer_request", "PUT /upload", "POST /infer_request"]
    put = next(call for call in world.calls if call.method == "PUT")
    assert put.body.startswith(b"\x89PNG")
    assert "authorization" not in dict(put.headers)
    steps = reviewer.shown[0].preview["steps"]
    assert steps[2]["requests"][0]["body"] == {"input": {"input_img": "{upload.input_img.filename}"}}
    assert DOT not in json.dumps(reviewer.shown[0].preview, default=str)
    assert reviewer.shown[0].worst_usd == steps[2]["cost"]["usd_estimate"]


async def test_a_file_of_this_computer_is_streamed(cloud: Session, world: World, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(png(Canvas(16, 16)))
    done = await infer(cloud, paths={"input_img": str(path)})
    assert "16 by 16 pixels" in str(done.value.request.output)


async def test_a_pending_job_is_followed_to_its_end(cloud: Session, world: World) -> None:
    done = await infer(cloud, files={"input_img": DOT_FILE}, options={"wait": 0, "intervalMs": 100})
    assert done.value.terminal_state == "success"
    assert done.value.attempts >= 1


async def test_a_job_that_takes_too_long_is_given_back_unfinished_with_its_id(cloud: Session, world: World) -> None:
    pending = {"status": "success", "body": {"infer_requests": [{"id": "infr_rqst_1", "state": "processing"}]}}
    world.faults.add({"kind": "json", "body": pending, "times": None, "match": {"method": "GET", "path": "/infr_rqst"}})
    done = await infer(cloud, files={"input_img": DOT_FILE}, wait=0, interval_ms=100, timeout_ms=1000)
    assert (done.value.terminal_state, done.value.complete) == ("timeout", False)
    assert done.value.request.id.startswith("infr_rqst_")


async def test_bytes_that_are_no_image_fail_the_job_with_the_models_words(cloud: Session) -> None:
    with pytest.raises(JobFailed):
        await infer(cloud, files={"input_img": {"filename": "x.png", "content": "not an image", "encoding": "utf8"}})


async def test_a_refused_upload_stops_before_the_paid_call(cloud: Session, world: World) -> None:
    refusal = {"kind": "status", "status": 403, "match": {"method": "PUT", "path": "/upload/"}, "times": 2}
    world.faults.add(refusal)
    with pytest.raises(PermissionDenied):
        await infer(cloud, files={"input_img": DOT_FILE})
    assert changes(world) == ["POST /infer_request", "PUT /upload"] * 2


@pytest.mark.parametrize("shape", ["field", "urls"])
async def test_both_forms_of_slots_are_understood(cloud: Session, world: World, shape: str) -> None:
    world.faults.add({"kind": "presigned_shape", "shape": shape})
    assert (await infer(cloud, files={"input_img": DOT_FILE})).value.complete


async def test_signed_addresses_are_not_written_down(cloud: Session, tmp_path: Path) -> None:
    await infer(cloud, files={"input_img": DOT_FILE})
    await cloud.journal.close()
    assert b"ignature=" not in (tmp_path / "data" / "journal.sqlite3").read_bytes().replace(b"ignature=[redacted]", b"")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "at least one"),
        ({"files": {"input_img": DOT_FILE}, "input": {"input_img": "x"}}, "twice"),
        ({"paths": {"input_img": "/nowhere/at/all.png"}}, "cannot be read"),
        ({"files": {"input_img": DOT_FILE}, "service": "nobody_knows"}, "Unknown service"),
    ],
)
async def test_what_cannot_be_run_is_refused_before_anything_is_sent(
    on_demo: Begin, world: World, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        await infer(await on_demo(), **given)
    assert changes(world) == []
