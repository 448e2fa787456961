"""Hostile text is inert, bounded and stable after safe_text; friendly text stays as it was."""

from __future__ import annotations

import json
import sqlite3
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theta_tui.safe_text import BLOCK_LINES, HOSTILE, MARKS_PER_BASE, for_block, for_line, for_terminal, has_breaks

SEQUENCES = [
    "\x1b[2J\x1b[H", "\x1b7\x1b[5;1HFREE\x1b8", "\x1b[8m", "\x1b]0;title\x07", "\x1b]2;title\x1b\\",
    "\x1b]8;;http://evil.example\x1b\\safe.example\x1b]8;;\x1b\\", "\x1b]52;c;ZXZpbA==\x07", "\x1b]52;c;?\x1b\\",
    "\x1b]1337;File=inline=1:AAAA\x07", "\x1bPq#0;2;0;0;0\x1b\\", "\x1bPtmux;\x1b\x1b]0;x\x07", "\x1b_Ga=T;AAAA\x1b\\",
    "\x1b^pm\x1b\\", "\x1bXsos\x1b\\", "\x1b[6n", "\x1b[21t", "\x1bP$q\x22p\x1b\\", "\x1bc", "\x0e", "\x1b", "\x9b31m",
    "\x9d0;t\x9c", "\x90q\x9c", "\r\n", "\r", "\b\b\b", "\x00", "\x7f", "\t", "\x0b", "\x0c", "\x85", "\u2028",
    "\u2029", "\u202e", "\u2066", "\u200f", "\u061c", "\u200b", "\u200d", "\ufeff", "\ufe0f", "\U000e0041",
    "\U000e0100", "\u00ad", "\u3164",
    "\ud800", "\udfff", "\ufffe", "\U0010ffff", "e" + "\u0301" * 9, "👍🏽", "👩\u200d👩\u200d👧", "❤\ufe0f",
    "[@click=app.quit]x[/]", "[/", "[link=http://evil.example]x[/link]", "[0]", "[type=x, v={'a[0]'}]",
]  # fmt: skip
HOSTILE_TEXT = st.lists(st.one_of(st.sampled_from(SEQUENCES), st.text(max_size=8)), max_size=12).map("".join)


def marks_in_a_row(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character)[0] == "M" else 0
        longest = max(longest, run)
    return longest


def forbidden(text: str) -> list[str]:
    return [c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} or HOSTILE.match(c)]


@given(HOSTILE_TEXT)
def test_one_line_holds_no_forbidden_character_and_is_bounded(text: str) -> None:
    line = for_line(text, 40)
    assert forbidden(line) == []
    assert len(line) <= 40
    assert marks_in_a_row(line) <= MARKS_PER_BASE


@given(HOSTILE_TEXT)
def test_a_block_holds_no_forbidden_character_but_newlines_and_is_bounded(text: str) -> None:
    for block in (for_block(text, 60), for_block(text), for_terminal(text)):
        assert forbidden(block.replace("\n", "")) == []
        assert marks_in_a_row(block) <= MARKS_PER_BASE
    assert len(for_block(text, 60)) <= 60


@given(HOSTILE_TEXT, st.integers(1, 60))
def test_making_inert_twice_changes_nothing(text: str, limit: int) -> None:
    assert for_line(for_line(text, limit), limit) == for_line(text, limit)
    assert for_block(for_block(text, limit), limit) == for_block(text, limit)
    assert for_terminal(for_terminal(text)) == for_terminal(text)


@given(HOSTILE_TEXT)
@settings(max_examples=50)
def test_sqlite_utf8_and_json_take_every_output(text: str) -> None:
    database = sqlite3.connect(":memory:")
    for inert in (for_line(text), for_block(text), for_terminal(text)):
        assert database.execute("select ?", (inert,)).fetchone() == (inert,)
        assert json.loads(json.dumps(inert, ensure_ascii=False).encode()) == inert
    database.close()


def test_every_format_and_control_character_of_unicode_counts_as_hostile() -> None:
    kinds = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    missed = [hex(n) for n in range(0x110000) if unicodedata.category(chr(n)) in kinds and not HOSTILE.match(chr(n))]
    assert missed == []


def test_no_letter_digit_or_symbol_counts_as_hostile() -> None:
    fillers = {0x115F, 0x1160, 0x3164, 0xFFA0}  # letters by category, blank on the screen
    hit = [n for n in range(0x110000) if unicodedata.category(chr(n))[0] in "LNPS" and HOSTILE.match(chr(n))]
    assert set(hit) == fillers


@pytest.mark.parametrize(
    "text",
    ["deploy-1", "日本語 привет", "naïve café", "$0.35/h · ≥ 2", "👍🏽 ok 🚀", "[/etc/passwd]", "a\u0301", "", "ไม่ใช่"],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert for_line(text) == for_block(text) == for_terminal(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nb\nc\rd", "a↵b↵c↵d"),
        ("a\tb", "a b"),
        ("a\u2028b\x85c", "a↵b↵c"),
        ("\x1b[2J\x00\x7f", "␛[2J␀␡"),
        ("\x9b2J", "�2J"),
        ("pay\u202eload", "pay�load"),
        ("1️⃣ ❤️ 👩‍👩‍👧", "1⃣ ❤ 👩👩👧"),
        ("1\ufe0f", "1�"),
        ("❤\ufe0f\ufe0f", "❤�"),
        (None, ""),
        (12, "12"),
    ],
)
def test_what_is_replaced_in_a_line_stays_visible(text: object, shown: str) -> None:
    assert for_line(text) == shown


def test_a_block_keeps_its_lines_and_expands_tabs() -> None:
    assert for_block("a\tb\r\nc\rd\x0be\u2029f\x1b") == "a   b\nc\nd\ne\nf␛"


def test_a_cut_is_visible_and_says_how_long_the_value_was() -> None:
    assert for_line("x" * 3_000)[-2:] == "x…"
    assert for_block("x" * 300_000).endswith("x… [cut: 300,000 characters in all]")
    assert for_terminal("x" * 300_000) == "x" * 300_000


def test_a_block_has_a_bounded_number_of_lines() -> None:
    block = for_block("\n" * 3_000_000)
    assert block.count("\n") < BLOCK_LINES
    assert "3,000,000" in block


def test_stacked_marks_are_capped_and_the_cap_shows() -> None:
    assert for_line("a" + "\u0301" * 200 + "b") == "a" + "\u0301" * MARKS_PER_BASE + "�b"
    assert for_line("한" + "\u1161" * 50) == "한" + "\u1161" * MARKS_PER_BASE + "�"


@pytest.mark.parametrize("piece", ["x", "\t", "\n", "\u0301", "\x1b", "日", "\U000e0041"])
def test_the_rest_of_a_huge_value_costs_nothing(piece: str) -> None:
    assert len(for_line(piece * 5_000_000)) <= 2_000


def test_every_kind_of_break_makes_several_lines() -> None:
    assert all(has_breaks(f"a{sign}b") and for_block(f"a{sign}b") == "a\nb" for sign in "\n\r\x0b\x0c\x85\u2028\u2029")
    assert for_block("a\r\nb") == "a\nb"
    assert not has_breaks("a b")
