"""What `doctor` found: one line for each thing looked at, and how to mend what is wrong. Pure data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from theta_tui.errors import ThetaError


class State(StrEnum):
    """How a thing stands. Only `FAILED` makes the whole fail."""

    OK = "ok"
    NOTE = "note"
    FAILED = "failed"
    UNKNOWN = "unknown"


GLYPHS = {State.OK: "✓", State.NOTE: "!", State.FAILED: "✗", State.UNKNOWN: "?"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: its area, how it stands, in words, and the fix."""

    area: str
    state: State
    words: str
    fix: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give it for a program."""
        return {"area": self.area, "state": self.state.value, "words": self.words, "fix": self.fix or None}


def failed(area: str, error: ThetaError, before: str = "") -> Finding:
    """Write an error down as a finding."""
    return Finding(area, State.FAILED, f"{before}{error.message}", error.hint)


def lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Write findings for people, each fix below its finding."""
    for one in findings:
        yield f"{GLYPHS[one.state]} {one.area:<10} {one.words}"
        if one.fix and one.state is not State.OK:
            yield f"{'':<13}→ {one.fix}"
