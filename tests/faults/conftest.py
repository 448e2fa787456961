"""What the fault tests share: a rig, and a way to put each proof on record for `python -m tests.reliability`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.faults.rig import Rig
from tests.laws.conftest import make_bench

__all__ = ["make_bench", "prove", "rig"]

Prove = Callable[..., None]


@pytest.fixture
def prove(record_property: Callable[[str, object], None]) -> Prove:
    """Put on record that a class or an invariant was tried on an operation, so many times."""

    def note(number: str, operation: str, trials: int = 1) -> None:
        record_property("proof", [number, operation, trials])

    return note


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """A session behind the front door."""
    made = Rig(tmp_path)
    await made.start()
    yield made
    await made.stop()
