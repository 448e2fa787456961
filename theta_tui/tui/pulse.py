"""The pulse of the account: balance, burn per hour, and how long the balance lasts. Unknown stays unknown."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from theta_tui.errors import ThetaError

if TYPE_CHECKING:
    from theta_tui.session import Session


@dataclass(frozen=True, slots=True)
class Pulse:
    """USD, USD per hour, hours; None is unknown. `running` counts deployments that are billed."""

    balance_usd: Decimal | None = None
    burn_usd: Decimal | None = None
    running: int | None = None
    total: int | None = None
    error: str | None = None

    @property
    def runway_hours(self) -> Decimal | None:
        """How long the balance lasts at this burn; None when unknown or when nothing burns."""
        if self.balance_usd is None or not self.burn_usd:
            return None
        return self.balance_usd / self.burn_usd


async def take_pulse(session: Session) -> Pulse:
    """Ask for the balance and the deployments; what cannot be had is None, with the first reason in `error`."""
    error: str | None = None
    balance: Decimal | None = None
    burn: Decimal | None = None
    running = total = None
    try:
        found = await session.ask("theta.billing.balance")
        balance = found.usd
        if found.balance is not None:
            await session.journal.note_balance(session.settings.profile, found.org_id, found.balance)
    except ThetaError as problem:
        error = problem.message
    try:
        listed = (await session.ask("theta.deployments.list")).deployments
        billed = [item for item in listed if item.is_billed]
        running, total = len(billed), len(listed)
        types = await session.ask("theta.deployments.listVm") if billed else None
        prices = [(vm.price_usd if types and (vm := types.find(item.vm_id)) else None) for item in billed]
        if None not in prices:
            burn = sum(
                (price * item.billed_replicas for price, item in zip(prices, billed, strict=True) if price), Decimal(0)
            )
    except ThetaError as problem:
        error = error or problem.message
    return Pulse(balance, burn, running, total, error)
