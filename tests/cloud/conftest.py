from __future__ import annotations

from pathlib import Path

import pytest

from tests.stack import Begin
from theta_tui.sandbox.demo import seed_demo
from theta_tui.sandbox.world import World
from theta_tui.session import Session


def written(folder: Path) -> bytes:
    """Give the bytes of every file below a folder."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def on_demo(begin: Begin, world: World) -> Begin:
    """Give a maker of sessions on the demo's cloud."""
    seed_demo(world)
    return begin


@pytest.fixture
async def cloud(on_demo: Begin) -> Session:
    """A session on the demo's cloud."""
    session: Session = await on_demo()
    return session
