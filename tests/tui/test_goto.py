from __future__ import annotations

import pytest
from textual import events
from textual.app import App

from theta_tui.tui.goto import GotoHint


async def answer(*keys: str, size: tuple[int, int] = (80, 24)) -> list[str | None]:
    answers: list[str | None] = []
    app: App[None] = App()
    async with app.run_test(size=size) as pilot:
        await app.push_screen(GotoHint(), answers.append)
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
    return answers


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (("4",), "4"),
        (("0",), "0"),
        (("d",), "4"),
        (("b",), "6"),
        (("down", "down", "enter"), "3"),
        (("a", "c"), "0"),
        (("a", "backspace", "v"), "8"),
        (("escape",), None),
        (("ctrl+g",), None),
    ],
)
async def test_a_digit_letters_or_arrows_choose_a_pane(keys: tuple[str, ...], expected: str | None) -> None:
    assert await answer(*keys) == [expected]


async def test_an_ambiguous_letter_waits_for_the_next() -> None:
    assert await answer("a") == []


async def test_every_pane_is_shown_in_the_smallest_screen() -> None:
    app: App[None] = App()
    async with app.run_test(size=(60, 16)) as pilot:
        await app.push_screen(GotoHint())
        await pilot.pause()
        rows = "\n".join("".join(part.text for part in strip) for strip in app.screen._compositor.render_strips())
        for title in ("Overview", "Services", "Deployments", "GPU + Storage", "Activity"):
            assert title in rows


async def test_two_digits_in_one_moment_leave_once() -> None:
    answers: list[str | None] = []
    app: App[None] = App()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(GotoHint(), answers.append)
        await pilot.pause()
        hint = app.screen
        for digit in "45":
            hint.post_message(events.Key(digit, digit))
        await pilot.pause()
        assert len(app.screen_stack) == 1
    assert answers == ["4"]
