"""What a command wants done, written down: Request, Change, StreamChange, Plan.

Pure data. It does not know hosts, credentials or how anything is sent; the gate shows these objects to a
reviewer and the wire sends the very same ones.
"""

from __future__ import annotations

import json
import os.path
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Generic, Protocol, TypeVar

from pydantic import SecretStr

from theta_tui.errors import PolicyRefused

T = TypeVar("T")
E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)
T_co = TypeVar("T_co", covariant=True)

Json = Any
"""A JSON value: dict, list, str, int, float, Decimal, bool or None."""


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


class Effect(StrEnum):
    """What a mutation does to the world; the badge of the review."""

    CREATE = "create"
    UPDATE = "update"
    DESTROY = "destroy"
    METERED = "metered"


class After(StrEnum):
    """The answer that opens an alternative: each proves that the request before it did nothing."""

    NO_ROUTE = "404/405"
    MISSING = "404"
    CAPACITY = "409 capacity"


class HoleKind(StrEnum):
    """What may fill a hole of a Plan."""

    ID = "id"
    URL = "url"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Hole:
    """A named gap such as `{upload.url}`, filled only from the answer of an earlier step of the same Plan."""

    name: str
    kind: HoleKind = HoleKind.ID

    def __str__(self) -> str:
        return "{" + self.name + "}"


Segment = str | Hole


