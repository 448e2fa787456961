"""The gate: the only holder of the wire's Writer.

It prices a Change or Plan, shows it to a reviewer, checks dry-run, read-only and budget, writes the ledger, and then
sends that very object. It does not know what a deployment or a model is.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol, TypeVar, cast

from theta_tui import preview, prices
from theta_tui.change import (
    Approved,
    Change,
    Cost,
    Done,
    Effect,
    EndpointCredential,
    Json,
    MachineEvent,
    NotDone,
    Plan,
    Progress,
    Reply,
    Request,
    Spent,
    Step,
    Stream,
    StreamChange,
    Target,
)
from theta_tui.errors import CloudError, JournalUnavailable, OverBudget, PolicyRefused, ThetaError, Uncertain
from theta_tui.journal import Intent, Journal
from theta_tui.plans import PlanRun
from theta_tui.review import Answer, Ask, Policy, Review, Verdict, block_for, worst_case
from theta_tui.streaming import Run

T = TypeVar("T")
E = TypeVar("E")


class Sender(Protocol):
    """The half of the wire that changes things; it takes nothing but an approval."""

    async def send(self, approved: Approved[Any], *, progress: Progress | None = None, command: str = "") -> Reply:
        """Send the approved Change and give its answer."""

    def open(
        self, approved: Approved[Any], *, progress: Progress | None = None, command: str = ""
    ) -> AbstractAsyncContextManager[Stream]:
        """Send the approved Change and stream its answer."""

    def describe(self, request: Request) -> Mapping[str, Any]:
        """Give method, url and headers as they will be sent, credentials masked."""


class Keeper(Protocol):
    """Where endpoint credentials go before the create is sent."""

    async def keep(self, name: str, credential: EndpointCredential) -> None:
        """Store a credential under this name."""

    async def rename(self, old: str, new: str) -> None:
        """Move a credential to another name."""


Rows = list[int | None]
"""The ledger rows of an approved act, one for each of its Changes, all reserved."""


class Gate:
    """Review, budget, ledger, send."""

    def __init__(self, *, writer: Sender, journal: Journal, keeper: Keeper, policy: Callable[[], Policy]) -> None:
        self._writer = writer
        self._journal = journal
        self._keeper = keeper
        self._policy = policy
        self._allowances: dict[str, Decimal] = {}

    async def submit(self, ask: Ask, act: Change[T] | Plan[T]) -> Done[T] | NotDone:
        """Review and perform a Change or Plan.

        Raises the CloudError of a final refusal, Uncertain when a request was sent and no answer proves the outcome,
        and what `verify` raises for an answer that is a failure.
        """
        if isinstance(act, StreamChange):
            return await self._drain(ask, act)
        admitted = await self.admit(ask, act)
        if isinstance(admitted, NotDone):
            return admitted
        if isinstance(act, Plan):
            return Done(await self._run_plan(ask, act, admitted))
        return await self.perform(ask, act, admitted[0])

    def open(self, ask: Ask, change: StreamChange[E, T]) -> Run[E, T]:
        """Give the context in which a StreamChange is reviewed, sent, read and settled."""
        return Run(self, ask, change)

    async def _drain(self, ask: Ask, change: StreamChange[Any, T]) -> Done[T] | NotDone:
        async with self.open(ask, change) as run:
            async for _ in run:
                pass
        if run.not_done is not None:
            return run.not_done
        value = cast(T, run.result)
        if change.verify:
            change.verify(value)
        return Done(value, run.spent.usd if run.spent else None)

    async def _run_plan(self, ask: Ask, plan: Plan[T], admitted: Rows) -> T:
        rows = dict(zip((id(change) for change in plan.changes), admitted, strict=True))

        async def send(step: Step, holes: Mapping[str, str]) -> Any:
            row = rows[id(step.change)]
            done = await self.perform(
                ask, step.change, row, holes, is_cleanup=step.cleanup, is_stopping=lambda: run.is_stopping
            )
            return done.value

        async def give_back(change: Change[Any]) -> None:
            await self._mark(rows[id(change)], "refused", note="not reached")

        run = PlanRun(plan, send, give_back, self._journal, self._policy().profile, ask.command)
        return await run.perform()

    async def perform(
        self,
        ask: Ask,
        change: Change[T],
        row: int | None,
        holes: Mapping[str, str] | None = None,
        *,
        is_cleanup: bool = False,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> Done[T]:
        """Send an approved Change whose cost is reserved in `row`, and settle the ledger whatever happens.

        A clean-up is sent also when the journal fails: what it removes would go on costing money.
        """
        temporary = None
        with contextlib.suppress(*((JournalUnavailable,) if is_cleanup else ())):
            temporary = await self.prepare(change, row)
        try:
            if is_stopping() and not is_cleanup:
                raise PolicyRefused("Cancelled before it was sent.")
            approved = Approved(change, holes=holes, is_cleanup=is_cleanup)
            reply = await self._writer.send(approved, progress=ask.progress, command=ask.command)
            value = _read(change, reply)
        except Uncertain as error:
            await asyncio.shield(self.fail(row, error))
            return await self._reconcile(change, row, error, temporary)
        except BaseException as error:
            await asyncio.shield(self.fail(row, error))
            raise
        spent = change.spent(value) if change.spent else None
        with contextlib.suppress(JournalUnavailable):  # the answer is its owner's; the row counts as spent
            await asyncio.shield(self.settle(change, row, value, spent, temporary))
        if change.verify:
            change.verify(value)
        return Done(value, spent.usd if spent else None, reply)

    async def _reconcile(self, change: Change[T], row: int | None, error: Uncertain, temporary: str | None) -> Done[T]:
        """Look whether a change whose answer was lost happened all the same; raise `error` if that is not proved."""
        value = None
        if change.reconcile is not None:
            with contextlib.suppress(CloudError):
                value = await change.reconcile()
        if value is None:
            raise error
        await asyncio.shield(self.settle(change, row, value, None, temporary))
        return Done(value)

    def send_stream(self, ask: Ask, change: StreamChange[Any, Any]) -> AbstractAsyncContextManager[Stream]:
        """Approve a reviewed StreamChange and open its answer."""
        return self._writer.open(Approved(change), progress=ask.progress, command=ask.command)

    async def admit_one(self, ask: Ask, change: Change[Any]) -> int | NotDone | None:
        """Admit a single Change; give its ledger row."""
        admitted = await self.admit(ask, change)
        return admitted if isinstance(admitted, NotDone) else admitted[0]

    async def admit(self, ask: Ask, act: Change[Any] | Plan[Any]) -> Rows | NotDone:
        """Price, review and reserve an act; give its ledger rows, or why nothing is to be sent."""
        changes = [act] if isinstance(act, Change) else list(act.changes)
        costs = [await self._price(change.cost) for change in changes]
        policy = self._policy()
        review = await self._review(ask, act, costs, policy)
        if not self._is_allowed(ask, review):
            verdict = await ask.reviewer.review(review)
            refusal = await self._judge(ask, review, verdict)
            if refusal is not None:
                return refusal
        try:
            return await self._reserve(ask, act, changes, costs, review)
        except OverBudget as error:
            return NotDone("budget", {**review.preview, "reason": "budget"}, error.message)

    async def _review(self, ask: Ask, act: Change[Any] | Plan[Any], costs: list[Cost], policy: Policy) -> Review:
        cost = costs[0] if isinstance(act, Change) else preview.total(costs)
        cap = await self._journal.cap_today(policy.profile) or policy.cap_usd
        spent = (await self._journal.spending(policy.profile)).total_usd
        worst = worst_case(cost, policy.horizon_hours)
        if worst is None and ask.max_usd is not None:
            worst = ask.max_usd
        block = block_for(policy, worst, cap, spent, ask.max_usd)
        reason = block.reason if block else "preview"
        describe = self._writer.describe
        shown = (
            preview.of_change(ask.command, act, cost, describe, reason)
            if isinstance(act, Change)
            else preview.of_plan(ask.command, act, costs, describe, reason)
        )
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
            typed=(act.target.name or act.target.id or None) if needs_name else None,
            can_allow=ask.conversation is not None and act.effect is Effect.METERED,
            arguments=ask.arguments,
        )

    def _is_allowed(self, ask: Ask, review: Review) -> bool:
        """Whether this conversation's allowance covers the act, and take it from there."""
        left = self._allowances.get(ask.conversation or "")
        if left is None or review.block or review.worst_usd is None or not review.worst_usd <= left:
            return False
        self._allowances[ask.conversation or ""] = left - review.worst_usd
        return True

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
        if verdict.answer is Answer.PREVIEW:
            return NotDone("preview", review.preview, "Nothing was sent.")
        if verdict.allow_usd is not None and ask.conversation and review.can_allow:
            self._allowances[ask.conversation] = verdict.allow_usd - (review.worst_usd or Decimal(0))
        return None

    async def _reserve(
        self, ask: Ask, act: Change[Any] | Plan[Any], changes: Sequence[Change[Any]], costs: list[Cost], review: Review
    ) -> Rows:
        rows = Rows()
        for change, cost in zip(changes, costs, strict=True):
            worst = worst_case(cost, self._policy().horizon_hours)
            intent = dataclasses.replace(
                self._intent(ask, review, change.target, change.summary),
                item=cost.item,
                worst_usd=(ask.max_usd or Decimal(0)) if worst is None else worst,
                usd_per_hour=cost.usd_per_hour if change.machine is MachineEvent.STARTS else None,
                cap_usd=await self._journal.cap_today(self._policy().profile) or self._policy().cap_usd,
            )
            try:
                rows.append(await self._journal.reserve(intent))
            except JournalUnavailable:
                if intent.worst_usd > 0 or intent.usd_per_hour:
                    raise
                rows.append(None)
            except OverBudget:
                for row in rows:
                    await self._mark(row, "refused", note="over budget")
                raise
        return rows

    async def _remember(self, ask: Ask, review: Review) -> None:
        """Keep the preview of a dry run, for Activity; without a journal there is nothing to keep it in."""
        intent = self._intent(ask, review, review.target, review.summary)
        with contextlib.suppress(JournalUnavailable):
            row = await self._journal.reserve(intent)
            await self._journal.mark(row, "previewed", note="dry run: nothing was sent")

    def _intent(self, ask: Ask, review: Review, target: Target, summary: str) -> Intent:
        """Write an act down for the ledger, at no cost yet."""
        policy = self._policy()
        return Intent(
            profile=policy.profile,
            face=policy.face,
            command=ask.command,
            summary=summary,
            item=None,
            worst_usd=Decimal(0),
            usd_per_hour=None,
            target_kind=target.kind,
            target_id=target.id,
            target_name=target.name,
            cap_usd=None,
            request_hash=_fingerprint(review.preview),
            preview_json=json.dumps(review.preview, default=str),
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

    async def prepare(self, change: Change[Any], row: int | None) -> str | None:
        """Do what must be safe before the first byte: credentials kept, state re-read, the row marked as sent."""
        if change.recheck is not None and (changed := await change.recheck()):
            await self._mark(row, "refused", note=changed)
            raise PolicyRefused(f"Changed since shown: {changed}. Nothing was sent; review it again.")
        temporary = None
        if change.credential is not None:
            temporary = f"endpoint/new-{change.target.name or row}"
            await self._keeper.keep(temporary, change.credential)
        await self._mark(row, "sent")
        return temporary

    async def settle(
        self, change: Change[T], row: int | None, value: T, spent: Spent | None, temporary: str | None
    ) -> None:
        """Write down what an answered act came to: cost, object, machine time, credentials."""
        key = (change.identify(value) if change.identify else "") or change.target.id
        await self._mark(row, "confirmed", spent=spent, key=key)
        if change.machine is MachineEvent.ENDS and key:
            await self._journal.end_machine(self._policy().profile, key)
        if temporary and key:
            await self._keeper.rename(temporary, f"endpoint/{key}")
        elif key and change.answered and (answered := change.answered(value)):
            await self._keeper.keep(f"endpoint/{key}", answered)

    async def fail(self, row: int | None, error: BaseException) -> None:
        """Settle a failed act: a cloud's no costs nothing, everything else may have happened."""
        if isinstance(error, (CloudError, PolicyRefused)) or (
            isinstance(error, ThetaError) and not isinstance(error, Uncertain)
        ):
            await self._mark(row, "refused", note=error.message)
        else:
            await self._mark(row, "uncertain", note=getattr(error, "message", "interrupted before an answer came"))

    async def _mark(
        self,
        row: int | None,
        state: str,
        *,
        spent: Spent | None = None,
        key: str | None = None,
        note: str | None = None,
    ) -> None:
        if row is None:
            return
        await self._journal.mark(
            row,
            state,
            cost_usd=spent.usd if spent else None,
            estimate=bool(spent and spent.estimate),
            object_id=key or None,
            note=note,
        )


def _read(change: Change[T], reply: Reply) -> T:
    """Read an answer; one that cannot be read after a change was sent proves nothing."""
    try:
        return change.read(reply)
    except (ValueError, TypeError, KeyError) as error:
        raise Uncertain(
            f"The change was sent, but its answer cannot be read ({type(error).__name__}).",
            status=reply.status,
            request_id=reply.request_id,
        ) from None


def _fingerprint(shown: Mapping[str, Json]) -> str:
    return hashlib.sha256(json.dumps(shown, default=str, sort_keys=True).encode()).hexdigest()[:16]
