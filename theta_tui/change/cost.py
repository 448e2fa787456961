"""What an act may cost and what it came to, in USD."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Cost:
    """What an act may cost at the most, in USD, and where that figure comes from.

    `usd` is the worst case of this one call, `usd_per_hour` what a machine costs while it runs (all replicas).
    `item` names the price ("service/qwen3", "vm/vm_gt1") so that the gate can complete an unknown one from the journal
    or the dated table; `tokens` is the worst case (in, out) and `units` a multiplier for that purpose. `hours` is how
    long a machine may run at the least, where that is longer than the horizon that is always reserved.
    """

    usd: Decimal | None = None
    usd_per_hour: Decimal | None = None
    source: str = "unknown"
    item: str | None = None
    tokens: tuple[int, int] | None = None
    units: int = 1
    note: str = ""
    hours: Decimal | None = None

    @property
    def is_known(self) -> bool:
        """Whether there is a figure to show and to reserve."""
        return self.usd is not None or self.usd_per_hour is not None

    @property
    def is_free(self) -> bool:
        """Whether the act is known to cost nothing."""
        return self.usd == 0 and not self.usd_per_hour


FREE = Cost(usd=Decimal(0), source="free")


@dataclass(frozen=True, slots=True)
class Spent:
    """What an act cost in USD: the cloud's own figure, or our estimate from usage and price."""

    usd: Decimal
    estimate: bool = False
