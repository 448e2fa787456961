"""One request written down, and what was answered. Neither hosts nor credentials are known here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from theta_tui.change.bodies import Body, Json, JsonBody
from theta_tui.change.holes import Hole, Segment


class Family(StrEnum):
    """Which part of the cloud answers a request (wire 1.1); `wire.hosts` knows its origin and credential."""

    ONDEMAND = "ondemand"
    CONTROLLER = "controller"
    PLATFORM = "platform"
    AI = "ai"
    ENDPOINT = "endpoint"
    VIDEO = "video"
    CHAIN = "chain"
    THETACLI = "thetacli"
    EDGE_CLIENT = "edge_client"
    SLOT = "slot"
    OUTPUT = "output"


class After(StrEnum):
    """The answer that opens an alternative: each proves that the request before it did nothing."""

    NO_ROUTE = "404/405"
    MISSING = "404"
    CAPACITY = "409 capacity"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, written down.

    `path` is a tuple of segments, quoted by the wire one by one. `base` is an absolute URL named by an answer or the
    vault (an endpoint, an upload slot, an output); without it the family's own origin is used. `deadline` is the total
    time and `first_byte` how long a stream may be silent at first, both in seconds; None means the configured default.
    `retries` after the first try replaces the configured number. `only_after` is None for the first of a Change.
    `credential` names a vault item in place of the family's own ("endpoint/{suffix}"), in a Plan perhaps by a hole;
    `public` requests carry none.
    """

    method: str
    family: Family
    path: tuple[Segment, ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    body: Body | None = None
    base: str | Hole | None = None
    deadline: float | None = None
    only_after: After | None = None
    credential: str | Hole | None = None
    public: bool = False
    first_byte: float | None = None
    retries: int | None = None

    @property
    def is_read(self) -> bool:
        """Whether the method alone makes it harmless."""
        return self.method in ("GET", "HEAD")


def query_of(**pairs: object) -> tuple[tuple[str, str], ...]:
    """Build a query tuple, leaving out None; booleans become `true` and `false`."""
    return tuple(
        (name, str(value).lower() if isinstance(value, bool) else str(value))
        for name, value in pairs.items()
        if value is not None
    )


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as the wire hands it over: already a success, with the envelope unwrapped.

    `value` is the decoded JSON (`body` of the envelope if there was one), a string, or None for an empty answer.
    `seconds` is the time from sending to the last byte; `request` tells which alternative was answered.
    """

    status: int
    value: Json
    request: Request
    seconds: float = 0.0
    request_id: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    attempts: int = 1
    raw: Json = None


def segments(path: str) -> tuple[str, ...]:
    """Split a fixed path such as `deployment/list` of our own code into segments."""
    return tuple(path.strip("/").split("/"))


def holes_in(requests: Sequence[Request]) -> Iterator[Hole]:
    """Give every hole of these requests."""

    def inside(value: Json) -> Iterator[Hole]:
        if isinstance(value, Hole):
            yield value
        elif isinstance(value, Mapping):
            for item in value.values():
                yield from inside(item)
        elif isinstance(value, tuple):
            for item in value:
                yield from inside(item)

    for request in requests:
        yield from inside(request.path)
        yield from inside((request.base, request.credential))
        if isinstance(request.body, JsonBody):
            yield from inside(request.body.value)


def fillable(requests: Sequence[Request], holes: Mapping[str, str]) -> tuple[Request, ...]:
    """Give the requests whose holes are all filled, in order."""
    return tuple(one for one in requests if all(hole.name in holes for hole in holes_in((one,))))
