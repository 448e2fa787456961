"""A scripted raw-socket server: it can send what no framework sends, and remembers all that came.

A script is a row of steps (send, drip, sleep, reset, …) that answers one request. It knows nothing of the cloud.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Step = Callable[["Connection"], Awaitable[None]]


@dataclass(frozen=True)
class Received:
    """One request as it came; `at` is on the monotonic clock."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    raw: bytes = field(default=b"", repr=False)
    at: float = field(default_factory=time.monotonic)


class Over(Exception):
    """The script has ended this connection."""


@dataclass
class Connection:
    """One connection, the request that is being answered on it, and an answer kept for a later step."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    stopping: asyncio.Event
    request: Received | None = None
    kept: bytes = b""


class ScriptedServer:
    """Each request takes the next script; the last one stays. Steps are made by the methods below."""

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.connections = 0
        self.arrived = asyncio.Event()
        self._scripts: list[tuple[Step, ...]] = []
        self._stopping = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._greeting: tuple[Step, ...] = ()

    async def start(self, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1", port: int = 0) -> None:
        self._server = await asyncio.start_server(self._accept, host, port, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://{host}:{self.port}"

    async def stop(self) -> None:
        self._stopping.set()
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def methods(self) -> list[str]:
        return [f"{one.method} {one.target}" for one in self.requests]

    def then(self, *steps: Step) -> ScriptedServer:
        self._scripts.append(steps)
        return self

    def only(self, *steps: Step) -> ScriptedServer:
        """Forget all scripts and follow this one."""
        self._scripts.clear()
        return self.then(*steps)

    def greet(self, *steps: Step) -> None:
        """Do this as soon as somebody connects, before reading anything."""
        self._greeting = steps

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            await self._serve(Connection(reader, writer, self._stopping))
        except (Over, ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, connection: Connection) -> None:
        for step in self._greeting:
            await step(connection)
        while True:
            connection.request = await self._read(connection.reader)
            self.requests.append(connection.request)
            self.arrived.set()
            for step in self._script_for(connection.request):
                await step(connection)

    def _script_for(self, request: Received) -> tuple[Step, ...]:
        return self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]

    @staticmethod
    async def _read(reader: asyncio.StreamReader) -> Received:
        raw = await reader.readuntil(b"\r\n\r\n")
        head = raw.decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        return Received(method, target, headers, body, raw + body)

    @staticmethod
    def send(data: bytes) -> Step:
        async def step(connection: Connection) -> None:
            connection.writer.write(data)
            await connection.writer.drain()

        return step

    @classmethod
    def answer(
        cls, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None, *, length: bool = True
    ) -> Step:
        lines = [f"HTTP/1.1 {status} Whatever"] + [f"{name}: {value}" for name, value in (headers or {}).items()]
        if length:
            lines.append(f"Content-Length: {len(body)}")
        return cls.send("\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    @classmethod
    def json(cls, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Step:
        return cls.answer(status, json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})})

    @classmethod
    def error(cls, status: int, message: str, headers: Mapping[str, str] | None = None) -> Step:
        return cls.json({"status": "error", "message": message}, status, headers)

    @classmethod
    def sse(cls, headers: str = "Content-Type: text/event-stream\r\n") -> Step:
        """The head of a stream that ends when the connection does."""
        return cls.send(f"HTTP/1.1 200 OK\r\n{headers}Connection: close\r\n\r\n".encode())

    @staticmethod
    def sleep(seconds: float) -> Step:
        async def step(connection: Connection) -> None:
            await asyncio.sleep(seconds)

        return step

    @staticmethod
    def drip(data: bytes, delay: float, size: int = 1) -> Step:
        async def step(connection: Connection) -> None:
            for at in range(0, len(data), size):
                connection.writer.write(data[at : at + size])
                await connection.writer.drain()
                await asyncio.sleep(delay)

        return step

    @staticmethod
    def flood(piece: bytes, times: int) -> Step:
        """Send a piece many times, as fast as it is taken, until the client leaves."""

        async def step(connection: Connection) -> None:
            for _ in range(times):
                connection.writer.write(piece)
                await connection.writer.drain()

        return step

    @staticmethod
    async def hang(connection: Connection) -> None:
        await connection.stopping.wait()

    @staticmethod
    async def close(connection: Connection) -> None:
        connection.writer.close()
        raise Over

    @staticmethod
    async def half_close(connection: Connection) -> None:
        """End our side of the connection and go on listening."""
        connection.writer.write_eof()
        await connection.reader.read()
        raise Over

    @staticmethod
    async def reset(connection: Connection) -> None:
        raw: socket.socket = connection.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.writer.transport.abort()
        raise Over
