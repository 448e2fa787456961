"""Every guard is held by a test: switched off, one goes red. `python -m tests.reliability mutation` prints which."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults.conftest import Prove
from tests.mutation.unguarded import GUARDS, Guard

ROOT = Path(__file__).resolve().parents[2]
USUAL = ("paid is never resent", "a key for its origin", "ledger before sending")
FAILED = 1
"""pytest's exit status when tests ran and some failed; a mistake in starting them is another one."""


CHILD = """
import sys
if "pytest" not in sys.orig_argv:
    sys.path.insert(0, {root!r})
    from tests.mutation.unguarded import GUARDS
    GUARDS[{name!r}].off()
"""
"""What Python runs at the start of every program that the test starts."""


def run(tests: Sequence[str], guard: Guard | None = None) -> subprocess.CompletedProcess[str]:
    """Run tests in a process of their own, with a guard switched off or with none."""
    options = ["-p", "tests.mutation.unguarded", "-n", "0", "-x", "-p", "no:cacheprovider", "--tb=line"]
    environ = {**os.environ, "GUARD_OFF": guard.name if guard else ""}
    with tempfile.TemporaryDirectory() as folder:
        if guard is not None and guard.in_children:
            (Path(folder) / "sitecustomize.py").write_text(CHILD.format(root=str(ROOT), name=guard.name))
            environ["PYTHONPATH"] = folder
        return subprocess.run(
            [sys.executable, "-m", "pytest", *options, *(f"tests/{test}" for test in tests)],
            cwd=ROOT, env=environ, capture_output=True, text=True, timeout=900, check=False,
        )  # fmt: skip


@pytest.mark.parametrize(
    "guard",
    [pytest.param(guard, marks=() if guard.name in USUAL else pytest.mark.full) for guard in GUARDS.values()],
    ids=lambda guard: guard.name,
)
def test_a_guard_that_is_switched_off_is_missed(guard: Guard, prove: Prove) -> None:
    done = run([guard.test], guard)
    assert done.returncode == FAILED, done.stdout[-2000:] + done.stderr[-1000:]
    assert "failed" in done.stdout
    prove("guard", f"{guard.name} → {guard.test}")


@pytest.mark.full
def test_with_every_guard_on_the_same_tests_pass() -> None:
    done = run(sorted({guard.test for guard in GUARDS.values()}))
    assert done.returncode == 0, done.stdout[-2000:]
