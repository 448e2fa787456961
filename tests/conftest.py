from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.proofs import prove
from tests.stack import Begin, begin_session
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World
from theta_tui.session import Session

__all__ = ["prove"]


def pytest_configure() -> None:
    """Let programs that tests start be interrupted: a script's job in the background is told to ignore that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the minutes of the soak: at the end all others would wait for them."""
    items.sort(key=lambda item: item.path.parent.name != "soak")


@pytest.fixture(autouse=True)
def true_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that shows every colour, wherever the tests run."""
    monkeypatch.setenv("COLORTERM", "truecolor")


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


@pytest.fixture
async def begin(sandbox: SandboxServer, tmp_path: Path) -> AsyncIterator[Begin]:
    """Give a maker of sessions on the sandbox, all with one home."""
    opened: list[Session] = []

    async def make(face: str = "cli", **environ: str | None) -> Session:
        own = {"THETA_TUI_HOME": str(tmp_path), "THETA_HTTP_RETRY_BACKOFF_MS": "25"}
        given = {**sandbox.environment(), **own, **environ}
        known = {name: value for name, value in given.items() if value is not None}
        session = await begin_session(known, face=face, data_dir=tmp_path / "data")
        opened.append(session)
        return session

    yield make
    for session in opened:
        await session.close()
