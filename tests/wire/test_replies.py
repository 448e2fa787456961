from __future__ import annotations

import json
import threading
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theta_tui.errors import NetworkError, ProtocolError, Uncertain
from theta_tui.wire import replies
from theta_tui.wire.replies import Form, decode, form_of, parse, refusal_in, unwrap


def test_fractions_are_decimals_from_the_text():
    value = parse(b'{"cost": 0.00257972, "n": 3, "big": 340282366920938463463374607431768211456}')
    assert value == {"cost": Decimal("0.00257972"), "n": 3, "big": 2**128}
    assert isinstance(value["cost"], Decimal)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[1] x",
        b"NaN",
        b'{"a": Infinity}',
        b"-Infinity",
        b"1e999999999",
        b"1e400",
        b"1e-400",
        b"0." + b"1" * 200,
        b"1" * 5000,
        b'{"a": 1, "a": 2}',
        b'{"x": [{"b": 1, "b": 1}]}',
        b'"\xff"',
        '{"a": 1}'.encode("utf-16"),
        b"[" * 200 + b"]" * 200,
        b'{"a":' * 100_000,
        b"[" * 100_000,
    ],
    ids=range(18),
)
def test_json_that_is_not_exactly_json_is_refused(data):
    with pytest.raises(ProtocolError):
        parse(data)


def test_a_bom_and_a_depth_of_99_are_accepted():
    assert parse(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}
    assert parse(b"[" * 99 + b"]" * 99)


def test_lone_surrogates_become_a_replacement_and_pairs_stay():
    assert parse(rb'["a\ud800b", "\ud83d\ude00", {"\udc00": 1}]') == ["a\ufffdb", "\U0001f600", {"\ufffd": 1}]


SCALARS = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(max_size=20)
NAMES = st.text(max_size=5)


@given(st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4)))
def test_any_plain_json_value_survives_the_way_there_and_back(value):
    assert parse(json.dumps(value).encode()) == replies._mended(value)


@pytest.mark.parametrize(
    ("content_type", "head", "form"),
    [
        ("application/json", b'{"a": 1}', Form.JSON),
        ("text/event-stream", b'{"a": 1}', Form.JSON),
        ("application/json", b"data: {}", Form.SSE),
        ("text/plain", b": hello", Form.SSE),
        ("", b"event: x", Form.SSE),
        ("text/event-stream; charset=utf-8", b"anything", Form.SSE),
        ("text/html; charset=utf-8", b"hello", Form.PAGE),
        ("application/json", b"  <!DOCTYPE html>", Form.PAGE),
        ("text/plain", b"started", Form.TEXT),
        ("application/json", b"true", Form.JSON),
        ("application/json", b"", Form.EMPTY),
        ("text/html", b" \n", Form.EMPTY),
    ],
)
def test_the_form_of_an_answer_is_told_by_its_first_bytes_then_by_its_type(content_type, head, form):
    assert form_of(content_type, head) is form


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ({"status": "success", "body": {"a": 1}}, {"a": 1}),
        ({"status": "success", "body": None}, None),
        ({"status": 200, "body": [1]}, [1]),
        ({"id": "x"}, {"id": "x"}),
        ({"status": "success"}, {"status": "success"}),
        ([1], [1]),
        ("body", "body"),
        (None, None),
    ],
)
def test_body_is_taken_out_only_where_an_object_has_one(raw, value):
    assert unwrap(raw) == value


@pytest.mark.parametrize(
    ("raw", "fails"),
    [
        ({"status": "error", "message": "m"}, True),
        ({"status": "ERROR"}, True),
        ({"error": {"message": "m"}}, True),
        ({"jsonrpc": "2.0", "error": {"code": 1}}, True),
        ({"status": "success", "body": {"status": "error"}}, False),
        ({"id": "infr_rqst_1", "error": "text", "error_message": None}, False),
        ({"choices": [], "error": {"code": 1}}, False),
        ({"jsonrpc": "2.0", "result": {}, "error": None}, False),
        ([], False),
    ],
)
def test_a_failure_is_recognised_at_any_status(raw, fails):
    assert (refusal_in(raw) is not None) == fails


async def test_an_empty_answer_is_none_and_plain_text_a_string():
    assert await decode(b"", "application/json") is None
    assert await decode("gestartet: ä".encode(), "text/plain; charset=utf-7") == "gestartet: ä"
    with pytest.raises(ProtocolError):
        await decode(b"\xff\xfe", "text/plain")
    with pytest.raises(ProtocolError):
        await decode(b"data: 1", "")


