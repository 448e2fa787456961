"""The simulated cloud's own time: it can run fast, jump ahead and wake whoever sleeps in it. It knows no cloud."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta


class Clock:
    """Simulated time, safe to read, move and change from any thread.

    `speed` is simulated seconds per real second; 0 freezes time, so that only `advance` moves it.
    """

    def __init__(self, speed: float = 1.0) -> None:
        self._lock = threading.Lock()
        self._born = datetime.now(UTC)
        self._speed = _checked(speed)
        self._anchor_real = time.monotonic()
        self._anchor_elapsed = 0.0
        self._sleepers: set[_Sleeper] = set()

    def elapsed(self) -> float:
        """Simulated seconds since this clock was made."""
        with self._lock:
            return self._elapsed()

    def now(self) -> datetime:
        """The simulated moment, in UTC."""
        return self._born + timedelta(seconds=self.elapsed())

    def iso(self, at: datetime | None = None) -> str:
        """The cloud's form of a moment (now when not given): `2026-05-26T08:00:00.000Z`."""
        return (at or self.now()).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    @property
    def speed(self) -> float:
        """Simulated seconds per real second."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        with self._lock:
            self._move_anchor(0.0)
            self._speed = _checked(speed)
        self._wake()

    def advance(self, seconds: float) -> None:
        """Jump ahead by simulated seconds; sleepers whose moment has come wake."""
        if seconds < 0:
            raise ValueError("time does not run backwards")
        with self._lock:
            self._move_anchor(seconds)
        self._wake()

    async def sleep(self, simulated_seconds: float) -> None:
        """Wait until the simulated seconds have passed, also when the clock jumps or changes its speed meanwhile."""
        until = self.elapsed() + simulated_seconds
        sleeper = _Sleeper()
        with self._lock:
            self._sleepers.add(sleeper)
        try:
            while True:
                # Cleared before the clock is read: a jump after the reading sets it again.
                sleeper.moved.clear()
                left = until - self.elapsed()
                if left <= 0:
                    return
                speed = self._speed
                with suppress(TimeoutError):
                    async with asyncio.timeout(left / speed if speed else None):
                        await sleeper.moved.wait()
        finally:
            with self._lock:
                self._sleepers.discard(sleeper)

    def _elapsed(self) -> float:
        return self._anchor_elapsed + (time.monotonic() - self._anchor_real) * self._speed

    def _move_anchor(self, seconds: float) -> None:
        self._anchor_elapsed = self._elapsed() + seconds
        self._anchor_real = time.monotonic()

    def _wake(self) -> None:
        with self._lock:
            sleepers = tuple(self._sleepers)
        for sleeper in sleepers:
            sleeper.wake()


class _Sleeper:
    """One waiting coroutine, and the loop it waits in."""

    def __init__(self) -> None:
        self.moved = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def wake(self) -> None:
        with suppress(RuntimeError):  # its loop has been closed meanwhile
            self._loop.call_soon_threadsafe(self.moved.set)


def _checked(speed: float) -> float:
    if not 0 <= speed < float("inf"):
        raise ValueError("speed must be a number, 0 or more")
    return speed
