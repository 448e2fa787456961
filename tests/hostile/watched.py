"""The console as it is, and on the side a socket that tells when it is at rest, which view is shown, what froze it.

A test that knows when all is drawn need not guess by time. It runs on a terminal, started by `conftest.House`.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
import threading
import time
from asyncio.events import Handle
from typing import Any

from textual import events

from theta_tui.__main__ import main
from theta_tui.tui import app as console
from theta_tui.tui.panes.sections import SectionsPane
from theta_tui.tui.review import ReviewModal
from theta_tui.tui.widgets.details import Details

LOOKS = 4
"""In so many looks in a row nothing was about to happen: then it is at rest."""
LOOK_SECONDS = 0.008
MOST_SECONDS = 10.0
ARRIVAL_SECONDS = 1.0
"""How long a key that was typed may be on its way."""

_in_threads: set[asyncio.Future[Any]] = set()
_slowest = 0.0


def view_of(app: console.ThetaApp) -> str:
    """Name what is shown: a pane with its part and the tab of its details, or a dialog."""
    screen = app.screen
    if isinstance(screen, ReviewModal):
        return f"ReviewModal {screen._review.command}"
    if screen is not app.shell:
        step = getattr(screen, "step", "")
        return " ".join([type(screen).__name__, *([step] if isinstance(step, str) and step else [])])
    pane = app.shell.current
    if pane is None:
        return "start"
    part = pane.section if isinstance(pane, SectionsPane) else pane
    shown = [details.tab_name for details in part.query(Details) if details.region.height]
    return " ".join([pane.id or "", *([pane.part] if pane.part else []), *shown])


def shows_requests(app: console.ThetaApp) -> bool:
    """Whether details with requests are in sight, be they those of the list beside the one that is named."""
    return any(details.tab_name == "Activity" and details.region.height for details in app.shell.query(Details))


class Watched(console.ThetaApp):
    """The console, which answers questions on a socket."""

    side = ""
    heard = 0

    async def on_load(self) -> None:
        self._server = await asyncio.start_unix_server(self._answer, self.side)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, (events.Key, events.MouseUp, events.MouseMove)):
            self.heard += 1
        await super().on_event(event)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Each line is a question, and says how many keys must have been heard; none: forget what was told."""
        global _slowest
        while line := await reader.readline():
            began = time.monotonic()
            if line == b"\n":
                self.clear_notifications()
            while self.heard < int(line.strip() or 0) and time.monotonic() < began + ARRIVAL_SECONDS:
                await asyncio.sleep(LOOK_SECONDS)
            self.heard = 0
            await self._rest(began + MOST_SECONDS)
            told = {"view": view_of(self), "shows_requests": shows_requests(self), "slowest": _slowest}
            _slowest = 0.0
            writer.write(json.dumps(told).encode() + b"\n")

    async def _rest(self, deadline: float) -> None:
        quiet = 0
        while quiet < LOOKS and time.monotonic() < deadline:
            await asyncio.sleep(LOOK_SECONDS)
            quiet = 0 if self._is_at_work() else quiet + 1

    def _is_at_work(self) -> bool:
        loop: Any = asyncio.get_running_loop()
        driver: Any = self._driver
        is_unarmed = isinstance(self.screen, ReviewModal) and not self.screen.armed
        has_begun = self.session is not None and self.pulse is not None
        return bool(loop._ready or _in_threads or driver._writer_thread._queue.qsize() or is_unarmed or not has_begun)


def _watch_threads() -> None:
    """Know what is done in threads: it comes back later."""
    whole = asyncio.BaseEventLoop.run_in_executor

    def run_in_executor(self: Any, executor: Any, work: Any, *arguments: Any) -> Any:
        future = whole(self, executor, work, *arguments)
        _in_threads.add(future)
        future.add_done_callback(_in_threads.discard)
        return future

    asyncio.BaseEventLoop.run_in_executor = run_in_executor  # type: ignore[method-assign]


def _time_each_turn() -> None:
    """Measure the CPU time of each turn of the loop: while it lasts, nothing is drawn and no key is heard."""
    whole = Handle._run

    def _run(self: Any) -> None:
        global _slowest
        began = time.thread_time()
        whole(self)
        if threading.current_thread() is threading.main_thread():
            _slowest = max(_slowest, time.thread_time() - began)

    Handle._run = _run  # type: ignore[method-assign]


def run(side: str) -> None:
    """Be the program."""
    Watched.side = side
    Watched.NOTIFICATION_TIMEOUT = 600.0  # it stays until Esc; two consoles would lose it at two moments
    secrets.choice = lambda offered: offered[0]
    secrets.randbelow = lambda most: most // 2
    _watch_threads()
    _time_each_turn()
    console.ThetaApp = Watched  # type: ignore[misc]
    sys.exit(main([]))
