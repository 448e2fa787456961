from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theta_tui.headless import exact_json

AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-(10**9), max_value=10**9)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_what_is_written_reads_back_as_it_was_and_is_ascii(value: object, indented: bool) -> None:
    written = exact_json.dumps(value, indented=indented)
    assert written.isascii()
    assert json.loads(written) == value


@given(VALUES)
def test_it_writes_what_the_standard_library_writes(value: object) -> None:
    assert exact_json.dumps(value) == json.dumps(value)
    assert exact_json.dumps(value, indented=True) == json.dumps(value, indent=2)


@given(AMOUNTS)
def test_amounts_keep_every_digit(amount: Decimal) -> None:
    assert json.loads(exact_json.dumps([amount]), parse_float=Decimal, parse_int=Decimal) == [amount]


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (Decimal("0.10"), "0.10"),
        (Decimal("1E-7"), "0.0000001"),
        (Decimal("1E+3"), "1000"),
        (Decimal("NaN"), "null"),
        (Decimal("1E+999999999"), "1E+999999999"),
        (float("inf"), "null"),
    ],
)
def test_odd_amounts_are_still_json(amount: object, written: str) -> None:
    assert exact_json.dumps(amount) == written
