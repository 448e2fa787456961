"""A scripted raw-socket server: it can send what no framework sends, and remembers all that came."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr

from theta_tui.change import (
    FREE,
    Approved,
    Attempt,
    Change,
    Effect,
    Family,
    JsonBody,
    Request,
)
from theta_tui.wire.client import Reader, Wire, Writer
from theta_tui.wire.hosts import Hosts
from theta_tui.wire.knobs import Knobs

Step = Callable[["Connection"], Awaitable[None]]


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


class Over(Exception):
    """The script has ended this connection."""


@dataclass
class Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    stopping: asyncio.Event


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

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

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
            self.requests.append(await self._read(connection.reader))
            self.arrived.set()
            script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
            for step in script:
                await step(connection)

    @staticmethod
    async def _read(reader: asyncio.StreamReader) -> Received:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        return Received(method, target, headers, body)

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
    def drip(data: bytes, delay: float, size: int = 1) -> Step:
        async def step(connection: Connection) -> None:
            for at in range(0, len(data), size):
                connection.writer.write(data[at : at + size])
                await connection.writer.drain()
                await asyncio.sleep(delay)

        return step

    @staticmethod
    async def hang(connection: Connection) -> None:
        await connection.stopping.wait()

    @staticmethod
    async def close(connection: Connection) -> None:
        connection.writer.close()
        raise Over

    @staticmethod
    async def reset(connection: Connection) -> None:
        raw: socket.socket = connection.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.writer.transport.abort()
        raise Over


@dataclass
class KnownKeys:
    """The vault of a test: real shapes, plain values."""

    values: dict[Family, dict[str, str]] = field(
        default_factory=lambda: {
            Family.ONDEMAND: {"token": "ondemand-token-0001"},
            Family.CONTROLLER: {"key": "project-key-0001"},
            Family.PLATFORM: {"key": "project-key-0001"},
            Family.AI: {"token": "chatbot-token-0001"},
            Family.VIDEO: {"id": "srvacc_1", "secret": "video-secret-0001"},
        }
    )
    asked: list[tuple[Family, str, str | None]] = field(default_factory=list)

    async def secrets(self, family: Family, origin: str, name: str | None) -> Mapping[str, SecretStr]:
        self.asked.append((family, origin, name))
        return {key: SecretStr(value) for key, value in self.values.get(family, {}).items()}


@dataclass
class Log:
    attempts: list[Attempt] = field(default_factory=list)

    def record(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)


QUICK = Knobs(timeout_seconds=0.3, retries=2, backoff_seconds=0.005)
OVERRIDABLE = (Family.ONDEMAND, Family.CONTROLLER, Family.PLATFORM, Family.AI, Family.VIDEO, Family.CHAIN)


class Bench:
    """A wire pointed at the scripted server, with its log and keys, and short words for what tests do."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        self.keys = KnownKeys()
        self.log = Log()
        self.dry = False
        self.hosts = Hosts(dict.fromkeys(OVERRIDABLE, server.url))
        self.use()

    def use(self, knobs: Knobs = QUICK, hosts: Hosts | None = None, **options: Any) -> None:
        self.wire = Wire(hosts or self.hosts, self.keys, knobs, self.log, **options)
        self.reader = Reader(self.wire)
        self.writer = Writer(self.wire, lambda: self.dry)

    @staticmethod
    def get(*path: str, family: Family = Family.CONTROLLER, **fields: Any) -> Request:
        return Request("GET", family, path or ("deployment", "list"), **fields)

    @staticmethod
    def post(*path: str, family: Family = Family.CONTROLLER, **fields: Any) -> Request:
        fields.setdefault("body", JsonBody({"name": "one"}))
        return Request("POST", family, path or ("deployment",), **fields)

    @staticmethod
    def change(*requests: Request) -> Change[Any]:
        return Change(
            summary="Create one.", effect=Effect.CREATE, requests=requests, read=lambda reply: reply.value, cost=FREE
        )

    def approved(self, *requests: Request, **fields: Any) -> Approved[Any]:
        return Approved(self.change(*(requests or (self.post(),))), **fields)


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    made = ScriptedServer()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def other() -> AsyncIterator[ScriptedServer]:
    """A second origin."""
    made = ScriptedServer()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def bench(server: ScriptedServer) -> AsyncIterator[Bench]:
    made = Bench(server)
    yield made
    assert made.wire.busy_slots == 0
    await made.wire.aclose()
