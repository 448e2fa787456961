"""What the fault tests share: a rig."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.rig import Rig
from tests.laws.conftest import make_bench
from tests.proofs import Prove, prove

__all__ = ["Prove", "make_bench", "prove", "rig"]


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """A session behind the front door."""
    made = Rig(tmp_path)
    await made.start()
    yield made
    await made.stop()
