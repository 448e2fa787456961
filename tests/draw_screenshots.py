"""Draws screenshots/ from the demo, by pressing the keys a user would press: `python -m tests.draw_screenshots`."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from theta_tui.launch import Launch
from theta_tui.tui.app import ThetaApp

FOLDER = Path(__file__).resolve().parent.parent / "screenshots"
SIZES = {"": (140, 40), "-80x24": (80, 24)}


_TEXT = re.compile(r'(<text [^>]*?x=")([\d.]+)("[^>]*?textLength=")([\d.]+)("[^>]*>)((?:&#160;)+)([^<]*)</text>')


def without_leading_spaces(svg: str) -> str:
    """Move each piece of text to where its first letter stands: some viewers drop leading spaces."""

    def move(piece: re.Match[str]) -> str:
        spaces, rest = piece[6].count("&#160;"), piece[7]
        if not rest:
            return ""
        letters = spaces + len(re.sub(r"&#?\w+;", "_", rest))
        width = float(piece[4]) / letters * spaces
        return f"{piece[1]}{float(piece[2]) + width:g}{piece[3]}{float(piece[4]) - width:g}{piece[5]}{rest}</text>"

    return _TEXT.sub(move, svg)


async def until(pilot: Pilot[int], ready: Callable[[], bool], what: str) -> None:
    """Wait until the screen is as it should be, at most 20 seconds."""
    for _ in range(400):
        await pilot.pause(0.05)
        if ready():
            return
    raise TimeoutError(what)


def screen_text(app: ThetaApp) -> str:
    """Give what is on the screen, as text."""
    return "\n".join("".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips())


async def press(pilot: Pilot[int], app: ThetaApp, keys: list[str], shows: str) -> None:
    """Press keys and wait for a text to show."""
    await pilot.press(*keys)
    await until(pilot, lambda: re.search(shows, screen_text(app)) is not None, f"{shows} after {keys}")


async def draw(size: tuple[int, int], suffix: str) -> None:
    """Draw every picture at one size."""
    with tempfile.TemporaryDirectory() as home:
        app = ThetaApp(Launch(environ={"THETA_TUI_HOME": home}, demo=True, speed=10))
        async with app.run_test(size=size) as pilot:

            def save(name: str) -> None:
                picture = without_leading_spaces(app.export_screenshot(title="theta-tui"))
                (FOLDER / f"{name}{suffix}.svg").write_text(picture, "utf-8")

            await until(pilot, lambda: app.pulse is not None, "the pulse")
            await until(pilot, lambda: "support-chat" in screen_text(app), "the overview")
            save("overview")
            await press(pilot, app, ["2"], "glm_5_3")
            save("services")
            await press(pilot, app, ["4"], "shelf-finder")
            save("deployments")
            await press(pilot, app, ["x"], "Stop the deployment")
            await pilot.pause(0.5)
            save("review")
            await press(pilot, app, ["escape"], "shelf-finder")
            await press(pilot, app, ["3"], "qwen3")
            await pilot.press(*"Write a short example of async Python code", "enter")
            await until(pilot, lambda: "Confirm" in screen_text(app), "the review")
            await pilot.pause(0.5)
            await pilot.press("y")
            await until(pilot, lambda: "to first token" in screen_text(app), "the answer")
            save("chat")
            await press(pilot, app, ["escape", "0"], "Changes  ")
            save("activity")
            await press(pilot, app, ["5"], "vm_gt1")
            save("compute")
            await press(pilot, app, ["6"], "┤█")
            save("billing")
            await press(pilot, app, ["7"], "Shop helpdesk")
            save("agents")
            await press(pilot, app, ["8"], "ready")
            save("video")
            await press(pilot, app, ["2", "slash", *"alias:flux", "enter", "r"], "guidance")
            await press(pilot, app, ["ctrl+s"], "Confirm")
            await pilot.pause(0.5)
            await press(pilot, app, ["y"], "▀▀▀")
            save("playground")


async def main() -> None:
    """Draw all."""
    FOLDER.mkdir(exist_ok=True)
    for suffix, size in SIZES.items():
        await draw(size, suffix)


if __name__ == "__main__":
    asyncio.run(main())
