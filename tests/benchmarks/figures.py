"""Figures with their unit, gathered over rounds, and the table they are printed in."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Figure:
    """Something measured: of the console, and of the small program beside it where that has it too."""

    name: str
    unit: str
    ours: list[float] = field(default_factory=list)
    hello: list[float] = field(default_factory=list)

    def row(self) -> tuple[str, ...]:
        """Give name, median, 95th percentile, the other's median and the ratio of both."""
        ours = statistics.median(self.ours)
        high = sorted(self.ours)[min(len(self.ours) - 1, round(0.95 * (len(self.ours) - 1)))]
        other = statistics.median(self.hello) if self.hello else None
        ratio = f"{ours / other:.2f}" if other else ""
        beside = "" if other is None else _number(other)
        return f"{self.name}, {self.unit}", _number(ours), _number(high), str(len(self.ours)), beside, ratio


HEADER = ("", "median", "p95", "n", "hello", "ratio")


def table(figures: Sequence[Figure]) -> str:
    """Give all figures as lines of text."""
    rows = [HEADER, *(figure.row() for figure in figures if figure.ours)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    return "\n".join(
        "  ".join(cell.rjust(width) if column else cell.ljust(width) for column, (cell, width) in
                  enumerate(zip(row, widths, strict=True)))
        for row in rows
    )  # fmt: skip


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"
