"""Eight programs under one cap, with prices among theirs that are none: never above it, never locked out."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from theta_tui.journal import Journal

PROGRAM = """
import asyncio, itertools, sys
from decimal import Decimal
from pathlib import Path
from theta_tui.errors import OverBudget, PolicyRefused
from theta_tui.journal import Intent, Journal

PRICES = ("0.01", "NaN", "0.03", "-1", "1E+30", "0.5", "sNaN", "0.000001", "Infinity", "9")

async def main(path, attempts):
    journal = await Journal.open(path)
    told = {}
    for price in itertools.islice(itertools.cycle(PRICES), attempts):
        intent = Intent(profile="p", face="cli", command="c", worst_usd=Decimal(price), cap_usd=Decimal("1"))
        try:
            row = await journal.reserve(intent)
            if row % 3 == 0:
                await journal.mark(row, "refused")
        except PolicyRefused as error:
            told[type(error).__name__] = told.get(type(error).__name__, 0) + 1
        total = (await journal.spending("p")).total_usd
        assert total <= 1, total
    await journal.close()
    assert "JournalUnavailable" not in told, told
    sys.stdout.write(repr(sorted(told)))

asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
"""


def race(path: Path, attempts: int) -> list[str]:
    """Let eight programs reserve at the same time; give what each of them said."""
    command = [sys.executable, "-c", PROGRAM, str(path), str(attempts)]
    programs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(8)]
    said = [program.communicate(timeout=550) for program in programs]
    assert [program.returncode for program in programs] == [0] * 8, said
    return [out for out, _ in said]


@pytest.mark.parametrize("attempts", [60, pytest.param(1_000, marks=pytest.mark.full)])
async def test_eight_programs_never_pass_the_cap_together(attempts: int, tmp_path: Path, prove: Any) -> None:
    path = tmp_path / "journal.sqlite3"
    assert all("PolicyRefused" in said for said in race(path, attempts))
    journal = await Journal.open(path)
    total = (await journal.spending("p")).total_usd
    assert Decimal("0.9") < total <= 1
    await journal.close()
    prove("I4", "eight programs", 8 * attempts)
