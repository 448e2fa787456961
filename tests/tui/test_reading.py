from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from theta_tui.tui.json_lines import json_lines
from theta_tui.tui.reading import wrapped


@given(st.text(st.characters(exclude_categories=("C",)), min_size=1, max_size=300), st.integers(12, 80))
def test_wrapping_loses_no_letter_and_fits(text: str, width: int) -> None:
    pieces = wrapped(Content(text), width)
    assert all(piece.cell_length <= width for piece in pieces)
    assert "".join("".join(piece.plain for piece in pieces).split()) == "".join(text.split())


def test_a_long_line_is_wrapped_once_and_not_again_for_each_piece() -> None:
    begun = time.process_time()
    pieces = wrapped(Content("\\n" * 100_000), 88)
    assert time.process_time() - begun < 2, "a quadratic wrap takes half a minute"
    assert sum(len(piece.plain.strip()) for piece in pieces) == 200_000


def test_a_long_address_breaks_before_its_query() -> None:
    line = Content("DELETE https://controller.example/deployment/1/9f3c1a7be0d2?project_id=prj_a1b2")
    assert [piece.plain.strip() for piece in wrapped(line, 60)][1] == "?project_id=prj_a1b2"


def test_what_follows_a_wrapped_line_stands_further_in() -> None:
    second = wrapped(Content("    " + "word " * 30), 40)[1].plain
    assert second.startswith("      word")


def test_json_keys_and_values_are_coloured_apart() -> None:
    line = next(line for line in json_lines({"a": "b: 5, true"}) if "a" in line.plain)
    assert len(line.spans) == 2
