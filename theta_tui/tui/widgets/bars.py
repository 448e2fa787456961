"""A course over time as bars of block characters, in any number of rows. Numbers in, text out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

BLOCKS: Final = " ▁▂▃▄▅▆▇█"
_STEPS: Final = len(BLOCKS) - 1


def sampled(points: Sequence[tuple[float, float]], width: int) -> list[float]:
    """Give `width` values evenly over the time of the points (moment, value); between two points the earlier holds."""
    if not points or width < 1:
        return []
    start, end = points[0][0], points[-1][0]
    step = (end - start) / (width - 1) if width > 1 else 0.0
    values, at = [], 0
    for column in range(width):
        moment = start + column * step
        while at + 1 < len(points) and points[at + 1][0] <= moment:
            at += 1
        values.append(points[at][1])
    values[-1] = points[-1][1]
    return values


def bars(values: Sequence[float], rows: int) -> list[str]:
    """Draw values as bars, lowest to highest over the whole height; a level course lies in the middle."""
    if not values or rows < 1:
        return []
    low, high = min(values), max(values)
    levels = [_level((value - low) / (high - low) if high > low else 0.5, rows) for value in values]
    return ["".join(BLOCKS[min(max(level - row * _STEPS, 0), _STEPS)] for level in levels)
            for row in reversed(range(rows))]  # fmt: skip


def _level(part: float, rows: int) -> int:
    return 1 + round(part * (rows * _STEPS - 1))
