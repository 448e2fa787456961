"""The faults an HTTP answer can have, as data: how each is made, and what must become of a read and of a change.

Letters: R is tried again and succeeds once the fault has passed; E is one clear error; U is "nobody knows": counted as
spent, never sent again. The numbers are those of the fault classes that this product must survive.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.front import Front
from tests.faults.scripted import Step

Make = Callable[[Front, str], tuple[Step, ...]]
"""Makes the steps; the text is the URL of another origin, which must never hear of it."""

HTML = b"<!DOCTYPE html><html><body><h1>Sorry &lt;b&gt; 502</h1><script>alert(1)</script></body></html>"
PAGE = {"Content-Type": "text/html; charset=UTF-8"}
JSON = {"Content-Type": "application/json"}
SLOW = 0.02
BOMB = gzip.compress(b"\0" * 20_000_000, 6)


@dataclass(frozen=True)
class Fault:
    """One way to fail. `read` and `change` are the letters expected; `kinds` the error kinds that tell it."""

    number: str
    name: str
    make: Make
    read: str
    change: str
    kinds: frozenset[str]
    commits: bool = False
    at_the_door: bool = False

    @property
    def id(self) -> str:
        """A name for test output."""
        return f"{self.number} {self.name}"


def _fault(number: str, name: str, letters: str, kinds: str, make: Make, **more: bool) -> Fault:
    return Fault(number, name, make, letters[0], letters[1], frozenset(kinds.split()), **more)


def _status(number: str, status: int, words: str, letters: str, kinds: str, **headers: str) -> Fault:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    name = " ".join((str(status), words, *named.values()))
    return _fault(number, name, letters, kinds, lambda front, _: (front.error(status, words, named),))


def _page(number: str, status: int, letters: str, *, commits: bool = False) -> Fault:
    def make(front: Front, _: str) -> tuple[Step, ...]:
        page = front.answer(status, HTML, PAGE)
        return (front.commit, page) if commits else (page,)

    did = " after the act" if commits else ""
    return _fault(number, f"{status} page{did}", letters, "upstream", make, commits=commits)


def _body(number: str, name: str, body: bytes, letters: str, kinds: str = "protocol", **headers: str) -> Fault:
    named = {**JSON, **{key.replace("_", "-"): value for key, value in headers.items()}}
    return _fault(number, name, letters, kinds, lambda front, _: (front.commit, front.answer(200, body, named)),
                  commits=True)  # fmt: skip


def _redirect(status: int, where: str) -> Fault:
    def make(front: Front, other: str) -> tuple[Step, ...]:
        targets = {
            "other origin": f"{other}/stolen",
            "itself": f"{front.url}/deployment/list",
            "downgrade": "http://controller.thetaedgecloud.com/deployment/list",
            "no scheme": "//evil.example/",
        }
        return (front.answer(status, b"", {"Location": targets[where]}),)

    return _fault("F21", f"{status} to {where}", "EE", "protocol", make)


def _slow(number: str, name: str, data: bytes, size: int = 1, *, commits: bool = False) -> Fault:
    def make(front: Front, _: str) -> tuple[Step, ...]:
        return ((front.commit,) if commits else ()) + (front.drip(data, SLOW, size),)

    return _fault(number, name, "RU", "timeout", make, commits=commits)


def _sent(number: str, name: str, letters: str, kinds: str, data: bytes) -> Fault:
    def make(front: Front, _: str) -> tuple[Step, ...]:
        return front.commit, front.send(data), front.close

    return _fault(number, name, letters, kinds, make, commits=True)


def _flood(number: str, name: str, head: bytes, piece: bytes, kinds: str) -> Fault:
    def make(front: Front, _: str) -> tuple[Step, ...]:
        return front.commit, front.send(head), front.flood(piece, 200), front.close

    return _fault(number, name, "EU", kinds, make, commits=True)


_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_RETRY_AFTER = ("0", "nan", "-5", "1e9", "inf", "\u0663".encode().decode("latin-1"), "Wed, 01 Jan 2020 00:00:00 GMT")
_LONG_WAITS = ("999999999", "Fri, 31 Dec 9999 23:59:59 GMT")

FAULTS: tuple[Fault, ...] = (
    _fault("F7", "reset on accept", "RU", "network", lambda front, _: (front.reset,), at_the_door=True),
    _fault("F7", "closed on accept", "RU", "network", lambda front, _: (front.close,), at_the_door=True),
    _fault("F8", "reset after the request", "RU", "network", lambda front, _: (front.reset,)),
    _fault("F8", "half-closed after the request", "RU", "network", lambda front, _: (front.half_close,)),
    _fault("F8", "reset after the act", "RU", "network", lambda front, _: (front.commit, front.reset), commits=True),
    _fault("F9", "no answer", "RU", "timeout", lambda front, _: (front.hang,)),
    _fault("F9", "no answer after the act", "RU", "timeout", lambda front, _: (front.commit, front.hang), commits=True),
    *(_page("F10", status, "RU", commits=True) for status in (502, 504)),
    _fault("F10", "bare 503", "RU", "upstream", lambda front, _: (front.answer(503, b"upstream connect error"),)),
    _status("F10", 500, "boom", "RU", "upstream"),
    _status("F11", 503, "busy", "RR", "upstream"),
    _fault("F11", "503 told to wait", "RR", "upstream",
           lambda front, _: (front.answer(503, b"", {"Retry-After": "0"}),)),
    _status("F12", 429, "slow down", "RR", "rate_limit"),
    *(_status("F12", 429, "slow down", "RR", "rate_limit", Retry_After=told) for told in _RETRY_AFTER),
    *(_status("F12", 429, "slow down", "EE", "rate_limit", Retry_After=told) for told in _LONG_WAITS),
    _status("F13", 409, "No instances available - try again later", "RR", "capacity"),
    _status("F14", 409, "name already taken", "EE", "conflict"),
    _status("F15", 401, "Unauthorized", "EE", "auth"),
    _status("F15", 403, "You are not allowed to perform this action", "EE", "permission"),
    *(
        _fault("F16", f"error code {code}", "EE", "blocked_by_edge", lambda front, _, code=code: (
            front.answer(403, f"error code: {code}".encode(), {"Content-Type": "text/plain", "CF-Ray": "8abc-FRA"}),
        ))
        for code in (1010, 1020)
    ),
    *(_page("F17", status, "RU") for status in range(520, 527)),
    _page("F18", 200, "EU"),
    _fault("F18", "login page after the act", "EU", "upstream",
           lambda front, _: (front.commit, front.answer(200, HTML, PAGE)), commits=True),
    _status("F19", 200, "the input is wrong", "EE", "validation"),
    *(_redirect(status, "other origin") for status in (301, 302, 303, 307, 308)),
    *(_redirect(307, where) for where in ("itself", "downgrade", "no scheme")),
    _sent("F22", "short of its length", "RU", "network", _HEAD + b"Content-Length: 999\r\n\r\n{\"a\":"),
    _sent("F22", "cut between chunks", "RU", "network", _HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n"),
    _sent("F23", "cut without a length", "RU", "network", _HEAD + b"Connection: close\r\n\r\n{\"a\": [1,"),
    _body("F24", "truncated gzip", gzip.compress(b"{}")[:-6], "EU", Content_Encoding="gzip"),
    _body("F24", "no gzip at all", b"{}", "EU", Content_Encoding="gzip"),
    _body("F24", "unknown encoding", zlib.compress(b"{}"), "EU", Content_Encoding="x-secret"),
    _slow("F25", "slow body", _HEAD + b"Content-Length: 900\r\n\r\n" + b" " * 900, commits=True),
    _slow("F25", "slow headers", b"HTTP/1.1 200 OK\r\n" + b"X-Slow: 1\r\n" * 90, 4),
    _slow("F25", "endless 1xx", b"HTTP/1.1 100 Continue\r\n\r\n" * 200, 25),
    _flood("F26", "over the cap by length", _HEAD + b"Content-Length: 99999999999\r\n\r\n", b"[1,", "protocol"),
    _flood("F26", "over the cap", _HEAD + b"Connection: close\r\n\r\n[", b'"' + b"x" * 65_000 + b'",', "protocol"),
    _body("F26", "gzip bomb", BOMB, "EU", Content_Encoding="gzip"),
    _body("F26", "double gzip bomb", gzip.compress(BOMB), "EU", Content_Encoding="gzip, gzip"),
    _flood("F27", "flood of headers", b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 2_000 + b"\r\n", "network protocol"),
    _sent("F27", "one huge header", "RU", "network protocol", b"HTTP/1.1 200 OK\r\nX: " + b"z" * 200_000 + b"\r\n\r\n"),
    _body("F28", "invalid UTF-8", b'{"name": "\xff\xfe"}', "EU"),
    _body("F28", "UTF-16", '{"name": 1}'.encode("utf-16"), "EU"),
    _body("F29", "no JSON", b"{'a': 1}", "EU"),
    _body("F29", "more after the end", b'{"a": 1} {"b": 2}', "EU"),
    _body("F29", "the same key twice", b'{"a": 1, "a": 2}', "EU"),
    _body("F29", "nested too deeply", b"[" * 5_000 + b"]" * 5_000, "EU"),
    _body("F31", "NaN for a number", b'{"price_hr": NaN}', "EU"),
    _body("F31", "a number out of range", b'{"price_hr": 1e999999999}', "EU"),
)  # fmt: skip
"""Every variant of every class that an HTTP answer can have."""
