"""Whether figures grow: a line fitted through them, and the limits it must keep. It knows no console."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

RSS_MB_PER_HOUR = 0.5
RSS_MB = 30.0
STEADY = 2.0
STATE_MB = 50.0
FEWEST = 4
WARM_UP = 0.5
"""The share of a run in which panes are shown for the first time, and caches and the request log fill up."""


@dataclass(frozen=True)
class Line:
    """A fitted line: what it gains in an hour of the cloud, and how sure that is (one standard error)."""

    per_hour: float
    error: float

    @property
    def surely(self) -> float:
        """The least that it gains, with a probability of about 98 %."""
        return self.per_hour - 2 * self.error


def fitted(hours: Sequence[float], values: Sequence[float]) -> Line:
    """Fit a line by least squares."""
    count = len(hours)
    middle, mean = sum(hours) / count, sum(values) / count
    spread = sum((hour - middle) ** 2 for hour in hours)
    slope = sum((hour - middle) * (value - mean) for hour, value in zip(hours, values, strict=True)) / spread
    rest = sum((value - mean - slope * (hour - middle)) ** 2 for hour, value in zip(hours, values, strict=True))
    return Line(slope, math.sqrt(rest / max(count - 2, 1) / spread))


def complaints(samples: Sequence[dict[str, float]], speed: float, *, warm_up: float = WARM_UP) -> list[str]:
    """What is wrong with the figures of a run, its warm-up left away; nothing is a pass."""
    late = samples[int(len(samples) * warm_up) :]
    if len(late) < FEWEST:
        return [f"only {len(late)} samples after the warm-up"]
    hours = [(one["at"] - late[0]["at"]) * speed / 3600 for one in late]
    found = []
    rss = [one["rss_mb"] for one in late]
    line = fitted(hours, rss)
    if line.surely > RSS_MB_PER_HOUR:
        found.append(f"memory grows by {line.per_hour:.2f} ± {line.error:.2f} MB in an hour")
    if max(rss) - rss[0] > RSS_MB:
        found.append(f"memory grew by {max(rss) - rss[0]:.1f} MB")
    for name in ("fds", "threads", "tasks"):
        values = [one[name] for one in late]
        gain = fitted(hours, values)
        if gain.surely * hours[-1] > STEADY:
            found.append(f"{name} grow by {gain.per_hour:.2f} ± {gain.error:.2f} in an hour")
    if lost := max(one["lost_slots"] for one in samples):
        found.append(f"connections that nobody uses and nobody gave back: {lost:.0f}")
    if late[-1]["state_mb"] > STATE_MB:
        found.append(f"the data folder has {late[-1]['state_mb']:.1f} MB")
    return found
