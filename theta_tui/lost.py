"""A change whose answer was lost: was it done all the same, and the one repetition that an idempotent one may have.

It looks by the change's own `reconcile`, and sends only through the function it is given.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Generic, TypeVar

from theta_tui.change import Change, Reply
from theta_tui.errors import CloudError, PolicyRefused, ThetaError, Uncertain

T = TypeVar("T")

FOUND = "No answer came, but it was looked up: it was done."
SENDING = "No answer came and it is not done, so it is sent once more"
REPEATED = "No answer came and it was not done, so it was sent once more."


@dataclass(frozen=True, slots=True)
class Recovered(Generic[T]):
    """A change that was done after all: its value, how that is known, and the answer if the repetition had one."""

    value: T
    note: str
    reply: Reply | None = None


class Look(Enum):
    """What a look told where it did not find the change done: that it is not, or nothing."""

    NOT_DONE = auto()
    BLIND = auto()


async def recover(
    change: Change[T], lost: Uncertain, send_again: Callable[[], Awaitable[tuple[T, Reply]]]
) -> Recovered[T]:
    """Look whether a change was done although no answer came; send an idempotent one once more if it was not.

    Without a look that succeeds nothing is sent again. Raises Uncertain when nothing proves that it was done.
    """
    found = await _look(change)
    if isinstance(found, Recovered):
        return found
    if not (found is Look.NOT_DONE and change.idempotent):
        raise lost
    try:
        value, reply = await send_again()
    except ThetaError as error:  # also a refusal: it does not tell what became of the first
        found = await _look(change)
        if isinstance(found, Recovered):
            return found
        raise _still_unknown(lost, error) from None
    return Recovered(value, REPEATED, reply)


async def _look(change: Change[T]) -> Recovered[T] | Look:
    if change.reconcile is None:
        return Look.BLIND
    try:
        value = await change.reconcile()
    except CloudError:
        return Look.BLIND
    return Look.NOT_DONE if value is None else Recovered(value, FOUND)


def _still_unknown(lost: Uncertain, error: ThetaError) -> Uncertain:
    happened = "was not sent again" if isinstance(error, PolicyRefused) else "was sent once more"
    return Uncertain(
        f"{lost.message} It was not done when that was looked up, and {happened}: {error.message}",
        status=error.status or lost.status,
        request_id=error.request_id or lost.request_id,
    )
