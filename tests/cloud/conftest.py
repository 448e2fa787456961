from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from theta_tui import settings
from theta_tui.review import Answer, Review, Verdict
from theta_tui.sandbox.demo import seed_demo
from theta_tui.sandbox.server import SandboxServer
from theta_tui.session import Session
from theta_tui.vault import MemoryBackend, Vault


class Reviewer:
    """Gives the same answer to everything and remembers what was shown."""

    def __init__(self, answer: Answer = Answer.CONFIRM) -> None:
        self.answer = answer
        self.shown: list[Review] = []

    async def review(self, review: Review) -> Verdict:
        self.shown.append(review)
        return Verdict(self.answer)


def written(folder: Path) -> bytes:
    """Give the bytes of every file below a folder."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


Begin = Callable[..., Any]


@pytest.fixture
async def begin(sandbox: SandboxServer, tmp_path: Path) -> AsyncIterator[Begin]:
    """Give a maker of sessions on the demo's cloud; a variable set to None is left out."""
    seed_demo(sandbox.world)
    opened: list[Session] = []

    async def make(**environ: str | None) -> Session:
        given = {
            **sandbox.environment(),
            "THETA_TUI_HOME": str(tmp_path),
            "THETA_HTTP_RETRY_BACKOFF_MS": "25",
            **environ,
        }
        variables = {name: value for name, value in given.items() if value is not None}
        loaded = settings.load(None, variables)
        vault = Vault(loaded.profile, variables, backend=MemoryBackend())
        session = await Session.begin(loaded, variables, face="cli", data_dir=tmp_path / "data", vault=vault)
        opened.append(session)
        return session

    yield make
    for session in opened:
        await session.close()


@pytest.fixture
async def cloud(begin: Begin) -> Session:
    """A session on the demo's cloud."""
    session: Session = await begin()
    return session
