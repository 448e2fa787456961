"""Uploads: a slot that takes nothing (F47) and files that are not what was shown (F48). No model runs on them."""

from __future__ import annotations

import asyncio
import os
from base64 import b64decode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Prove
from tests.faults.front import is_change
from tests.faults.rig import Rig
from tests.faults.scripted import Received, Step
from tests.stack import Person
from theta_tui.change import Done, Sending, Waiting
from theta_tui.cloud.local_files import MOST_BYTES
from theta_tui.errors import CloudError, ThetaError, Uncertain, UsageError
from theta_tui.review import Ask
from theta_tui.shapes.upload_infer import DOT
from theta_tui.wire.file_stream import PIECE_BYTES

CREDENTIALS = {"authorization", "x-api-key", "cookie", "x-tva-sa-id", "x-tva-sa-secret", "x-auth-id", "x-auth-token"}
INFER, VIDEO = "theta.ondemand.inferFiles", "theta.video.upload"
COMMANDS = pytest.mark.parametrize("name", [INFER, VIDEO])
PAID = {INFER: "/infer_request/blip?", VIDEO: "/video"}
SLOT = {INFER: "/infer_request/blip/input_presigned_urls", VIDEO: "/upload"}


def given(name: str, path: Path) -> dict[str, Any]:
    return {"service": "blip", "paths": {"input_img": str(path)}} if name == INFER else {"path": str(path)}


def is_put(request: Received) -> bool:
    return request.method == "PUT"


def answers(rig: Rig, how: str) -> tuple[Step, ...]:
    """Give how a slot refuses."""
    front, xml = rig.front, {"Content-Type": "application/xml"}
    made: Mapping[str, tuple[Step, ...]] = {
        "403 expired": (front.answer(403, b"<Error><Code>AccessDenied</Code></Error>", xml),),
        "400 checksum": (front.answer(400, b"<Error><Code>BadDigest</Code></Error>", xml),),
        "307": (front.answer(307, b"", {"Location": f"{rig.other.url}/stolen"}),),
        "cut": (front.reset,),
        "cut after it was taken": (front.commit, front.reset),
    }
    return made[how]


HOW = pytest.mark.parametrize("how", ["403 expired", "400 checksum", "307", "cut", "cut after it was taken"])


def posts(rig: Rig, path: str) -> list[Received]:
    """Give the POSTs to a path (up to its query) that came so far."""
    return [one for one in rig.front.requests if one.method == "POST" and (one.target + "?").startswith(path)]


def is_bare(request: Received) -> bool:
    return not CREDENTIALS & request.headers.keys()


def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    path.write_bytes(b64decode(DOT))
    return path


@HOW
@COMMANDS
async def test_a_slot_that_takes_nothing_is_replaced_once_and_the_file_sent_from_its_start(
    name: str, how: str, rig: Rig, tmp_path: Path, prove: Prove
) -> None:
    path, front = picture(tmp_path), rig.front
    front.aim(answers(rig, how), at=is_put, stays=False)
    done = await rig.bench.session.submit(name, given(name, path), reviewer=Person())
    assert isinstance(done, Done)
    first, second = front.truth.tries
    assert first.target.partition("?")[0] != second.target.partition("?")[0], "the second address is a fresh one"
    assert second.body == path.read_bytes()
    assert is_bare(first)
    assert is_bare(second)
    assert (len(posts(rig, SLOT[name] + "?")), len(posts(rig, PAID[name]))) == (2, 1)
    assert rig.other.connections == 0
    rows = await rig.bench.session.journal.ledger(10)
    assert not [row for row in rows if row.state in ("sent", "reserved", "uncertain") and row.command == name]
    for number in ("F47", "I1", "I8"):
        prove(number, f"{name}: {how}")


@HOW
@COMMANDS
async def test_a_slot_that_takes_nothing_twice_ends_it_before_anything_is_paid(
    name: str, how: str, rig: Rig, tmp_path: Path, prove: Prove
) -> None:
    front, person = rig.front, Person()
    front.aim(answers(rig, how), at=is_put)
    with pytest.raises(ThetaError) as told:
        await rig.bench.session.submit(name, given(name, picture(tmp_path)), reviewer=person)
    assert isinstance(told.value, Uncertain if how.startswith("cut") else CloudError)
    assert told.value.message.endswith("It was tried once more, in vain.")
    assert "a fresh address is asked for once" in person.shown[0].preview["notes"][0]
    assert len(front.truth.tries) == 2
    assert all(map(is_bare, front.truth.tries))
    assert posts(rig, PAID[name]) == []
    assert rig.other.connections == 0
    rows = await rig.bench.session.journal.ledger(10)
    paid = next(row for row in rows if row.summary.startswith(("Run blip", "Make a video")))
    assert paid.state == "refused"
    for number in ("F47", "I8"):
        prove(number, f"{name}: {how}")


