"""The real console on a fresh demo, driven by real keys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual.pilot import Pilot

from theta_tui.launch import Launch
from theta_tui.sandbox.world import World
from theta_tui.tui.app import ThetaApp
from theta_tui.tui.panes.base import Pane

PATIENCE_SECONDS = 60.0


@dataclass
class Console:
    """A running console: its app, its keys, its simulated cloud."""

    app: ThetaApp
    pilot: Pilot[int]

    @property
    def world(self) -> World:
        assert self.app.demo is not None
        return self.app.demo.server.world

    @property
    def pane(self) -> Pane:
        pane = self.app.shell.current
        assert pane is not None
        return pane

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        await self.pilot.press(*(_KEYS.get(letter, letter) for letter in text))

    async def until(self, predicate: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until something is so; fail after a while."""
        end = time.monotonic() + seconds
        while not predicate():
            assert time.monotonic() < end, f"waited in vain; the screen shows:\n{self.shown()}"
            await self.pilot.pause()
            await asyncio.sleep(0.01)

    def shown(self) -> str:
        """What is on the screen, as text."""
        return "\n".join(
            "".join(segment.text for segment in line) for line in self.app.screen._compositor.render_strips()
        )

    def sent(self, method: str = "POST", path: str = "") -> list[str]:
        """Paths of the requests of a method that reached the cloud."""
        return [call.path for call in self.world.calls if call.method == method and path in call.path]


_KEYS = {
    " ": "space",
    "-": "minus",
    "_": "underscore",
    ".": "full_stop",
    "=": "equals_sign",
    "/": "slash",
    "\n": "enter",
}

Opens = Callable[..., AbstractAsyncContextManager[Console]]


@pytest.fixture
def console(tmp_path: Path) -> Opens:
    """Open the console: `async with console(pane="deployments", size=(80, 24), speed=0) as it:`."""

    @asynccontextmanager
    async def opened(
        *, pane: str = "overview", size: tuple[int, int] = (140, 40), speed: float = 1.0, **environ: str
    ) -> AsyncIterator[Console]:
        launch = Launch(environ={"THETA_TUI_HOME": str(tmp_path), **environ}, demo=True, speed=speed, pane=pane)
        app = ThetaApp(launch)
        async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
            it = Console(app, pilot)
            await it.until(lambda: app.demo is not None)
            it.world.pace = 0
            await it.until(lambda: app.session is not None and app.shell.current is not None)
            await it.until(lambda: it.pane.is_mounted and it.pane.children)
            yield it
        assert it.world.problems == []

    return opened
