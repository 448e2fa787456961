from __future__ import annotations

import pytest

from tests.tui.conftest import Opens
from theta_tui.tui.quitting import QuitQuestion


async def test_with_nothing_at_work_it_quits_at_once_with_0(console: Opens) -> None:
    async with console() as it:
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
