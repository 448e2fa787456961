"""Several acts under one review that do not depend on each other: one command for many objects, streams side by side.

It knows no domain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from theta_tui.change import Change, Cost, Done, Effect, NotDone, Plan, Progress, Step, StreamChange, Target
from theta_tui.errors import PolicyRefused, ThetaError, UsageError
from theta_tui.registry import find
from theta_tui.review import Ask, Reviewer

if TYPE_CHECKING:
    from theta_tui.session import Session
    from theta_tui.streaming import Runs


@dataclass(frozen=True, slots=True)
class Each:
    """How it went with one of several: what the cloud answered, or why it did not happen or is not known."""

    value: Any = None
    error: ThetaError | None = None


def together(summary: str, effect: Effect, changes: Sequence[Change[Any]], name: str) -> Plan[tuple[Each, ...]]:
    """Give the Plan of these Changes; one that fails stops none of the others. `name` is what all are called."""
    steps = tuple(
        Step(name=f"{number} {change.target.name}", change=change) for number, change in enumerate(changes, 1)
    )

    def read(values: Mapping[str, Any], errors: Mapping[str, BaseException]) -> tuple[Each, ...]:
        return tuple(Each(values.get(step.name), _told(errors.get(step.name))) for step in steps)

    return Plan(
        summary=summary,
        effect=effect,
        steps=steps,
        read=read,
        target=Target("", "", name),
        goes_on=True,
        is_clean=lambda _: True,  # nothing is made on the way that would have to be cleaned up
    )


def _told(error: BaseException | None) -> ThetaError | None:
    return error if error is None or isinstance(error, ThetaError) else PolicyRefused("It was interrupted.")


async def submit_all(
    session: Session,
    command: str,
    many: Sequence[Mapping[str, Any]],
    *,
    name: str,
    summary: str,
    reviewer: Reviewer,
    progress: Progress | None = None,
) -> Done[tuple[Each, ...]] | NotDone:
    """Review a mutation of several objects once, with every request, and perform each; Each per object, in order.

    Raises UsageError for a command that is a workflow or a stream.
    """
    changes: list[Change[Any]] = []
    for arguments in many:
        _, act = await session.build(command, arguments)
        if isinstance(act, (Plan, StreamChange)):
            raise UsageError(f"{command} is done to one object at a time.")
        changes.append(act)
    found = find(command)
    plan = together(summary, changes[0].effect, changes, name)
    return await session.perform(found, plan, Ask(found.name, reviewer, progress=progress, arguments=tuple(many)))


def open_all(
    session: Session,
    command: str,
    calls: Sequence[tuple[str, Mapping[str, Any]]],
    changes: Sequence[StreamChange[Any, Any]],
    *,
    name: str,
    summary: str,
    reviewer: Reviewer,
    conversation: str,
) -> Runs:
    """Give the context in which several streams, already written down, are reviewed once and then run side by side.

    `command` is what the review calls all of them; `calls` are command and arguments of each.
    """
    aside = session.policy().unknown_usd
    plan = together(summary, Effect.METERED, [_with_price(change, aside) for change in changes], name)
    commands, arguments = zip(*calls, strict=True)
    ask = Ask(command, reviewer, conversation=conversation, arguments=arguments, commands=commands)
    return session.gate.open_all(ask, plan)


def _with_price(change: StreamChange[Any, Any], aside: Decimal | None) -> StreamChange[Any, Any]:
    """Count for a price that nobody knows what the user sets aside, so that the total of all says it too."""
    if aside is None or change.cost.is_known or change.cost.tokens is not None:
        return change
    return replace(change, cost=Cost(usd=aside, source="set aside for an unknown price", item=change.cost.item))
