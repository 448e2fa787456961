"""Ends the console properly when the system asks for it (signals, a terminal that is gone), and wakes it.

Textual 8.2.8 knows none of these: it dies without putting the terminal back, or spins for ever on a dead one. After a
SIGSTOP that was not its own it reads keys twice, keeps the raw modes as those to restore, and cannot end any more.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from textual.app import App

    from theta_tui.tui.app import ThetaApp

PATIENCE_SECONDS = 1.5
"""How long the normal exit may take before the process is ended from outside."""


class Exiting(Protocol):
    """What is needed of the app."""

    @property
    def is_headless(self) -> bool:
        """Whether there is no terminal at all."""

    @property
    def words_if_cut(self) -> tuple[str, ...]:
        """What is to be said if the normal exit does not come to its end."""

    def exit(self, result: int | None = None, return_code: int = 0) -> None:
        """Begin the normal exit."""


class Found(Protocol):
    """The terminal as it was found."""

    @property
    def modes(self) -> list[object] | None:
        """Its modes from before anything was changed."""

    def restore(self) -> None:
        """Put it back."""


class Goodbye:
    """The normal exit, begun once.

    If it gets stuck, `put_back` restores the terminal, and the app's `words_if_cut` are said.
    """

    def __init__(self, app: Exiting, put_back: Callable[[], None] | None) -> None:
        self._app = app
        self._put_back = put_back
        self._begun = threading.Event()

    def say(self) -> None:
        """Begin the normal exit, in the event loop; whatever holds it up has PATIENCE_SECONDS."""
        if self._begun.is_set():
            return
        self._begun.set()
        threading.Thread(target=self._insist, name="goodbye", daemon=True).start()
        self._app.exit(0, return_code=0)

    def _insist(self) -> None:
        # Nothing sets this event: a daemon thread that waits here dies with the process, if that ends in time.
        threading.Event().wait(PATIENCE_SECONDS)
        if self._put_back is not None:
            self._put_back()
        with contextlib.suppress(OSError):
            os.write(2, "".join(f"theta-tui: {line}\n" for line in self._app.words_if_cut).encode("utf-8", "replace"))
        os._exit(1)


_found: list[Found] = []


def at_last(found: Found) -> None:
    """Name the terminal as it was found, to be restored should the normal exit get stuck."""
    _found[:] = [found]


def install(app: ThetaApp) -> None:
    """Take over the signals that end a program, even ignored ones, and SIGCONT; watch the terminal. Needs the loop."""
    if app.is_headless or sys.platform == "win32":
        return
    import signal

    found = _found[0] if _found else None
    goodbye = Goodbye(app, found.restore if found else None)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT):
        loop.add_signal_handler(number, goodbye.say)
    loop.add_signal_handler(signal.SIGCONT, _wake, app)
    if found is not None and app._driver is not None:  # noqa: SLF001  there is no public way to the driver
        # Else it would suspend into the modes of our skeleton, in which nothing typed is shown.
        app._driver.attrs_before = found.modes  # type: ignore[attr-defined]  # noqa: SLF001  the same

    def gone() -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(goodbye.say)

    watch = threading.Thread(target=_watch, args=(sys.__stdin__, gone), name="terminal-watch", daemon=True)
    watch.start()


def can_be_stopped() -> bool:
    """Whether a shell with job control waits behind this process, to go on in meanwhile and to wake it from."""
    if sys.platform == "win32":
        return False
    group, session = os.getpgrp(), os.getsid(0)
    if group == session:
        return False  # as when a window or a remote login runs this program and nothing else
    return group != os.getpid() or os.getsid(os.getppid()) == session


def stop() -> None:
    """Stop the whole job, as ctrl+z does elsewhere: so the shell sees it also behind a starter such as `uv run`."""
    import signal

    os.killpg(os.getpgrp(), signal.SIGTSTP)


def _wake(app: App[Any]) -> None:
    """Take the terminal back after a stop: whoever had it meanwhile may have changed its modes."""
    driver = app._driver  # noqa: SLF001  there is no public way to the driver
    if driver is None or app._exit:  # noqa: SLF001  the same
        return
    if not driver._must_signal_resume:  # type: ignore[attr-defined]  # noqa: SLF001  only its own SIGTSTP sets it
        driver.suspend_application_mode()
    driver.resume_application_mode()
    app.refresh()


def _watch(terminal: object, gone: Callable[[], None]) -> None:
    """Sleep until the terminal hangs up; no wake-ups before that."""
    import select

    poll = select.poll()
    poll.register(terminal.fileno(), 0)  # type: ignore[attr-defined]  # hang-ups are reported unasked
    if any(what & select.POLLHUP for _, what in poll.poll()):
        gone()
