"""A wire pointed at the scripted server of `tests/faults`, with its log and keys."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr

from tests.faults.scripted import ScriptedServer
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
