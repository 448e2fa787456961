"""A walk through the demo by the keys a user would press; at every stop a screen worth looking at has its name.

Pictures are drawn and contrast is measured from it. The simulated cloud stands still where nothing needs its time, so
that two walks see the same.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot

from theta_tui.launch import Launch
from theta_tui.sandbox.world import World
from theta_tui.tui.app import ThetaApp
from theta_tui.tui.review import ReviewModal

PROMPT = "Write a bash script that renders my frames"
PACE = 0.2
"""Part of the real time that an answer takes to stream."""


@dataclass
class Walk:
    """A running console and its keys."""

    app: ThetaApp
    pilot: Pilot[int]

    @property
    def world(self) -> World:
        assert self.app.demo is not None
        return self.app.demo.server.world

    def text(self) -> str:
        """Give what is on the screen."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    async def until(self, ready: Callable[[], object], what: str) -> None:
        """Wait until the screen is as it should be, at most 20 seconds."""
        for _ in range(1000):
            await self.pilot.pause(0.02)
            if ready():
                return
        raise TimeoutError(f"waited in vain for {what}; the screen shows:\n{self.text()}")

    async def settled(self) -> None:
        """Wait until nothing is asked for any more and the screen stays as it is."""
        before = [""]

        def is_still() -> bool:
            now = self.text()
            before.append(now)
            return before[-2] == now and not re.search(r"[Aa]sking…|no data yet|is writing|checking…", now)

        await self.until(is_still, "a screen that stays as it is")

    async def press(self, *keys: str, shows: str) -> None:
        """Press keys and wait for a text to show."""
        await self.pilot.press(*keys)
        await self.until(lambda: re.search(shows, self.text()), f"{shows} after {keys}")

    async def review(self, *keys: str) -> None:
        """Press keys and wait for a review that can be answered."""
        await self.pilot.press(*keys)
        await self.until(lambda: isinstance(self.app.screen, ReviewModal) and self.app.screen.armed, "the review")

    async def leave(self, digit: str, *, shows: str) -> None:
        """Close what is open and go to a pane."""
        for _ in range(10):
            if self.app.screen is self.app.shell:
                break
            await self.pilot.press("escape")
            await self.pilot.pause(0.02)
        await self.press("escape", "ctrl+g", digit, shows=shows)


@asynccontextmanager
async def walking(home: Path, size: tuple[int, int], *, pace: float = PACE) -> AsyncIterator[Walk]:
    """Open the console on a fresh demo whose clock stands still."""
    app = ThetaApp(Launch(environ={"THETA_TUI_HOME": str(home)}, demo=True, speed=0))
    async with app.run_test(size=size) as pilot:
        walk = Walk(app, pilot)
        await walk.until(lambda: app.demo is not None and app.pulse is not None, "the pulse")
        walk.world.pace = pace
        yield walk


async def stops(walk: Walk, *, everything: bool = True) -> AsyncIterator[str]:
    """Go from screen to screen; each name stands for what is shown when it is given."""
    for part in (panes, dialogs) if everything else (panes,):
        async for name in part(walk):
            await walk.settled()
            yield name


async def panes(walk: Walk) -> AsyncIterator[str]:
    """Every pane; on the way the review, the palette, a form, a result and an answer."""
    await walk.until(lambda: "support-chat" in walk.text() and "live" in walk.text(), "the overview")
    yield "overview"
    await walk.leave("4", shows="shelf-finder")
    yield "deployments"
    await walk.review("x")
    yield "review"
    await walk.leave("4", shows="shelf-finder")
    await walk.pilot.press("ctrl+t")
    await walk.press("x", shows="DRY-RUN is on")
    yield "review-dry-run"
    await walk.leave("4", shows="shelf-finder")
    await walk.press("ctrl+t", "ctrl+p", *"deploy", shows="theta.deployments")
    yield "palette"
    await walk.pilot.press("shift+home")
    yield "palette-selection"
    await walk.leave("2", shows="glm_5_3")
    yield "services"
    await walk.press("slash", *"alias:flux", "enter", "r", shows="guidance")
    yield "playground-form"
    await walk.review("ctrl+s")
    await walk.pilot.press("y")
    await walk.until(lambda: _goes_on(walk) and re.search("▀▀▀|▒▒▒", walk.text()), "the image")
    yield "playground"
    await walk.leave("3", shows="qwen3")
    await walk.pilot.press(*PROMPT)
    await walk.review("enter")
    await walk.press("y", shows="to first token")
    yield "chat"
    for digit, shows, name in (
        ("5", "vm_gt1", "compute"), ("6", "┤", "billing"), ("7", "Shop helpdesk", "agents"), ("8", "ready", "video"),
        ("9", "in step|syncing", "network"), ("0", "Ask qwen3", "activity"),
    ):  # fmt: skip
        await walk.leave(digit, shows=shows)
        yield name


def _goes_on(walk: Walk) -> bool:
    """Let the simulated time pass that a job takes."""
    walk.world.clock.advance(1)
    return True


async def dialogs(walk: Walk) -> AsyncIterator[str]:
    """What opens over the panes."""
    await walk.leave("4", shows="shelf-finder")
    await walk.press("question_mark", shows="Keys that work here")
    yield "help"
    await walk.leave("4", shows="shelf-finder")
    await walk.press("e", shows="curl")
    yield "explain"
    await walk.leave("4", shows="shelf-finder")
    await walk.press("colon", *"run theta.depl", shows="theta.deployments.create")
    yield "command-line"
    await walk.leave("4", shows="shelf-finder")
    await walk.press("n", shows="Llama 3 8B")
    yield "new-deployment"
    await walk.leave("7", shows="Shop helpdesk")
    await walk.press("n", shows="System prompt")
    yield "agent-form"
    await walk.leave("1", shows="support-chat")
    await walk.press("W", shows="work")
    yield "works"
    await walk.leave("1", shows="support-chat")
    await walk.press("O", shows="budget_usd")
    yield "settings"
    await walk.leave("1", shows="support-chat")
    walk.app.action_setup()
    await walk.until(lambda: walk.app.screen is not walk.app.shell and "demo" in walk.text(), "the wizard")
    yield "setup"
