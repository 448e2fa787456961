"""Reader and Writer: what may be sent, once, with which headers, and which alternative follows."""

from __future__ import annotations

import asyncio
import logging
import time

import pytest
from pydantic import SecretStr

from theta_tui.change import After, Approved, Family, FormBody, Hole, HoleKind, JsonBody, Part, RawBody, Request
from theta_tui.errors import (
    AuthError,
    CapacityError,
    InvalidRequest,
    NoCredentials,
    NotFound,
    PermissionDenied,
    PolicyRefused,
    ProtocolError,
    RateLimited,
    ThetaError,
    TimedOut,
    Uncertain,
    UsageError,
)
from theta_tui.wire.hosts import Hosts
from theta_tui.wire.knobs import Knobs


def rpc(method, family=Family.CHAIN):
    return Request("POST", family, body=JsonBody({"jsonrpc": "2.0", "id": 1, "method": method, "params": [{}]}))


# What is sent


async def test_a_read_carries_the_browser_headers_and_its_credential(bench, server):
    server.then(server.json([]))
    await bench.reader.fetch(bench.get("deployment", "list", query=(("project_id", "prj_1"),)))
    received = server.requests[0]
    assert (received.method, received.target) == ("GET", "/deployment/list?project_id=prj_1")
    assert received.headers["user-agent"].startswith("Mozilla/5.0")
    assert received.headers["accept"] == "application/json, text/plain, */*"
    assert received.headers["x-api-key"] == "project-key-0001"
    assert "authorization" not in received.headers
    assert "cookie" not in received.headers


@pytest.mark.parametrize(
    ("family", "headers"),
    [
        (Family.ONDEMAND, {"authorization": "Bearer ondemand-token-0001"}),
        (Family.CONTROLLER, {"x-api-key": "project-key-0001"}),
        (Family.PLATFORM, {"x-api-key": "project-key-0001"}),
        (Family.AI, {"authorization": "Bearer chatbot-token-0001"}),
        (Family.VIDEO, {"x-tva-sa-id": "srvacc_1", "x-tva-sa-secret": "video-secret-0001"}),
    ],
)
async def test_each_family_gets_its_own_credential_and_no_other(bench, server, family, headers):
    server.then(server.json([]))
    await bench.reader.fetch(bench.get("x", family=family))
    kinds = {"authorization", "x-api-key", "x-tva-sa-id", "x-tva-sa-secret"}
    assert {name: value for name, value in server.requests[0].headers.items() if name in kinds} == headers


async def test_cookies_are_never_sent_back(bench, server):
    server.then(server.json([], 200, {"Set-Cookie": "session=1; Path=/"}))
    await bench.reader.fetch(bench.get())
    await bench.reader.fetch(bench.get())
    assert "cookie" not in server.requests[1].headers


async def test_a_change_sends_its_exact_bytes_and_type(bench, server):
    server.then(server.json({"id": "1"}))
    body = JsonBody({"name": "one", "auth_password": SecretStr("pw-1"), "file": Hole("upload.name", HoleKind.TEXT)})
    await bench.writer.send(bench.approved(bench.post(body=body), holes={"upload.name": "f.wav"}))
    assert server.requests[0].body == b'{"name":"one","auth_password":"pw-1","file":"f.wav"}'
    assert server.requests[0].headers["content-type"] == "application/json"


async def test_a_form_arrives_with_its_boundary(bench, server):
    server.then(server.json({}))
    form = FormBody((Part("file", b"hello", filename="a.txt", content_type="text/plain"),))
    await bench.writer.send(bench.approved(bench.post("chatbot", "c", "document", body=form)))
    received = server.requests[0]
    assert received.headers["content-type"].endswith(form.boundary)
    assert b"hello" in received.body


async def test_a_post_without_a_body_says_so(bench, server):
    server.then(server.json({}))
    await bench.writer.send(bench.approved(bench.post(body=None)))
    assert server.requests[0].headers["content-length"] == "0"
    assert "content-type" not in server.requests[0].headers


