"""From one try to an answer: again, the next alternative, or the end, as the retry table says.

It does not know how a try is made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from theta_tui.change import CancelledUndone, Progress, Request, Waiting
from theta_tui.wire.address import NO_HOLES
from theta_tui.wire.knobs import Knobs
from theta_tui.wire.retry import Deadline, Failed, Next, alternative_after, pause, told, uptime

T = TypeVar("T")

ASLEEP_SECONDS = 1.0
"""A try that took so much longer than twice its limit did not wait for the cloud."""

Once = Callable[[Request, int, float], Awaitable[T]]
"""Makes one try: the request, the number of the try (from 1), its limit in seconds. Raises Failed."""

Limits = Callable[[Request], tuple[float, float]]
"""Gives the seconds for one try, and for all tries of one request with the waits between them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What belongs to one call: is it a change, its filled holes, who asks, who is told of waits."""

    change: bool
    holes: Mapping[str, str] = field(default_factory=lambda: NO_HOLES)
    progress: Progress | None = None
    command: str = ""


def usual_limits(knobs: Knobs) -> Limits:
    """The limits of a request: its own `deadline` for everything, else the knobs' time-out for each try."""

    def limits(request: Request) -> tuple[float, float]:
        if request.deadline is not None:
            return request.deadline, request.deadline
        return knobs.timeout_seconds, knobs.timeout_seconds * (knobs.retries + 1)

    return limits


async def perform(requests: Sequence[Request], call: Call, knobs: Knobs, limits: Limits, once: Once[T]) -> T:
    """Try the first request, and an alternative only after the answer that opens it.

    Raises the error of the last answer in which the cloud said something, or Uncertain.
    """
    index, words = 0, None
    while True:
        try:
            return await _persist(requests, index, call, knobs, limits(requests[index]), once)
        except Failed as failed:
            following = alternative_after(requests, index, failed.fault)
            if following is not None:
                words = failed if failed.spoken else words
                index = following
                continue
            is_mute = not failed.spoken and failed.follows(change=call.change) is Next.FINAL
            raise told(words if is_mute and words is not None else failed, change=call.change) from None


async def _persist(
    requests: Sequence[Request], index: int, call: Call, knobs: Knobs, seconds: tuple[float, float], once: Once[T]
) -> T:
    deadline, number = Deadline(seconds[1]), 1
    asked = requests[index].retries
    retries = knobs.retries if asked is None else asked
    while True:
        begun, limit = uptime(), min(seconds[0], deadline.left)
        try:
            return await once(requests[index], number, limit)
        except Failed as failed:
            if not call.change and uptime() - begun > limit * 2 + ASLEEP_SECONDS:
                deadline = Deadline(seconds[1])  # the machine slept: the cloud has had no chance to answer
            is_last = number > retries or alternative_after(requests, index, failed.fault) is not None
            if is_last or failed.follows(change=call.change) is not Next.AGAIN:
                raise
            wait = pause(failed, number, knobs.backoff_seconds)
            if wait >= deadline.left:
                raise
            _tell(call, failed, wait, number, retries + 1)
            try:
                await asyncio.sleep(wait)
            except asyncio.CancelledError:
                if call.change:
                    raise CancelledUndone from None
                raise
            if not deadline.left:
                raise
            number += 1


def _tell(call: Call, failed: Failed, wait: float, number: int, most: int) -> None:
    if call.progress is not None:
        call.progress(Waiting(failed.error.kind, failed.error.message, wait, number, most))
