"""Each row of the retry table, for reads and for changes, counted on the server."""

from __future__ import annotations

import pytest

from theta_tui.errors import (
    AuthError,
    BillingError,
    BlockedByEdge,
    CapacityError,
    Conflict,
    InvalidRequest,
    NetworkError,
    NotFound,
    PermissionDenied,
    ProtocolError,
    QuotaError,
    RateLimited,
    TimedOut,
    Uncertain,
    UpstreamError,
)
from theta_tui.redact import redactor
from theta_tui.wire.knobs import Knobs
from theta_tui.wire.retry import TABLE, Fault

HTML = b"<!DOCTYPE html><html><body><h1>Sorry &lt;b&gt; 502</h1></body></html>"
PAGE = {"Content-Type": "text/html"}


def answers(server, case):
    """The script for a row: what the server does with every request."""
    made = {
        "400": [server.error(400, "Live stream limit reached - you already have 3/3 streams")],
        "401": [server.error(401, "no")],
        "402": [server.error(402, "pay first")],
        "403": [server.error(403, "You are not allowed to perform this action")],
        "403 billing": [server.error(403, "insufficient balance")],
        "403 permission words": [server.error(403, "insufficient permissions")],
        "403 edge": [server.answer(403, b"error code: 1010", {"Content-Type": "text/plain", "CF-Ray": "8abc-FRA"})],
        "403 edge page": [server.answer(403, b"<html><title>Error 1010</title></html>", PAGE)],
        "404": [server.error(404, "service not found")],
        "405": [server.answer(405)],
        "408": [server.answer(408)],
        "409 capacity": [server.error(409, "No instances available - try again later")],
        "409 other": [server.error(409, "name already taken")],
        "422": [server.json({"detail": [{"msg": "field required"}]}, 422)],
        "425": [server.answer(425)],
        "429": [server.error(429, "slow down")],
        "429 billing": [server.error(429, "out of credits")],
        "quota": [server.error(429, "10 minute quota reached")],
        "quota 200": [server.error(200, "10 minute quota reached")],
        "500": [server.error(500, "boom")],
        "502 page": [server.answer(502, HTML, PAGE)],
        "503 envelope": [server.error(503, "busy")],
        "503 told": [server.answer(503, b"", {"Retry-After": "0"})],
        "503 bare": [server.answer(503, b"upstream connect error")],
        "504": [server.answer(504)],
        "521": [server.answer(521, HTML, PAGE)],
        "501": [server.answer(501)],
        "200 page": [server.answer(200, HTML, PAGE)],
        "200 error": [server.error(200, "the input is wrong")],
        "200 error capacity": [server.error(200, "No instances available - try again later")],
        "200 rpc error": [server.json({"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": "bad"}})],
        "200 broken json": [server.answer(200, b'{"a": ', {"Content-Type": "application/json"})],
        "307": [server.answer(307, b"", {"Location": "https://elsewhere.thetaedgecloud.com/"})],
        "reset": [server.reset],
        "half an answer": [server.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), server.close],
        "cut without length": [server.send(b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"a": [1,'), server.close],
        "silence": [server.hang],
        "slow drip": [server.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + b" " * 99, 0.02)],
        "endless 100": [server.drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 200, 0.01, 25)],
    }[case]
    return tuple(made)


# case → error and number of tries of a read; error and number of tries of a change
ROWS = [
    ("400", InvalidRequest, 1, InvalidRequest, 1),
    ("401", AuthError, 1, AuthError, 1),
    ("402", BillingError, 1, BillingError, 1),
    ("403", PermissionDenied, 1, PermissionDenied, 1),
    ("403 billing", BillingError, 1, BillingError, 1),
    ("403 permission words", PermissionDenied, 1, PermissionDenied, 1),
    ("403 edge", BlockedByEdge, 1, BlockedByEdge, 1),
    ("403 edge page", BlockedByEdge, 1, BlockedByEdge, 1),
    ("404", NotFound, 1, NotFound, 1),
    ("405", InvalidRequest, 1, InvalidRequest, 1),
    ("408", TimedOut, 3, TimedOut, 3),
    ("409 capacity", CapacityError, 3, CapacityError, 3),
    ("409 other", Conflict, 1, Conflict, 1),
    ("422", InvalidRequest, 1, InvalidRequest, 1),
    ("425", UpstreamError, 3, UpstreamError, 3),
    ("429", RateLimited, 3, RateLimited, 3),
    ("429 billing", BillingError, 1, BillingError, 1),
    ("quota", QuotaError, 1, QuotaError, 1),
    ("quota 200", QuotaError, 1, QuotaError, 1),
    ("500", UpstreamError, 3, Uncertain, 1),
    ("502 page", UpstreamError, 3, Uncertain, 1),
    ("503 envelope", UpstreamError, 3, UpstreamError, 3),
    ("503 told", UpstreamError, 3, UpstreamError, 3),
    ("503 bare", UpstreamError, 3, Uncertain, 1),
    ("504", UpstreamError, 3, Uncertain, 1),
    ("521", UpstreamError, 3, Uncertain, 1),
    ("501", UpstreamError, 1, Uncertain, 1),
    ("200 page", UpstreamError, 1, Uncertain, 1),
    ("200 error", InvalidRequest, 1, InvalidRequest, 1),
    ("200 error capacity", CapacityError, 3, CapacityError, 3),
    ("200 rpc error", InvalidRequest, 1, InvalidRequest, 1),
    ("200 broken json", ProtocolError, 1, Uncertain, 1),
    ("307", ProtocolError, 1, ProtocolError, 1),
    ("reset", NetworkError, 3, Uncertain, 1),
    ("half an answer", NetworkError, 3, Uncertain, 1),
    ("cut without length", NetworkError, 3, Uncertain, 1),
    ("silence", TimedOut, 3, Uncertain, 1),
    ("slow drip", TimedOut, 3, Uncertain, 1),
    ("endless 100", TimedOut, 3, Uncertain, 1),
]


