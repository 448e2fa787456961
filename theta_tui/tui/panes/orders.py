"""What can be done to a row that is there, and what of it is in flight. It knows neither panes nor the screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from theta_tui.change import Repeating, Waiting
from theta_tui.tui.words import whole_seconds

RowT = TypeVar("RowT")


def _never(row: object) -> str | None:
    return None


@dataclass(frozen=True)
class Verb(Generic[RowT]):
    """One thing to do to a row: its command and arguments, its words, and how the list shows that it was done.

    `doing` begins a sentence ("Stopping"), `noun` names it ("stop"), `done` ends "NAME is …"; `refusal` says why it
    makes no sense for a row now; `is_so` looks at the row as listed afterwards, None when the list no longer has it.
    """

    command: str
    doing: str
    noun: str
    done: str
    arguments: Callable[[RowT], Mapping[str, Any]]
    is_so: Callable[[RowT | None], bool]
    refusal: Callable[[RowT], str | None] = field(default=_never)


def is_gone(row: object) -> bool:
    """What a deletion has done: the list no longer has the row."""
    return row is None


@dataclass
class Order(Generic[RowT]):
    """A verb at work on one row; its seconds count from when the review is over."""

    verb: Verb[RowT]
    name: str
    since: float | None = None
    was_reviewed: bool = False
    waiting: Waiting | None = None
    waiting_since: float = 0.0

    def begin(self) -> None:
        """Count from now on."""
        if self.since is None:
            self.since = time.monotonic()

    def notice(self, *, is_in_review: bool) -> None:
        """Take whether a review is in front now: counting begins when it has gone."""
        if is_in_review:
            self.was_reviewed = True
        elif self.was_reviewed:
            self.begin()

    def wait(self, waiting: Waiting) -> None:
        """Take what the wire says of a retry."""
        self.waiting, self.waiting_since = waiting, time.monotonic()

    @property
    def note(self) -> str:
        """What the row says of it; nothing while it is being reviewed."""
        if self.since is None:
            return ""
        return waiting_words(self.waiting, self.waiting_since) or f"{self.verb.doing}… {self.seconds}"

    @property
    def seconds(self) -> str:
        """How long it has been at work."""
        return whole_seconds(time.monotonic() - (self.since or time.monotonic()))


def waiting_words(waiting: Waiting | None, since: float) -> str:
    """Count down to the next try; nothing when it is over. A repetition is said until the answer comes."""
    if isinstance(waiting, Repeating):
        return "no answer, sent once more"
    left = waiting.seconds - (time.monotonic() - since) if waiting else 0.0
    if waiting is None or left <= 0:
        return ""
    return f"{waiting.error}, again in {left:.0f} s ({waiting.attempt}/{waiting.attempts})"
