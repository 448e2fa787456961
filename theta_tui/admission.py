"""Before anything is sent: price, review, rules, and the reservation in the ledger.

It gives ledger rows or the reason for sending nothing, and sends nothing itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from theta_tui import preview, prices
from theta_tui.change import Change, Cost, Effect, Json, MachineEvent, NotDone, Plan, Target
from theta_tui.errors import JournalUnavailable, OverBudget, PolicyRefused
from theta_tui.journal import Allowances, Intent, Journal
from theta_tui.redact import redactor
from theta_tui.review import Answer, Ask, Policy, Review, Verdict, block_for, is_price, worst_case

Rows = list[int | None]
"""The ledger rows of an approved act, one for each of its Changes, all reserved."""


class Admission:
    """Decides what may be sent, and sets money aside for it."""

    def __init__(self, journal: Journal, describe: preview.Describe, policy: Callable[[], Policy]) -> None:
        self._journal = journal
        self._describe = describe
        self._policy = policy
        self._allowances = Allowances(journal)
        self._counting = asyncio.Lock()

    async def admit(self, ask: Ask, act: Change[Any] | Plan[Any]) -> Rows | NotDone:
        """Price, review and reserve an act; give its ledger rows, or why nothing is to be sent."""
        changes = [act] if isinstance(act, Change) else list(act.changes)
        costs = [await self._price(change.cost) for change in changes]
        if not all(map(is_price, costs)):
            raise PolicyRefused("The price of this act is not an amount of money; nothing was sent.")
        policy = self._policy()
        review = await self._review(ask, act, costs, policy)
        async with self._counting:  # two messages at once must not both take what is left for one
            if await self._is_allowed(ask, review):
                return await self._set_aside(ask, changes, costs, review)
        verdict = await ask.reviewer.review(review)
        refusal = await self._judge(ask, review, verdict)
        if refusal is not None:
            return refusal
        rows = await self._set_aside(ask, changes, costs, review)
        if not isinstance(rows, NotDone) and verdict.allow_usd is not None and ask.conversation and review.can_allow:
            self._allowances.give(ask.conversation, verdict.allow_usd, rows[0])
        return rows

    async def allowance(self, conversation: str) -> Decimal | None:
        """Give what a conversation may still spend without a review, in USD; None if nothing was allowed."""
        return await self._allowances.left(conversation)

    async def _review(self, ask: Ask, act: Change[Any] | Plan[Any], costs: list[Cost], policy: Policy) -> Review:
        cost = costs[0] if isinstance(act, Change) else preview.total(costs)
        cap = await self._cap(policy)
        spent = (await self._journal.spending(policy.profile)).total_usd
        worst = worst_case(cost, policy.horizon_hours)
        if worst is None:
            worst = self._for_unknown(ask)
        block = block_for(policy, worst, cap, spent, ask.max_usd)
        reason = block.reason if block else "preview"
        describe = self._describe
        shown = (
            preview.of_change(ask.command, act, cost, describe, reason)
            if isinstance(act, Change)
            else preview.of_plan(ask.command, act, costs, describe, reason)
        )
        guard = policy.profile if policy.is_guarded and act.effect is not Effect.METERED else ""
        needs_name = act.effect is Effect.DESTROY or (worst or Decimal(0)) > policy.confirm_above_usd
        return Review(
            command=ask.command,
            summary=act.summary,
            effect=act.effect,
            target=act.target,
            act=act,
            preview=shown,
            cost=cost,
            worst_usd=worst,
            cap_usd=cap,
            spent_usd=spent,
            block=block,
            typed=((act.target.name or act.target.id) if needs_name else "") or guard or None,
            guard=guard,
            can_allow=ask.conversation is not None and act.effect is Effect.METERED and worst is not None,
            arguments=ask.arguments,
            commands=ask.commands,
        )

    def _for_unknown(self, ask: Ask) -> Decimal | None:
        """Give what the user sets aside for an act whose price nobody knows, in USD; None if that was not said."""
        return self._policy().unknown_usd if ask.max_usd is None else ask.max_usd

    async def _is_allowed(self, ask: Ask, review: Review) -> bool:
        """Whether what is left of this conversation's allowance covers the act."""
        if ask.conversation is None or review.block or review.worst_usd is None or not review.can_allow:
            return False
        left = await self._allowances.left(ask.conversation)
        return left is not None and review.worst_usd <= left

    async def _judge(self, ask: Ask, review: Review, verdict: Verdict) -> NotDone | None:
        block = review.block
        if verdict.cap_usd is not None and block and block.reason == "budget" and verdict.answer is Answer.CONFIRM:
            policy = self._policy()
            await self._journal.raise_cap(policy.profile, verdict.cap_usd)
            block = block_for(policy, review.worst_usd, verdict.cap_usd, review.spent_usd, ask.max_usd)
        if verdict.answer is Answer.DRY_RUN:
            await self._remember(ask, review)
        if verdict.answer in (Answer.CANCEL, Answer.DRY_RUN):
            reason = verdict.answer.value
            return NotDone(reason, {**review.preview, "reason": reason}, "Nothing was sent.")
        if block is not None:
            return NotDone(block.reason, {**review.preview, "reason": block.reason}, block.words)
        if verdict.answer is Answer.CONFIRM and review.guard and verdict.named != review.typed:
            guard = review.guard
            words = f"Profile {guard} is protected: a person types the name, a script gives --confirm {guard}."
            return NotDone("read_only", {**review.preview, "reason": "read_only"}, words)
        if verdict.answer is Answer.PREVIEW:
            return NotDone("preview", review.preview, "Nothing was sent.")
        return None

    async def _set_aside(
        self, ask: Ask, changes: Sequence[Change[Any]], costs: list[Cost], review: Review
    ) -> Rows | NotDone:
        try:
            return await self._reserve(ask, changes, costs, review)
        except OverBudget as error:
            return NotDone("budget", {**review.preview, "reason": "budget"}, error.message)

    async def _reserve(self, ask: Ask, changes: Sequence[Change[Any]], costs: list[Cost], review: Review) -> Rows:
        """Set money aside for every Change; for none of them if one cannot have it, or if cancelled."""
        rows = Rows()
        try:
            for number, (change, cost) in enumerate(zip(changes, costs, strict=True)):
                worst = worst_case(cost, self._policy().horizon_hours)
                intent = dataclasses.replace(
                    self._intent(ask, review, change.target, change.summary, number),
                    item=cost.item,
                    worst_usd=(self._for_unknown(ask) or Decimal(0)) if worst is None else worst,
                    usd_per_hour=cost.usd_per_hour if change.machine is MachineEvent.STARTS else None,
                    cap_usd=await self._cap(self._policy()),
                )
                rows.append(await self._reserve_one(intent))
        except BaseException as error:
            await asyncio.shield(self._give_back(rows, getattr(error, "message", "cancelled before it was sent")))
            raise
        return rows

    async def _reserve_one(self, intent: Intent) -> int | None:
        try:
            return await self._journal.reserve(intent)
        except JournalUnavailable:
            if intent.worst_usd > 0 or intent.usd_per_hour:
                raise
            return None

    async def _give_back(self, rows: Rows, why: str) -> None:
        with contextlib.suppress(JournalUnavailable):
            for row in rows:
                if row is not None:
                    await self._journal.mark(row, "refused", note=why)

    async def _cap(self, policy: Policy) -> Decimal | None:
        today = await self._journal.cap_today(policy.profile)
        return policy.cap_usd if today is None else today

    async def _remember(self, ask: Ask, review: Review) -> None:
        """Keep the preview of a dry run, for Activity; without a journal there is nothing to keep it in."""
        intent = self._intent(ask, review, review.target, review.summary)
        with contextlib.suppress(JournalUnavailable):
            row = await self._journal.reserve(intent)
            await self._journal.mark(row, "previewed", note="dry run: nothing was sent")

    def _intent(self, ask: Ask, review: Review, target: Target, summary: str, number: int | None = None) -> Intent:
        """Write an act down for the ledger, or the Change of that number in it, at no cost yet."""
        policy = self._policy()
        shown, calls = review.preview, review.calls
        if number is not None and len(calls) > 1:
            shown, calls = preview.of_step(shown, number), calls[number : number + 1]
        given = [[name, redactor.value(arguments)] for name, arguments in calls]
        return Intent(
            profile=policy.profile,
            face=policy.face,
            command=calls[0][0] if len(calls) == 1 else ask.command,
            summary=summary,
            item=None,
            worst_usd=Decimal(0),
            usd_per_hour=None,
            target_kind=target.kind,
            target_id=target.id,
            target_name=target.name,
            cap_usd=None,
            request_hash=_fingerprint(review.preview),
            preview_json=json.dumps({**shown, "calls": given}, default=str),
            conversation=ask.conversation,
        )

    async def _price(self, cost: Cost) -> Cost:
        """Complete an unknown price: from the last call of the same item, else from the dated table."""
        if cost.is_known or not cost.item:
            return cost
        last = await self._journal.last_cost(cost.item) if cost.tokens is None else None
        if last is None:
            return prices.complete(cost)
        usd, when = last
        day = datetime.fromtimestamp(when, UTC).date()
        return dataclasses.replace(cost, usd=usd * cost.units, source=f"last call, {day}")


def _fingerprint(shown: Mapping[str, Json]) -> str:
    return hashlib.sha256(json.dumps(shown, default=str, sort_keys=True).encode()).hexdigest()[:16]
