"""Answers of the simulated cloud kept on a tape, and played again with one of them changed.

While a tape plays, a request that is on it never reaches the cloud.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults.front import Front
from tests.faults.scripted import Connection, Received

Key = tuple[str, str]
_RPC = re.compile(rb'"method":"([^"]+)"')


@dataclass
class Tape:
    """What was answered, by request; `change` is the key of the answer that is changed and how."""

    front: Front
    answers: dict[Key, bytes] = field(default_factory=dict)
    target: Key | None = None
    body: bytes = b""

    async def record(self, connection: Connection) -> None:
        """A step: pass the request on, and keep the answer."""
        await self.front.commit(connection)
        assert connection.request is not None
        self.answers.setdefault(key_of(connection.request), connection.kept)
        await self._give(connection, connection.kept)

    async def play(self, connection: Connection) -> None:
        """A step: answer from the tape, and from the cloud what is not on it."""
        assert connection.request is not None
        key = key_of(connection.request)
        if key == self.target:
            head = self.answers[key].partition(b"\r\n\r\n")[0]
            head = re.sub(rb"(?i)\r\n(content-length|transfer-encoding|connection):[^\r]*", b"", head)
            length = f"\r\nContent-Length: {len(self.body)}\r\nConnection: close\r\n\r\n".encode()
            await self._give(connection, head + length + self.body)
        if key not in self.answers:
            await self.front.commit(connection)
        await self._give(connection, self.answers.get(key, connection.kept))

    async def _give(self, connection: Connection, answer: bytes) -> None:
        connection.writer.write(answer)
        await connection.writer.drain()
        await self.front.close(connection)

    def json_answers(self, wanted: Callable[[bytes], bool]) -> dict[Key, bytes]:
        """Give the bodies of those answers that are wanted."""
        bodies = {key: answer.partition(b"\r\n\r\n")[2] for key, answer in self.answers.items()}
        return {key: body for key, body in bodies.items() if wanted(body)}


def key_of(request: Received) -> Key:
    """Give what tells a request from another: its method and target, and what a JSON-RPC call calls."""
    called = _RPC.search(request.body)
    return request.method, request.target + (f"#{called[1].decode()}" if called else "")
