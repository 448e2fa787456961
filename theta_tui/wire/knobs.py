"""The three behaviour knobs of the wire: time-out, retries and base delay (wire 12.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from theta_tui.errors import UsageError

_RANGES = {
    "THETA_HTTP_TIMEOUT_MS": (20_000, 1_000, 120_000),
    "THETA_HTTP_MAX_RETRIES": (2, 0, 6),
    "THETA_HTTP_RETRY_BACKOFF_MS": (250, 25, 10_000),
}
"""Variable → default, least, largest."""


@dataclass(frozen=True, slots=True)
class Knobs:
    """How patient the wire is: seconds per attempt, retries after the first, base delay in seconds."""

    timeout_seconds: float = 20.0
    retries: int = 2
    backoff_seconds: float = 0.25

    @classmethod
    def read(cls, values: Mapping[str, str]) -> Knobs:
        """Read the THETA_HTTP_* variables, clamped to their ranges; UsageError for text that is not a whole number."""
        timeout, retries, backoff = (_read(name, values.get(name)) for name in _RANGES)
        return cls(timeout / 1000, retries, backoff / 1000)


def _read(name: str, text: str | None) -> int:
    default, least, largest = _RANGES[name]
    if text is None or not text.strip():
        return default
    digits = text.strip().lstrip("+-")
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 12 or len(text.strip()) - len(digits) > 1:
        raise UsageError(f"{name} must be a whole number from {least} to {largest}, not “{text.strip()[:40]}”.")
    return max(least, min(largest, int(text)))
