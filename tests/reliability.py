"""Prints the proof of reliability: `python -m tests.reliability [--full]`. Fault classes, invariants, guards.

It runs the tests that hold them, says while they run how far it is, and reads what each put on record; a test that
records nothing counts as one trial of the invariant that its file holds.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.leaks import figures as leaks
from tests.under_watch import ROOT, Case, run

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
    "I1": ("one paid act per yes", ("money/test_outcomes",)),
    "I2": ("no change in a dry run", ("laws/test_law_1",)),
    "I3": ("sent is what was approved", ("laws/test_law_2",)),
    "I4": ("never over the cap", ("core/test_journal_ledger", "money/test_set_aside")),
    "I5": ("no secret gets out", ("laws/test_law_5", "core/test_redact", "core/test_known_secrets")),
    "I6": ("no control code of others", ("tui/test_line_filter", "core/test_safe_text", "hostile/test_barriers")),
    "I7": ("content does nothing", ("hostile/test_console", "laws/test_law_6")),
    "I8": ("keys only to their origin", ("wire/test_hosts", "wire/test_signer", "wire/test_client")),
    "I9": ("no false success", ("money/test_outcomes",)),
    "I10": ("no record lost", ("core/test_journal", "money/test_restart")),
    "I11": ("no crash without a trace", ("cli/test_crashes", "laws/test_static_gates")),
    "I12": ("the terminal as it was", ("cli/test_cli_terminal",)),
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
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description="Prove it, and say how often.")
    parser.add_argument("--full", action="store_true", help="with the tests that take long")
    parser.add_argument("--all", action="store_true", help="every test there is, those that prove nothing here as well")
    parser.add_argument("places", nargs="*", help="folders and files of tests/, in place of all that prove something")
    options = parser.parse_args()
    places = options.places or (_every_place() if options.all else PLACES)
    status, watch = run(places, full=options.full)
    sys.stdout.write("\n\n".join(filter(None, (tables(watch.cases), leaks.table(watch.cases)))) + "\n")
    return status


def _every_place() -> list[str]:
    return sorted({path.relative_to(ROOT).parts[0] for path in ROOT.glob("*/test_*.py")})


def tables(cases: Sequence[Case]) -> str:
    """Make the tables of what the tests put on record."""
    lines: dict[str, Line] = defaultdict(Line)
    for case in cases:
        if case.outcome != "skipped":
            for number, operation, trials in (*_recorded(case), *_held(case)):
                lines[number].count(operation, trials, failed=case.outcome == "failed")
    guards = sorted(lines.pop("guard", Line()).operations)
    rows = [f"{'class':<6}{'fault':<28}{'operations':>10}{'trials':>9}  passed"]
    rows += [_row(number, name, lines[number]) for number, name in FAULTS.items() if number in lines]
    rows += ["", "not tried here: " + (", ".join(number for number in FAULTS if number not in lines) or "none"), ""]
    rows += [f"{'':<6}{'invariant':<28}{'operations':>10}{'trials':>9}  held"]
    rows += [_row(number, name, lines[number]) for number, (name, _) in INVARIANTS.items()]
    return "\n".join([*rows, "", "a guard that is switched off → the test that fails", *guards])


def _row(number: str, name: str, line: Line) -> str:
    return f"{number:<6}{name:<28}{len(line.operations):>10,}{line.trials:>9,}  {line.verdict}"


def _recorded(case: Case) -> Iterator[tuple[str, str, int]]:
    for kind, value in case.properties:
        if kind == "proof":
            number, operation, trials = value
            yield str(number), str(operation), int(trials)


def _held(case: Case) -> Iterator[tuple[str, str, int]]:
    recorded = {number for number, _, _ in _recorded(case)}
    path, _, name = case.name.partition("::")
    for number, (_, files) in INVARIANTS.items():
        if number not in recorded and path.startswith(tuple(f"tests/{file}" for file in files)):
            yield number, name.partition("[")[0], 1


if __name__ == "__main__":
    sys.exit(main())
