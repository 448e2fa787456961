"""Streams over real sockets: what arrives, how it ends, and that nothing is sent twice."""

from __future__ import annotations

import asyncio
import json

import pytest

from theta_tui.change import After
from theta_tui.errors import BillingError, CapacityError, NetworkError, PolicyRefused, Uncertain

HELLO = b'data: {"choices":[{"delta":{"content":"Hello"}}]}\n\n'
WORLD = b'data: {"choices":[{"delta":{"content":" world"}}]}\n\n'
DONE = b"data: [DONE]\n\n"
HELLO_VALUE = {"choices": [{"delta": {"content": "Hello"}}]}


async def take(bench, *requests, finished=False, **limits):
    """Read a whole stream; give its messages and its ending."""
    limits = {"first_byte": 0.3, "idle": 0.2, "total": 5.0, **limits}
    async with bench.writer.open(bench.approved(*requests), **limits) as stream:
        messages = [message async for message in stream]
    return messages, stream.ending(finished=finished)


async def test_a_stream_gives_its_messages_and_is_complete_after_done(bench, server):
    server.then(server.sse(), server.send(b": keep-alive\n\n" + HELLO + WORLD + DONE), server.hang)
    messages, ending = await take(bench)
    assert messages[0] == HELLO_VALUE
    assert len(messages) == 2
    assert (ending.complete, ending.note, ending.status) == (True, None, 200)
    assert 0 < ending.first_seconds <= ending.seconds
    assert ending.request == bench.post()


@pytest.mark.parametrize("size", [1, 2, 3, 7])
async def test_a_stream_in_small_pieces_is_the_same(bench, server, size):
    server.then(server.sse("Content-Type: text/plain\r\n"), server.drip(HELLO + DONE, 0, size), server.close)
    messages, ending = await take(bench)
    assert messages == [HELLO_VALUE]
    assert ending.complete


@pytest.mark.parametrize("end", [b"data: [DONE]", b"data:[DONE]\n", b"data: [DONE]\r\n\r\n"])
async def test_done_counts_without_the_blank_line_after_it(bench, server, end):
    server.then(server.sse(), server.send(HELLO + end), server.close)
    assert (await take(bench))[1].complete


async def test_a_stream_without_done_is_complete_only_if_the_messages_said_so(bench, server):
    server.then(server.sse(), server.send(HELLO), server.close)
    _, cut = await take(bench)
    assert (cut.complete, cut.note) == (False, "The answer was cut: the connection ended early.")
    _, whole = await take(bench, finished=True)
    assert (whole.complete, whole.note) == (True, None)


@pytest.mark.parametrize("how", ["close", "reset"])
async def test_a_stream_that_dies_in_an_event_keeps_what_came_and_is_not_sent_again(bench, server, how):
    server.then(server.sse(), server.drip(HELLO + WORLD[:20], 0.002, 50), getattr(server, how))
    messages, ending = await take(bench)
    assert messages == [HELLO_VALUE]
    assert not ending.complete
    assert ending.note.startswith("The answer was cut: the connection")
    assert len(server.requests) == 1


async def test_a_chunked_stream_cut_short_is_cut(bench, server):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.then(server.send(head + f"{len(HELLO):x}\r\n".encode() + HELLO + b"\r\n"), server.close)
    messages, ending = await take(bench)
    assert messages == [HELLO_VALUE]
    assert ending.note == "The answer was cut: the connection broke."


async def test_a_silent_stream_is_cut_after_the_idle_time(bench, server):
    server.then(server.sse(), server.send(HELLO), server.hang)
    messages, ending = await take(bench, idle=0.05)
    assert messages == [HELLO_VALUE]
    assert ending.note == "The answer was cut: nothing came for 0.05 s."


async def test_comment_lines_count_as_life(bench, server):
    server.then(server.sse(), server.send(HELLO), server.drip(b": still here\n" * 8, 0.02, 13), server.send(DONE))
    messages, ending = await take(bench, idle=0.1)
    assert messages == [HELLO_VALUE]
    assert ending.complete


async def test_a_stream_of_comments_alone_ends_with_the_total_time(bench, server):
    server.then(server.sse(), server.drip(b": still here\n" * 500, 0.01, 13))
    messages, ending = await take(bench, total=0.2)
    assert messages == []
    assert ending.seconds < 1.0
    assert ending.note == "The answer was cut: the time for the whole answer is over."


