"""How a test puts on record what it proved, for `python -m tests.reliability`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Prove = Callable[..., None]
"""`prove("F9", "theta.ondemand.infer")`, or with the number of trials as a third."""


@pytest.fixture
def prove(record_property: Callable[[str, object], None]) -> Prove:
    """Put on record that a fault class or an invariant was tried on an operation, so many times."""

    def note(number: str, operation: str, trials: int = 1) -> None:
        record_property("proof", [number, operation, trials])

    return note
