"""Prints the proof of reliability: `python -m tests.reliability [--full]`. Fault classes, invariants, guards.

It runs the tests that hold them, and reads what each put on record; where a test records nothing, it counts as one
trial of the invariant that its file holds.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from ast import literal_eval
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

FAULTS: Mapping[str, str] = {
    "F1": "name not found", "F2": "resolver silent", "F3": "port closed", "F4": "packets swallowed",
    "F5": "TLS: no proof of who it is", "F6": "TLS handshake stalls", "F7": "reset on accept",
    "F8": "reset after the request", "F9": "no answer", "F10": "502, 504 from the edge", "F11": "503, told to wait",
    "F12": "429, every Retry-After", "F13": "no instances available", "F14": "other 409", "F15": "401, 403",
    "F16": "blocked at the edge", "F17": "HTML pages, 52x", "F18": "200 with a page", "F19": "200 with an error",
    "F20": "a new machine warms up", "F21": "redirects", "F22": "short answers", "F23": "cut without a length",
    "F24": "compressed answers", "F25": "slow answers", "F26": "too large, bombs", "F27": "floods of headers",
    "F28": "not UTF-8", "F29": "changed answers", "F30": "bad rows", "F31": "odd prices", "F32": "stream stalls",
    "F33": "stream cut", "F34": "stream lies", "F35": "endless line", "F36": "only reasoning", "F37": "cancelled",
    "F38": "quit in flight", "F39": "killed at any step", "F40": "double answers", "F41": "two at once",
    "F42": "changed since shown", "F43": "stop timed out", "F44": "sleep", "F45": "network flaps",
    "F46": "clock jumps", "F47": "upload slots", "F48": "files that change", "F49": "disk full", "F50": "ledger locked",
    "F51": "ledger damaged", "F52": "two versions", "F53": "keyring trouble", "F54": "odd keys", "F55": "key revoked",
    "F56": "odd terminals", "F57": "odd environment", "F58": "endless poll", "F59": "MCP client trouble",
    "F60": "loop held up",
}  # fmt: skip

INVARIANTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "I1": ("one paid act per yes", ("money.test_outcomes",)),
    "I2": ("no change in a dry run", ("laws.test_law_1",)),
    "I3": ("sent is what was approved", ("laws.test_law_2",)),
    "I4": ("never over the cap", ("core.test_journal_ledger", "money.test_set_aside")),
    "I5": ("no secret gets out", ("laws.test_law_5", "core.test_redact")),
    "I6": ("no control code of others", ("tui.test_line_filter", "core.test_safe_text", "hostile.test_barriers")),
    "I7": ("content does nothing", ("hostile.test_console", "laws.test_law_6")),
    "I8": ("keys only to their origin", ("wire.test_hosts", "wire.test_signer", "wire.test_client")),
    "I9": ("no false success", ("money.test_outcomes",)),
    "I10": ("no record lost", ("core.test_journal", "money.test_restart")),
    "I11": ("no crash without a trace", ("cli.test_crashes", "laws.test_static_gates")),
    "I12": ("the terminal as it was", ("cli.test_cli_terminal",)),
}

PLACES = ("faults", "mutation", "money", "hostile", "laws", "core", "wire", "cli/test_crashes.py",
          "cli/test_cli_terminal.py", "tui/test_line_filter.py", "mcp")  # fmt: skip


@dataclass
class Line:
    """What was tried of one class or invariant."""

    operations: set[str] = field(default_factory=set)
    trials: int = 0
    failed: int = 0

    def count(self, operation: str, trials: int, *, failed: bool) -> None:
        """Add what one test tried."""
        self.operations.add(operation)
        self.trials += trials
        self.failed += failed

    @property
    def verdict(self) -> str:
        """Whether all of it passed."""
        if not self.trials:
            return "not tried here"
        return "yes" if not self.failed else f"no: {self.failed} failed"


def main() -> int:
    """Run the tests and print the tables; the exit status is pytest's."""
    marks = "not live" if "--full" in sys.argv else "not live and not full"
    root = Path(__file__).parent
    places = [str(root / place) for place in PLACES if (root / place).exists()]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ["-m", marks, f"--junitxml={report}", "-o", "junit_family=xunit1"]
        command = [sys.executable, "-m", "pytest", *places, *options]
        status = subprocess.run(command, stdout=subprocess.DEVNULL).returncode
        sys.stdout.write(tables(report.read_text()) + "\n")
    return status


def tables(report: str) -> str:
    """Make the tables of a JUnit report."""
    lines: dict[str, Line] = defaultdict(Line)
    for case in ElementTree.fromstring(report).iter("testcase"):
        failed = case.find("failure") is not None or case.find("error") is not None
        if case.find("skipped") is None:
            for number, operation, trials in (*_recorded(case), *_held(case)):
                lines[number].count(operation, trials, failed=failed)
    guards = sorted(lines.pop("guard", Line()).operations)
    rows = [f"{'class':<6}{'fault':<28}{'operations':>10}{'trials':>9}  passed"]
    rows += [_row(number, name, lines[number]) for number, name in FAULTS.items() if number in lines]
    rows += ["", "not tried here: " + (", ".join(number for number in FAULTS if number not in lines) or "none"), ""]
    rows += [f"{'':<6}{'invariant':<28}{'operations':>10}{'trials':>9}  held"]
    rows += [_row(number, name, lines[number]) for number, (name, _) in INVARIANTS.items()]
    return "\n".join([*rows, "", "a guard that is switched off → the test that fails", *guards])


def _row(number: str, name: str, line: Line) -> str:
    return f"{number:<6}{name:<28}{len(line.operations):>10}{line.trials:>9}  {line.verdict}"


def _recorded(case: ElementTree.Element) -> Iterator[tuple[str, str, int]]:
    for proof in case.iter("property"):
        if proof.get("name") == "proof":
            yield _read(proof.get("value") or "")


def _held(case: ElementTree.Element) -> Iterator[tuple[str, str, int]]:
    where = case.get("classname") or ""
    for number, (_, files) in INVARIANTS.items():
        if any(f"tests.{file}" in where for file in files):
            yield number, (case.get("name") or "").partition("[")[0], 1


def _read(value: str) -> tuple[str, str, int]:
    try:
        number, operation, count = json.loads(value)
    except ValueError:
        number, operation, count = literal_eval(value)
    return str(number), str(operation), int(count)


if __name__ == "__main__":
    sys.exit(main())