async def test_no_first_byte_in_time_is_uncertain(bench, server):
    server.then(server.hang)
    with pytest.raises(Uncertain, match=r"within 0\.05 s"):
        await take(bench, first_byte=0.05)
    server.then(server.sse(), server.hang)
    with pytest.raises(Uncertain):
        await take(bench, first_byte=0.05)
    assert len(server.requests) == 2


async def test_the_first_byte_time_of_the_request_wins(bench, server):
    server.then(server.hang)
    with pytest.raises(Uncertain, match=r"within 0\.04 s"):
        await take(bench, bench.post(first_byte=0.04), first_byte=9.0)


@pytest.mark.parametrize("how", ["close", "reset"])
async def test_an_answer_that_dies_before_its_first_byte_is_uncertain(bench, server, how):
    server.then(server.sse(), getattr(server, how))
    with pytest.raises(Uncertain):
        await take(bench)
    assert len(server.requests) == 1


async def test_json_although_a_stream_was_asked_for_is_one_unwrapped_message(bench, server):
    server.then(server.json({"status": "success", "body": {"infer_requests": [{"id": "infr_rqst_1"}]}}))
    messages, ending = await take(bench)
    assert messages == [{"infer_requests": [{"id": "infr_rqst_1"}]}]
    assert (ending.complete, ending.note) == (True, None)


async def test_json_under_the_type_of_a_stream_is_still_json(bench, server):
    server.then(server.answer(200, b'\xef\xbb\xbf {"choices": []}', {"Content-Type": "text/event-stream"}))
    assert (await take(bench))[0] == [{"choices": []}]


async def test_a_json_answer_in_many_pieces_is_put_together(bench, server):
    body = json.dumps({"text": "x" * 3000}).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    server.then(server.send(head), server.drip(body, 0, 7))
    assert (await take(bench))[0] == [{"text": "x" * 3000}]


