"""How long an answer is waited for. Time in which this program did not run is not the cloud's.

After a stop, a sleep, or a loop held up by other code, what has come meanwhile is looked at before anybody is called
slow. It knows no request.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

LATE_SECONDS = 0.25
"""An alarm that goes off so much later than it should: the loop was not running."""


@asynccontextmanager
async def patience(seconds: float) -> AsyncIterator[None]:
    """Raise TimeoutError after so many seconds, like `asyncio.timeout`, but not for a delay that was our own."""
    async with asyncio.timeout(None) as limit:
        alarm = _Alarm(limit, seconds)
        try:
            yield
        finally:
            alarm.stop()


class _Alarm:
    """Ends a wait. When it was held up it is set once more: for as long as it was late, and `seconds` at the most."""

    def __init__(self, limit: asyncio.Timeout, seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._limit = limit
        self._seconds = seconds
        self._due = self._loop.time() + seconds
        self._timer = self._loop.call_at(self._due, self._ring)

    def stop(self) -> None:
        """Do not ring any more."""
        self._timer.cancel()

    def _ring(self) -> None:
        late = self._loop.time() - self._due
        if late < LATE_SECONDS:
            self._end()
        else:
            self._timer = self._loop.call_later(min(late, self._seconds), self._end)

    def _end(self) -> None:
        self._limit.reschedule(self._loop.time())
