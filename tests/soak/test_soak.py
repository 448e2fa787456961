"""A short use of the real console on a terminal, and the proof that growth is found. Long: `python -m tests.soak`."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.soak.__main__ import used_for
from tests.soak.person import SPEED, at_the_console
from tests.soak.trend import FEWEST, complaints


def samples(count: int = 40, **growth: float) -> list[dict[str, float]]:
    """Figures of a run of so many minutes with noise, in which some grow by so much in a minute."""
    chance = random.Random(1)
    steady = {"rss_mb": 150.0, "fds": 14.0, "threads": 6.0, "tasks": 290.0, "lost_slots": 0.0, "state_mb": 5.0}
    made = []
    for minute in range(count):
        grown = {name: value + growth.get(name, 0.0) * minute for name, value in steady.items()}
        made.append({**grown, "at": minute * 60.0, "rss_mb": grown["rss_mb"] + chance.uniform(-1, 1)})
    return made


def test_a_steady_run_passes() -> None:
    assert complaints(samples(), SPEED) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [("rss_mb", "memory"), ("fds", "fds"), ("threads", "threads"), ("tasks", "tasks"), ("lost_slots", "connections")],
)
def test_what_grows_is_found(name: str, words: str) -> None:
    found = complaints(samples(**{name: 1.0}), SPEED)
    assert any(one.startswith(words) for one in found), found


def test_a_short_run_may_fill_caches_but_no_more() -> None:
    assert complaints(samples(6, rss_mb=2.0), SPEED) == []
    assert any("memory" in one for one in complaints(samples(6, rss_mb=6.0), SPEED))


def test_what_comes_in_the_first_hour_is_no_growth() -> None:
    steady = samples()
    assert complaints([{**steady[0], "rss_mb": 60.0}, *steady[1:]], SPEED) == []


def test_a_data_folder_that_swells_is_found() -> None:
    assert any("folder" in one for one in complaints(samples(state_mb=2.0), SPEED))


IDLE_THREADS = (os.cpu_count() or 1) + 4
"""How many threads asyncio keeps for work that would block; they are begun when first needed."""


def test_the_console_used_for_a_while_keeps_nothing_open(tmp_path: Path) -> None:
    with at_the_console(tmp_path) as person:
        first, *_, last = used_for(person, 20)
        assert person.leave() == 0
    assert last["lost_slots"] == 0
    assert last["fds"] <= first["fds"] + 2
    assert last["threads"] <= first["threads"] + IDLE_THREADS
    assert last["rss_mb"] < 200


@pytest.mark.full
def test_the_console_used_for_three_minutes_keeps_all_limits(tmp_path: Path) -> None:
    with at_the_console(tmp_path) as person:
        taken = used_for(person, 180, least=FEWEST)
        assert person.leave() == 0
    assert complaints(taken, SPEED) == []