@COMMANDS
async def test_a_fresh_address_that_is_refused_leaves_one_error_that_says_both(
    name: str, rig: Rig, tmp_path: Path, prove: Prove
) -> None:
    front = rig.front

    def wanted(request: Received) -> bool:
        return is_put(request) or (is_change(request) and (request.target + "?").startswith(SLOT[name] + "?"))

    front.aim((front.relay,), answers(rig, "403 expired"), (front.error(403, "No more slots."),), at=wanted)
    with pytest.raises(CloudError, match=r"AccessDenied\. It was to be tried once more, but: .*No more slots"):
        await rig.bench.session.submit(name, given(name, picture(tmp_path)), reviewer=Person())
    assert [one.method for one in front.truth.tries] == ["POST", "PUT", "POST"]
    assert posts(rig, PAID[name]) == []
    prove("F47", name)


async def test_a_cancel_while_the_first_slot_hangs_asks_for_no_other(rig: Rig, tmp_path: Path, prove: Prove) -> None:
    front = rig.front
    front.aim((front.hang,), at=is_put)
    work = asyncio.create_task(rig.bench.session.submit(INFER, given(INFER, picture(tmp_path)), reviewer=Person()))
    while not front.truth.tries:
        await asyncio.sleep(0.005)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert (len(front.truth.tries), len(posts(rig, SLOT[INFER])), posts(rig, PAID[INFER])) == (1, 1, [])
    prove("F47", f"{INFER}: cancelled")


# F48: the file


def _spoil(path: Path, how: str) -> None:
    if how == "changed":
        path.write_bytes(path.read_bytes()[::-1])
        os.utime(path, (1, 1))
    elif how == "shorter":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif how == "longer":
        path.write_bytes(path.read_bytes() + b"more")
    elif how == "another":
        other = path.with_name("other")
        other.write_bytes(path.read_bytes())
        other.rename(path)
    else:
        path.unlink()
        if how == "a pipe":
            os.mkfifo(path)


SPOILT = pytest.mark.parametrize("how", ["changed", "shorter", "longer", "another", "gone", "a pipe"])


async def _is_told(rig: Rig, name: str, path: Path, person: Person, progress: Callable[[Waiting], None]) -> None:
    """Upload a file that is spoilt on the way: one clear error, no other slot asked for, nothing paid."""
    session = rig.bench.session
    command, act = await session.build(name, given(name, path))
    with pytest.raises(UsageError, match=r"broken off|cannot be read|changed"):
        await session.perform(command, act, Ask(name, person, progress=progress))
    assert posts(rig, PAID[name]) == []
    assert len(posts(rig, SLOT[name] + "?")) == 1
    rows = await session.journal.ledger(3)
    assert {row.state for row in rows} <= {"refused", "confirmed"}


@SPOILT
@COMMANDS
async def test_a_file_that_is_not_what_was_shown_is_not_run(
    name: str, how: str, rig: Rig, tmp_path: Path, prove: Prove
) -> None:
    path = picture(tmp_path)
    await _is_told(rig, name, path, Person(then=lambda: _spoil(path, how)), lambda _: None)
    prove("F48", f"{name}: {how} before")


@SPOILT
@COMMANDS
async def test_a_file_that_changes_while_it_is_sent_is_not_run(
    name: str, how: str, rig: Rig, tmp_path: Path, prove: Prove
) -> None:
    path, told = tmp_path / "large.bin", list[int]()
    path.write_bytes(b"x" * PIECE_BYTES * 6)

    def spoil_once(waiting: Waiting) -> None:
        if isinstance(waiting, Sending) and not told:
            told.append(waiting.sent)
            _spoil(path, how)

    await _is_told(rig, name, path, Person(), spoil_once)
    assert told == [PIECE_BYTES]
    prove("F48", f"{name}: {how} on the way")


async def test_a_file_that_changed_before_a_fresh_address_was_there_is_not_sent_to_it(
    rig: Rig, tmp_path: Path, prove: Prove
) -> None:
    path, front = picture(tmp_path), rig.front

    async def spoil(_: object) -> None:
        _spoil(path, "shorter")

    front.aim((spoil, *answers(rig, "403 expired")), at=is_put, stays=False)
    with pytest.raises(UsageError, match="changed since it was shown"):
        await rig.bench.session.submit(INFER, given(INFER, path), reviewer=Person())
    assert posts(rig, PAID[INFER]) == []
    prove("F48", f"{INFER}: before the second address")


@pytest.mark.parametrize("how", ["empty", "a pipe", "missing", "a folder", "too large"])
@COMMANDS
async def test_a_file_that_cannot_be_uploaded_is_refused_at_once(
    name: str, how: str, rig: Rig, tmp_path: Path, prove: Prove
) -> None:
    path, person = tmp_path / "input", Person()

    def grow() -> None:
        path.touch()
        os.truncate(path, MOST_BYTES + 1)  # it has a size, but takes no room

    {"empty": path.touch, "a pipe": lambda: os.mkfifo(path), "missing": lambda: None, "a folder": path.mkdir,
     "too large": grow}[how]()  # fmt: skip
    before = len(list(filter(is_change, rig.front.requests)))
    with pytest.raises(UsageError) as told:
        await rig.bench.session.submit(name, given(name, path), reviewer=person)
    assert str(path) in told.value.message
    assert person.shown == []
    assert len(list(filter(is_change, rig.front.requests))) == before
    prove("F48", f"{name}: {how}")
