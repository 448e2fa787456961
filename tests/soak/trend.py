"""Whether figures grow: a line fitted through them, and the limits it must keep. It knows no console."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

RSS_MB_PER_HOUR = 0.5
RSS_MB = 30.0
STEADY = 2.0
STATE_MB = 50.0
SLOPE_HOURS = 12.0
"""A slope of memory is judged over no less: for some hours more, Textual's own bounded caches of regions, boxes and
styles fill up with 8 to 10 MB, whatever is done. What a shorter run may gain is limited instead."""
FILLING_MB = 15.0
FEWEST = 4
Sample = dict[str, float]
WARM_UP_HOURS = 1.0
"""In the first hour of the cloud everything is shown for the first time; what is limited is what comes after it."""


@dataclass(frozen=True)
class Line:
    """A fitted line: what it gains in an hour of the cloud, and how sure that is (one standard error)."""

    per_hour: float
    error: float

    @property
    def surely(self) -> float:
        """The least that it gains, with a probability of about 98 %."""
        return self.per_hour - 2 * self.error


def fitted(when: Sequence[float], values: Sequence[float]) -> Line:
    """Fit a line by least squares; `when` in hours."""
    count = len(when)
    middle, mean = sum(when) / count, sum(values) / count
    spread = sum((hour - middle) ** 2 for hour in when)
    slope = sum((hour - middle) * (value - mean) for hour, value in zip(when, values, strict=True)) / spread
    rest = sum((value - mean - slope * (hour - middle)) ** 2 for hour, value in zip(when, values, strict=True))
    return Line(slope, math.sqrt(rest / max(count - 2, 1) / spread))


def hours(samples: Sequence[Sample], speed: float) -> list[float]:
    """When each was taken, in hours of the cloud after the first."""
    return [(one["at"] - samples[0]["at"]) * speed / 3600 for one in samples]


def warm(samples: Sequence[Sample], speed: float) -> list[Sample]:
    """Those after the first hour of the cloud."""
    return [one for one, hour in zip(samples, hours(samples, speed), strict=True) if hour >= WARM_UP_HOURS]


def complaints(samples: Sequence[Sample], speed: float) -> list[str]:
    """What is wrong with the figures of a run after its first hour; nothing is a pass."""
    late = warm(samples, speed)
    if len(late) < FEWEST:
        return [f"only {len(late)} samples after the first hour"]
    when = hours(late, speed)
    found = []
    rss = [one["rss_mb"] for one in late]
    line = fitted(when, rss)
    is_long = when[-1] >= SLOPE_HOURS
    if is_long and line.per_hour > RSS_MB_PER_HOUR:
        found.append(f"memory grows by {line.per_hour:.2f} ± {line.error:.2f} MB in an hour")
    if max(rss) - rss[0] > (RSS_MB if is_long else FILLING_MB):
        found.append(f"memory grew by {max(rss) - rss[0]:.1f} MB")
    for name in ("fds", "threads", "tasks"):
        values = [one[name] for one in late]
        gain = fitted(when, values)
        if gain.surely * when[-1] > STEADY:
            found.append(f"{name} grow by {gain.per_hour:.2f} ± {gain.error:.2f} in an hour")
    if lost := max(one["lost_slots"] for one in samples):
        found.append(f"connections that nobody uses and nobody gave back: {lost:.0f}")
    if late[-1]["state_mb"] > STATE_MB:
        found.append(f"the data folder has {late[-1]['state_mb']:.1f} MB")
    return found
