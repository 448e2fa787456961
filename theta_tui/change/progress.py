"""What is told of a request while it is under way: attempts, waits, bytes, steps."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable
from dataclasses import dataclass

from theta_tui.change.request import Family


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a request, for the request log: what was asked, by which command, and how it went.

    `url` is already redacted; `started` is wall-clock seconds since the epoch; `sent` tells whether a byte may have
    left; `error` is an error kind or None; `sizes` are bytes out and in.
    """

    method: str
    url: str
    family: Family
    started: float
    seconds: float
    number: int = 1
    status: int | None = None
    error: str | None = None
    message: str = ""
    request_id: str | None = None
    sent: bool = False
    sizes: tuple[int, int] = (0, 0)
    command: str = ""


@dataclass(frozen=True, slots=True)
class Reached:
    """A host that answered, whatever it said: how fast (seconds), when (epoch seconds), and its own time as told."""

    origin: str
    status: int
    seconds: float
    at: float
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a request is not answered yet: a retry in `seconds`, after `error` (a kind); shown as a countdown."""

    error: str
    message: str
    seconds: float
    attempt: int
    attempts: int


class CancelledUndone(CancelledError):
    """A change was cancelled while it waited to be sent again: every try before was refused, so nothing was done."""


@dataclass(frozen=True, slots=True)
class Sending(Waiting):
    """A file that is still on its way, so many bytes of `total`; nothing went wrong: `error` is empty."""

    sent: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Stage(Waiting):
    """A step of a Plan that begins, or ended: `attempt` is its number of `attempts`, `error` the kind of its failure.

    `state` is "begins", "done", "failed", "stopped" (by a cancel) or "skipped"; nothing is waited for.
    """

    step: str = ""
    state: str = "begins"
    cleanup: bool = False


@dataclass(frozen=True, slots=True)
class Repeating(Waiting):
    """An idempotent change that is sent once more, now: no answer came, and its state shows that it was not done."""


Progress = Callable[[Waiting], None]
