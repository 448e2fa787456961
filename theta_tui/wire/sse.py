"""Server-sent events from bytes, piece by piece, in linear time (wire 2.13).

Lines end at CR, LF or CRLF and nowhere else. It does not know what the messages mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from theta_tui.errors import ProtocolError

EVENT_CAP = 1024 * 1024

_LINE_END = re.compile(rb"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its type ("message" unless named) and its data lines."""

    name: str
    lines: tuple[str, ...]

    @property
    def data(self) -> str:
        """The data as one text, as the standard says."""
        return "\n".join(self.lines)


class EventReader:
    """Takes bytes as they come and gives events as they are complete. ProtocolError for one over 1 MB."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._line_size = 0
        self._lines: list[bytes] = []
        self._event_size = 0
        self._name = b""
        self._after_cr = False
        self._first = True

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Give the events that this piece completes."""
        if not chunk:
            return
        if self._after_cr and chunk[:1] == b"\n":
            chunk = chunk[1:]
            self._after_cr = False
            if not chunk:
                return
        self._after_cr = chunk[-1:] == b"\r"
        *complete, rest = _LINE_END.split(chunk)
        for piece in complete:
            self._keep(piece)
            event = self._line()
            if event is not None:
                yield event
        self._keep(rest)

    def close(self) -> Iterator[Event]:
        """Give the last event when the stream ended without the blank line that should follow it."""
        if self._line_size:
            self._line()
        event = self._dispatch()
        if event is not None:
            yield event

    def _keep(self, piece: bytes) -> None:
        if piece:
            self._pieces.append(piece)
            self._line_size += len(piece)
        if self._line_size + self._event_size > EVENT_CAP:
            raise ProtocolError("an event of the stream is larger than 1 MB")

    def _line(self) -> Event | None:
        line = b"".join(self._pieces)
        self._pieces, self._line_size = [], 0
        if self._first:
            line, self._first = line.removeprefix(_BOM), False
        if not line:
            return self._dispatch()
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._lines.append(value)
            self._event_size += len(value) + 1
        elif name == b"event":
            self._name = value
        return None

    def _dispatch(self) -> Event | None:
        lines, name = self._lines, self._name
        self._lines, self._name, self._event_size = [], b"", 0
        if not lines:
            return None
        return Event(
            name.decode("utf-8", "replace") or "message", tuple(line.decode("utf-8", "replace") for line in lines)
        )
