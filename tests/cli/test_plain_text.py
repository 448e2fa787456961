from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from theta_tui import safe_text
from theta_tui.headless import plain_text

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def test_fields_lists_and_nothing_have_their_forms() -> None:
    value = {"usd": Decimal("0.50"), "ok": True, "names": ["a", "b"], "none": None, "empty": {}, "inner": {"x": 1}}
    assert plain_text.readable(value).split("\n") == [
        "usd: 0.50",
        "ok: yes",
        "names: a, b",
        "none: -",
        "empty: -",
        "inner:",
        "  x: 1",
    ]


def test_a_text_of_several_lines_becomes_an_indented_block() -> None:
    assert plain_text.readable({"text": "one\ntwo", "n": 1}) == "text:\n  one\n  two\nn: 1"


def test_a_table_has_a_row_for_each_record_and_leaves_empty_columns_out() -> None:
    rows = [{"id": "a", "gone": None, "n": 1}, {"id": "bcd", "gone": "", "n": 20}]
    assert plain_text.readable(rows).split("\n") == ["id   n", "a    1", "bcd  20"]


def test_a_table_fits_the_width_and_says_what_is_left_out() -> None:
    rows = [{f"column_{number}": "x" * 30 for number in range(6)}]
    lines = plain_text.readable(rows, 80).split("\n")
    assert max(map(len, lines[:-1])) <= 80
    assert lines[-1] == "(3 more columns with --output json)"


def test_wide_characters_keep_columns_straight() -> None:
    lines = plain_text.readable([{"a": "日本", "b": 1}, {"a": "x", "b": 2}]).split("\n")
    assert lines == ["a     b", "日本  1", "x     2"]


@given(VALUES, st.integers(10, 200))
def test_no_value_can_move_the_cursor(value: object, width: int) -> None:
    text = plain_text.readable(value, width)
    assert not safe_text.HOSTILE.search(text.replace("\n", ""))


def test_a_record_that_could_not_be_read_has_its_own_line_and_costs_the_others_no_column() -> None:
    rows = [{"unreadable": "null where an object belongs"}, {"id": "a", "n": 1}, {}, {"id": "b", "n": 2}]
    assert plain_text.readable(rows).split("\n") == [
        "id  n", "unreadable: null where an object belongs", "a   1", "-   -", "b   2",
    ]  # fmt: skip
    assert plain_text.readable(rows[:1]).split("\n") == ["unreadable", "null where an object belongs"]
