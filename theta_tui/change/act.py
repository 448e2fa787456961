"""What a mutation wants done: a Change, streamed or not, its approval and its outcome."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, Protocol, TypeVar

from pydantic import SecretStr

from theta_tui.change.bodies import Json
from theta_tui.change.cost import FREE, Cost, Spent
from theta_tui.change.request import Reply, Request
from theta_tui.errors import PolicyRefused

T = TypeVar("T")
E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)
T_co = TypeVar("T_co", covariant=True)


class Effect(StrEnum):
    """What a mutation does to the world; the badge of the review."""

    CREATE = "create"
    UPDATE = "update"
    DESTROY = "destroy"
    METERED = "metered"


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
    None. `machine` tells the ledger whether something billed by the hour starts or ends, for `target.id`. Of an
    `idempotent` one the effect is the same however often it is sent: where `reconcile` does not find it done after a
    lost answer, the same requests are sent once more. Only what is free and makes nothing may be that.
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
    idempotent: bool = False

    def __post_init__(self) -> None:
        if not self.requests:
            raise ValueError("a Change needs a request")
        if self.requests[0].only_after or not all(request.only_after for request in self.requests[1:]):
            raise ValueError("only alternatives have an only_after, and each needs one")
        if self.idempotent and not self._may_be_repeated:
            raise ValueError("only a free update or deletion that can be looked up is idempotent")

    @property
    def _may_be_repeated(self) -> bool:
        is_free = self.cost == FREE and self.machine is not MachineEvent.STARTS
        return is_free and self.effect in (Effect.UPDATE, Effect.DESTROY) and self.reconcile is not None


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
    """A Change whose answer is a stream of E and sums up to a T. It is never sent twice."""

    fold: Callable[[], Fold[E, T]] = field(compare=False, repr=False)

    @property
    def _may_be_repeated(self) -> bool:
        return False


class Stream(Protocol):
    """An open answer: its messages one by one, then how it ended."""

    def __aiter__(self) -> AsyncIterator[Json]:
        """Give each decoded message as it arrives."""

    def ending(self, *, finished: bool) -> Ending:
        """Tell how the stream ended, once iteration is over; `finished` is what the messages themselves said."""


class Approved(Generic[T]):
    """A Change that was shown and agreed to. Only the gate makes one; it can be used once, for `seconds`.

    An idempotent Change whose answer was lost can be used once more after `renew`, within the same time.
    A clean-up is sent even if dry-run was switched on since: what its Plan made would go on costing money.
    """

    __slots__ = ("_expires", "_renewed", "_used", "change", "holes", "is_cleanup")

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
        self._renewed = False

    def renew(self) -> None:
        """Let an idempotent Change be sent a second time under the same yes; PolicyRefused for others, or a third."""
        if not self.change.idempotent or self._renewed:
            raise PolicyRefused("This change is not sent again.")
        self._used, self._renewed = False, True

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
    """A Change was done. `reply` is None where no answer came but it was looked up; `note` then says so in words."""

    value: T
    spent_usd: Decimal | None = None
    reply: Reply | None = field(default=None, repr=False, compare=False)
    note: str = ""


@dataclass(frozen=True, slots=True)
class NotDone:
    """Nothing was sent: `reason` is preview, dry_run, read_only, budget or cancelled; `preview` shows what it was."""

    reason: str
    preview: Mapping[str, Json]
    message: str = ""
