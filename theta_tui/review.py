"""What a reviewer is shown and may answer, and the rules that turn confirming off. Pure data and arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import Any, Protocol

from theta_tui.change import Change, Cost, Effect, Json, Plan, Progress, Target

Arguments = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None
"""What a command was given, once or for each of several objects."""

_PLACES = 12
"""Decimal places of a worst case."""
_LARGEST = Decimal(10) ** 9


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules in force: whose ledger, which face, and what the user set.

    `unknown_usd` is what the user sets aside for an act whose price nobody knows; None leaves that to each act.
    `is_guarded` profiles want a name typed before anything is created, changed or destroyed.
    """

    profile: str
    face: str
    dry_run: bool = False
    read_only: bool = False
    cap_usd: Decimal | None = None
    unknown_usd: Decimal | None = None
    horizon_hours: Decimal = Decimal(1)
    confirm_above_usd: Decimal = Decimal(5)
    is_guarded: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Why confirming is off: a NotDone reason and the words for it."""

    reason: str
    words: str


@dataclass(frozen=True)
class Review:
    """What a reviewer is shown. Amounts are USD; `worst_usd` is what will be reserved, None when unknown.

    `guard` is the profile that lets nothing pass unless `typed` was typed, or "". `arguments` are what the command was
    given, for the same act as a command line, or as one for each of several objects; secrets stay `SecretStr`.
    `commands` names the command of each, where several are asked under a common name.
    """

    command: str
    summary: str
    effect: Effect
    target: Target
    act: Change[Any] | Plan[Any]
    preview: Mapping[str, Json]
    cost: Cost
    worst_usd: Decimal | None
    cap_usd: Decimal | None
    spent_usd: Decimal
    block: Block | None
    typed: str | None
    can_allow: bool = False
    guard: str = ""
    arguments: Arguments = field(default=None, repr=False)
    commands: tuple[str, ...] = ()

    @property
    def calls(self) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        """Command and arguments, once for each of several objects; none where the arguments are not told."""
        if self.arguments is None:
            return ()
        several = (self.arguments,) if isinstance(self.arguments, Mapping) else tuple(self.arguments)
        return tuple(zip(self.commands or (self.command,) * len(several), several, strict=True))


class Answer(StrEnum):
    """What a reviewer says."""

    CONFIRM = "confirm"
    DRY_RUN = "dry_run"
    CANCEL = "cancelled"
    PREVIEW = "preview"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A reviewer's answer. `cap_usd` raises today's cap; `allow_usd` answers for the rest of the conversation.

    `named` is what was typed for `Review.typed`, in full.
    """

    answer: Answer
    cap_usd: Decimal | None = None
    allow_usd: Decimal | None = None
    named: str | None = None


class Reviewer(Protocol):
    """Whoever can say yes: the modal, a terminal prompt, `--yes`, an MCP client."""

    async def review(self, review: Review) -> Verdict:
        """Show the review and give the answer."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One call of a face: which command, who reviews, and its own limits. `commands` as in Review."""

    command: str
    reviewer: Reviewer
    max_usd: Decimal | None = None
    conversation: str | None = None
    progress: Progress | None = None
    arguments: Arguments = field(default=None, repr=False)
    commands: tuple[str, ...] = ()


def is_price(cost: Cost) -> bool:
    """Whether what is known of a cost can be: finite, not negative, and of this world."""
    known = [part for part in (cost.usd, cost.usd_per_hour, cost.hours) if part is not None]
    return all(part.is_finite() and 0 <= part <= _LARGEST for part in known)


def worst_case(cost: Cost, horizon_hours: Decimal) -> Decimal | None:
    """Give what a cost may come to in USD: the call, and a machine for its hours or the horizon; None when unknown.

    What is finer than the ledger keeps is rounded up.
    """
    if not cost.is_known:
        return None
    hours = max(horizon_hours, cost.hours or Decimal(0))
    worst = (cost.usd or Decimal(0)) + (cost.usd_per_hour or Decimal(0)) * hours
    is_finer = int(worst.as_tuple().exponent) < -_PLACES
    return worst.quantize(Decimal(10) ** -_PLACES, ROUND_CEILING) if is_finer else worst


def block_for(
    policy: Policy, worst: Decimal | None, cap: Decimal | None, spent: Decimal, max_usd: Decimal | None
) -> Block | None:
    """Say why an act may not be sent now, or None; amounts in USD, odd ones refuse."""
    if policy.dry_run:
        return Block("dry_run", "DRY-RUN is on: nothing is sent.")
    if policy.read_only:
        return Block("read_only", "READ-ONLY is on: nothing is sent.")
    if worst is None:
        words = (
            f"The price is unknown, and today's cap is ${cap or 0:f}: "
            "--max-usd N, or the setting unknown_price_usd, reserves an amount for it."
        )
        return Block("budget", words) if cap is not None else None
    if max_usd is not None and not worst <= max_usd:
        return Block("budget", f"It may cost {_usd(worst)}, more than the {_usd(max_usd)} allowed for this act.")
    if worst and cap is not None and not spent + worst <= cap:
        return Block("budget", f"{_usd(spent)} of today's {_usd(cap)} are taken, and this may cost {_usd(worst)}.")
    return None


def _usd(amount: Decimal) -> str:
    """Write USD with cents, or with as many places as a smaller amount needs."""
    return f"${amount:.2f}" if amount >= 1 or amount == amount.quantize(Decimal("0.01")) else f"${amount.normalize():f}"
