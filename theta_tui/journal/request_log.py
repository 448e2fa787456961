"""The request log: every attempt on the wire, written in batches and never waited for."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from theta_tui.errors import JournalUnavailable
from theta_tui.journal.store import Store, storable
from theta_tui.redact import redactor

if TYPE_CHECKING:
    from sqlite3 import Connection

WAITING = 2_000
KEPT = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """One attempt: what was asked, by which command and face, and how it went. Times in seconds, sizes in bytes."""

    id: int
    profile: str
    face: str
    command: str
    method: str
    url: str
    family: str
    started: float
    seconds: float
    number: int
    status: int | None
    error: str | None
    message: str
    request_id: str | None
    sent: bool
    bytes_out: int
    bytes_in: int


_COLUMNS = tuple(name for name in LoggedRequest.__slots__ if name != "id")
_INSERT = f"INSERT INTO requests ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608
_SEARCHED = ("url", "command", "error", "message", "request_id")


class RequestLog:
    """The journal's record of requests."""

    def __init__(self, store: Store, *, kept: int = KEPT, waiting: int = WAITING) -> None:
        self._store = store
        self._kept = kept
        self._waiting: deque[tuple[Any, ...]] = deque()
        self._most = waiting
        self._refused = 0  # counted by the loop alone, as `_lost` is by the thread that writes
        self._lost = 0

    @property
    def dropped(self) -> int:
        """How many attempts could not be kept."""
        return self._refused + self._lost

    def record(
        self,
        *,
        method: str,
        url: str,
        family: str,
        started: float,
        seconds: float,
        number: int = 1,
        status: int | None = None,
        error: str | None = None,
        message: str = "",
        request_id: str | None = None,
        sent: bool = False,
        sizes: tuple[int, int] = (0, 0),
        command: str = "",
        profile: str = "",
        face: str = "",
    ) -> None:
        """Take one attempt; it is on disk within about a quarter of a second. Never blocks, never fails."""
        if len(self._waiting) >= self._most or self._store.problem is not None:
            self._refused += 1
            return
        texts = (profile, face, command, method, redactor.url(url), str(family))
        told = None if request_id is None else storable(request_id)
        row = (
            *(storable(text) for text in texts),
            *(started, seconds, number, status, error, redactor.text(storable(message)), told, int(sent), *sizes),
        )
        is_first = not self._waiting
        self._waiting.append(row)
        if is_first:
            self._store.soon(self._flush)

    async def requests(
        self, limit: int = 200, before: int | None = None, contains: str | None = None
    ) -> list[LoggedRequest]:
        """List attempts, newest first; `before` is the id to go on from, `contains` searches regardless of case."""
        where, values = ["1 = 1"], list[Any]()
        if before is not None:
            where.append("id < ?")
            values.append(before)
        if contains:
            where.append(f"({' OR '.join(f'contains({name}, ?)' for name in _SEARCHED)})")
            values += [storable(contains).casefold()] * len(_SEARCHED)
        query = f"SELECT * FROM requests WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT ?"  # noqa: S608

        def find(connection: Connection) -> list[LoggedRequest]:
            rows = connection.execute(query, (*values, limit))
            return [LoggedRequest(**{**dict(row), "sent": bool(row["sent"])}) for row in rows]

        if self._waiting:
            await self._written()
        return await self._store.read(find, [])

    async def _written(self) -> None:
        try:
            await self._store.write(self._flush)
        except JournalUnavailable:
            return

    def _flush(self, connection: Connection) -> None:
        rows = [self._waiting.popleft() for _ in range(len(self._waiting))]
        self._lost += len(rows)
        connection.executemany(_INSERT, rows)
        connection.execute("DELETE FROM requests WHERE id <= (SELECT max(id) FROM requests) - ?", (self._kept,))
        self._lost -= len(rows)
