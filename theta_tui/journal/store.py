"""One connection in one daemon thread: every part of the journal hands its work to it and awaits the answer.

Writes are whole transactions that take the write lock first. The event loop never waits for the disk, and a stuck disk
cannot keep the process from exiting.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from theta_tui.errors import JournalUnavailable
from theta_tui.journal import files, owners
from theta_tui.redact import redactor

if TYPE_CHECKING:
    from sqlite3 import Connection

T = TypeVar("T")
Work = Callable[["Connection"], T]

LATER_SECONDS = 0.25
AGAIN_SECONDS = 1.0


class Store:
    """The database and its thread. `problem` says why nothing can be written; reading then gives what it can."""

    def __init__(self, path: Path, now: Callable[[], float], busy_seconds: float) -> None:
        self.path = path
        self.now = now
        self.owner = owners.take_token()
        self.problem: str | None = None
        self.is_damaged = False
        self._busy_seconds = busy_seconds
        self._connection: Connection | None = None
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._later: list[tuple[float, Work[None]]] = []
        self._closed = False
        # A daemon: what was acknowledged is on disk, what was not may be lost with the process.
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    async def open(self) -> None:
        """Open the database; afterwards `problem` tells whether it can be written."""
        await asyncio.shield(asyncio.wrap_future(self._submit(self._open)))

    async def begin_anew(self) -> Path | None:
        """Set a damaged file aside and start an empty one; give where the old one is. JournalUnavailable if it fails.

        If the file is whole, it is only opened again.
        """
        kept = await asyncio.shield(asyncio.wrap_future(self._submit(self._begin_anew)))
        if self.problem is not None:
            raise JournalUnavailable(self.problem)
        return kept

    async def write(self, work: Work[T], *, undo: Callable[[Connection, T], None] | None = None) -> T:
        """Do `work` in one transaction that holds the write lock from its start.

        It is done even if the caller is cancelled, unless there is an `undo`: then it is not begun, or undone.
        Raises JournalUnavailable if it cannot be written.
        """
        future = self._submit(lambda: self._transaction(work))
        answer = asyncio.wrap_future(future)
        if undo is None:
            return await asyncio.shield(answer)
        try:
            return await answer
        except asyncio.CancelledError:
            if not future.cancel():
                future.add_done_callback(lambda done: self._undo(done, undo))
            raise

    async def read(self, work: Work[T], default: T) -> T:
        """Read; `default` when there is nothing that can be read."""
        if self._closed:
            return default
        return await asyncio.wrap_future(self._submit(lambda: self._reading(work, default)))

    def soon(self, work: Work[None]) -> None:
        """Do `work` in a transaction within a quarter of a second; nobody is told whether it succeeded."""
        if not self._closed:
            self._jobs.put(lambda: self._later.append((time.monotonic() + LATER_SECONDS, work)))

    async def close(self) -> None:
        """Finish everything that was handed over, then close the file. Twice is once."""
        if self._closed:
            return
        done = self._submit(self._close)
        self._closed = True
        await asyncio.shield(asyncio.wrap_future(done))

    def _submit(self, job: Callable[[], T]) -> Future[T]:
        if self._closed:
            raise JournalUnavailable("The journal is closed.")
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = job()
            # Whatever it is belongs to the caller that awaits it; the thread must live on.
            except BaseException as error:  # noqa: BLE001
                future.set_exception(error)
            else:
                future.set_result(result)

        self._jobs.put(run)
        return future

    def _run(self) -> None:
        while True:
            wait = max(0.0, self._later[0][0] - time.monotonic()) if self._later else None
            try:
                job = self._jobs.get(timeout=wait)
            except Empty:
                self._do_later()
                continue
            if job is None:
                return
            job()

    def _do_later(self) -> None:
        waiting, self._later = self._later, []
        for _, work in waiting:
            try:
                self._transaction(work)
            except JournalUnavailable:
                if self.problem is None:  # only locked, or the disk is full for now
                    self._later.append((time.monotonic() + AGAIN_SECONDS, work))
            except (ArithmeticError, TypeError, ValueError):
                continue  # it cannot be stored at all; nobody awaits it

    def _open(self) -> None:
        import sqlite3

        self.problem, self.is_damaged = None, False
        try:
            self._connection = files.open_database(self.path, self._busy_seconds)
        except files.Damaged:
            self._damage()
        except files.Newer as newer:
            self._connection = newer.connection
            self.problem = f"{self.path.name} was written by a newer theta-tui: it is only read. Update theta-tui."
        except sqlite3.DatabaseError as error:
            self.problem = f"{self.path.name} cannot be used: {files.words_for(error)}."
        except OSError as error:
            self.problem = f"{self.path.name} cannot be written: {error.strerror or type(error).__name__}."

    def _damage(self) -> None:
        self.is_damaged = True
        self.problem = f"{self.path.name} is damaged; nothing is paid until it is set aside and a new one begun."

    def _begin_anew(self) -> Path | None:
        if self.problem is None:
            return None
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        kept = files.set_aside(self.path, self.now()) if self.is_damaged and self.path.exists() else None
        self._open()
        return kept

    def _transaction(self, work: Work[T]) -> T:
        import sqlite3

        connection = self._connection
        if self.problem is not None or connection is None:
            raise JournalUnavailable(self.problem or "The journal is not open.")
        try:
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = work(connection)
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        except sqlite3.DatabaseError as error:
            raise self._unavailable(error) from None
        return result

    def _unavailable(self, error: object) -> JournalUnavailable:
        import sqlite3

        if isinstance(error, sqlite3.DatabaseError) and not files.is_damage(error):
            return JournalUnavailable(f"{self.path.name} cannot be written: {files.words_for(error)}.")
        self._damage()
        return JournalUnavailable(self.problem or "")

    def _reading(self, work: Work[T], default: T) -> T:
        import sqlite3

        if self._connection is None:
            return default
        try:
            return work(self._connection)
        except sqlite3.DatabaseError as error:
            if files.is_damage(error):
                self._damage()
            return default

    def _undo(self, done: Future[T], undo: Callable[[Connection, T], None]) -> None:
        """Undo what was done for a caller who has gone; nobody who reads from then on sees it."""
        if done.exception() is not None:
            return

        def work() -> None:
            self._transaction(lambda connection: undo(connection, done.result()))

        with suppress(JournalUnavailable):
            # The job itself ends here, in its own thread: what was handed over meanwhile comes after it.
            if threading.current_thread() is self._thread:
                work()
            else:
                self._submit(work)

    def _close(self) -> None:
        self._do_later()
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        owners.give_back(self.owner)
        self._jobs.put(None)


def storable(text: str) -> str:
    """Make any text fit for the database: halves of surrogate pairs are joined or replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def kept(text: str) -> str:
    """Give what is kept of what was said: not the key that somebody typed, or that an answer said back."""
    return redactor.known(storable(text))
