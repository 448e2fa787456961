from __future__ import annotations

from collections.abc import Iterator

import pytest

from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World


@pytest.fixture
def world() -> World:
    """A fresh simulated cloud without delays and without deployments."""
    return World(pace=0)


@pytest.fixture
def sandbox(world: World) -> Iterator[SandboxServer]:
    """The same world, served on a loopback port."""
    with SandboxServer(world) as server:
        yield server
    assert world.problems == []
