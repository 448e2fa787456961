"""Background work by name: a later turn of the same name ends the earlier one; whoever needs quiet can wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from textual.widget import Widget


class Turns:
    """The turns of one widget; they end with it."""

    def __init__(self, owner: Widget) -> None:
        self._owner = owner
        self._running: dict[str, object] = {}
        self._is_quiet = asyncio.Event()
        self._is_quiet.set()

    def begin(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Begin a turn in place of the one that is on."""
        turn = self._running[name] = object()
        self._is_quiet.clear()
        # A callable, since a coroutine that is dropped before its start complains; Textual's union of kinds of work
        # has no solution that mypy finds.
        taken = partial(self._take, name, turn, work)
        self._owner.run_worker(taken, group=name, exclusive=True)  # type: ignore[arg-type]

    def drop(self, name: str) -> None:
        """End the turn that is on, if there is one."""
        self._owner.workers.cancel_group(self._owner, name)
        self._end(name)

    async def quiet(self) -> None:
        """Wait until no turn is on. Unlike waiting for a worker this cancels nothing when it is cancelled itself."""
        await self._is_quiet.wait()

    @property
    def is_quiet(self) -> bool:
        """Whether no turn is on."""
        return self._is_quiet.is_set()

    async def _take(self, name: str, turn: object, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        finally:
            if self._running.get(name) is turn:
                self._end(name)

    def _end(self, name: str) -> None:
        self._running.pop(name, None)
        if not self._running:
            self._is_quiet.set()