async def test_a_json_answer_that_is_cut_is_uncertain(bench, server):
    server.then(server.send(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"choices": ['), server.close)
    with pytest.raises(Uncertain):
        await take(bench)
    assert len(server.requests) == 1


async def test_an_html_page_instead_of_a_stream_is_uncertain_and_not_shown(bench, server):
    server.then(server.answer(200, b"<html>secret words</html>", {"Content-Type": "text/html"}))
    with pytest.raises(Uncertain) as caught:
        await take(bench)
    assert "secret words" not in caught.value.message


async def test_capacity_before_the_stream_is_waited_for_and_then_streamed(bench, server):
    server.then(server.error(409, "No instances available - try again later"))
    server.then(server.sse(), server.send(HELLO + DONE))
    waits = []
    approved = bench.approved()
    async with bench.writer.open(approved, progress=waits.append) as stream:
        messages = [message async for message in stream]
    assert messages == [HELLO_VALUE]
    assert [wait.error for wait in waits] == ["capacity"]
    assert len(server.requests) == 2


async def test_capacity_inside_a_200_is_waited_for_as_well(bench, server):
    server.then(server.error(200, "No instances available")).then(server.sse(), server.send(HELLO + DONE), server.close)
    assert (await take(bench))[0] == [HELLO_VALUE]


async def test_an_alternative_of_a_stream_is_opened_by_404(bench, server):
    server.then(server.error(404, "service not found")).then(server.sse(), server.send(HELLO + DONE), server.close)
    other = bench.post("v1", "other", only_after=After.NO_ROUTE)
    messages, ending = await take(bench, bench.post("v1", "first"), other)
    assert messages == [HELLO_VALUE]
    assert ending.request == other
    assert server.methods == ["POST /v1/first", "POST /v1/other"]


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_broken_cloud_before_the_stream_is_uncertain_and_not_repeated(bench, server, status):
    server.then(server.answer(status))
    with pytest.raises(Uncertain):
        await take(bench)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (b'data: {"status":"error","message":"out of credits"}\n\n', BillingError),
        (b'data: {"error":{"message":"No instances available"}}\n\n', CapacityError),
        (b'data: {"error":{"message":"boom","code":503}}\n\n', Uncertain),
    ],
)
async def test_an_error_as_the_first_message_is_raised_as_what_it_is(bench, server, message, error):
    server.then(server.sse(), server.send(b": wait\n\n"), server.drip(message, 0, 9), server.close)
    with pytest.raises(error):
        await take(bench)


async def test_an_error_after_text_ends_the_stream_with_the_clouds_words(bench, server):
    bad = b'data: {"status":"error","message":"worker lost"}\n\n'
    server.then(server.sse(), server.send(HELLO), server.send(bad + WORLD + DONE), server.hang)
    messages, ending = await take(bench)
    assert messages == [HELLO_VALUE]
    assert (ending.complete, ending.note) == (False, "The answer was cut: worker lost.")


async def test_malformed_lines_are_skipped_and_counted(bench, server):
    server.then(server.sse(), server.send(HELLO + b"data: {broken\n\ndata: NaN\n\n" + WORLD + DONE), server.close)
    messages, ending = await take(bench)
    assert len(messages) == 2
    assert (ending.complete, ending.note) == (True, "2 unreadable lines skipped.")


async def test_messages_without_blank_lines_between_them_are_all_taken(bench, server):
    server.then(server.sse(), server.send((HELLO + WORLD + DONE).replace(b"\n\n", b"\n")), server.close)
    messages, ending = await take(bench)
    assert len(messages) == 2
    assert (ending.complete, ending.note) == (True, None)


async def test_an_event_over_one_megabyte_ends_the_stream(bench, server):
    server.then(server.sse(), server.send(HELLO), server.send(b"data: " + b"x" * 1_200_000), server.hang)
    messages, ending = await take(bench, idle=2.0)
    assert messages == [HELLO_VALUE]
    assert "larger than 1 MB" in ending.note


async def test_an_endless_first_event_is_uncertain(bench, server):
    server.then(server.sse(), server.send(b"data: " + b"x" * 1_200_000), server.hang)
    with pytest.raises(Uncertain, match="1 MB"):
        await take(bench, idle=2.0)


async def test_leaving_early_closes_the_connection_and_says_so(bench, server):
    server.then(server.sse(), server.send(HELLO), server.hang)
    async with bench.writer.open(bench.approved()) as stream:
        assert await anext(aiter(stream)) == HELLO_VALUE
    ending = stream.ending(finished=False)
    assert ending.note == "The answer was cut: it was stopped before its end."
    assert [message async for message in stream] == []
    assert [attempt.status for attempt in bench.log.attempts] == [200]


async def test_a_stream_may_be_closed_by_another_task_than_the_one_that_opened_it(bench, server):
    server.then(server.sse(), server.send(HELLO + DONE), server.hang)
    opening = bench.writer.open(bench.approved())
    stream = await opening.__aenter__()
    messages = [message async for message in stream]
    await asyncio.shield(asyncio.ensure_future(opening.__aexit__(None, None, None)))
    assert messages == [HELLO_VALUE]
    assert stream.ending(finished=False).complete


async def test_each_stream_writes_down_its_tries(bench, server):
    server.then(server.answer(429)).then(server.sse(), server.send(HELLO + DONE), server.close)
    async with bench.writer.open(bench.approved(), command="theta.inference.chat") as stream:
        messages = [message async for message in stream]
    assert len(messages) == 1
    first, second = bench.log.attempts
    assert (first.error, first.status, first.number) == ("rate_limit", 429, 1)
    assert (second.error, second.status, second.number) == (None, 200, 2)
    assert second.command == "theta.inference.chat"
    assert second.sizes == (len(b'{"name":"one"}'), len(HELLO + DONE))


async def test_a_dry_run_or_a_used_approval_opens_nothing(bench, server):
    approved = bench.approved()
    bench.dry = True
    with pytest.raises(PolicyRefused, match="Dry run"):
        async with bench.writer.open(approved):
            pass
    bench.dry = False
    approved.use()
    with pytest.raises(PolicyRefused, match="already used"):
        async with bench.writer.open(approved):
            pass
    assert server.requests == []


async def test_an_unreachable_host_is_a_network_error_and_nothing_was_sent(bench, server):
    await server.stop()
    with pytest.raises(NetworkError):
        await take(bench)
    assert [attempt.sent for attempt in bench.log.attempts] == [False] * 3
