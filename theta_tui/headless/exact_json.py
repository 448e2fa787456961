"""JSON as the headless faces print it: ASCII only, and amounts as numbers with exactly the digits they have."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from decimal import Decimal

STEP = 2
"""Spaces of one level."""
_LONGEST_PLAIN = 30
"""Digits up to which an amount is written without an exponent."""


def dumps(value: object, *, indented: bool = False, level: int = 0) -> str:
    """Write a JSON-like value; what is no number (NaN) becomes null, other objects their text."""
    if isinstance(value, Mapping):
        pairs = [f"{json.dumps(str(key))}: {dumps(item, indented=indented, level=level + 1)}"
                 for key, item in value.items()]  # fmt: skip
        return _joined(pairs, "{}", indented, level)
    if isinstance(value, (list, tuple)):
        return _joined([dumps(item, indented=indented, level=level + 1) for item in value], "[]", indented, level)
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "null"
    if value is None or isinstance(value, (bool, int, float, str)):
        return json.dumps(value)
    return json.dumps(str(value))


def number(amount: Decimal) -> str:
    """Write an amount as it is, without binary noise; `null` if it is not finite."""
    if not amount.is_finite():
        return "null"
    digits = amount.as_tuple()
    long = abs(amount.adjusted()) > _LONGEST_PLAIN or len(digits.digits) > _LONGEST_PLAIN
    return str(amount) if long else format(amount, "f")


def _joined(parts: list[str], brackets: str, indented: bool, level: int) -> str:
    if not parts or not indented:
        return brackets[0] + ", ".join(parts) + brackets[1]
    inner = "\n" + " " * STEP * (level + 1)
    return brackets[0] + inner + f",{inner}".join(parts) + "\n" + " " * STEP * level + brackets[1]
