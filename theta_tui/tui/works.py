"""Long work: what is at work in the background, its steps, how far it is, and what cancelling means (U21).

Knows neither screens nor panes; times are in seconds of the monotonic clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from theta_tui.tui.words import size, whole_seconds

if TYPE_CHECKING:
    from theta_tui.change import Stage, Waiting

KEPT = 20
"""Ended works that are still shown."""


@dataclass
class WorkStep:
    """One step: "open", "begins", "done", "failed", "stopped" or "skipped"."""

    name: str
    state: str = "open"
    began: float | None = None
    ended: float | None = None

    @property
    def seconds(self) -> float | None:
        """How long it has taken; None before it begins."""
        return None if self.began is None else (self.ended or time.monotonic()) - self.began


@dataclass
class Work:
    """Something that takes longer. `cancel` stops it, `cancelling` says what that means for the bill."""

    key: str
    title: str
    steps: list[WorkStep] = field(default_factory=list)
    cancel: Callable[[], None] | None = None
    cancelling: str = ""
    looks: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None
    outcome: str = ""
    has_failed: bool = False
    changed: Callable[[], None] = field(default=lambda: None, repr=False)
    _doing: str = ""
    _until: float = 0.0

    @property
    def is_on(self) -> bool:
        """Whether it goes on."""
        return self.ended is None

    @property
    def seconds(self) -> float:
        """How long it takes, or took."""
        return (self.ended or time.monotonic()) - self.began

    @property
    def doing(self) -> str:
        """What it is at, in words: an upload's share, a countdown to the next try, else the step."""
        left = self._until - time.monotonic()
        if self._until and left > 0:
            return f"{self._doing}, again in {left:.0f} s"
        return self._doing

    @property
    def short_words(self) -> str:
        """A few words for the status line."""
        return " ".join(part for part in (self.title, self.doing) if part)

    def take(self, waiting: Waiting) -> None:
        """Take what gate and wire say of it; this is a `Progress`."""
        from theta_tui.change import Sending, Stage  # not before the first frame

        self._until = 0.0
        if isinstance(waiting, Stage):
            self._take_stage(waiting)
        elif isinstance(waiting, Sending):
            share = f" {100 * waiting.sent / waiting.total:.0f} % of {size(waiting.total)}" if waiting.total else ""
            self._doing = f"sending{share}"
        else:
            self._doing, self._until = waiting.error, time.monotonic() + waiting.seconds
            self.look(waiting.error)
        self.changed()

    def look(self, words: str) -> None:
        """Add a status to the timeline (404 → 503 → 200); the same one twice is one."""
        if not self.looks or self.looks[-1] != words:
            self.looks.append(words)
            self.changed()

    def say(self, words: str) -> None:
        """Say what it is at."""
        if words != self._doing:
            self._doing = words
            self.changed()

    def _take_stage(self, stage: Stage) -> None:
        step = next((each for each in self.steps if each.name == stage.step), None)
        if step is None:
            step = WorkStep(stage.step)
            self.steps.append(step)
        now = time.monotonic()
        step.state = stage.state
        if stage.state == "begins":
            step.began, self._doing = now, f"{stage.step} ({stage.attempt}/{stage.attempts})"
        else:
            step.ended = now


class Works:
    """All works of this run of the console, the newest last; `changed` is called after each change."""

    def __init__(self, changed: Callable[[], None], told: Callable[[Work], None]) -> None:
        self._all: dict[str, Work] = {}
        self._changed = changed
        self._told = told

    @property
    def all(self) -> Sequence[Work]:
        """Those at work and the last ones that ended, newest first."""
        return tuple(reversed(self._all.values()))

    @property
    def at_work(self) -> Sequence[Work]:
        """Those that go on, newest first."""
        return tuple(work for work in self.all if work.is_on)

    def begin(
        self,
        key: str,
        title: str,
        *,
        steps: Sequence[str] = (),
        cancel: Callable[[], None] | None = None,
        cancelling: str = "",
    ) -> Work:
        """Begin one; a key names at most one work at a time, the latest."""
        self._all.pop(key, None)
        work = Work(key, title, [WorkStep(name) for name in steps], cancel, cancelling, changed=self._changed)
        self._all[key] = work
        for old in [each for each in self._all.values() if not each.is_on][:-KEPT]:
            del self._all[old.key]
        self._changed()
        return work

    def end(self, work: Work, outcome: str, *, has_failed: bool = False) -> None:
        """End one with what came of it; it is told once."""
        if work.is_on:
            work.ended, work.outcome, work.has_failed = time.monotonic(), outcome, has_failed
            self._changed()
            self._told(work)

    def forget(self, work: Work) -> None:
        """Take one away that never really began, such as one whose review was cancelled."""
        if self._all.get(work.key) is work:
            del self._all[work.key]
            self._changed()


def work_title(work: Work) -> str:
    """Give title and time: `Upload demo.mp4  42 s`."""
    return f"{work.title}  {whole_seconds(work.seconds)}"
