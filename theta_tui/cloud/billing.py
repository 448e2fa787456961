"""Billing (wire 1.6, 7.2): the organisation's balance."""

from __future__ import annotations

from datetime import UTC, datetime

from theta_tui.change import Family, Request, query_of
from theta_tui.cloud.answers import read_as
from theta_tui.cloud.platform import organisation
from theta_tui.command import Cloud, query
from theta_tui.shapes.billing import Balance, BalanceSnapshot, OrgParams


class Billing(Cloud):
    """What is left."""

    prefix = "theta.billing"
    domain = "billing"
    needs = (Family.PLATFORM,)

    @query()
    async def balance(self, params: OrgParams) -> Balance:
        """Show the balance, in cents as the cloud counts and in USD (PF-2)."""
        org_id = await organisation(self.account, params.org_id)
        reply = await self.account.read(Request("GET", Family.PLATFORM, ("balance",), query_of(orgID=org_id)))
        return read_as(lambda value: Balance.of(value, org_id), reply)

    @query()
    async def balance_snapshot(self, params: OrgParams) -> BalanceSnapshot:
        """Show the balance with the time it was read, to compare with a later one (PF-2)."""
        found = await self.balance(params)
        fields = {name: getattr(found, name) for name in type(found).model_fields}
        return BalanceSnapshot(**fields, at=datetime.now(UTC).isoformat(timespec="seconds"))
