"""Prints the fault matrix: `python -m tests.reliability [--full]`. Class, operations covered, trials, passed.

It runs `tests/faults` and reads what each test put on record.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from ast import literal_eval
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree


def main() -> int:
    """Run the tests and print the table; the exit status is pytest's."""
    marks = "not live" if "--full" in sys.argv else "not live and not full"
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ["-m", marks, f"--junitxml={report}", "-o", "junit_family=xunit1"]
        command = [sys.executable, "-m", "pytest", "tests/faults", *options]
        status = subprocess.run(command, stdout=subprocess.DEVNULL).returncode
        sys.stdout.write(table(report.read_text()) + "\n")
    return status


def table(report: str) -> str:
    """Make the table of a JUnit report."""
    operations: dict[str, set[str]] = defaultdict(set)
    trials: dict[str, int] = defaultdict(int)
    failed: dict[str, int] = defaultdict(int)
    for case in ElementTree.fromstring(report).iter("testcase"):
        bad = case.find("failure") is not None or case.find("error") is not None
        for proof in case.iter("property"):
            if proof.get("name") == "proof":
                number, operation, count = _read(proof.get("value") or "")
                operations[number].add(operation)
                trials[number] += int(count)
                failed[number] += bad
    lines = [f"{'class':<8}{'operations':>11}{'trials':>8}  passed"]
    for number in sorted(operations, key=lambda name: (name[0], int(name[1:]) if name[1:].isdigit() else 0)):
        word = "yes" if not failed[number] else f"no: {failed[number]} failed"
        lines.append(f"{number:<8}{len(operations[number]):>11}{trials[number]:>8}  {word}")
    return "\n".join(lines)


def _read(value: str) -> tuple[str, str, int]:
    try:
        number, operation, count = json.loads(value)
    except ValueError:
        number, operation, count = literal_eval(value)
    return str(number), str(operation), int(count)


if __name__ == "__main__":
    sys.exit(main())
