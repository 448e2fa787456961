"""Prints the leak figures: `python -m tests.leaks`. Haystacks with their size and hits, canaries, controls found.

It runs `tests/leaks` and reads what each test put on record.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from ast import literal_eval
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

from tests.leaks.canaries import CANARIES, spellings


def main() -> int:
    """Run the tests and print the table; the exit status is pytest's."""
    marks = "not live" if "--full" in sys.argv else "not live and not full"
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ["-m", marks, f"--junitxml={report}", "-o", "junit_family=xunit1"]
        status = subprocess.run(
            [sys.executable, "-m", "pytest", str(Path(__file__).parent), *options], stdout=subprocess.DEVNULL
        ).returncode
        sys.stdout.write(table(report.read_text()) + "\n")
    return status


def table(report: str) -> str:
    """Make the table of a JUnit report."""
    sizes: dict[str, int] = defaultdict(int)
    controls, failed = 0, 0
    for case in ElementTree.fromstring(report).iter("testcase"):
        failed += case.find("failure") is not None or case.find("error") is not None
        for proof in case.iter("property"):
            controls += proof.get("name") == "control"
            if proof.get("name") == "haystack":
                name, size = literal_eval(proof.get("value") or "")
                sizes[_kind(name)] += size
    lines = [f"{name:<44}{size:>14,} bytes" for name, size in sorted(sizes.items())]
    ways = sum(1 for _ in spellings(next(iter(CANARIES.values()))))
    told = f"{len(sizes)} haystacks, {len(CANARIES)} canaries in {ways} spellings, {controls} controls found"
    return "\n".join([*lines, f"{told}, {failed} tests failed"])


def _kind(name: str) -> str:
    return name.partition(" of ")[0] if name.startswith(("stdout of", "stderr of")) and "MCP" not in name else name


if __name__ == "__main__":
    sys.exit(main())
