"""The journal of this machine: one SQLite file with the ledger, plans, requests, chats, presets and notes.

It does not know the cloud; it keeps what it is told. Opening it never fails: `problem` says when it cannot be written.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import tzinfo
from pathlib import Path
from typing import Self

from theta_tui.errors import JournalUnavailable
from theta_tui.journal.attachments import Attachments
from theta_tui.journal.chats import Chats
from theta_tui.journal.costs import Costs
from theta_tui.journal.ledger import Ledger
from theta_tui.journal.notes import Notes
from theta_tui.journal.outcomes import Outcomes
from theta_tui.journal.plans import Plans
from theta_tui.journal.request_log import RequestLog
from theta_tui.journal.runs import Runs
from theta_tui.journal.search import Search
from theta_tui.journal.shelf import Shelf
from theta_tui.journal.store import Store


class Journal(Outcomes, Costs, Plans, RequestLog, Chats, Search, Attachments, Shelf, Runs, Notes):
    """The open journal. Times are seconds since the epoch, amounts USD; the day is the local calendar day.

    With a `problem` every write raises JournalUnavailable, and reading gives what can be read, else nothing.
    """

    def __init__(self, store: Store, zone: tzinfo | None = None) -> None:
        Ledger.__init__(self, store, zone)
        RequestLog.__init__(self, store)

    @classmethod
    async def open(
        cls,
        path: Path,
        now: Callable[[], float] = time.time,
        *,
        zone: tzinfo | None = None,
        busy_seconds: float = 5.0,
    ) -> Self:
        """Open or create the journal at `path` (0600, its folder 0700).

        `zone` None is the system's time zone; `busy_seconds` is how long another process may keep it locked.
        """
        journal = cls(Store(path, now, busy_seconds), zone)
        await journal._begin()
        return journal

    @property
    def problem(self) -> str | None:
        """Why nothing can be written, in one sentence; None if all is well."""
        return self._store.problem

    @property
    def folder(self) -> Path:
        """The folder it lies in, private to its user."""
        return self._store.path.parent

    @property
    def is_damaged(self) -> bool:
        """Whether the file is broken, so that `begin_anew` would set it aside."""
        return self._store.is_damaged

    async def begin_anew(self) -> Path | None:
        """Set a damaged journal aside as `*.damaged-<time>` and begin an empty one; give where the old one is.

        Only on the user's word: what the old one counted is no longer counted. A journal with another problem is opened
        again, nothing is moved. JournalUnavailable if it still cannot be written.
        """
        kept = await self._store.begin_anew()
        with suppress(JournalUnavailable):
            await self._store.write(self._mark_cut)
        return kept

    async def close(self) -> None:
        """Write what is waiting, then close the file."""
        await self._store.close()

    async def _begin(self) -> None:
        await self._store.open()
        with suppress(JournalUnavailable):
            await self._store.write(self._mark_cut)
