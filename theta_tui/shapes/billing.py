"""Money (wire 1.6, 7.2): the balance, in cents as the cloud counts and in USD."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, Self

from pydantic import Field

from theta_tui.shapes.base import Number, Params, Shape, Text, parts

_AMOUNTS = ("balance", "balances", "amount", "available", "credit", "credits", "remaining", "total")


class Balance(Shape):
    """An organisation's balance. The cloud counts US cents (observed); `usd` is converted."""

    spellings: ClassVar[dict[str, str]] = {"orgid": "org_id"}

    org_id: Text = ""
    balance: Number = None
    unit: str = "cents (observed)"

    @classmethod
    def of(cls, value: object, org_id: str) -> Self:
        """Read PF-2: the entry of this organisation, else the first number under a plausible name (wire 7.2)."""
        listed = value.get("balances") if isinstance(value, Mapping) else value
        found = [item for item in parts(listed) if isinstance(item, Mapping)]
        mine = next((item for item in found if item.get("org_id") == org_id), found[0] if found else None)
        if mine is not None:
            return cls.read({"org_id": org_id, **mine})
        return cls.read({"org_id": org_id, "balance": _first_amount(value)})

    @property
    def usd(self) -> Decimal | None:
        """The balance in USD; None when unknown."""
        return self.balance / 100 if self.balance is not None else None

    def as_json(self) -> Any:
        """Give raw cents and converted USD side by side, never only one of them."""
        return {"org_id": self.org_id, "balance": self.balance, "unit": self.unit, "usd": self.usd}


class BalanceSnapshot(Balance):
    """A balance with the time it was read, for differences."""

    at: str = ""

    def as_json(self) -> Any:
        """Give the balance with its time."""
        return {**super().as_json(), "at": self.at}


class OrgParams(Params):
    """An organisation, the configured one (or the project's) by default."""

    org_id: str | None = Field(None, description="Organisation id.", examples=["org_z9y8x7w6v5u4t3s2r1q0p9o8n7m6"])


def _first_amount(value: object) -> object:
    if not isinstance(value, Mapping):
        return value if isinstance(value, (int, Decimal)) else None
    for name in _AMOUNTS:
        if isinstance(value.get(name), (int, Decimal, str)):
            return value[name]
    return None
