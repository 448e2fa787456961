from __future__ import annotations

from decimal import Decimal

from pydantic import SecretStr
from textual.app import App

from theta_tui.tui.reading import Reading
from theta_tui.tui.result import ResultScreen


async def test_a_result_is_redacted_json_that_scrolls_and_copies() -> None:
    value = {"price": Decimal("0.40"), "auth_password": SecretStr("hunter22"), "items": list(range(100))}
    app: App[None] = App()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(ResultScreen("theta.x", value, "cost $0.01"))
        await pilot.pause()
        reading = app.screen.query_one(Reading)
        assert '"price": 0.4' in reading.text
        assert "hunter22" not in reading.text
        await pilot.press("end")
        await pilot.wait_for_animation()
        assert reading.scroll_offset.y > 50
        await pilot.press("y")
        await pilot.app.workers.wait_for_complete()
        assert '"price": 0.4' in app.clipboard
        assert "hunter22" not in app.clipboard
        await pilot.press("escape")
        assert not isinstance(app.screen, ResultScreen)


async def test_hostile_text_in_a_result_stays_inert() -> None:
    app: App[None] = App()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(ResultScreen("theta.x", {"name": "\u202eevil\x9b2J[@click=app.quit]x"}))
        await pilot.pause()
        rows = "".join(part.text for strip in app.screen._compositor.render_strips() for part in strip)
        assert "[@click=app.quit]x" in rows
        assert "\u202e" not in rows
        assert "\x9b" not in rows
