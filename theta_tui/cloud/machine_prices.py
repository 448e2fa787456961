"""What machines cost by the hour: by the list of machine types (PF-1), or as a community node is listed."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Awaitable, Callable
from decimal import Decimal

from theta_tui.change import FREE, Cost
from theta_tui.errors import CloudError
from theta_tui.shapes.deployments import PRICE_HR_PER_USD, Deployment, DeploymentUpdate, NewDeployment, VmTypes


class MachinePrices:
    """Prices machines by a list that is read anew each time. Amounts are USD per hour; unknown ones are None."""

    def __init__(self, list_types: Callable[[], Awaitable[VmTypes]]) -> None:
        self._list_types = list_types

    async def of(self, vms: tuple[str, ...], replicas: int) -> Cost:
        """Price the dearest of these machine types, for all replicas; unknown if one of them is."""
        try:
            types = await self._list_types()
        except CloudError:
            types = VmTypes()
        prices = [vm.price_usd if (vm := types.find(vm_id)) else None for vm_id in vms]
        known = [price for price in prices if price is not None]
        items = "+".join(vms)
        if not vms or len(known) < len(prices):
            return Cost(item=f"vm/{items}" if vms else None, units=replicas, usd_per_hour=None)
        return Cost(usd_per_hour=max(known) * Decimal(replicas), source="machine list (PF-1)", item=f"vm/{items}")

    async def changed(self, params: DeploymentUpdate, known: Deployment | None) -> Cost:
        """Price the machines as they will be; free when they do not get dearer, so that saving is never refused."""
        if params.vm_id is None and params.min_replicas is None:
            return FREE
        vm_id = params.vm_id or (known.vm_id if known else "")
        replicas = params.min_replicas or (known.billed_replicas if known else 1)
        after = await self.of((vm_id,) if vm_id else (), replicas)
        if after.usd_per_hour is None or known is None or not known.is_billed or not known.vm_id:
            return after
        before = (await self.of((known.vm_id,), known.billed_replicas)).usd_per_hour
        if before is None:
            return after
        return FREE if after.usd_per_hour <= before else dataclasses.replace(after, note=f"${before}/h until now")

    async def otherwise(self, vms: tuple[str, ...], replicas: int, shown: Cost) -> str | None:
        """Say so if the price is another than the one that was shown."""
        now = (await self.of(vms, replicas)).usd_per_hour
        if now is None or shown.usd_per_hour is None or now == shown.usd_per_hour:
            return None
        return f"the price is ${now}/h now, it was ${shown.usd_per_hour}/h"


def as_listed(params: NewDeployment, known: Cost) -> Cost:
    """Price a community node by what it is listed for, in an assumed unit (wire 5.1): PF-1 has none of them."""
    listed = params.price_hr or ""
    if known.usd_per_hour is not None or params.fallback_vms or not re.fullmatch(r"[0-9]{1,9}", listed):
        return known
    amount = Decimal(listed) / PRICE_HR_PER_USD * params.min_replicas
    return dataclasses.replace(known, usd_per_hour=amount, units=1, source="listed price of the node (assumed unit)")
