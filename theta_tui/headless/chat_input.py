"""Where a conversation in line mode gets its lines: a person at a terminal, or a pipe or file read line by line.

Also what Ctrl-C means to it.
"""

from __future__ import annotations

import asyncio
import codecs
import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Final, Protocol, TypeVar

from theta_tui.headless.reviewers import ask_line, read_line

T = TypeVar("T")

PASTE_SECONDS: Final = 0.05
"""Lines nearer to each other than this were pasted: nobody types so fast."""
LONGEST: Final = 200_000
"""Characters of a message that is sent."""
_BLOCK: Final = 65_536


class Lines(Protocol):
    """Gives what is said, message by message."""

    async def next(self, prompt: str) -> str | None:
        """Give the next message, stripped; None at the end. `prompt` is for a person."""


class TypedLines:
    """A person at a terminal. Several lines pasted at once are one message, and so are lines joined by a `\\`.

    A line that begins with `alone` is a message of its own.
    """

    def __init__(self, *, alone: str) -> None:
        self._alone = alone

    async def next(self, prompt: str) -> str | None:
        """Ask for the next message; None at Ctrl-D."""
        first = await ask_line(prompt)
        if first is None:
            return None
        lines = [first]
        while lines[-1].endswith("\\") or (not first.startswith(self._alone) and _is_waiting()):
            lines[-1] = lines[-1].removesuffix("\\")
            more = await read_line()
            if more is None:
                break
            lines.append(more.rstrip("\n"))
        return "\n".join(lines).strip()


class PipedLines:
    """A pipe or a file. It is read in a thread of its own, so that waiting for a line can be interrupted."""

    def __init__(self) -> None:
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        # A daemon that reads the descriptor itself: the interpreter can end while it waits.
        reading = (asyncio.get_running_loop(), sys.stdin.fileno())
        threading.Thread(target=self._read, args=reading, name="stdin", daemon=True).start()

    async def next(self, prompt: str) -> str | None:
        """Give the next line that is not empty."""
        while (line := await self._lines.get()) is not None:
            if line.strip():
                return line.strip()
        return None

    def _read(self, loop: asyncio.AbstractEventLoop, descriptor: int) -> None:
        decoder, rest = codecs.getincrementaldecoder("utf-8")("replace"), ""
        while True:
            block = os.read(descriptor, _BLOCK)
            rest += decoder.decode(block, not block)
            *whole, rest = rest.split("\n")
            ready: list[str | None] = [*whole, *([rest, None] if not block else [])]
            try:
                loop.call_soon_threadsafe(self._give, ready)
            except RuntimeError:  # the conversation is over
                return
            if not block:
                return

    def _give(self, ready: list[str | None]) -> None:
        for line in ready:
            self._lines.put_nowait(line)


def _is_waiting() -> bool:
    return bool(select.select([sys.stdin], [], [], PASTE_SECONDS)[0])


class Stopped(Exception):
    """Ctrl-C ended what was under way."""


async def stoppable(work: Coroutine[Any, Any, T], on_stop: Callable[[], None] = lambda: None) -> T:
    """Wait for some work that Ctrl-C may end: it is cancelled then, after `on_stop`, and Stopped is raised."""
    task, stopped = asyncio.ensure_future(work), False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        on_stop()
        task.cancel()

    loop, before = asyncio.get_running_loop(), signal.getsignal(signal.SIGINT)
    loop.add_signal_handler(signal.SIGINT, stop)
    try:
        return await task
    except asyncio.CancelledError:
        if stopped:
            raise Stopped from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, before)
