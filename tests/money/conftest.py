"""What the tests of money share: a session on a seeded cloud."""

from __future__ import annotations

from tests.laws.conftest import make_bench

__all__ = ["make_bench"]
