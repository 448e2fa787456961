"""How the bytes of an answer become a value: envelope, bare, empty, string; caps and refusals.

Numbers with a fraction are `Decimal`, from the JSON text. It does not know what any value means.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, NoReturn

from theta_tui.change import Json
from theta_tui.errors import ProtocolError

JSON_CAP = 8 * 1024 * 1024
ERROR_CAP = 64 * 1024
HEADER_CAP = 64 * 1024
OFF_LOOP = 256 * 1024
DEEPEST = 100
_LONGEST_NUMBER = 100
_LARGEST_EXPONENT = 308


class Form(StrEnum):
    """What an answer looks like."""

    EMPTY = "empty"
    JSON = "JSON"
    SSE = "event stream"
    PAGE = "HTML page"
    TEXT = "text"


def form_of(content_type: str, head: bytes) -> Form:
    """Tell the form of an answer by its first bytes, and where these leave it open, by its Content-Type."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    kind = content_type.split(";", 1)[0].strip().lower()
    if start in (b"{", b"[", b'"'):
        return Form.JSON
    if start == b"<" or (kind == "text/html" and start):
        return Form.PAGE
    if start == b":" or kind == "text/event-stream" or _is_field(head):
        return Form.SSE
    if not start:
        return Form.EMPTY
    return Form.JSON if kind.endswith("json") else Form.TEXT


def _is_field(head: bytes) -> bool:
    return re.match(rb"(?:\xef\xbb\xbf)?\s*(?:data|event|id|retry):", head) is not None


def check_head(headers: Mapping[str, str], cap: int | None) -> None:
    """Refuse an answer by its headers: an encoding we did not ask for, too many headers, a length over the cap."""
    if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise ProtocolError("the answer is compressed although that was not asked for")
    if sum(len(name) + len(value) + 4 for name, value in headers.items()) > HEADER_CAP:
        raise ProtocolError("the answer has more than 64 kB of headers")
    length = headers.get("content-length", "")
    if cap is not None and length.isascii() and length.isdecimal() and (len(length) > 15 or int(length) > cap):
        raise ProtocolError(f"the answer is larger than {_size(cap)}")


async def collect(chunks: AsyncIterator[bytes], cap: int, into: bytearray, *, refuse: bool = True) -> None:
    """Read a body up to a cap, counting bytes as they come; beyond it ProtocolError, or a silent cut."""
    async for chunk in chunks:
        room = cap - len(into)
        into += chunk[: max(room, 0)]
        if len(chunk) > room:
            if refuse:
                raise ProtocolError(f"the answer is larger than {_size(cap)}")
            return


def _size(cap: int) -> str:
    return f"{cap // 1024 // 1024} MB" if cap >= 1024 * 1024 else f"{cap // 1024} kB"


def parse(data: bytes) -> Json:
    """Parse JSON strictly: UTF-8 (a BOM is fine), no duplicate keys, no NaN, no monsters. ProtocolError otherwise."""
    try:
        value = json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_unique,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_refuse_constant,
        )
    except UnicodeDecodeError:
        raise ProtocolError("the answer is not UTF-8") from None
    except RecursionError:
        raise ProtocolError("the answer is nested too deeply") from None
    except ValueError:
        raise ProtocolError("the answer is not valid JSON") from None
    _check_depth(value)
    return _mended(value) if re.search(rb"\\u[dD][89a-fA-F]", data) else value


async def decode(data: bytes, content_type: str) -> Json:
    """Give the value of a whole answer: JSON, a plain string, or None when empty; large ones are parsed off the loop.

    ProtocolError for anything else; `Form.PAGE` is for the caller to look at first.
    """
    form = form_of(content_type, data)
    if form is Form.EMPTY:
        return None
    if form is Form.SSE:
        raise ProtocolError("an event stream came where one JSON answer was expected")
    if form is Form.TEXT:
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ProtocolError("the answer is not UTF-8") from None
    return await asyncio.to_thread(parse, data) if len(data) > OFF_LOOP else parse(data)


def unwrap(value: Json) -> Json:
    """Take the `body` out of an envelope (wire 1.4); a bare answer is given as it is."""
    return value["body"] if isinstance(value, dict) and "body" in value else value


def refusal_in(value: Json) -> dict[str, Any] | None:
    """Give the object that says an answer is a failure: `status: error`, or an OpenAI or JSON-RPC error object."""
    if not isinstance(value, dict):
        return None
    status = value.get("status")
    if isinstance(status, str) and status.lower() == "error":
        return value
    is_bare = not value.keys() & {"body", "choices", "result", "output"}
    return value if isinstance(value.get("error"), dict) and is_bare else None


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ProtocolError("the answer has the same key twice in one object")
    return made


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text) if len(text) <= _LONGEST_NUMBER else None
    except InvalidOperation:
        number = None
    if number is None or (number and abs(number.adjusted()) > _LARGEST_EXPONENT):
        raise ProtocolError("the answer has a number out of range")
    return number


def _integer(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise ProtocolError("the answer has a number out of range")
    return int(text)


def _refuse_constant(text: str) -> NoReturn:
    raise ProtocolError(f"the answer has {text.lstrip('-')} for a number")


def _check_depth(value: Json) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            child
            for item in level
            if isinstance(item, (dict, list))
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return
    raise ProtocolError("the answer is nested too deeply")


def _mended(value: Json) -> Json:
    """Replace lone surrogates, which JSON may escape but neither SQLite nor a terminal takes."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    return value
