"""What the tests of money share: a session on a seeded cloud, and a way to put each proof on record."""

from __future__ import annotations

from tests.faults.conftest import prove
from tests.laws.conftest import make_bench

__all__ = ["make_bench", "prove"]