async def test_a_large_answer_is_parsed_off_the_loop(monkeypatch):
    threads = []
    original = replies.parse
    monkeypatch.setattr(replies, "parse", lambda data: threads.append(threading.current_thread()) or original(data))
    await decode(b'["' + b"x" * replies.OFF_LOOP + b'"]', "application/json")
    await decode(b'["x"]', "application/json")
    assert threads[0] is not threading.main_thread()
    assert threads[1] is threading.main_thread()


# Through a real socket


async def test_204_and_an_empty_200_are_success_without_a_value(bench, server):
    server.then(server.answer(204, length=False)).then(server.answer(200))
    assert (await bench.writer.send(bench.approved())).value is None
    assert (await bench.writer.send(bench.approved())).value is None


async def test_a_reply_has_value_raw_status_and_ids(bench, server):
    server.then(
        server.json({"status": "success", "body": {"a": 1}}, 201, {"X-Request-Id": "req-1", "Set-Cookie": "a=b"})
    )
    reply = await bench.reader.fetch(bench.get())
    assert (reply.status, reply.value, reply.request_id) == (201, {"a": 1}, "req-1")
    assert reply.raw == {"status": "success", "body": {"a": 1}}
    assert reply.headers["content-type"] == "application/json"
    assert "set-cookie" not in reply.headers
    assert reply.seconds > 0


async def test_a_body_over_the_cap_is_refused_by_its_length_before_it_is_read(bench, server):
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {replies.JSON_CAP + 1}\r\n\r\n".encode()
    server.then(server.send(head), server.hang)
    with pytest.raises(ProtocolError, match="larger than 8 MB"):
        await bench.reader.fetch(bench.get())
    with pytest.raises(Uncertain, match="larger than 8 MB"):
        await bench.writer.send(bench.approved())
    assert [attempt.sizes[1] for attempt in bench.log.attempts] == [0, 0]


async def test_a_body_over_the_cap_without_a_length_is_refused_while_it_is_read(bench, server):
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    server.then(server.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 200))
    bench.use(knobs=type(bench.wire.knobs)(5.0, 0, 0.001))
    with pytest.raises(ProtocolError, match="larger than 8 MB"):
        await bench.reader.fetch(bench.get())
    assert bench.log.attempts[-1].sizes[1] == replies.JSON_CAP


async def test_an_endless_error_body_is_cut_at_64_kb(bench, server):
    body = b'{"status":"error","message":"' + b"x" * (replies.ERROR_CAP * 4)
    server.then(server.answer(400, body))
    with pytest.raises(Exception, match="400") as caught:
        await bench.reader.fetch(bench.get())
    assert len(caught.value.message) < 600
    assert bench.log.attempts[-1].sizes[1] == replies.ERROR_CAP


@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip", "br", "deflate", "rot13", "x-unknown"])
async def test_a_compressed_answer_is_refused(bench, server, encoding):
    server.then(server.answer(200, b"\x1f\x8b", {"Content-Encoding": encoding}))
    with pytest.raises(ProtocolError, match="compressed"):
        await bench.reader.fetch(bench.get())
    assert server.requests[0].headers["accept-encoding"] == "identity"


async def test_a_compressed_error_is_told_by_its_status(bench, server):
    server.then(server.answer(404, b"\x1f\x8b\x08", {"Content-Encoding": "gzip"}))
    with pytest.raises(Exception, match="404: not found"):
        await bench.reader.fetch(bench.get())


@pytest.mark.parametrize("charset", ["utf-7", "rot13", "zlib_codec", "unicode_escape", "utf-16"])
async def test_the_charset_of_the_answer_is_ignored(bench, server, charset):
    server.then(server.answer(200, '"+AFs-ä"'.encode(), {"Content-Type": f"application/json; charset={charset}"}))
    assert (await bench.reader.fetch(bench.get())).value == "+AFs-ä"


async def test_a_flood_of_headers_is_refused(bench, server):
    flood = {f"x-{number}": "y" * 100 for number in range(700)}
    server.then(server.json({}, 200, flood))
    with pytest.raises((ProtocolError, NetworkError)):
        await bench.reader.fetch(bench.get())
