"""Time in which this program did not run is not counted against the cloud; a silent cloud is still called silent."""

from __future__ import annotations

import asyncio
import time

import pytest

from theta_tui.errors import TimedOut, Uncertain
from theta_tui.wire.knobs import Knobs
from theta_tui.wire.patience import patience


async def waited(seconds, held_up):
    """Wait for nothing, while something holds the loop up; gives the seconds until the TimeoutError."""
    asyncio.get_running_loop().call_later(0.01, time.sleep, held_up)
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        async with patience(seconds):
            await asyncio.sleep(30)
    return time.monotonic() - begun


async def test_patience_ends():
    assert 0.1 <= await waited(0.1, 0) < 3
    async with patience(0.05):
        pass
    await asyncio.sleep(0.1)  # a wait that is over rings no more


async def test_what_held_the_loop_up_is_given_back_but_only_once():
    assert 0.9 <= await waited(0.2, 0.7) < 3
    assert 0.7 <= await waited(0.6, 0.7) < 3


async def test_an_answer_that_came_while_the_loop_was_held_up_is_taken():
    loop = asyncio.get_running_loop()
    loop.call_later(0.01, time.sleep, 0.6)
    async with patience(0.2):
        assert await asyncio.to_thread(lambda: time.sleep(0.3) or "here") == "here"


async def held_up(connection):
    time.sleep(2.2)  # noqa: ASYNC251  more than the deadline of all tries


async def test_a_read_that_slept_over_its_deadline_is_asked_again(server, bench):
    bench.use(Knobs(timeout_seconds=0.3, retries=1, backoff_seconds=0.005))
    server.then(held_up, server.hang).then(server.json([]))
    assert (await bench.reader.fetch(bench.get())).value == []
    assert len(server.requests) == 2


async def test_a_change_that_slept_is_not_sent_again(server, bench):
    server.then(held_up, server.hang).then(server.json({}))
    with pytest.raises(Uncertain):
        await bench.writer.send(bench.approved())
    assert len(server.requests) == 1


async def test_a_silent_cloud_is_called_silent(server, bench):
    bench.use(Knobs(timeout_seconds=0.3, retries=1, backoff_seconds=0.005))
    server.only(server.hang)
    with pytest.raises(TimedOut):
        await bench.reader.fetch(bench.get())