async def test_an_upload_slot_gets_the_raw_bytes_and_no_credential(bench, server):
    server.then(server.answer(200))
    put = Request("PUT", Family.SLOT, base=Hole("upload.url", HoleKind.URL), body=RawBody(b"\x00\x01"))
    await bench.writer.send(bench.approved(put, holes={"upload.url": server.url + "/upload/1?X-Goog-Signature=00ff"}))
    received = server.requests[0]
    assert (received.method, received.target, received.body) == ("PUT", "/upload/1?X-Goog-Signature=00ff", b"\x00\x01")
    assert received.headers["content-type"] == "application/octet-stream"
    assert not received.headers.keys() & {"authorization", "x-api-key", "x-tva-sa-id"}
    assert bench.keys.asked == []
    assert "00ff" not in bench.log.attempts[0].url


async def test_an_expired_upload_slot_is_told_as_such(bench, server):
    server.then(server.answer(403, b"<?xml version='1.0'?><Error><Code>ExpiredToken</Code></Error>"))
    put = Request("PUT", Family.SLOT, base=server.url + "/upload/1", body=RawBody(b"x"))
    with pytest.raises(PermissionDenied, match="ExpiredToken") as caught:
        await bench.writer.send(bench.approved(put))
    assert "ask for a new one" in caught.value.hint


async def test_describe_shows_what_will_be_sent_with_credentials_masked(bench, server):
    shown = bench.writer.describe(bench.post("deployment", Hole("deployment.id")))
    assert shown["method"] == "POST"
    assert shown["url"] == server.url + "/deployment/{deployment.id}"
    assert shown["headers"]["x-api-key"] == "[redacted]"
    server.then(server.json({}))
    await bench.writer.send(bench.approved())
    sent = server.requests[0].headers
    assert {name.lower() for name in shown["headers"]} <= sent.keys()
    assert sent.keys() - {name.lower() for name in shown["headers"]} == {"host", "content-length"}


# What may not be sent


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "get"])
async def test_a_reader_sends_nothing_but_reads(bench, server, method):
    with pytest.raises(PolicyRefused):
        await bench.reader.fetch(Request(method, Family.CONTROLLER, ("deployment",)))
    with pytest.raises(PolicyRefused):
        await bench.reader.fetch(bench.get(), Request(method, Family.CONTROLLER, ("x",), only_after=After.NO_ROUTE))
    assert server.connections == 0


async def test_a_reader_posts_json_rpc_methods_that_read_and_no_others(bench, server):
    server.then(server.json({"jsonrpc": "2.0", "id": 1, "result": {"syncing": False}}))
    assert (await bench.reader.fetch(rpc("theta.GetStatus"))).value["result"] == {"syncing": False}
    for method in ("theta.BroadcastRawTransaction", "thetacli.Send"):
        with pytest.raises(PolicyRefused):
            await bench.reader.fetch(rpc(method))
    assert len(server.requests) == 1


async def test_with_dry_run_on_nothing_is_sent_and_the_approval_stays_fresh(bench, server):
    bench.dry = True
    approved = bench.approved()
    with pytest.raises(PolicyRefused, match="Dry run"):
        await bench.writer.send(approved)
    assert server.connections == 0
    bench.dry = False
    server.then(server.json({}))
    await bench.writer.send(approved)
    assert len(server.requests) == 1


async def test_an_approval_is_good_for_one_sending(bench, server):
    server.then(server.json({}))
    approved = bench.approved()
    await bench.writer.send(approved)
    with pytest.raises(PolicyRefused, match="already used"):
        await bench.writer.send(approved)
    assert len(server.requests) == 1


