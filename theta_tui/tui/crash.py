"""How the console ends after a mistake of its own: never with a traceback that prints local variables.

Overrides the private fatal handlers of Textual 8.2.8; a test holds them.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from functools import partial
from typing import Any

from rich.console import RenderableType
from textual.app import App
from textual.notifications import SeverityLevel
from textual.worker import WorkerFailed

from theta_tui import crash
from theta_tui.errors import ThetaError
from theta_tui.launch import Launch


class CrashSafeApp(App[int]):
    """An app whose crash is one line: `last_words`, shown by `main` once the terminal is put back."""

    launch: Launch
    last_words: str | None = None

    def panic(self, *renderables: RenderableType) -> None:
        """End the app without rendering what is given: it may be a traceback."""
        self._fatal_error()

    def report(self, error: ThetaError, *, cause: str = "action") -> None:
        """Show an error of a kind that is to be expected; subclasses know where."""

    def tell(self, words: str, *, title: str = "", severity: SeverityLevel = "information") -> None:
        """Say something; subclasses know where."""

    def write_down_lost_errors(self) -> None:
        """Keep and tell what tasks and threads die of that nobody waits for, and go on. Call it in the loop."""
        loop = asyncio.get_running_loop()

        def lost(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
            error = context.get("exception")
            if isinstance(error, Exception) and not isinstance(error, OSError):
                self.tell(self._write(error, goes_on=True), severity="error")

        def tell(words: str) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(partial(self.tell, words, severity="error"))

        loop.set_exception_handler(lost)
        if not self.is_headless:
            crash.tell_by(tell)

    async def _shutdown(self) -> None:
        # Work first: what comes back to widgets that are gone would look like a crash.
        self.workers.cancel_all()
        await super()._shutdown()

    def _handle_exception(self, error: Exception) -> None:
        if isinstance(error, WorkerFailed) and isinstance(error.error, ThetaError):
            self.report(error.error)  # expected by its kind, wherever it was forgotten: no reason to end
            return
        # As in the original, so that a pilot still finds the error and raises it.
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._crash(error.error if isinstance(error, WorkerFailed) else error)

    def _fatal_error(self) -> None:
        self._crash(sys.exc_info()[1] or RuntimeError("panic"))

    def _crash(self, error: BaseException) -> None:
        self._return_code = 1
        if self.last_words is None and not self.is_headless:
            self.last_words = self._write(error)
        self._close_messages_no_wait()

    def _write(self, error: BaseException, *, goes_on: bool = False) -> str:
        from theta_tui.settings import data_dir

        return crash.write(error, data_dir(self.launch.environ, demo=self.launch.demo), goes_on=goes_on)
