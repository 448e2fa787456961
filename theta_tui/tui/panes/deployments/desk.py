"""Carries out orders, one at a time for each deployment, and looks until the list shows what was done."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, ClassVar

from theta_tui.change import Done
from theta_tui.errors import ThetaError, Uncertain
from theta_tui.shapes.deployments import Deployment
from theta_tui.tui.panes.deployments.orders import START, Order, Verb, arguments
from theta_tui.tui.panes.deployments.row import DeploymentRow
from theta_tui.tui.words import span

if TYPE_CHECKING:
    from theta_tui.tui.panes.deployments.pane import DeploymentsPane


class Desk:
    """The orders of a pane that are under review, on their way, or not yet to be seen in the list."""

    settle_seconds: ClassVar[float] = 60.0
    """How long an accepted change may take to show in the list."""
    pause: ClassVar[float] = 1.5

    def __init__(self, pane: DeploymentsPane) -> None:
        self._pane = pane
        self._orders: dict[str, Order] = {}

    @property
    def notes(self) -> dict[str, str]:
        """What the rows say, by key."""
        return {key: order.note for key, order in self._orders.items()}

    @property
    def busy_words(self) -> tuple[str, ...]:
        """What is at work, for who wants to quit."""
        return tuple(f"{order.verb.doing.lower()} {order.name}" for order in self._orders.values())

    def tick(self, *, is_in_review: bool) -> bool:
        """Count on; whether there is anything to show."""
        for order in self._orders.values():
            order.notice(is_in_review=is_in_review)
        return bool(self._orders)

    def begin(self, verb: Verb, row: DeploymentRow) -> None:
        """Have a verb reviewed and carried out, unless it makes no sense now."""
        refusal = verb.refusal(row.deployment)
        if row.key in self._orders:
            refusal = f"{row.name}: one thing at a time, it is {self._orders[row.key].verb.doing.lower()}."
        if refusal is not None:
            self._pane.console_app.tell(refusal, severity="warning")
            return
        self._orders[row.key] = Order(verb, row.name)
        self._pane.run_worker(self._carry_out(row.key, row.deployment), group=f"order:{row.key}")

    async def _carry_out(self, key: str, deployment: Deployment) -> None:
        order, pane = self._orders[key], self._pane
        given = arguments(order.verb, deployment)
        try:
            outcome = await pane.submit(order.verb.command, given, progress=order.wait)
            if isinstance(outcome, Done):
                order.begin()
                await self._settle(order, key, outcome)
            elif outcome.reason != "cancelled":
                pane.console_app.tell(outcome.message or "Nothing was sent.", severity="warning")
        except Uncertain as error:
            pane.fail(error, cause="action")
            if await self._is_so(order.verb, key, self.settle_seconds / 6):
                pane.console_app.tell(f"No answer came, but {order.name} is {order.verb.done}.", severity="warning")
        except ThetaError as error:
            pane.fail(error, cause="action")
            await pane.list_again()
        finally:
            del self._orders[key]
        pane.show_rows(pane.rows())

    async def _settle(self, order: Order, key: str, done: Done[Any]) -> None:
        pane, verb = self._pane, order.verb
        if verb is not START:
            pane.lookout.end(key, f"Stopped looking: {order.name} was asked to {verb.noun}.")
        if not await self._is_so(verb, key, self.settle_seconds):
            pane.fail(_unchanged(order, self.settle_seconds, done), cause="action")
            return
        pane.console_app.tell(f"{order.name} is {verb.done}.")
        if verb is START and (started := pane.listed.find(key)) is not None:
            pane.lookout.begin(started)

    async def _is_so(self, verb: Verb, key: str, seconds: float) -> bool:
        """Look at the list until it shows that a verb was done, or the time is over."""
        until = time.monotonic() + seconds
        while True:
            if verb.is_so(await self._look(key)):
                return True
            if time.monotonic() >= until:
                return False
            await asyncio.sleep(self.pause)

    async def until_listed(self, created: Deployment) -> Deployment | None:
        """Wait until a created deployment is in the list; if that takes too long, the banner says so."""
        found = await self._until(created.key or created.name, self.settle_seconds)
        if found is None:
            words = f"{created.name} was created, but the list does not show it after {span(self.settle_seconds)}."
            hint = "R reads the list again. Until then take it as billed."
            self._pane.fail(Uncertain(words, hint=hint), cause="action")
        return found

    async def until_named(self, name: str) -> Deployment | None:
        """Look for a while whether a deployment of this name turns up."""
        return await self._until(name, self.settle_seconds / 6)

    async def _until(self, key: str, seconds: float) -> Deployment | None:
        until = time.monotonic() + seconds
        while True:
            found = await self._look(key)
            if found is not None or time.monotonic() >= until:
                return found
            await asyncio.sleep(self.pause)

    async def _look(self, key: str) -> Deployment | None:
        await self._pane.list_again()
        return self._pane.listed.find(key)


def _unchanged(order: Order, seconds: float, done: Done[Any]) -> Uncertain:
    reply = done.reply
    return Uncertain(
        f"Accepted, unchanged after {span(seconds)}: the cloud took the {order.verb.noun} of {order.name}, "
        "but the list does not show it.",
        hint="It may still happen: R reads the list again. Until then take it as billed.",
        status=reply.status if reply else None,
        request_id=reply.request_id if reply else None,
    )
