"""Every guard is held by a test: switched off, one goes red. `python -m tests.mutation.test_guards` prints which."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.conftest import Prove
from tests.mutation.unguarded import GUARDS, Guard

ROOT = Path(__file__).resolve().parents[2]
USUAL = ("paid is never resent", "a key for its origin", "ledger before sending")
FAILED = 1
"""pytest's exit status when tests ran and some failed; a mistake in starting them is another one."""


def run(test: str, off: str = "") -> subprocess.CompletedProcess[str]:
    """Run one test in a process of its own, with a guard switched off or with none."""
    options = ["-p", "tests.mutation.unguarded", "-n", "0", "-x", "-p", "no:cacheprovider", "--tb=line"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, f"tests/{test}"],
        cwd=ROOT,
        env={**os.environ, "GUARD_OFF": off},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize(
    "guard",
    [pytest.param(guard, marks=() if guard.name in USUAL else pytest.mark.full) for guard in GUARDS.values()],
    ids=lambda guard: guard.name,
)
def test_a_guard_that_is_switched_off_is_missed(guard: Guard, prove: Prove) -> None:
    done = run(guard.test, guard.name)
    assert done.returncode == FAILED, done.stdout[-2000:] + done.stderr[-1000:]
    assert "failed" in done.stdout
    prove("guard", f"{guard.name} → {guard.test}")


@pytest.mark.full
@pytest.mark.parametrize("test", sorted({guard.test for guard in GUARDS.values()}))
def test_with_every_guard_on_the_same_tests_pass(test: str) -> None:
    done = run(test)
    assert done.returncode == 0, done.stdout[-2000:]