async def test_two_sendings_of_one_approval_at_once_reach_the_cloud_once(bench, server):
    server.then(server.json({}))
    approved = bench.approved()
    results = await asyncio.gather(*(bench.writer.send(approved) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(result, PolicyRefused) for result in results) == 4
    assert len(server.requests) == 1


async def test_an_old_approval_is_refused(bench, server):
    with pytest.raises(PolicyRefused, match="too old"):
        await bench.writer.send(bench.approved(seconds=-1))
    assert server.connections == 0


async def test_a_writer_takes_nothing_but_an_approval(bench, server):
    with pytest.raises(PolicyRefused, match="approved"):
        await bench.writer.send(bench.change(bench.post()))
    assert server.connections == 0


@pytest.mark.parametrize("value", ["..", "a/b", "a?b", ""])
async def test_a_bad_id_stops_before_anything_is_sent(bench, server, value):
    with pytest.raises(UsageError):
        await bench.writer.send(bench.approved(bench.post("deployment", value, "stop")))
    assert server.connections == 0


async def test_missing_or_illegal_credentials_stop_before_anything_is_sent(bench, server):
    bench.keys.values = {}
    with pytest.raises(NoCredentials):
        await bench.reader.fetch(bench.get())
    bench.keys.values = {Family.CONTROLLER: {"key": "zq7\nzq7"}}
    with pytest.raises(UsageError) as caught:
        await bench.writer.send(bench.approved())
    assert "zq7" not in str(caught.value)
    assert server.connections == 0


async def test_a_slot_on_a_private_host_is_refused(bench, server):
    put = Request("PUT", Family.SLOT, base="https://10.0.0.1/x", body=RawBody(b"x"))
    with pytest.raises(PolicyRefused):
        await bench.writer.send(bench.approved(put))
    assert server.connections == 0


# Redirects


async def _send(bench, server, kind):
    put = Request("PUT", Family.SLOT, base=server.url + "/upload", body=RawBody(b"x"))
    ways = {
        "read": lambda: bench.reader.fetch(bench.get()),
        "change": lambda: bench.writer.send(bench.approved()),
        "slot": lambda: bench.writer.send(bench.approved(put)),
        "output": lambda: bench.reader.download(server.url + "/output/1", limit_bytes=1000),
        "video": lambda: bench.reader.fetch(bench.get("x", family=Family.VIDEO)),
    }
    if kind == "stream":
        async with bench.writer.open(bench.approved()):
            return
    await ways[kind]()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("kind", ["read", "change", "slot", "output", "video", "stream"])
async def test_redirects_are_never_followed_by_anyone(bench, server, other, status, kind):
    other.then(other.json({}))
    server.then(server.answer(status, b"", {"Location": other.url + "/take"}))
    with pytest.raises(ProtocolError, match="redirect"):
        await _send(bench, server, kind)
    assert other.connections == 0
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "location", ["/same", "//evil.example.org/x", "http://127.0.0.1/", "javascript:1", "\x00", "é"]
)
async def test_no_target_of_a_redirect_is_followed(bench, server, location):
    server.then(server.answer(302, b"", {"Location": location}))
    with pytest.raises(ThetaError):
        await bench.reader.fetch(bench.get())
    assert len({one.target for one in server.requests}) == 1


# Alternatives


async def test_the_plural_route_follows_only_a_404_or_405(bench, server):
    plural = bench.get("deployments", "list", only_after=After.NO_ROUTE)
    for status in (404, 405):
        server.requests.clear()
        server.only(server.error(status, "no route")).then(server.json([1]))
        reply = await bench.reader.fetch(bench.get(), plural)
        assert reply.request == plural
        assert server.methods == ["GET /deployment/list", "GET /deployments/list"]


@pytest.mark.parametrize("status", [400, 401, 403, 409, 422, 500, 502, 503, 504])
async def test_no_other_status_opens_the_alternative_of_a_change(bench, server, status):
    server.then(server.answer(status))
    with pytest.raises(ThetaError):
        await bench.writer.send(bench.approved(bench.post("a"), bench.post("b", only_after=After.NO_ROUTE)))
    assert {one.target for one in server.requests} == {"/a"}


async def test_a_lost_answer_never_opens_an_alternative(bench, server):
    server.then(server.reset)
    with pytest.raises(Uncertain):
        await bench.writer.send(bench.approved(bench.post("a"), bench.post("b", only_after=After.NO_ROUTE)))
    assert server.methods == ["POST /a"]


