"""Videos and livestreams on the real stack: what is sent, what becomes of a file, and what is refused beforehand."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sqlite3
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.stack import Begin, Person
from theta_tui.change import Done, FileBody, NotDone, Plan, Sending, Waiting
from theta_tui.errors import (
    AuthError,
    InvalidRequest,
    NoCredentials,
    NotFound,
    PermissionDenied,
    PolicyRefused,
    Uncertain,
    UsageError,
)
from theta_tui.redact import Redactor, redactor
from theta_tui.registry import commands
from theta_tui.review import Answer
from theta_tui.sandbox.footage import slots, videos
from theta_tui.sandbox.livestreams import INGESTORS, streams
from theta_tui.sandbox.video_seed import seed_videos
from theta_tui.sandbox.world import Call, World
from theta_tui.session import Session
from theta_tui.shapes.base import as_json
from theta_tui.shapes.video import Upload, Video

VIDEO = "theta.video"
URI = "https://files.example.com/clip.mp4"
FRAMES = bytes(range(256)) * 3000


@pytest.fixture
async def session(begin: Begin, world: World) -> Session:
    world.clock.speed = 0
    begun: Session = await begin()
    return begun


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(FRAMES)
    return path


async def submit(session: Session, name: str, person: Person | None = None, /, **arguments: Any) -> Any:
    done = await session.submit(f"{VIDEO}.{name}", arguments, reviewer=person or Person())
    assert isinstance(done, Done)
    return done.value


def as_it_is(path: Path) -> FileBody:
    seen = path.stat()
    return FileBody(str(path), seen.st_size, seen.st_mtime_ns)


def changes(world: World) -> list[Call]:
    return [call for call in world.calls if call.method != "GET"]


def test_every_command_is_there_and_the_guessed_route_is_not() -> None:
    names = {name.removeprefix(f"{VIDEO}.") for name in commands() if name.startswith(f"{VIDEO}.")}
    assert names == {
        "list", "search", "uploadCreate", "videoCreate", "videoGet", "watch", "upload", "streamCreate", "streamGet",
        "streams", "ingestor.list", "ingestor.select", "ingestor.unselect",
    }  # fmt: skip


# Reading


async def test_videos_of_the_projects_own_account_are_listed(session: Session, world: World) -> None:
    seed_videos(world)
    listed = await session.ask(f"{VIDEO}.list")
    assert [video.file_name for video in listed.videos] == ["all-hands.mov", "product-tour.mp4"]
    assert [(video.state, video.progress) for video in listed.videos] == [("processing", 31), ("success", 100)]
    assert dict(world.calls[-1].query) == {"page": "1", "number": "10"}
    await session.ask(f"{VIDEO}.list", {"page": 2, "number": 1})
    lookups = [call for call in world.calls if call.path.startswith("/project/")]
    assert len(lookups) == 1


async def test_a_given_account_needs_no_project(begin: Begin, world: World) -> None:
    session = await begin(THETA_EC_API_KEY="", THETA_EC_PROJECT_ID="")
    await session.ask(f"{VIDEO}.list", {"serviceAccountId": world.keys.video_sa_id})
    assert [call.path for call in world.calls] == [f"/video/{world.keys.video_sa_id}/list"]
    with pytest.raises(NoCredentials) as caught:
        await session.ask(f"{VIDEO}.list")
    assert "serviceAccountId" in caught.value.hint


async def test_a_project_without_an_account_is_told(session: Session, world: World) -> None:
    body = {"status": "success", "body": {"projects": [{"id": world.project_id, "tva_id": None}]}}
    world.faults.add({"kind": "json", "body": body, "match": {"path": "/project/"}})
    with pytest.raises(UsageError, match="no video service account"):
        await session.ask(f"{VIDEO}.list")


async def test_a_foreign_account_is_refused_by_the_cloud(session: Session) -> None:
    with pytest.raises(PermissionDenied):
        await session.ask(f"{VIDEO}.list", {"service_account_id": "srvacc_other"})


async def test_a_wrong_secret_is_told_by_the_name_of_its_variable(begin: Begin) -> None:
    session = await begin(THETA_VIDEO_SA_SECRET="wrong-secret-0001")
    with pytest.raises(AuthError, match="THETA_VIDEO_SA_SECRET") as caught:
        await session.ask(f"{VIDEO}.ingestor.list")
    assert "wrong-secret" not in repr(caught.value)


@pytest.mark.parametrize(
    ("asked", "query", "found"),
    [
        ({"metadata": {"owner": {"id": 7}}}, {"owner.id": "7"}, ["product-tour.mp4"]),
        ({"metadata": {"owner.team": "people"}}, {"owner.team": "people"}, ["all-hands.mov"]),
        ({"fileName": "all-hands.mov"}, {"file_name": "all-hands.mov"}, ["all-hands.mov"]),
        (
            {"operator": "or", "metadata": {"name": "All hands"}, "file_name": "product-tour.mp4"},
            {"name": "All hands", "file_name": "product-tour.mp4"},
            ["all-hands.mov", "product-tour.mp4"],
        ),
        ({"metadata": {"name": "All hands", "owner": {"id": 7}}}, {"name": "All hands", "owner.id": "7"}, []),
    ],
)
async def test_a_search_joins_nested_keys_with_a_dot(
    session: Session, world: World, asked: dict[str, Any], query: dict[str, str], found: list[str]
) -> None:
    seed_videos(world)
    listed = await session.ask(f"{VIDEO}.search", asked)
    assert [video.file_name for video in listed.videos] == found
    paging = {"page": "1", "number": "10", "operator": asked.get("operator", "and")}
    assert dict(world.calls[-1].query) == {**paging, **query}


@pytest.mark.parametrize("metadata", [{"page": 2}, {"operator": "or"}, {"": "x"}, {"tags": ["a"]}, {"name": None}])
async def test_what_cannot_be_searched_for_is_refused_here(
    session: Session, world: World, metadata: dict[str, Any]
) -> None:
    with pytest.raises(UsageError):
        await session.ask(f"{VIDEO}.search", {"metadata": metadata})
    assert world.calls == []


async def test_an_unknown_video_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound, match="Video not found"):
        await session.ask(f"{VIDEO}.videoGet", {"videoId": "video_x"})


async def test_odd_values_of_a_video_hide_nothing_else(session: Session, world: World) -> None:
    odd = {"id": "video_1", "progress": "40", "metadata": "text", "resolution": "many", "error": None, "new": [1]}
    world.faults.add({"kind": "json", "body": {"status": "success", "body": {"videos": [odd]}}})
    video = await session.ask(f"{VIDEO}.videoGet", {"video_id": "video_1"})
    assert (video.progress, video.metadata, video.resolution, video.error) == (40, {}, None, "")
    assert video.as_json()["new"] == [1]


# Making videos


async def test_a_video_is_made_of_a_url_at_an_unknown_price(session: Session, world: World) -> None:
    person = Person()
    rules = [{"chain_id": 361, "nft_collection": "0x1c9d"}]
    video = await submit(
        session, "videoCreate", person, payload={"source_uri": URI, "resolutions": [720], "drm_rules": rules}
    )
    assert video.state == "created"
    [call] = changes(world)
    assert json.loads(call.body) == {
        "source_uri": URI,
        "playback_policy": "public",
        "resolutions": [720],
        "use_drm": True,
        "drm_rules": rules,
    }
    [review] = person.shown
    assert review.preview["cost"]["source"] == "unknown price"
    assert review.preview["requests"][0]["headers"]["x-tva-sa-secret"] == "[redacted]"
    [row] = await session.journal.ledger(5)
    assert (row.state, row.object_id) == ("confirmed", video.id)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "exactly one"),
        ({"source_uri": URI, "source_upload_id": "upload_x"}, "exactly one"),
        ({"source_uri": "ftp://example.com/x"}, "source_uri"),
        ({"source_uri": URI, "resolutions": [480]}, "resolutions"),
        ({"source_uri": URI, "resolutions": []}, "resolutions"),
        ({"source_uri": URI, "playback_policy": "private"}, "playback_policy"),
        ({"source_uri": URI, "drm_rules": [{"chain_id": 2, "nft_collection": "0x1"}]}, "chain_id"),
        (
            {"source_uri": URI, "use_drm": False, "drm_rules": [{"chain_id": 1, "nft_collection": "0x1"}]},
            "drm_rules only with use_drm",
        ),
        ({"source_uri": URI, "resolution": [720]}, "no argument 'resolution'"),
    ],
)
async def test_wrong_fields_of_a_video_are_refused_here(
    session: Session, world: World, fields: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        await submit(session, "videoCreate", payload=fields)
    assert "\n" not in caught.value.message
    assert world.calls == []


async def test_an_unknown_upload_makes_no_video(session: Session, world: World) -> None:
    with pytest.raises(NotFound, match="Upload not found"):
        await submit(session, "videoCreate", source_upload_id="upload_x")
    assert videos(world) == {}


async def test_a_video_whose_answer_was_lost_is_found_again(session: Session, world: World) -> None:
    seed_videos(world)
    world.faults.add({"kind": "reset", "after": True, "match": {"method": "POST", "path": "/video$"}})
    video = await submit(session, "videoCreate", source_uri=URI)
    assert video.id == list(videos(world))[-1]
    assert world.counts["videos"] == 1


async def test_an_answer_without_a_video_is_uncertain(session: Session, world: World) -> None:
    empty = {"status": "success", "body": {"videos": []}}
    world.faults.add({"kind": "json", "body": empty, "match": {"method": "POST", "path": "/video$"}})
    with pytest.raises(Uncertain):
        await submit(session, "videoCreate", source_uri=URI)


# Watching


async def test_a_video_is_watched_until_it_is_ready(session: Session, world: World) -> None:
    video = await submit(session, "videoCreate", source_uri=URI)
    work = asyncio.create_task(session.ask(f"{VIDEO}.watch", {"video_id": video.id, "interval_ms": 100}))
    looks = 0
    async with asyncio.timeout(60):
        while not work.done():
            seen = sum(call.path == f"/video/{video.id}" for call in world.calls)
            if seen > looks:
                looks = seen
                world.clock.advance(30)
            await asyncio.sleep(0.01)
    watched = work.result()
    assert watched.terminal_state == watched.video.state == "success"
    assert watched.attempts >= looks >= 4
    assert watched.video.playback_uri.endswith(".m3u8")
    assert watched.video.progress == 100
    assert watched.video.playback_uri in json.dumps(Redactor().answer(as_json(watched)))


async def test_a_video_that_breaks_ends_the_watch_with_its_reason(session: Session, world: World) -> None:
    world.faults.add({"kind": "video_error", "message": "no audio track"})
    video = await submit(session, "videoCreate", source_uri=URI)
    world.clock.advance(600)
    watched = await session.ask(f"{VIDEO}.watch", {"video_id": video.id})
    assert (watched.terminal_state, watched.video.error, watched.attempts) == ("error", "no audio track", 1)


@pytest.mark.parametrize(
    ("limits", "ended"), [({"timeoutMs": 1000, "intervalMs": 2000}, "timeout"), ({"maxAttempts": 2}, "max-attempts")]
)
async def test_a_watch_ends_at_its_limits(session: Session, limits: dict[str, int], ended: str) -> None:
    video = await submit(session, "videoCreate", source_uri=URI)
    options = {"intervalMs": 100, **limits}
    watched = await session.ask(f"{VIDEO}.watch", {"videoId": video.id, "options": options})
    assert (watched.terminal_state, watched.video.state) == (ended, "created")


# Uploading


async def test_a_file_is_uploaded_and_made_a_video_of_under_one_review(
    session: Session, world: World, clip: Path, tmp_path: Path
) -> None:
    person, told = Person(), list[Waiting]()
    done = await session.submit(
        f"{VIDEO}.upload", {"path": str(clip), "resolutions": [720]}, reviewer=person, progress=told.append
    )
    assert isinstance(done, Done)
    [review] = person.shown
    steps = review.preview["steps"]
    assert [step["step"] for step in steps] == ["slot", "upload", "create"]
    assert steps[1]["requests"][0]["url"] == "{upload.url}"
    about = {"bytes": len(FRAMES), "content_type": "application/octet-stream", "what": "clip.mp4"}
    assert steps[1]["requests"][0]["body"] == about
    assert steps[2]["requests"][0]["body"]["source_upload_id"] == "{upload.id}"
    assert review.summary == "Upload clip.mp4 (768.0 kB) and make a video of it"
    opened, put, create = changes(world)
    assert (opened.method, opened.path) == ("POST", "/upload")
    assert (put.method, put.body) == ("PUT", FRAMES)
    assert not {"x-tva-sa-id", "x-tva-sa-secret", "authorization"} & {name for name, _ in put.headers}
    [kept] = slots(world).values()
    assert kept.sha256 == hashlib.sha256(FRAMES).hexdigest()
    assert json.loads(create.body) == {
        "source_upload_id": kept.id,
        "playback_policy": "public",
        "resolutions": [720],
        "file_name": "clip.mp4",
    }
    assert done.value.id in videos(world)
    assert [one.sent for one in told if isinstance(one, Sending)][-1] == len(FRAMES)
    assert {row.state for row in await session.journal.ledger(10)} == {"confirmed"}
    with sqlite3.connect(tmp_path / "data" / "journal.sqlite3") as database:
        written = "\n".join(database.iterdump())
    assert kept.id in written
    assert kept.signature not in written


async def test_what_is_sent_is_the_very_file_that_was_approved(session: Session, clip: Path) -> None:
    person = Person(Answer.PREVIEW)
    outcome = await session.submit(f"{VIDEO}.upload", {"path": str(clip)}, reviewer=person)
    assert isinstance(outcome, NotDone)
    act = person.shown[0].act
    assert isinstance(act, Plan)
    assert act.requests[1].body == as_it_is(clip)


async def test_content_given_by_the_caller_is_uploaded_as_it_is(session: Session, world: World) -> None:
    file = {"filename": "note.mp4", "content": "plain words", "encoding": "utf8", "contentType": "video/mp4"}
    video = await submit(session, "upload", content=file, metadata={"name": "Note"})
    assert (video.file_name, video.metadata) == ("note.mp4", {"name": "Note"})
    put = changes(world)[1]
    assert put.body == b"plain words"
    assert put.content_type == "application/octet-stream"


@pytest.mark.parametrize("answer", [Answer.CANCEL, Answer.PREVIEW, Answer.DRY_RUN])
async def test_an_upload_without_a_yes_sends_nothing(
    session: Session, world: World, clip: Path, answer: Answer
) -> None:
    outcome = await session.submit(f"{VIDEO}.upload", {"path": str(clip)}, reviewer=Person(answer))
    assert isinstance(outcome, NotDone)
    assert changes(world) == []


async def test_an_upload_of_unknown_price_is_refused_under_a_cap(begin: Begin, world: World, clip: Path) -> None:
    session = await begin(THETA_MAX_BUDGET_USD="1")
    refused = await session.submit(f"{VIDEO}.upload", {"path": str(clip)}, reviewer=Person())
    assert isinstance(refused, NotDone)
    assert refused.reason == "budget"
    assert changes(world) == []
    done = await session.submit(f"{VIDEO}.upload", {"path": str(clip)}, reviewer=Person(), max_usd=Decimal("0.25"))
    assert isinstance(done, Done)


SPOILT: dict[str, Callable[[Path], Any]] = {
    "grown": lambda path: path.write_bytes(FRAMES + b"more"),
    "shrunk": lambda path: os.truncate(path, 100),
    "rewritten": lambda path: os.utime(path, ns=(1, 1)),
    "vanished": Path.unlink,
}


@pytest.mark.parametrize("spoil", SPOILT)
async def test_a_file_that_changes_after_the_review_makes_no_video(
    session: Session, world: World, clip: Path, spoil: str
) -> None:
    with pytest.raises(UsageError, match=r"clip\.mp4"):
        await submit(session, "upload", Person(then=lambda: SPOILT[spoil](clip)), path=str(clip))
    assert videos(world) == {}
    assert [slot.size for slot in slots(world).values()] == [0]
    states = {row.summary: row.state for row in await session.journal.ledger(10)}
    assert states == {
        "Open a video upload slot": "confirmed",
        "Send clip.mp4, 768.0 kB": "refused",
        "Make a video of clip.mp4": "refused",
    }


@pytest.mark.parametrize("spoil", SPOILT)
async def test_a_file_that_changes_while_it_is_sent_makes_no_video(
    session: Session, world: World, clip: Path, spoil: str
) -> None:
    def change(notice: Waiting) -> None:
        if clip.exists() and clip.stat().st_size == len(FRAMES):
            SPOILT[spoil](clip)

    with pytest.raises(UsageError, match="broken off"):
        await session.submit(f"{VIDEO}.upload", {"path": str(clip)}, reviewer=Person(), progress=change)
    assert videos(world) == {}
    assert [slot.size for slot in slots(world).values()] == [0]


async def test_what_is_no_file_is_refused_before_anything_is_asked(
    session: Session, world: World, tmp_path: Path
) -> None:
    empty, pipe, large = tmp_path / "empty.mp4", tmp_path / "pipe", tmp_path / "large.mp4"
    empty.touch()
    os.mkfifo(pipe)
    with large.open("wb") as file:
        file.truncate(10 * 1024**3 + 1)
    cases = {
        empty: "is empty", pipe: "not a regular file", large: "10 GB", tmp_path: "not a regular file",
        tmp_path / "missing": "No such file", "a\x00b": "cannot name a file", "~nobody-of-this-name/x": "cannot",
    }  # fmt: skip
    for path, words in cases.items():
        with pytest.raises(UsageError, match=words):
            await submit(session, "upload", path=str(path))
    for wrong in ({}, {"path": str(empty), "content": {"filename": "x", "content": "AAAA"}}):
        with pytest.raises(UsageError, match="exactly one of path and content"):
            await submit(session, "upload", **wrong)
    assert world.calls == []


async def test_a_relative_path_is_read_from_where_the_program_runs(
    session: Session, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(clip.parent)
    assert (await submit(session, "upload", path="clip.mp4")).file_name == "clip.mp4"
    monkeypatch.setenv("HOME", str(clip.parent))
    assert (await submit(session, "upload", path="~/clip.mp4")).file_name == "clip.mp4"


async def test_a_slot_that_expired_stops_the_plan_with_its_next_step(
    session: Session, world: World, clip: Path
) -> None:
    error = "<?xml version='1.0'?><Error><Code>ExpiredToken</Code></Error>"
    world.faults.add({"kind": "status", "status": 403, "body": error, "match": {"method": "PUT"}, "times": 2})
    with pytest.raises(PermissionDenied, match="ExpiredToken") as caught:
        await submit(session, "upload", path=str(clip))
    assert "ask for a new one" in caught.value.hint
    assert videos(world) == {}


async def test_a_complete_upload_is_not_lost_when_the_video_is_refused(
    session: Session, world: World, clip: Path
) -> None:
    body = {"status": "error", "message": "Invalid field: resolutions"}
    world.faults.add({"kind": "status", "status": 400, "body": body, "match": {"method": "POST", "path": "/video$"}})
    with pytest.raises(InvalidRequest) as caught:
        await submit(session, "upload", path=str(clip))
    [kept] = slots(world)
    assert f"source_upload_id={kept}" in caught.value.hint
    video = await submit(session, "videoCreate", source_upload_id=kept)
    assert video.source_upload_id == kept


async def test_a_slot_at_a_foreign_address_gets_nothing(session: Session, world: World, clip: Path) -> None:
    slot = {"id": "upload_1", "presigned_url": "http://192.0.2.1/x?sig=1"}
    match = {"method": "POST", "path": "/upload$"}
    world.faults.add({"kind": "json", "body": {"status": "success", "body": {"uploads": [slot]}}, "match": match})
    with pytest.raises(PolicyRefused, match="not a public https address"):
        await submit(session, "upload", path=str(clip))
    assert [call.path for call in changes(world)] == ["/upload"]


async def test_the_address_of_a_slot_is_kept_out_of_the_log(session: Session, world: World) -> None:
    slot = await submit(session, "uploadCreate")
    assert isinstance(slot, Upload)
    assert "X-Goog-Signature" in slot.presigned_url
    assert "X-Goog" not in repr(slot)
    assert "X-Goog" not in json.dumps(redactor.value(as_json(slot)))
    assert "X-Goog" in json.dumps(redactor.answer(as_json(slot), asked_for=("presigned_url",)))


# Livestreams


async def test_the_fourth_stream_is_explained(session: Session, world: World) -> None:
    for number in range(3):
        stream = await submit(session, "streamCreate", payload={"name": f"Demo {number}"})
        assert stream.status == "off"
    with pytest.raises(InvalidRequest, match="you already have 3/3 streams") as caught:
        await submit(session, "streamCreate", name="One more")
    assert "theta.video.streams" in caught.value.hint
    assert "dashboard" in caught.value.hint
    assert (await session.journal.ledger(1))[0].state == "refused"
    listed = await session.ask(f"{VIDEO}.streams", {"status": "off"})
    assert [one.name for one in listed.streams] == ["Demo 0", "Demo 1", "Demo 2"]
    assert (await session.ask(f"{VIDEO}.streams", {"status": "on"})).streams == ()


async def test_a_stream_whose_answer_was_lost_is_found_again(session: Session, world: World) -> None:
    world.faults.add({"kind": "reset", "after": True, "match": {"method": "POST", "path": "/stream$"}})
    stream = await submit(session, "streamCreate", name="Demo")
    assert [stream.id] == list(streams(world))


async def test_a_node_is_taken_the_stream_goes_on_and_the_key_is_never_shown(session: Session, world: World) -> None:
    world.faults.add({"kind": "encoder", "seconds": 20})
    stream = await submit(session, "streamCreate", name="Demo")
    nodes = (await session.ask(f"{VIDEO}.ingestor.list")).ingestors
    assert [node.geo for node in nodes] == [node["geo"] for node in INGESTORS]
    chosen = await submit(session, "ingestor.select", ingestorId=nodes[0].id, body={"tva_stream": stream.id})
    assert json.loads(changes(world)[-1].body) == {"tva_stream": stream.id}
    key = streams(world)[stream.id].key
    assert chosen.stream_server == f"rtmp://{nodes[0].ip}/live"
    shown = json.dumps(redactor.answer(as_json(chosen)))
    assert chosen.stream_server in shown
    assert key not in repr(chosen) + shown
    kept = await session.keeper.find(f"endpoint/{stream.id}")
    assert kept is not None
    assert kept.password.get_secret_value() == key
    world.clock.advance(21)
    assert (await session.ask(f"{VIDEO}.streamGet", {"streamId": stream.id})).status == "on"
    await submit(session, "ingestor.unselect", ingestor_id=nodes[0].id)
    assert json.loads(changes(world)[-1].body) == {}
    assert (await session.ask(f"{VIDEO}.streamGet", {"stream_id": stream.id})).status == "off"


async def test_a_stream_key_of_the_older_form_is_hidden_too(session: Session, world: World) -> None:
    old = {"id": "stream_1", "stream_key": "live-key-of-2022", "resolutions": ["160p", "source"], "fps": "29.97"}
    world.faults.add({"kind": "json", "body": {"status": "success", "body": old}})
    stream = await session.ask(f"{VIDEO}.streamGet", {"stream_id": "stream_1"})
    assert stream.resolutions == ("160p", "source")
    assert "live-key-of-2022" not in repr(stream) + json.dumps(redactor.answer(as_json(stream)))


async def test_a_node_without_a_stream_is_refused_here_as_the_cloud_would(session: Session, world: World) -> None:
    with pytest.raises(UsageError, match="tva_stream"):
        await submit(session, "ingestor.select", ingestor_id=INGESTORS[0]["id"])
    assert world.calls == []


@pytest.mark.parametrize("hostile", ["../x", "a/b", "a b", "..", "a?x=1", "a%2f", "\u001b[2J"])
async def test_an_id_cannot_leave_its_place_in_the_path(session: Session, world: World, hostile: str) -> None:
    for command, name in (("videoGet", "video_id"), ("streamGet", "stream_id"), ("list", "service_account_id")):
        with pytest.raises(UsageError):
            await session.ask(f"{VIDEO}.{command}", {name: hostile})
    assert world.calls == []


def test_a_state_that_nobody_knows_is_not_the_end() -> None:
    assert not Video(id="video_1", state="paused").is_over
