"""An event loop whose clock jumps: nothing is ever waited for, and a schedule is played the same way every time."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from theta_tui.journal import Journal
from theta_tui.journal.store import Store

T = TypeVar("T")


class Stuck(AssertionError):
    """Nothing will ever happen any more, and somebody still waits."""


class _Jumping(selectors.SelectSelector):
    """Where others would sleep until the next timer, its clock is put there."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if not found and timeout is None:
            raise Stuck
        if not found and timeout:
            self.now += timeout
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop on a clock of its own; it starts at 0."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


class _AtOnce:
    """The journal's queue without its thread: what is handed over is done on the spot."""

    def put(self, job: Callable[[], None] | None) -> None:
        if job is not None:
            job()


async def journal_at(path: Path, now: Callable[[], float]) -> Journal:
    """Open a journal that does its work in the loop's own thread."""
    store = Store(path, now, busy_seconds=1.0)
    store._jobs.put(None)  # its thread ends
    store._thread.join()
    store._jobs = _AtOnce()  # type: ignore[assignment]
    journal = Journal(store)
    await journal._begin()
    return journal


def play(work: Coroutine[Any, Any, T]) -> T:
    """Run a schedule to its end."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
