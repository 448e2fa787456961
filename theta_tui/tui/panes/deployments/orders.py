"""What can be done to a deployment that is there: stop, start, delete; and what of it is in flight."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from theta_tui.change import Waiting
from theta_tui.shapes.deployments import Deployment
from theta_tui.tui.panes.deployments.readiness import whole_seconds
from theta_tui.tui.panes.deployments.row import is_stopped


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing to do: its command, its words, whether it can be done now, and how the list shows that it was."""

    command: str
    doing: str
    noun: str
    done: str
    refusal: Callable[[Deployment], str | None]
    is_so: Callable[[Deployment | None], bool]


@dataclass
class Order:
    """A verb at work on one deployment; its seconds count from when the review is over."""

    verb: Verb
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
    """Count down to the next try; nothing when it is over."""
    left = waiting.seconds - (time.monotonic() - since) if waiting else 0.0
    if waiting is None or left <= 0:
        return ""
    return f"{waiting.error}, again in {left:.0f} s ({waiting.attempt}/{waiting.attempts})"


STOP = Verb(
    command="theta.deployments.stop",
    doing="Stopping",
    noun="stop",
    done="stopped: it is billed no longer",
    refusal=lambda deployment: f"{deployment.name} is stopped already." if is_stopped(deployment) else None,
    is_so=lambda deployment: deployment is not None and is_stopped(deployment),
)
START = Verb(
    command="theta.deployments.start",
    doing="Starting",
    noun="start",
    done="started: it is billed from now on",
    refusal=lambda deployment: f"{deployment.name} is not stopped." if deployment.is_billed else None,
    is_so=lambda deployment: deployment is not None and deployment.is_billed,
)
DELETE = Verb(
    command="theta.deployments.delete",
    doing="Deleting",
    noun="delete",
    done="deleted",
    refusal=lambda _: None,
    is_so=lambda deployment: deployment is None,
)


def arguments(verb: Verb, deployment: Deployment) -> dict[str, Any]:
    """Give the arguments of a verb's command; the name goes along for the review."""
    given: dict[str, Any] = {"name": deployment.name or None}
    if verb is DELETE:
        given["deployment_id"] = deployment.base_id or None
    return given | {"shard": deployment.shard or None, "suffix": deployment.suffix or None}
