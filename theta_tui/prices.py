"""The dated price table: the last place to look when neither the live catalogue nor the journal knows a price."""

from __future__ import annotations

import dataclasses
import tomllib
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from theta_tui.change import Cost

_CENTS_PER_MILLION = Decimal(100_000_000)


@cache
def table() -> dict[str, Any]:
    """Read the table that is shipped with the program."""
    text = resources.files("theta_tui").joinpath("prices.toml").read_text("utf-8")
    return tomllib.loads(text, parse_float=Decimal)


def complete(cost: Cost) -> Cost:
    """Fill an unknown cost from the table, marked as an estimate; what the table does not know stays unknown."""
    if cost.is_known or not cost.item:
        return cost
    kind, _, name = cost.item.partition("/")
    source = f"estimate of {table()['dated']}"
    if kind == "vm":
        hours = [table()["hours"].get(vm) for vm in name.split("+")]
        if None in hours:
            return cost
        return dataclasses.replace(cost, usd_per_hour=max(map(Decimal, hours)) * cost.units, source=source)
    usd = _call(name, cost)
    return cost if usd is None else dataclasses.replace(cost, usd=usd, source=source)


def _call(service: str, cost: Cost) -> Decimal | None:
    price = table()["tokens"].get(service)
    if price is not None and cost.tokens is not None:
        tokens_in, tokens_out = cost.tokens
        return (Decimal(price["input"]) * tokens_in + Decimal(price["output"]) * tokens_out) / _CENTS_PER_MILLION
    call = table()["calls"].get(service)
    return None if call is None else Decimal(call) * cost.units