async def test_a_bigger_machine_follows_a_409_for_capacity_without_waiting(bench, server):
    server.then(server.error(409, "No instances available - try again later")).then(server.json({"ok": True}))
    bigger = bench.post("b", only_after=After.CAPACITY)
    reply = await bench.writer.send(bench.approved(bench.post("a"), bigger))
    assert reply.request == bigger
    assert server.methods == ["POST /a", "POST /b"]


async def test_the_last_alternative_waits_for_capacity(bench, server):
    server.then(server.error(409, "No instances available"))
    with pytest.raises(CapacityError):
        await bench.writer.send(bench.approved(bench.post("a"), bench.post("b", only_after=After.CAPACITY)))
    assert server.methods == ["POST /a", "POST /b", "POST /b", "POST /b"]


async def test_the_error_shown_is_the_last_in_which_the_cloud_said_something(bench, server):
    server.then(server.error(404, "deployment abc not found")).then(server.answer(405))
    with pytest.raises(NotFound, match="deployment abc not found"):
        await bench.writer.send(bench.approved(bench.post("a"), bench.post("b", only_after=After.NO_ROUTE)))


async def test_uncertain_is_never_hidden_behind_an_earlier_answer(bench, server):
    server.then(server.error(404, "deployment abc not found")).then(server.answer(502))
    with pytest.raises(Uncertain):
        await bench.writer.send(bench.approved(bench.post("a"), bench.post("b", only_after=After.NO_ROUTE)))


# Waiting


async def test_retry_after_is_waited_for_and_shown(bench, server):
    server.then(server.error(429, "slow down", {"Retry-After": "0"})).then(server.json([]))
    waits = []
    await bench.reader.fetch(bench.get(), progress=waits.append)
    assert [(wait.error, wait.attempt, wait.attempts) for wait in waits] == [("rate_limit", 1, 3)]
    assert 0 <= waits[0].seconds <= 0.01


@pytest.mark.parametrize("change", [False, True])
async def test_a_wait_longer_than_the_deadline_is_not_begun_but_told(bench, server, change):
    server.then(server.error(429, "slow down", {"Retry-After": "3600"}))
    begun = time.monotonic()
    with pytest.raises(RateLimited, match="3600 s") as caught:
        await (bench.writer.send(bench.approved()) if change else bench.reader.fetch(bench.get()))
    assert time.monotonic() - begun < 0.5
    assert caught.value.retry_after == 3600.0
    assert len(server.requests) == 1


@pytest.mark.parametrize("told", ["nan", "-5", "1e9", "inf", "soon"])
async def test_an_unreadable_retry_after_is_ignored(bench, server, told):
    server.then(server.error(429, "slow down", {"Retry-After": told})).then(server.json([]))
    reply = await bench.reader.fetch(bench.get())
    assert reply.attempts == 2


async def test_the_deadline_of_a_request_covers_all_its_tries(bench, server):
    server.then(server.drip(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 500, 0.01, 6))
    begun = time.monotonic()
    with pytest.raises(TimedOut):
        await bench.reader.fetch(bench.get(deadline=0.2))
    assert time.monotonic() - begun < 0.6
    assert len(server.requests) == 1