@pytest.fixture
def brisk(bench, request):
    """Short where a row waits for its time-out three times; elsewhere a crowded machine may take its time."""
    is_waiting = request.node.callspec.params["case"] in ("silence", "slow drip", "endless 100")
    bench.use(Knobs(timeout_seconds=0.4 if is_waiting else 20, retries=2, backoff_seconds=0.001))
    return bench


@pytest.mark.parametrize(("case", "error", "tries"), [(row[0], row[1], row[2]) for row in ROWS])
async def test_a_failing_read_ends_with_the_error_of_its_row_after_its_tries(brisk, server, case, error, tries):
    server.then(*answers(server, case))
    with pytest.raises(error) as caught:
        await brisk.reader.fetch(brisk.get())
    assert type(caught.value) is error
    assert len(server.requests) == tries
    assert len(brisk.log.attempts) == tries
    assert "<h1>" not in caught.value.message


@pytest.mark.parametrize(("case", "error", "tries"), [(row[0], row[3], row[4]) for row in ROWS])
async def test_a_failing_change_is_sent_no_more_often_than_its_row_allows(brisk, server, case, error, tries):
    server.then(*answers(server, case))
    with pytest.raises(error) as caught:
        await brisk.writer.send(brisk.approved())
    assert type(caught.value) is error
    assert len(server.requests) == tries
    assert "<h1>" not in caught.value.message


def test_every_fault_has_a_row():
    assert set(TABLE) == set(Fault)


@pytest.mark.parametrize("case", ["409 capacity", "408", "425", "429", "503 envelope", "200 error capacity"])
async def test_a_documented_refusal_is_retried_and_then_a_change_succeeds(brisk, server, case):
    server.then(*answers(server, case)).then(server.json({"status": "success", "body": {"id": "x"}}))
    reply = await brisk.writer.send(brisk.approved())
    assert reply.value == {"id": "x"}
    assert reply.attempts == 2
    assert len(server.requests) == 2
    assert server.requests[0].body == server.requests[1].body


@pytest.mark.parametrize("case", ["500", "502 page", "reset", "half an answer", "cut without length", "silence"])
async def test_a_passing_failure_of_a_read_is_retried_and_then_it_succeeds(brisk, server, case):
    server.then(*answers(server, case)).then(server.json([1]))
    reply = await brisk.reader.fetch(brisk.get())
    assert reply.value == [1]
    assert len(server.requests) == 2


async def test_a_refused_connection_is_tried_again_for_a_change_because_nothing_was_sent(bench, server):
    await server.stop()
    waits = []
    with pytest.raises(NetworkError) as caught:
        await bench.writer.send(bench.approved(), progress=waits.append)
    assert [wait.attempt for wait in waits] == [1, 2]
    assert waits[0].attempts == 3
    assert [attempt.sent for attempt in bench.log.attempts] == [False, False, False]
    assert "was not reached" in caught.value.message


async def test_a_server_that_closes_at_once_leaves_a_change_uncertain(bench, server):
    server.greet(server.reset)
    with pytest.raises((Uncertain, NetworkError)) as caught:
        await bench.writer.send(bench.approved())
    sent = [attempt.sent for attempt in bench.log.attempts]
    assert isinstance(caught.value, Uncertain) == sent[-1]
    assert sent.count(True) <= 1


async def test_an_uncertain_change_tells_the_request_id(bench, server):
    server.then(server.answer(502, b"", {"CF-Ray": "8f00-FRA"}))
    with pytest.raises(Uncertain) as caught:
        await bench.writer.send(bench.approved())
    assert caught.value.request_id == "8f00-FRA"
    assert caught.value.status == 502


async def test_the_id_of_a_job_is_found_in_an_answer_that_was_cut(bench, server):
    body = b'{"status":"success","body":{"infer_requests":[{"id":"infr_rqst_k7m2p9q4r1s8t5v0w3x6y2","sta'
    server.then(server.answer(200, body, {"Content-Type": "application/json"}))
    with pytest.raises(Uncertain) as caught:
        await bench.writer.send(bench.approved())
    assert caught.value.request_id == "infr_rqst_k7m2p9q4r1s8t5v0w3x6y2"


async def test_the_credential_that_was_refused_is_named_but_not_shown(bench, server):
    server.then(server.error(401, "bad key project-key-0001"))
    redactor.learn("project-key-0001")
    with pytest.raises(AuthError) as caught:
        await bench.reader.fetch(bench.get())
    assert "THETA_EC_API_KEY" in caught.value.message
    assert "project-key-0001" not in caught.value.message


async def test_the_clouds_words_are_cut_to_500_characters(bench, server):
    server.then(server.error(400, "word " * 1000))
    with pytest.raises(InvalidRequest) as caught:
        await bench.reader.fetch(bench.get())
    assert 400 < len(caught.value.message) < 600


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"message": "m", "error": "e", "detail": "d"}, "m"),
        ({"error": "e", "detail": "d"}, "e"),
        ({"error": {"message": "inner"}, "detail": "d"}, "inner"),
        ({"detail": "d"}, "d"),
        ("just text", "just text"),
    ],
)
async def test_error_text_is_taken_in_the_documented_order(bench, server, body, words):
    server.then(server.json(body, 400))
    with pytest.raises(InvalidRequest) as caught:
        await bench.reader.fetch(bench.get())
    assert caught.value.message.endswith(f"400: {words}")
