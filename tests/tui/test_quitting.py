from __future__ import annotations

import dataclasses
import os
from typing import Any

import pytest

from tests.tui.conftest import Opens
from theta_tui.tui.command_line import CommandLine
from theta_tui.tui.quitting import QuitQuestion
from theta_tui.tui.review import ReviewModal


async def test_with_nothing_at_work_and_nothing_billed_it_quits_at_once_with_0(console: Opens) -> None:
    async with console() as it:
        await it.until(lambda: it.app.pulse is not None)
        it.app.pulse = dataclasses.replace(it.app.pulse, running=0)
        it.app.action_ask_quit()
        await it.until(lambda: it.app._exit)
        assert it.app.return_code == 0


@pytest.mark.parametrize("key", ["escape", "enter", "n"])
async def test_something_at_work_is_named_and_staying_is_the_first_answer(console: Opens, key: str) -> None:
    async with console(size=(60, 16)) as it:
        it.app.set_busy("upload", "uploading \x1b[2Jvideo.mp4")
        it.app.action_ask_quit()
        await it.until(lambda: isinstance(it.app.screen, QuitQuestion))
        await it.pilot.pause()
        assert "uploading" in it.shown()
        assert "\x1b" not in it.shown()
        await it.press(key)
        assert it.app.screen is it.app.shell
        assert not it.app._exit


async def test_q_quits_all_the_same(console: Opens) -> None:
    async with console() as it:
        it.app.set_busy("upload", "uploading video.mp4")
        it.app.action_ask_quit()
        await it.until(lambda: isinstance(it.app.screen, QuitQuestion))
        await it.pilot.pause()
        await it.press("q")
        await it.until(lambda: it.app._exit)
        assert it.app.return_code == 0


async def test_what_goes_on_being_billed_is_told_and_may_be_stopped_each_after_its_review(console: Any) -> None:
    async with console(pane="deployments") as it:
        await it.until(lambda: it.app.pulse is not None and it.app.pulse.running)
        running = it.app.pulse.running
        await it.press("q")
        await it.until(lambda: isinstance(it.app.screen, QuitQuestion))
        assert f"Still billing $3.04/h: {running} deployments will go on." in it.shown()
        await it.press("s")
        for stopped in range(running):
            await it.until(lambda: isinstance(it.app.screen, ReviewModal) and it.app.screen.armed)
            assert len(it.sent("PUT", "/stop")) == stopped
            await it.press("y")
            await it.until(lambda stopped=stopped: len(it.sent("PUT", "/stop")) == stopped + 1)
        await it.until(lambda: it.app._exit)


async def test_a_stop_that_is_not_confirmed_keeps_the_console_open(console: Any) -> None:
    async with console(pane="deployments") as it:
        await it.until(lambda: it.app.pulse is not None and it.app.pulse.running)
        await it.press("q")
        await it.until(lambda: isinstance(it.app.screen, QuitQuestion))
        await it.press("s")
        await it.until(lambda: isinstance(it.app.screen, ReviewModal) and it.app.screen.armed)
        await it.press("escape")
        await it.until(lambda: any("the console stays open" in words for _, _, words in it.app.messages))
        assert it.sent("PUT") == []
        await it.press("q")
        await it.until(lambda: isinstance(it.app.screen, QuitQuestion))
        await it.press("q")
        await it.until(lambda: it.app._exit)


async def test_a_dialog_that_is_answered_under_the_question_leaves_when_the_question_has_gone(console: Opens) -> None:
    async with console() as it:
        answers: list[str | None] = []
        line = CommandLine()
        it.app.push_screen(line, answers.append)
        await it.until(lambda: it.app.screen is line and line.query("#line"))
        it.app.push_screen(QuitQuestion(["something"]))
        await it.until(lambda: isinstance(it.app.screen, QuitQuestion))
        line.dismiss("billing")
        assert answers == []
        await it.press("escape")
        await it.until(lambda: it.app.screen is it.app.shell)
        assert answers == ["billing"]


async def test_without_a_shell_behind_it_the_console_is_not_stopped(
    console: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.getsid", lambda _: os.getpgrp())  # as when a window runs this program alone
    monkeypatch.setattr("os.killpg", lambda *_: pytest.fail("it would never come back"))
    async with console() as it:
        await it.press("ctrl+z")
        await it.until(lambda: any("No shell waits" in words for _, _, words in it.app.messages))
