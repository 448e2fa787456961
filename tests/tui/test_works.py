from __future__ import annotations

from typing import Any

from theta_tui.change import Sending, Stage, Waiting
from theta_tui.tui.works import Work, Works
from theta_tui.tui.works_screen import WorksScreen


def stage(step: str, state: str) -> Stage:
    return Stage("", "", 0.0, 1, 3, step=step, state=state)


def test_steps_follow_the_stages_of_a_plan() -> None:
    work = Work("a", "Validate llama")
    for step, state in (("create", "begins"), ("create", "done"), ("probe", "begins")):
        work.take(stage(step, state))
    assert [(step.name, step.state) for step in work.steps] == [("create", "done"), ("probe", "begins")]
    assert work.steps[0].seconds is not None
    assert work.doing == "probe (1/3)"
    work.take(stage("probe", "failed"))
    assert work.steps[1].state == "failed"


def test_an_upload_tells_its_share_and_a_retry_counts_down_and_leaves_a_timeline() -> None:
    work = Work("a", "Upload film.mp4")
    work.take(Sending("", "", 0.0, 1, 1, sent=420_000, total=1_000_000))
    assert work.doing == "sending 42 % of 1.0 MB"
    work.take(Waiting("capacity", "No instances", 30.0, 1, 3))
    work.take(Waiting("capacity", "No instances", 30.0, 2, 3))
    assert work.doing.startswith("capacity, again in ")
    work.look("200")
    assert work.looks == ["capacity", "200"]


def test_an_end_is_told_once_and_a_key_names_the_latest() -> None:
    told: list[Work] = []
    works = Works(lambda: None, told.append)
    first = works.begin("up", "Upload a")
    works.end(first, "done")
    works.end(first, "done again")
    second = works.begin("up", "Upload b")
    assert told == [first]
    assert works.all == (second,)
    assert works.at_work == (second,)
    works.forget(second)
    assert works.all == ()


async def test_the_panel_shows_steps_and_cancels_on_the_second_x(console: Any) -> None:
    async with console(size=(80, 24)) as it:
        await it.press("W")
        await it.until(lambda: "Nothing is at work" in it.shown())
        await it.press("escape")
        cancelled: list[str] = []
        work = it.app.works.begin(
            "v", "Validate llama", steps=("create", "probe"), cancel=lambda: cancelled.append("v"),
            cancelling="The machine is deleted; what it cost stays spent.",
        )  # fmt: skip
        work.take(stage("create", "begins"))
        await it.until(lambda: "Validate llama create (1/3)" in it.shown())
        await it.press("W")
        await it.until(lambda: isinstance(it.app.screen, WorksScreen) and "◌ create  at work" in it.shown())
        assert "· probe" in it.shown()
        await it.press("x")
        await it.until(lambda: "x again cancels" in it.shown())
        assert cancelled == []
        await it.press("x")
        await it.until(lambda: cancelled == ["v"])
        it.app.works.end(work, "cancelled", has_failed=True)
        await it.until(lambda: "✗ Validate llama" in it.shown())
        await it.press("escape")
        assert any("Validate llama: cancelled" in words for _, _, words in it.app.messages)
