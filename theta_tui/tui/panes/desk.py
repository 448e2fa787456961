"""Carries out orders, one at a time for each row, and looks until the list shows what was done (U20)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic

from textual.timer import Timer

from theta_tui.change import Done, NotDone
from theta_tui.errors import ThetaError, Uncertain
from theta_tui.tui.panes.orders import Order, RowT, Verb
from theta_tui.tui.words import span

if TYPE_CHECKING:
    from theta_tui.together import Each
    from theta_tui.tui.panes.order_pane import OrderPane

TICK_SECONDS = 0.5


class Desk(Generic[RowT]):
    """The orders of a pane that are under review, on their way, or not yet to be seen in the list."""

    settle_seconds: ClassVar[float] = 60.0
    """How long an accepted change may take to show in the list."""
    pause: ClassVar[float] = 1.5

    def __init__(self, pane: OrderPane[RowT]) -> None:
        self._pane = pane
        self._orders: dict[str, Order[RowT]] = {}
        self._clock: Timer | None = None
        self._counted: dict[str, str] = {}
        self._reading = asyncio.Lock()
        self._read = (float("-inf"), False)

    @property
    def notes(self) -> dict[str, str]:
        """What the rows say, by key."""
        return {key: order.note for key, order in self._orders.items() if order.note}

    @property
    def busy_words(self) -> tuple[str, ...]:
        """What is at work, for who wants to quit."""
        return tuple(f"{order.verb.doing.lower()} {order.name}" for order in self._orders.values())

    def begin(self, verb: Verb[RowT], row: RowT) -> None:
        """Have a verb reviewed and carried out, unless it makes no sense now."""
        if self._take(verb, row):
            key = self._pane.key_of(row)
            self._pane.run_worker(self._carry_out(key, row), group=f"order:{key}")

    def begin_all(self, verb: Verb[RowT], rows: Sequence[RowT]) -> None:
        """Have a verb reviewed once for several rows and carried out on each; where it makes no sense is told."""
        taken = [row for row in rows if self._take(verb, row)]
        if len(taken) == 1:
            key = self._pane.key_of(taken[0])
            self._pane.run_worker(self._carry_out(key, taken[0]), group=f"order:{key}")
        elif taken:
            self._pane.run_worker(self._carry_out_all(verb, taken), group="orders")

    def _take(self, verb: Verb[RowT], row: RowT) -> bool:
        """Enter an order for a row; False, and told, if it makes no sense now."""
        pane, key = self._pane, self._pane.key_of(row)
        doubt = pane.table.doubt(row)
        refusal = (
            f"{pane.name_of(row) or 'This row'}: {doubt}, so nothing is done to it." if doubt else verb.refusal(row)
        )
        if not doubt and key in self._orders:
            refusal = f"{pane.name_of(row)}: one thing at a time, it is {self._orders[key].verb.doing.lower()}."
        if refusal is not None:
            pane.console_app.tell(refusal, severity="warning")
            return False
        self._orders[key] = Order(verb, pane.name_of(row))
        self._count()
        return True

    def _count(self) -> None:
        """Show the seconds while there is something to count, and only then."""
        if self._clock is None:
            self._clock = self._pane.set_interval(TICK_SECONDS, self._tick)

    def _tick(self) -> None:
        if not self._orders and self._clock is not None:
            self._clock.stop()
            self._clock = None
            self._counted = {}
            return
        for order in self._orders.values():
            order.notice(is_in_review=self._pane.app.screen is not self._pane.screen)
        if self.notes != self._counted:  # under a review nothing counts, and what it lies over is not painted again
            self._counted = self.notes
            self._pane.show_notes()

    async def _carry_out(self, key: str, row: RowT) -> None:
        order, pane = self._orders[key], self._pane
        try:
            outcome = await pane.submit(order.verb.command, order.verb.arguments(row), progress=order.wait)
            if isinstance(outcome, Done):
                order.begin()
                await self._settle(order, key, outcome)
            else:
                self._tell_not_done(outcome)
        except ThetaError as error:
            await self._fail(order, key, error)
        finally:
            del self._orders[key]
        pane.show_notes()

    async def _carry_out_all(self, verb: Verb[RowT], rows: Sequence[RowT]) -> None:
        pane, keys = self._pane, [self._pane.key_of(row) for row in rows]
        orders = [self._orders[key] for key in keys]
        name = f"{len(rows)} {pane.plural}"
        summary = f"{verb.noun.capitalize()} {name}: {', '.join(order.name for order in orders)}"
        try:
            many = [verb.arguments(row) for row in rows]
            outcome = await pane.submit_all(verb.command, many, name=name, summary=summary)
            if isinstance(outcome, Done):
                pane.table.clear_marks()
                await asyncio.gather(*map(self._end, orders, keys, outcome.value))
            else:
                self._tell_not_done(outcome)
        except ThetaError as error:
            pane.fail(error, cause="action")
        finally:
            for key in keys:
                del self._orders[key]
        pane.show_notes()

    async def _end(self, order: Order[RowT], key: str, each: Each) -> None:
        """See one of several to its end, and tell how it went."""
        order.begin()
        if each.error is None:
            await self._settle(order, key, Done(each.value))
            return
        self._pane.console_app.tell(f"{order.name}: {each.error.message}", severity="error")
        await self._fail(order, key, each.error)

    def _tell_not_done(self, outcome: NotDone) -> None:
        if outcome.reason != "cancelled":
            self._pane.console_app.tell(outcome.message or "Nothing was sent.", severity="warning")

    async def _fail(self, order: Order[RowT], key: str, error: ThetaError) -> None:
        """Show why an order failed, and how the row stands now.

        A change whose answer was lost has been looked up by then, and the session goes on: one reading is enough here.
        """
        pane = self._pane
        pane.fail(error, cause="action")
        is_read = await self._look()
        if isinstance(error, Uncertain) and is_read and order.verb.is_so(pane.find_row(key)):
            pane.console_app.tell(f"No answer came, but {order.name} is {order.verb.done}.", severity="warning")

    async def _settle(self, order: Order[RowT], key: str, done: Done[Any]) -> None:
        """See an order to its end."""
        pane, verb = self._pane, order.verb
        pane.order_sent(verb, key, order.name)
        pane.order_answered(verb, key, done.value)
        if not await self._is_so(verb, key, self.settle_seconds):
            pane.fail(_unchanged(order, self.settle_seconds, done), cause="action")
            return
        if done.note:
            pane.console_app.tell(f"{done.note} {order.name} is {verb.done}.", severity="warning")
        else:
            pane.console_app.tell(f"{order.name} is {verb.done}.")
        pane.order_done(verb, key)

    async def _is_so(self, verb: Verb[RowT], key: str, seconds: float) -> bool:
        """Look at the list until it shows that a verb was done, or the time is over."""
        until = time.monotonic() + seconds
        while True:
            if await self._look() and verb.is_so(self._pane.find_row(key)):
                return True
            if time.monotonic() >= until:
                return False
            await asyncio.sleep(self.pause)

    async def _look(self) -> bool:
        """Read the list; one reading serves all who asked before it began."""
        asked = time.monotonic()
        async with self._reading:
            if self._read[0] < asked:
                began = time.monotonic()
                self._read = (began, await self._pane.list_again())
            return self._read[1]

    async def until_listed(self, key: str, name: str, *, consequence: str = "") -> RowT | None:
        """Wait until what was created is in the list; if that takes too long, the banner says so."""
        found = await self.until_there(key, self.settle_seconds)
        if found is None:
            words = f"{name} was created, but the list does not show it after {span(self.settle_seconds)}."
            self._pane.fail(Uncertain(words, hint=f"R reads the list again. {consequence}".strip()), cause="action")
        return found

    async def until_there(self, key: str, seconds: float | None = None) -> RowT | None:
        """Look for a while whether a row of this key or name turns up."""
        until = time.monotonic() + (self.settle_seconds / 6 if seconds is None else seconds)
        while True:
            await self._pane.list_again()
            found = self._pane.find_row(key)
            if found is not None or time.monotonic() >= until:
                return found
            await asyncio.sleep(self.pause)


def _unchanged(order: Order[Any], seconds: float, done: Done[Any]) -> Uncertain:
    reply = done.reply
    return Uncertain(
        f"Accepted, unchanged after {span(seconds)}: the cloud took the {order.verb.noun} of {order.name}, "
        "but the list does not show it.",
        hint="It may still happen: R reads the list again. Until then take it as not done.",
        status=reply.status if reply else None,
        request_id=reply.request_id if reply else None,
    )
