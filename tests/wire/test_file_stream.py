"""Files on their way: whole, in pieces, with progress; refused when they are not the file that was shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from theta_tui.change import Family, FileBody, Request, Sending, Waiting
from theta_tui.errors import PermissionDenied, Uncertain, UsageError
from theta_tui.wire import file_stream
from theta_tui.wire.file_stream import PIECE_BYTES, FileStream

DATA = bytes(range(256)) * (PIECE_BYTES // 256) * 3 + b"the end"


def described(path: Path) -> FileBody:
    seen = path.stat()
    return FileBody(str(path), seen.st_size, seen.st_mtime_ns)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(DATA)
    return path


def put(server, body):
    return Request("PUT", Family.SLOT, base=server.url + "/upload/1", body=body, deadline=20)


async def test_a_file_arrives_byte_for_byte_with_its_length_and_no_credential(bench, server, clip):
    server.then(server.answer(200))
    told: list[Waiting] = []
    await bench.writer.send(bench.approved(put(server, described(clip))), progress=told.append)
    [received] = server.requests
    assert received.body == DATA
    assert received.headers["content-length"] == str(len(DATA))
    assert received.headers["content-type"] == "application/octet-stream"
    assert "transfer-encoding" not in received.headers
    assert bench.keys.asked == []
    assert bench.log.attempts[0].sizes[0] == len(DATA)
    last = told[-1]
    assert isinstance(last, Sending)
    assert (last.error, last.sent, last.total) == ("", len(DATA), len(DATA))


async def test_after_a_refusal_the_file_is_sent_again_from_its_start(bench, server, clip):
    server.then(server.error(503, "busy", {"Retry-After": "0"})).then(server.answer(200))
    await bench.writer.send(bench.approved(put(server, described(clip))))
    assert [one.body for one in server.requests] == [DATA, DATA]


async def test_a_refused_upload_is_told_in_the_words_of_the_slot(bench, server, clip):
    server.then(server.answer(403, b"<?xml version='1.0'?><Error><Code>ExpiredToken</Code></Error>"))
    with pytest.raises(PermissionDenied, match="ExpiredToken"):
        await bench.writer.send(bench.approved(put(server, described(clip))))


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def touch(path: Path) -> None:
    os.utime(path, ns=(1, 1))


def become_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


SPOILT = {
    "grown": (grow, "has changed"),
    "shrunk": (lambda path: os.truncate(path, 10), "has changed"),
    "touched": (touch, "has changed"),
    "a pipe": (become_a_pipe, "has changed"),
    "vanished": (Path.unlink, "cannot be read any more"),
}


@pytest.mark.parametrize("spoil", SPOILT)
async def test_a_file_that_is_another_one_by_now_is_not_sent(bench, server, clip, spoil):
    server.then(server.answer(200))
    deed, words = SPOILT[spoil]
    body = described(clip)
    deed(clip)
    with pytest.raises(UsageError, match=words) as caught:
        await bench.writer.send(bench.approved(put(server, body)))
    assert "\n" not in caught.value.message
    assert server.requests == []


@pytest.mark.parametrize("spoil", SPOILT)
async def test_a_file_that_changes_on_the_way_never_arrives_whole(bench, server, clip, spoil):
    server.then(server.answer(200))
    deed, words = SPOILT[spoil]
    body, done = described(clip), []

    def after_the_first_piece(_: Waiting) -> None:
        if not done:
            done.append(True)
            deed(clip)

    with pytest.raises(UsageError, match=words):
        await bench.writer.send(bench.approved(put(server, body)), progress=after_the_first_piece)
    assert done
    assert server.requests == []
    assert bench.log.attempts[0].error == "validation"
    assert 0 < bench.log.attempts[0].sizes[0] < len(DATA)


async def test_a_server_that_stops_taking_bytes_is_given_up(bench, server, tmp_path, monkeypatch):
    monkeypatch.setattr("theta_tui.wire.exchange.STALL_SECONDS", 0.2)
    server.greet(server.hang)
    path = tmp_path / "large.mp4"
    with path.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    with pytest.raises(Uncertain, match="stopped taking"):
        await bench.writer.send(bench.approved(put(server, described(path))))


async def test_a_large_file_is_never_in_memory_as_a_whole(tmp_path):
    path = tmp_path / "large.mp4"
    with path.open("wb") as file:
        file.truncate(20 * PIECE_BYTES)
    stream = FileStream(described(path))
    sizes = [len(piece) async for piece in stream]
    assert sizes == [PIECE_BYTES] * 20
    assert stream.sent == stream.size


async def test_progress_is_told_a_few_times_a_second(clip, monkeypatch):
    told: list[Waiting] = []
    monkeypatch.setattr(file_stream, "TOLD_SECONDS", 3600)
    async for _ in FileStream(described(clip), told.append):
        pass
    assert [notice.sent for notice in told if isinstance(notice, Sending)] == [PIECE_BYTES, len(DATA)]
