"""A cloud that does what it is asked and keeps the answer back until it is told to give it."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest

from theta_tui.sandbox import mischief
from theta_tui.sandbox.templates import STANDARD_TEMPLATES
from theta_tui.sandbox.world import World

CREATE = {"deployment_template_id": STANDARD_TEMPLATES[0].id, "vm_id": "vm_gt1", "name": "held-one"}
POSTED = {"method": "POST", "path": "^/deployment$"}


class Held:
    """Answers that are kept back: those of the changes that `keep` names."""

    def __init__(self) -> None:
        self._given = threading.Event()

    def keep(self, world: World, **match: str) -> None:
        """Keep the answers of these calls back, and of all creates of deployments if none is named."""
        self._given.clear()
        world.faults.add({"kind": "hang", "match": match or POSTED, "times": None})

    def give(self) -> None:
        """Give every answer now."""
        self._given.set()

    async def deed(self, fault: Any, exchange: mischief.Exchange) -> None:
        """Do what was asked at once, and answer it when told to."""
        start, body = await exchange.handle()
        while not self._given.is_set():
            await asyncio.sleep(0.01)
        await exchange.send(start)
        await exchange.send({"type": "http.response.body", "body": body})


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Keep answers back; all are given at the end."""
    made = Held()
    monkeypatch.setitem(mischief._DEEDS, "hang", made.deed)
    yield made
    made.give()


def wait_for_creates(world: World, count: int, seconds: float = 30.0) -> None:
    """Wait, in a test that is no coroutine, until the cloud has made so many machines."""
    end = time.monotonic() + seconds
    while world.counts["creates"] < count:
        assert time.monotonic() < end, "nothing was made"
        time.sleep(0.01)
