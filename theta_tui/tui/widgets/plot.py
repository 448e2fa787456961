"""A course over time as a plot of block characters with its scales. Numbers in, lines out; it knows no units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from textual.content import Content

from theta_tui.tui.widgets.bars import bars, sampled

DAY_SECONDS: Final = 86_400.0
ROWS_FOR_MIDDLE: Final = 9
"""Rows from which a value is written in the middle too."""
_MUTED: Final = "$foreground-muted"


def plot_lines(
    points: Sequence[tuple[float, float]],
    width: int,
    rows: int,
    label: Callable[[float], str],
    *,
    style: str = "$primary 70%",
) -> list[Content]:
    """Draw points (moment, value) over `rows` lines and one line of times; `label` writes a value at the scale.

    The lowest value lies at the bottom, so that small changes are seen; both ends of the scale are written.
    """
    if len(points) < 2 or rows < 2:
        return []
    values = [value for _, value in points]
    top, bottom = label(max(values)), label(min(values))
    margin = max(len(top), len(bottom)) + 1
    room = max(width - margin - 1, 8)
    drawn = bars(sampled(points, room), rows)
    names = [top, *[""] * (rows - 2), bottom]
    if rows >= ROWS_FOR_MIDDLE:
        at = rows // 2
        names[at] = label(min(values) + (max(values) - min(values)) * (rows - 1 - at) / (rows - 1))
    lines = [
        Content.assemble((f"{name:>{margin - 1}} ", _MUTED), ("┤" if name else "│", _MUTED), (bar, style))
        for name, bar in zip(names, drawn, strict=True)
    ]
    return [*lines, Content.styled(f"{'':>{margin}}└{_times(points, room)}", _MUTED)]


def _times(points: Sequence[tuple[float, float]], room: int) -> str:
    """Write when it begins and ends, and the middle where there is room."""
    start, end = points[0][0], points[-1][0]
    form = "%d %b" if end - start > 2 * DAY_SECONDS else "%d %b %H:%M" if end - start > DAY_SECONDS / 2 else "%H:%M:%S"
    first, middle, last = (
        datetime.fromtimestamp(moment).strftime(form) for moment in (start, (start + end) / 2, end)
    )  # fmt: skip
    if len(first) + len(middle) + len(last) + 8 > room:
        return f"{first}{last:>{max(room - len(first), len(last) + 1)}}"
    left = f"{first:<{(room - len(middle)) // 2}}{middle}"
    return f"{left}{last:>{room - len(left)}}"
