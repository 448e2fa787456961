"""A dialog that is closed while it still asks for something: it goes, and the console stays."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from textual.widget import Widget
from textual.widgets import Static

from tests.tui.conftest import Opens
from theta_tui.tui.modal import Modal


class Restless(Modal[str]):
    """Shows something new in every turn of the loop, and gives an answer once it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = 0
        self.end = asyncio.Event()

    def inside(self) -> Iterable[Widget]:
        yield Static("", id="words", markup=False)

    def on_mount(self) -> None:
        self.run_worker(self._go_on())
        self.run_worker(self._end())

    async def _go_on(self) -> None:
        while True:
            self.query_one("#words", Static).update(str(self.shown))
            self.shown += 1
            await asyncio.sleep(0)

    async def _end(self) -> None:
        await self.end.wait()
        self.dismiss("answered")


async def test_a_dialog_closed_while_it_asks_takes_nothing_with_it(console: Opens) -> None:
    async with console() as it:
        for close in (lambda dialog: it.press("escape"), lambda dialog: dialog.end.set()):
            dialog, answers = Restless(), []
            it.app.push_screen(dialog, answers.append)
            await it.until(lambda dialog=dialog: dialog.shown > 3)
            if (pressed := close(dialog)) is not None:
                await pressed
            await it.until(lambda answers=answers: answers)
            await it.until(lambda: it.app.screen is it.app.shell)
        assert answers == ["answered"]
        assert it.app.is_running
