"""What a workflow wants done: ordered Changes under one review, with waits and clean-up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from theta_tui.change.act import Change, Effect, Target
from theta_tui.change.cost import FREE
from theta_tui.change.holes import Hole
from theta_tui.change.request import Request

T = TypeVar("T")


Filled = dict[str, str]
"""Holes filled so far: name → value."""


@dataclass(frozen=True, kw_only=True)
class Renewal:
    """Another try at a step that was refused or broke off: an earlier, free `step` is done once more for it.

    Only these `holes` are filled anew. `note` tells it in the review.
    """

    step: str
    holes: tuple[Hole, ...]
    note: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """One Change of a Plan. `gives` fills holes from its answer; `cleanup` steps run also after failure.

    Of a clean-up those requests are sent whose holes are filled. A step that is `awaited` is not broken off by a cancel
    once it was sent: its answer names what has to be cleaned up. A free one may have one `renewal`.
    """

    name: str
    change: Change[Any]
    gives: Mapping[Hole, Callable[[Any], str | None]] = field(default_factory=dict)
    cleanup: bool = False
    awaited: bool = False
    renewal: Renewal | None = None


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
    target: Target = field(default_factory=lambda: Target(""))
    known: Mapping[str, str] = field(default_factory=dict)
    is_clean: Callable[[Mapping[str, BaseException]], bool] | None = field(default=None, compare=False, repr=False)
    goes_on: bool = False

    def __post_init__(self) -> None:
        for renewed in (step for step in self.steps if isinstance(step, Step) and step.renewal):
            if renewed.change.cost != FREE or self.source_of(renewed).change.cost != FREE:
                raise ValueError("only what is free is done once more")

    def source_of(self, step: Step) -> Step:
        """Give the step that a renewal does once more; ValueError if there is none before it."""
        for one in self.steps[: self.steps.index(step)]:
            if isinstance(one, Step) and step.renewal is not None and one.name == step.renewal.step:
                return one
        raise ValueError(f"no step before {step.name} renews it")

    @property
    def changes(self) -> tuple[Change[Any], ...]:
        """Every Change in order, cleanup included."""
        return tuple(step.change for step in self.steps if isinstance(step, Step))

    @property
    def requests(self) -> tuple[Request, ...]:
        """Every request that may be sent, in order."""
        return tuple(request for change in self.changes for request in change.requests)
