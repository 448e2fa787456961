"""Reading the answer of a query: what it should be, or one clear error that names the place and never the value."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from theta_tui.change import Reply
from theta_tui.errors import ProtocolError
from theta_tui.shapes.base import Record, Shape, Unreadable, records

T = TypeVar("T")
S = TypeVar("S", bound=Shape)


def read_as(read: Callable[[object], T], reply: Reply) -> T:
    """Read an answer; ProtocolError where something else stands where a list of it belongs."""
    try:
        return read(reply.value)
    except Unreadable as odd:
        raise _unreadable(str(odd), reply) from None


def read_one(read: Callable[[object], S], reply: Reply) -> S:
    """Read an answer that is to be one object; ProtocolError for anything else, and for none."""
    found = read_as(read, reply)
    if reply.value is None or found.fault:
        raise _unreadable(found.fault or "there is nothing in it", reply)
    return found


def listing(reply: Reply, *keys: str) -> list[Record]:
    """Find the list in an answer, as `records` does; ProtocolError where something else stands in its place."""
    return read_as(lambda value: records(value, *keys), reply)


def _unreadable(words: str, reply: Reply) -> ProtocolError:
    return ProtocolError(f"The answer cannot be read: {words}.", status=reply.status, request_id=reply.request_id)
