"""The colours of code: a language that a model names, and code that it writes, cannot hold the console up."""

from __future__ import annotations

import time
from itertools import product

import pytest
from rich.style import Style

from theta_tui.safe_text import BLOCK_LIMIT
from theta_tui.tui.json_lines import json_lines
from theta_tui.tui.widgets.code_lines import _LONG, COLOURED, coloured
from theta_tui.tui.widgets.markdown_blocks import CODE_CHARACTERS

UNITS = ("a", "a ", " ", "(", "{", "<", "/", "\\", "'", '"', "/*", "#{", "${", "=", "0x", "<a", "*", "`", "def ", "a.b")
SLOW_SECONDS = 1.0
"""What a block may take at most, in CPU time: several times of what the slowest takes here."""


class Look:
    """Every ink is the same."""

    def __getattr__(self, name: str) -> Style:
        return Style()


def seconds(language: str, unit: str) -> float:
    """CPU time for a block of nothing but one unit, as large as blocks become, in lines as long as are coloured."""
    line = (unit * _LONG)[:_LONG]
    began = time.process_time()
    coloured(language, [line] * (CODE_CHARACTERS // _LONG + 1), Look())  # type: ignore[arg-type]
    return time.process_time() - began


@pytest.mark.parametrize("language", ["bash", "cpp", "java", "javascript", "julia", "make", "python", "scala", "sed"])
def test_no_code_is_coloured_slowly(language: str) -> None:
    assert max(seconds(language, unit) for unit in UNITS) < SLOW_SECONDS


@pytest.mark.full
@pytest.mark.parametrize("language", sorted(COLOURED))
def test_no_code_of_two_kinds_is_coloured_slowly(language: str) -> None:
    assert max(seconds(language, one + other) for one, other in product(UNITS, UNITS)) < SLOW_SECONDS


@pytest.mark.parametrize(("language", "unit"), [("abap", "#{"), ("autoit", " "), ("autoit", "\t")])
def test_a_language_with_a_slow_lexer_is_shown_as_text(language: str, unit: str) -> None:
    # With colours these take minutes.
    runs, _ = coloured(language, [unit * 200], Look())  # type: ignore[arg-type]
    assert runs == [[(unit * 200, Style())]]


def test_code_in_markdown_in_code_is_not_looked_into() -> None:
    source = ["~~~autoit", " " * 399, "~~~", "```autoit", " " * 399, "```"]
    assert coloured("markdown", source, Look())[0]  # type: ignore[arg-type]


def test_known_languages_have_colours_by_all_their_names() -> None:
    class Inks:
        def __getattr__(self, name: str) -> Style:
            return Style(bold=name == "keyword")

    for language in ("py", "python3", "js", "ts", "sh", "c++", "c#", "rs", "golang", "yml", "dockerfile", "makefile"):
        runs, _ = coloured(language, ["return if class func"], Inks())  # type: ignore[arg-type]
        assert runs[0], language
    runs, _ = coloured("py", ["return 1"], Inks())  # type: ignore[arg-type]
    assert ("return", Style(bold=True)) in runs[0]


@pytest.mark.parametrize("text", ['"a', '\\"', '"', "\\", 'a:"', "1-e."])
def test_json_that_is_cut_off_in_a_string_is_coloured_in_linear_time(text: str) -> None:
    # Quadratic work on this many quotes would not end within the limit of any test run.
    lines = json_lines({"name": text * 200_000})
    assert "[cut: " in lines[-1].plain
    assert lines[-1].spans[-1].end > BLOCK_LIMIT // 2