def freeze(value: Json) -> Json:
    """Make a JSON value immutable, so that what was shown cannot change before it is sent."""
    if isinstance(value, Mapping):
        return MappingProxyType({str(key): freeze(item) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        return tuple(freeze(item) for item in value)
    return value


@dataclass(frozen=True, slots=True)
class JsonBody:
    """A JSON body. Leaves may be `SecretStr` (revealed by the wire's signer alone) or `Hole`."""

    value: Json

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", freeze(self.value))

    def encode(self, reveal: Callable[[SecretStr], str], holes: Mapping[str, str] = MappingProxyType({})) -> bytes:
        """Give the bytes that go on the wire; equal bodies give equal bytes."""

        def plain(item: Json) -> Json:
            if isinstance(item, Hole):
                return holes[item.name]
            if isinstance(item, SecretStr):
                return reveal(item)
            if isinstance(item, Decimal):
                return float(item) if item % 1 else int(item)
            if isinstance(item, Mapping):
                return dict(item)
            raise TypeError(type(item).__name__)

        def walk(item: Json) -> Json:
            if isinstance(item, Mapping):
                return {key: walk(inner) for key, inner in item.items()}
            if isinstance(item, tuple):
                return [walk(inner) for inner in item]
            return plain(item) if isinstance(item, (Hole, SecretStr, Decimal)) else item

        return json.dumps(walk(self.value), separators=(",", ":"), allow_nan=False).encode("ascii")


@dataclass(frozen=True, slots=True)
class RawBody:
    """Bytes sent as they are, for presigned uploads (OD-10, VD-2)."""

    data: bytes = field(repr=False)
    content_type: str = "application/octet-stream"
    label: str = "bytes"


@dataclass(frozen=True, slots=True)
class FileBody:
    """A file of this computer, streamed as it is (VD-2); it is never in memory as a whole.

    `size` (bytes) and `modified_ns` are those of the file that was shown; the wire sends no other.
    """

    path: str
    size: int
    modified_ns: int
    content_type: str = "application/octet-stream"

    @property
    def name(self) -> str:
        """Its name without folders."""
        return os.path.basename(self.path)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart form: text, or a file with its name and type."""

    name: str
    data: bytes = field(repr=False)
    filename: str | None = None
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class FormBody:
    """A multipart body (AG-6, AG-8); the boundary is fixed so that equal forms give equal bytes."""

    parts: tuple[Part, ...]
    boundary: str = "theta-tui-7d1b5c3e9f"


Body = JsonBody | RawBody | FileBody | FormBody


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


@dataclass(frozen=True, slots=True)
class Cost:
    """What an act may cost at the most, in USD, and where that figure comes from.

    `usd` is the worst case of this one call, `usd_per_hour` what a machine costs while it runs (all replicas).
    `item` names the price ("service/qwen3", "vm/vm_gt1") so that the gate can complete an unknown one from the journal
    or the dated table; `tokens` is the worst case (in, out) and `units` a multiplier for that purpose. `hours` is how
    long a machine may run at the least, where that is longer than the horizon that is always reserved.
    """

    usd: Decimal | None = None
    usd_per_hour: Decimal | None = None
    source: str = "unknown"
    item: str | None = None
    tokens: tuple[int, int] | None = None
    units: int = 1
    note: str = ""
    hours: Decimal | None = None

    @property
    def is_known(self) -> bool:
        """Whether there is a figure to show and to reserve."""
        return self.usd is not None or self.usd_per_hour is not None

    @property
    def is_free(self) -> bool:
        """Whether the act is known to cost nothing."""
        return self.usd == 0 and not self.usd_per_hour


FREE = Cost(usd=Decimal(0), source="free")


@dataclass(frozen=True, slots=True)
class Spent:
    """What an act cost in USD: the cloud's own figure, or our estimate from usage and price."""

    usd: Decimal
    estimate: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """The object an act is about: what the review shows, and the name that a destroy wants typed."""

    kind: str
    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class EndpointCredential:
    """Basic credentials of an endpoint, stored before the create is sent; `is_generated` ones nobody else knows.

    Those that are not `lasting` are held for this run only: their endpoint does not outlive it.
    """

    username: SecretStr
    password: SecretStr
    is_generated: bool = False
    lasting: bool = True


class MachineEvent(StrEnum):
    """How a Change alters what is billed by the hour."""

    STARTS = "starts"
    ENDS = "ends"


@dataclass(frozen=True, kw_only=True)
class Change(Generic[T]):
    """What a mutation returns in place of sending: requests, effect, cost and one sentence.

    The first request is what we want; the others are alternatives, each sent only after the answer named by its
    `only_after`. `read` turns the answer into a value; `spent` tells what it cost, if the answer says so; `identify`
    names the object that now exists and `answered` the credentials it came with; `verify` raises when a well-formed
    answer is still a failure (an empty completion, a failed job) after the ledger is settled. These are pure, and
    neither compared nor shown. `recheck` reads once more just before sending and says what changed since the review,
    or None; `reconcile` reads, after a lost answer, whether the change happened all the same, and gives its value or
    None. `machine` tells the ledger whether something billed by the hour starts or ends, for `target.id`.
    """

    summary: str
    effect: Effect
    requests: tuple[Request, ...]
    read: Callable[[Reply], T] = field(compare=False, repr=False)
    cost: Cost = FREE
    target: Target = Target("")
    credential: EndpointCredential | None = None
    machine: MachineEvent | None = None
    notes: tuple[str, ...] = ()
    spent: Callable[[T], Spent | None] | None = field(default=None, compare=False, repr=False)
    identify: Callable[[T], str] | None = field(default=None, compare=False, repr=False)
    answered: Callable[[T], EndpointCredential | None] | None = field(default=None, compare=False, repr=False)
    verify: Callable[[T], None] | None = field(default=None, compare=False, repr=False)
    recheck: Callable[[], Awaitable[str | None]] | None = field(default=None, compare=False, repr=False)
    reconcile: Callable[[], Awaitable[T | None]] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.requests:
            raise ValueError("a Change needs a request")
        if self.requests[0].only_after or not all(request.only_after for request in self.requests[1:]):
            raise ValueError("only alternatives have an only_after, and each needs one")


@dataclass(frozen=True, slots=True)
class Ending:
    """How a stream ended: complete or cut, why, and its timings in seconds."""

    complete: bool
    note: str | None = None
    request_id: str | None = None
    seconds: float = 0.0
    first_seconds: float | None = None
    status: int = 200
    request: Request | None = None


class Fold(Protocol[E_co, T_co]):
    """Turns the messages of a stream into events and, at the end, into one value."""

    def feed(self, message: Json) -> Iterable[E_co]:
        """Take one decoded message (an SSE `data:` object, or the whole JSON answer); give its events."""

    def result(self, ending: Ending) -> T_co:
        """Give the value of all that was fed."""

    @property
    def finished(self) -> bool:
        """Whether the messages themselves said that the answer is complete (`finish_reason`)."""


@dataclass(frozen=True, kw_only=True)
class StreamChange(Change[T], Generic[E, T]):
    """A Change whose answer is a stream of E and sums up to a T."""

    fold: Callable[[], Fold[E, T]] = field(compare=False, repr=False)


class Stream(Protocol):
    """An open answer: its messages one by one, then how it ended."""

    def __aiter__(self) -> AsyncIterator[Json]:
        """Give each decoded message as it arrives."""

    def ending(self, *, finished: bool) -> Ending:
        """Tell how the stream ended, once iteration is over; `finished` is what the messages themselves said."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a request, for the request log: what was asked, by which command, and how it went.

    `url` is already redacted; `started` is wall-clock seconds since the epoch; `sent` tells whether a byte may have
    left; `error` is an error kind or None; `sizes` are bytes out and in.
    """

    method: str
    url: str
    family: Family
    started: float
    seconds: float
    number: int = 1
    status: int | None = None
    error: str | None = None
    message: str = ""
    request_id: str | None = None
    sent: bool = False
    sizes: tuple[int, int] = (0, 0)
    command: str = ""


@dataclass(frozen=True, slots=True)
class Reached:
    """A host that answered, whatever it said: how fast (seconds), when (epoch seconds), and its own time as told."""

    origin: str
    status: int
    seconds: float
    at: float
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a request is not answered yet: a retry in `seconds`, after `error` (a kind); shown as a countdown."""

    error: str
    message: str
    seconds: float
    attempt: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Sending(Waiting):
    """A file that is still on its way, so many bytes of `total`; nothing went wrong: `error` is empty."""

    sent: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Stage(Waiting):
    """A step of a Plan that begins, or ended: `attempt` is its number of `attempts`, `error` the kind of its failure.

    `state` is "begins", "done", "failed", "stopped" (by a cancel) or "skipped"; nothing is waited for.
    """

    step: str = ""
    state: str = "begins"
    cleanup: bool = False


Progress = Callable[[Waiting], None]


Filled = dict[str, str]
"""Holes filled so far: name → value."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One Change of a Plan. `gives` fills holes from its answer; `cleanup` steps run also after failure.

    Of a clean-up those requests are sent whose holes are filled. A step that is `awaited` is not broken off by a cancel
    once it was sent: its answer names what has to be cleaned up.
    """

    name: str
    change: Change[Any]
    gives: Mapping[Hole, Callable[[Any], str | None]] = field(default_factory=dict)
    cleanup: bool = False
    awaited: bool = False


@dataclass(frozen=True, kw_only=True)
class Wait:
    """A query between two steps: polls until something is so. Reads only; gives the holes it can fill."""

    name: str
    run: Callable[[Filled], Awaitable[Filled]] = field(repr=False)
    cleanup: bool = False


@dataclass(frozen=True, kw_only=True)
class Plan(Generic[T]):
    """What a workflow returns: ordered steps under one review, with clean-up.

    `read` turns the results (step name → value) and the errors (step name → error) into the workflow's value. `known`
    is written down with the first step, for whoever has to clean up after a kill. `is_clean` tells at the end whether
    nothing is left behind; without it, a clean-up that failed left something. A Plan that `goes_on` has steps that do
    not depend on each other: one that fails stops none of the others.
    """

    summary: str
    effect: Effect
    steps: tuple[Step | Wait, ...]
    read: Callable[[Mapping[str, Any], Mapping[str, BaseException]], T] = field(compare=False, repr=False)
    target: Target = Target("")
    known: Mapping[str, str] = field(default_factory=dict)
    is_clean: Callable[[Mapping[str, BaseException]], bool] | None = field(default=None, compare=False, repr=False)
    goes_on: bool = False

    @property
    def changes(self) -> tuple[Change[Any], ...]:
        """Every Change in order, cleanup included."""
        return tuple(step.change for step in self.steps if isinstance(step, Step))

    @property
    def requests(self) -> tuple[Request, ...]:
        """Every request that may be sent, in order."""
        return tuple(request for change in self.changes for request in change.requests)


class Approved(Generic[T]):
    """A Change that was shown and agreed to. Only the gate makes one; it can be used once, for `seconds`.

    A clean-up is sent even if dry-run was switched on since: what its Plan made would go on costing money.
    """

    __slots__ = ("_expires", "_used", "change", "holes", "is_cleanup")

    def __init__(
        self,
        change: Change[T],
        *,
        seconds: float = 300.0,
        holes: Mapping[str, str] | None = None,
        is_cleanup: bool = False,
    ) -> None:
        self.change = change
        self.is_cleanup = is_cleanup
        self.holes: Mapping[str, str] = MappingProxyType(dict(holes or {}))
        self._expires = time.monotonic() + seconds
        self._used = False

    def use(self) -> Change[T]:
        """Give the Change, once; PolicyRefused afterwards or when the time is over."""
        if self._used:
            raise PolicyRefused("This approval was already used; nothing was sent twice.")
        if time.monotonic() > self._expires:
            raise PolicyRefused("This approval is too old; review the change again.")
        self._used = True
        return self.change


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """A Change was sent and answered."""

    value: T
    spent_usd: Decimal | None = None
    reply: Reply | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class NotDone:
    """Nothing was sent: `reason` is preview, dry_run, read_only, budget or cancelled; `preview` shows what it was."""

    reason: str
    preview: Mapping[str, Json]
    message: str = ""


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
