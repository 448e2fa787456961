from __future__ import annotations

import pytest

from theta_tui.cloud import timeouts


@pytest.mark.parametrize(
    ("inputs", "http", "seconds"),
    [
        ({}, 20.0, 135.0),  # 30 frames by default: 120 s + 15 s
        ({"frames": 50}, 20.0, 145.0),
        ({"frames": 51}, 20.0, 150.0),  # 145.5 s, rounded up to 5 s
        ({"frames": 1000}, 20.0, 300.0),  # never above 300 s
        ({"frames": 10}, 200.0, 200.0),  # the configured time-out, if larger
        ({"frames": "abc"}, 20.0, 135.0),
    ],
)
def test_submitting_step_video_waits_by_its_frames(inputs: dict[str, object], http: float, seconds: float) -> None:
    assert timeouts.submit_seconds("step_video", inputs, 30, http) == seconds


@pytest.mark.parametrize(
    ("inputs", "seconds"),
    [
        ({"frames": 50, "fps": 25}, 450.0),  # 240 + max(200, 2 × 60) = 440, rounded up to 30 s
        ({}, 420.0),  # 30 frames at 10 fps: 240 + max(120, 180)
        ({"frames": 1}, 360.0),  # never below 360 s
        ({"frames": 5000}, 1800.0),  # never above 1800 s
        ({"frames": 100, "fps": 1}, 1800.0),
    ],
)
def test_step_video_completes_by_frames_and_rate(inputs: dict[str, object], seconds: float) -> None:
    assert timeouts.completion_seconds("step_video", inputs) == seconds


def test_chat_is_submitted_for_at_least_two_minutes() -> None:
    assert timeouts.submit_seconds("qwen3", {"messages": []}, 60, 20.0) == 120.0


def test_a_held_call_outlives_its_wait() -> None:
    assert timeouts.submit_seconds("blip", {}, 60, 20.0) == 75.0


def test_the_first_token_of_qwen3_and_unknown_models_may_take_four_minutes() -> None:
    known = frozenset({"qwen3", "gpt_oss_120b"})
    assert timeouts.first_token_seconds("qwen3", known) == 240.0
    assert timeouts.first_token_seconds("brand_new", known) == 240.0
    assert timeouts.first_token_seconds("gpt_oss_120b", known) == 120.0


@pytest.mark.parametrize(
    ("given", "clamped"),
    [
        ((3000, 120_000, 1000), (3.0, 120.0, 1000)),
        ((1, 1, 0), (0.1, 1.0, 1)),
        ((10**9, 10**9, 10**9), (60.0, 3600.0, 20_000)),
    ],
)
def test_polling_limits_are_clamped(given: tuple[int, int, int], clamped: tuple[float, float, int]) -> None:
    assert timeouts.poll_limits(*given) == clamped


@pytest.mark.parametrize(
    ("given", "clamped"), [((10_000, 120_000), (10.0, 120.0)), ((1, 1), (0.5, 1.0)), ((10**9, 10**9), (60.0, 1800.0))]
)
def test_readiness_limits_are_clamped(given: tuple[int, int], clamped: tuple[float, float]) -> None:
    assert timeouts.readiness_limits(*given) == clamped
