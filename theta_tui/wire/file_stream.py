"""A file on its way: read piece by piece, and refused as soon as it is not the file that was approved.

It knows no connection. Each piece is read and checked with a file opened for it, so that a cancel leaves nothing open.
"""

from __future__ import annotations

import asyncio
import os
import stat
import time
from collections.abc import AsyncIterator

from theta_tui.change import FileBody, Progress, Sending
from theta_tui.errors import UsageError

PIECE_BYTES = 256 * 1024
STALL_SECONDS = 60.0
"""How long the other end may take for one piece."""
TOLD_SECONDS = 0.25


class FileStream:
    """The content of one try. UsageError, before the last byte has gone, if the file has changed since it was shown."""

    def __init__(self, body: FileBody, progress: Progress | None = None) -> None:
        self.size = body.size
        self.sent = 0
        self._body = body
        self._progress = progress
        self._told = float("-inf")  # a clock that starts with the machine may be small
        self._begun = 0.0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.sent, self._begun = 0, time.monotonic()
        while self.sent < self.size:
            piece = await asyncio.to_thread(_read, self._body, self.sent)
            yield piece
            self.sent += len(piece)
            self._tell()

    def _tell(self) -> None:
        now = time.monotonic()
        if self._progress is None or (now - self._told < TOLD_SECONDS and self.sent < self.size):
            return
        self._told = now
        left = (now - self._begun) * (self.size - self.sent) / self.sent
        self._progress(Sending("", f"Sending {self._body.name}", left, 1, 1, self.sent, self.size))


def _read(body: FileBody, start: int) -> bytes:
    wanted = min(PIECE_BYTES, body.size - start)
    try:
        # A pipe that took the file's place must not make us wait for its writer.
        file = os.open(body.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            _check(body, os.fstat(file))
            os.lseek(file, start, os.SEEK_SET)
            piece = _fill(file, wanted)
            _check(body, os.fstat(file))
        finally:
            os.close(file)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"{body.name} cannot be read any more ({reason}); the upload was broken off.") from None
    if len(piece) < wanted:
        raise _changed(body)
    return piece


def _fill(file: int, wanted: int) -> bytes:
    pieces = bytearray()
    while len(pieces) < wanted and (more := os.read(file, wanted - len(pieces))):
        pieces += more
    return bytes(pieces)


def _check(body: FileBody, now: os.stat_result) -> None:
    if not stat.S_ISREG(now.st_mode) or (now.st_size, now.st_mtime_ns) != (body.size, body.modified_ns):
        raise _changed(body)


def _changed(body: FileBody) -> UsageError:
    return UsageError(
        f"{body.name} has changed since it was shown; the upload was broken off.",
        hint="Wait until nothing writes to it any more, then upload it again.",
    )