async def test_a_long_deadline_lets_one_try_last_longer_than_the_usual_time_out(bench, server):
    bench.use(Knobs(0.05, 0, 0.001))
    server.then(server.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", 0.005))
    assert (await bench.reader.fetch(bench.get(deadline=5.0))).value == []


async def test_no_retries_means_one_try(bench, server):
    bench.use(Knobs(0.3, 0, 0.001))
    server.then(server.answer(500))
    with pytest.raises(ThetaError):
        await bench.reader.fetch(bench.get())
    assert len(server.requests) == 1


# The request log


async def test_each_try_is_written_down_redacted(bench, server):
    server.then(server.answer(500)).then(server.json([1, 2]))
    await bench.reader.fetch(bench.get(query=(("token", "zq7zq7"),)), command="theta.deployments.list")
    first, second = bench.log.attempts
    assert (first.status, first.error, first.number, first.sent) == (500, "upstream", 1, True)
    assert (second.status, second.error, second.number) == (200, None, 2)
    assert second.sizes == (0, len("[1, 2]"))
    assert second.command == "theta.deployments.list"
    assert "zq7zq7" not in first.url
    assert abs(second.started - time.time()) < 5


async def test_a_cancelled_change_is_written_down_as_sent(bench, server):
    server.then(server.hang)
    bench.use(Knobs(5.0, 2, 0.001))
    task = asyncio.ensure_future(bench.writer.send(bench.approved()))
    await asyncio.wait_for(server.arrived.wait(), 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [(attempt.error, attempt.sent) for attempt in bench.log.attempts] == [("cancelled", True)]


async def test_httpx_logs_nothing_below_warning(bench, server, caplog):
    server.then(server.json([]))
    with caplog.at_level(logging.DEBUG):
        await bench.reader.fetch(bench.get())
    assert [record for record in caplog.records if record.name.startswith("http")] == []


async def test_no_error_carries_the_exception_of_the_library(bench, server):
    server.then(server.reset)
    with pytest.raises(Uncertain) as caught:
        await bench.writer.send(bench.approved())
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


# Downloads


async def test_an_output_is_fetched_without_credentials_up_to_its_cap(bench, server):
    server.then(server.answer(200, b"\x89PNG" * 100, {"Content-Type": "image/png"}))
    assert await bench.reader.download(server.url + "/output/1.png", limit_bytes=400) == b"\x89PNG" * 100
    assert not server.requests[0].headers.keys() & {"authorization", "x-api-key"}
    with pytest.raises(ProtocolError, match="larger"):
        await bench.reader.download(server.url + "/output/1.png", limit_bytes=399)


@pytest.mark.parametrize(
    "url", ["https://evil.example.org/x", "http://127.0.0.1:1/x", "file:///etc/passwd", "smb://a/b"]
)
async def test_an_output_elsewhere_is_not_fetched(bench, server, url):
    with pytest.raises(PolicyRefused):
        await bench.reader.download(url, limit_bytes=10)
    assert server.connections == 0


async def test_a_missing_output_is_an_error_and_not_bytes(bench, server):
    server.then(server.answer(404, b"gone"))
    with pytest.raises(NotFound):
        await bench.reader.download(server.url + "/output/1.png", limit_bytes=400)


# Odd addresses


async def test_an_endpoint_uses_its_named_credential_at_its_own_origin(bench, server):
    bench.keys.values[Family.ENDPOINT] = {"username": "me", "password": "pw"}
    server.then(server.json({"data": []}))
    await bench.reader.fetch(
        bench.get("v1", "models", family=Family.ENDPOINT, base=server.url + "/endpoint/abc", credential="endpoint/abc")
    )
    assert server.methods == ["GET /endpoint/abc/v1/models"]
    assert server.requests[0].headers["authorization"].startswith("Basic ")
    assert bench.keys.asked == [(Family.ENDPOINT, server.url, "endpoint/abc")]


async def test_a_family_without_its_variable_says_which_one(bench, server):
    bench.use(hosts=Hosts())
    with pytest.raises(NoCredentials, match="THETA_CHAIN_RPC_URL missing"):
        await bench.reader.fetch(rpc("theta.GetStatus"))


async def test_401_names_the_family_and_422_the_reason(bench, server):
    server.then(server.answer(401)).then(server.json({"detail": [{"msg": "field required"}]}, 422))
    with pytest.raises(AuthError, match="THETA_ONDEMAND_API_TOKEN"):
        await bench.reader.fetch(bench.get("x", family=Family.ONDEMAND))
    with pytest.raises(InvalidRequest, match="field required"):
        await bench.reader.fetch(bench.get("x"))


def test_an_approval_keeps_its_holes_read_only(bench):
    approved = Approved(bench.change(bench.post()), holes={"a": "b"})
    with pytest.raises(TypeError):
        approved.holes["a"] = "c"
