"""A front door before the simulated cloud: it passes everything on, except what a fault is aimed at.

Because it stands between the two it knows the truth: which requests came, which the cloud really acted on, and what the
client was told. It is a raw socket on both sides.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults.scripted import Connection, Over, Received, ScriptedServer, Step

READING_CALL = re.compile(rb'"method":"(?:theta\.(?:Get|CallSmart)|thetacli\.(?:List|Is)|edge\w+\.Get)')


def is_change(request: Received) -> bool:
    """Whether a request may change something."""
    return request.method not in ("GET", "HEAD") and not READING_CALL.search(request.body)


def is_read(request: Received) -> bool:
    """Whether a request only reads."""
    return not is_change(request)


@dataclass
class Truth:
    """What really happened: every request a fault could have met, and those the cloud acted on."""

    tries: list[Received] = field(default_factory=list)
    done: list[Received] = field(default_factory=list)


class Front(ScriptedServer):
    """Passes requests on to the cloud at `behind` (host and port); `aim` sets faults for some of them."""

    def __init__(self, behind: tuple[str, int]) -> None:
        super().__init__()
        self._behind = behind
        self.truth = Truth()
        self.disarm()

    def aim(self, *faults: tuple[Step, ...], at: Callable[[Received], bool], stays: bool = True) -> None:
        """Answer matching requests with one fault after the other; the last one `stays`, or has then passed."""
        self._faults, self._at, self._stays = list(faults), at, stays
        self.truth = Truth()

    def disarm(self) -> None:
        """Pass everything on."""
        self._faults: list[tuple[Step, ...]] = []
        self._at: Callable[[Received], bool] = is_change
        self._stays = True
        self.greet()

    def _script_for(self, request: Received) -> tuple[Step, ...]:
        if not self._at(request):
            return (self.relay,)
        self.truth.tries.append(request)
        if not self._faults:
            return (self.relay,)
        return self._faults[0] if self._stays and len(self._faults) == 1 else self._faults.pop(0)

    async def commit(self, connection: Connection) -> None:
        """Let the cloud act on the request, and keep its answer to ourselves."""
        assert connection.request is not None
        request = connection.request
        reader, writer = await asyncio.open_connection(*self._behind)
        try:
            writer.write(request.raw.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
            connection.kept = await reader.read()
        finally:
            writer.close()
        if self._at(request) and re.match(rb"HTTP/1.1 2", connection.kept):
            self.truth.done.append(request)

    async def relay(self, connection: Connection) -> None:
        """Pass the request on and the answer back."""
        await self.commit(connection)
        connection.writer.write(connection.kept)
        await connection.writer.drain()
        await self.close(connection)

    @staticmethod
    def part(share: float) -> Step:
        """Send only so much of the answer that was kept."""

        async def step(connection: Connection) -> None:
            head, _, body = connection.kept.partition(b"\r\n\r\n")
            connection.writer.write(head + b"\r\n\r\n" + body[: int(len(body) * share)])
            await connection.writer.drain()
            connection.writer.close()
            raise Over

        return step
