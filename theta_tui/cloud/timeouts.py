"""Service-aware time-outs (wire 12.4): pure arithmetic, in seconds unless a name says ms."""

from __future__ import annotations

import math

CHAT_SECONDS = 120.0
FIRST_TOKEN_SECONDS = 120.0
SLOW_FIRST_TOKEN_SECONDS = 240.0
STREAM_SECONDS = 1800.0

_STEP_VIDEO_FRAMES = 30
_STEP_VIDEO_FPS = 10


def clamp(value: float, low: float, high: float) -> float:
    """Bring a number into a range."""
    return max(low, min(high, value))


def submit_seconds(service: str, inputs: dict[str, object], wait: int, http_timeout: float) -> float:
    """How long submitting an infer request may take: the time-out, `wait` and a margin, or step_video's own rule."""
    if service == "step_video":
        needed = 120_000 + _frames(inputs) * 500
        rounded = math.ceil(needed / 5000) * 5000
        return min(300_000, max(http_timeout * 1000, rounded)) / 1000
    least = CHAT_SECONDS if "messages" in inputs else 0.0
    return max(http_timeout, wait + 15.0, least)


def completion_seconds(service: str, inputs: dict[str, object]) -> float:
    """How long a job may take until it is finished: step_video by frames and fps, others the default of polling."""
    if service != "step_video":
        return 120.0
    frames, fps = _frames(inputs), _number(inputs.get("fps"), _STEP_VIDEO_FPS)
    needed = 240_000 + max(frames * 4000, math.ceil(frames / fps) * 60_000)
    return clamp(math.ceil(needed / 30_000) * 30_000, 360_000, 1_800_000) / 1000


def first_token_seconds(service: str, known: frozenset[str]) -> float:
    """How long a stream may take to its first byte: 240 s for qwen3 and unknown models, else 120 s."""
    return SLOW_FIRST_TOKEN_SECONDS if service == "qwen3" or service not in known else FIRST_TOKEN_SECONDS


def poll_limits(interval_ms: float, timeout_ms: float, attempts: int) -> tuple[float, float, int]:
    """Clamp the polling limits: seconds between looks, total seconds, looks."""
    return (
        clamp(interval_ms, 100, 60_000) / 1000,
        clamp(timeout_ms, 1000, 3_600_000) / 1000,
        int(clamp(attempts, 1, 20_000)),
    )


def readiness_limits(interval_ms: float, timeout_ms: float) -> tuple[float, float]:
    """Clamp the limits of a readiness watch: seconds between looks, total seconds."""
    return clamp(interval_ms, 500, 60_000) / 1000, clamp(timeout_ms, 1000, 1_800_000) / 1000


def _frames(inputs: dict[str, object]) -> float:
    return _number(inputs.get("frames"), _STEP_VIDEO_FRAMES)


def _number(value: object, default: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return default
    try:
        number = float(value)
    except ValueError:
        return default
    return number if math.isfinite(number) and number > 0 else default
