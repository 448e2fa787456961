from __future__ import annotations

import time

from textual.app import App

from tests.tui.conftest import Opens
from theta_tui.errors import NetworkError
from theta_tui.tui.app import KEPT_MESSAGES
from theta_tui.tui.messages import MessageList, message_lines


def test_messages_are_newest_first_with_time_and_words() -> None:
    now = time.time()
    lines = [line.plain for line in message_lines([(now - 1, "information", "first"), (now, "error", "second [/x]")])]
    assert [line.split("  ")[-1].strip() for line in lines] == ["second [/x]", "first"]
    assert "✗ error" in lines[0]
    assert time.strftime("%H:%M", time.localtime(now)) in lines[0]


def test_another_day_has_its_own_line() -> None:
    lines = [line.plain for line in message_lines([(0.0, "warning", "old"), (time.time(), "information", "new")])]
    assert len(lines) == 3
    assert lines[1].startswith("── 19")


def test_no_messages_are_told_in_words() -> None:
    assert "No messages yet" in message_lines([])[0].plain


async def test_escape_closes_the_list_and_hostile_words_stay_inert() -> None:
    app: App[None] = App()
    async with app.run_test() as pilot:
        await app.push_screen(MessageList([(time.time(), "error", "\x1b[2Jgone\nline [@click=app.quit]x[/]")]))
        await pilot.pause()
        rows = ["".join(part.text for part in strip) for strip in app.screen._compositor.render_strips()]
        assert any("[@click=app.quit]x[/]" in row for row in rows)
        assert not any("\x1b" in row for row in rows)
        await pilot.press("escape")
        assert not isinstance(app.screen, MessageList)


async def test_a_console_open_for_weeks_keeps_only_the_last_messages(console: Opens) -> None:
    async with console() as it:
        for number in range(KEPT_MESSAGES + 5):
            it.app.report(NetworkError(f"message {number}"))
        assert len(it.app.messages) == KEPT_MESSAGES
        await it.press("exclamation_mark")
        await it.until(lambda: f"message {KEPT_MESSAGES + 4}" in it.shown())
