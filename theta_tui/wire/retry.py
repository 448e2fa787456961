"""The one retry table: what can happen to a try, which error it is, and what follows for reads and for changes.

Data and pure functions; it sends nothing and waits for nothing.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from random import SystemRandom
from types import MappingProxyType

from theta_tui.change import After, Request
from theta_tui.errors import (
    AuthError,
    BillingError,
    BlockedByEdge,
    CapacityError,
    CloudError,
    Conflict,
    InvalidRequest,
    NetworkError,
    NotFound,
    PermissionDenied,
    ProtocolError,
    QuotaError,
    RateLimited,
    ThetaError,
    TimedOut,
    Uncertain,
    UpstreamError,
)

LONGEST_WAIT = 60.0


class Next(StrEnum):
    """What follows a failed try."""

    AGAIN = "again"
    FINAL = "final"
    UNCERTAIN = "uncertain"


class Fault(StrEnum):
    """What happened to a try: a row of the table."""

    NOT_SENT = "not sent"
    TLS = "TLS refused"
    TIMED_OUT = "sent, no answer in time"
    BROKEN = "sent, answer lost or cut"
    UNREADABLE = "answer cannot be read"
    PAGE = "HTML page for an answer"
    REFUSED_INSIDE = "2xx with status error"
    REDIRECT = "3xx"
    INVALID = "400, 422 and other 4xx"
    AUTH = "401"
    BILLING = "402, or billing words"
    PERMISSION = "403"
    EDGE = "Cloudflare 1010"
    MISSING = "404"
    NO_METHOD = "405"
    SLOW = "408"
    CAPACITY = "409 no instances"
    CONFLICT = "other 409"
    EARLY = "425"
    RATE = "429"
    QUOTA = "quota words"
    UNAVAILABLE = "503 with envelope or Retry-After"
    UPSTREAM = "500, 502, 504, 52x, other 503"
    BROKEN_SERVER = "other 5xx"


@dataclass(frozen=True, slots=True)
class Row:
    """The error a fault becomes, and what follows; `stretch` multiplies the base delay."""

    error: type[CloudError]
    read: Next
    change: Next
    opens: frozenset[After] = frozenset()
    stretch: int = 1


_AGAIN, _FINAL, _UNCERTAIN = Next.AGAIN, Next.FINAL, Next.UNCERTAIN

TABLE: Mapping[Fault, Row] = MappingProxyType(
    {
        Fault.NOT_SENT: Row(NetworkError, _AGAIN, _AGAIN),
        Fault.TLS: Row(NetworkError, _FINAL, _FINAL),
        Fault.TIMED_OUT: Row(TimedOut, _AGAIN, _UNCERTAIN),
        Fault.BROKEN: Row(NetworkError, _AGAIN, _UNCERTAIN),
        Fault.UNREADABLE: Row(ProtocolError, _FINAL, _UNCERTAIN),
        Fault.PAGE: Row(UpstreamError, _FINAL, _UNCERTAIN),
        Fault.REFUSED_INSIDE: Row(InvalidRequest, _FINAL, _FINAL),
        Fault.REDIRECT: Row(ProtocolError, _FINAL, _FINAL),
        Fault.INVALID: Row(InvalidRequest, _FINAL, _FINAL),
        Fault.AUTH: Row(AuthError, _FINAL, _FINAL),
        Fault.BILLING: Row(BillingError, _FINAL, _FINAL),
        Fault.PERMISSION: Row(PermissionDenied, _FINAL, _FINAL),
        Fault.EDGE: Row(BlockedByEdge, _FINAL, _FINAL),
        Fault.MISSING: Row(NotFound, _FINAL, _FINAL, frozenset({After.NO_ROUTE, After.MISSING})),
        Fault.NO_METHOD: Row(InvalidRequest, _FINAL, _FINAL, frozenset({After.NO_ROUTE})),
        Fault.SLOW: Row(TimedOut, _AGAIN, _AGAIN),
        Fault.CAPACITY: Row(CapacityError, _AGAIN, _AGAIN, frozenset({After.CAPACITY}), stretch=8),
        Fault.CONFLICT: Row(Conflict, _FINAL, _FINAL),
        Fault.EARLY: Row(UpstreamError, _AGAIN, _AGAIN),
        Fault.RATE: Row(RateLimited, _AGAIN, _AGAIN, stretch=4),
        Fault.QUOTA: Row(QuotaError, _FINAL, _FINAL),
        Fault.UNAVAILABLE: Row(UpstreamError, _AGAIN, _AGAIN),
        Fault.UPSTREAM: Row(UpstreamError, _AGAIN, _UNCERTAIN),
        Fault.BROKEN_SERVER: Row(UpstreamError, _FINAL, _UNCERTAIN),
    }
)

_BY_STATUS = {
    401: Fault.AUTH,
    402: Fault.BILLING,
    403: Fault.PERMISSION,
    404: Fault.MISSING,
    405: Fault.NO_METHOD,
    408: Fault.SLOW,
    409: Fault.CONFLICT,
    425: Fault.EARLY,
    429: Fault.RATE,
}
_PASSING = frozenset({500, 502, 503, 504, *range(520, 528), 530})


class Failed(Exception):
    """A try that did not succeed: its row, the error it becomes, and whether the cloud's own words are in it."""

    def __init__(self, fault: Fault, error: CloudError, *, spoken: bool = False) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.error = error
        self.spoken = spoken

    def follows(self, *, change: bool) -> Next:
        """What the table says for this fault."""
        row = TABLE[self.fault]
        return row.change if change else row.read


def told(failed: Failed, *, change: bool) -> ThetaError:
    """Give the error a caller sees: the fault's own, or Uncertain when a change may have been done."""
    if failed.follows(change=change) is not Next.UNCERTAIN:
        return failed.error
    error = failed.error
    return Uncertain(
        f"It was sent, but what became of it is unknown: {error.message}",
        status=error.status,
        request_id=error.request_id,
    )


def fault_of_status(status: int) -> Fault:
    """Give the row of a status alone, before anything is known about the body."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status in _PASSING:
        return Fault.UPSTREAM
    if status >= 500:
        return Fault.BROKEN_SERVER
    return Fault.INVALID if status >= 400 else Fault.REDIRECT


def alternative_after(requests: Sequence[Request], index: int, fault: Fault) -> int | None:
    """Give the index of the next alternative that this fault opens, if there is one."""
    opens = TABLE[fault].opens
    return next((at for at in range(index + 1, len(requests)) if requests[at].only_after in opens), None)


_DATE = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT", re.ASCII)


def retry_after(text: str | None, now: float | None = None) -> float | None:
    """Read a Retry-After header in seconds: digits or an HTTP date, nothing else; None if there is none."""
    if text is None:
        return None
    text = text.strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    if not _DATE.fullmatch(text):
        return None
    try:
        when = parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
    return max(0.0, when - (time.time() if now is None else now))


_RANDOM = SystemRandom()


def pause(failed: Failed, number: int, base: float) -> float:
    """Give the seconds to wait before retry `number`: Retry-After up to a minute, else full jitter."""
    told = failed.error.retry_after
    spread = base * TABLE[failed.fault].stretch * 2 ** (number - 1)
    if told is not None:
        return min(told, LONGEST_WAIT) + _RANDOM.uniform(0, base)
    return min(_RANDOM.uniform(0, spread), LONGEST_WAIT)


def uptime() -> float:
    """Seconds of a monotonic clock that counts sleep where the system has one."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Deadline:
    """The end of a call."""

    def __init__(self, seconds: float) -> None:
        self._end = uptime() + seconds

    @property
    def left(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self._end - uptime())
