"""Splitting a growing Markdown text into finished blocks and an open one."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from theta_tui.tui.widgets.markdown_blocks import CODE_LINES, DEPTH, PARAGRAPH_CHARACTERS, TABLE_LINES, MarkdownBlocks
from theta_tui.tui.widgets.markdown_flow import LINE_CHARACTERS, LINES_AT_ONCE, SHOWN_CHARACTERS, MarkdownFlow
from theta_tui.tui.widgets.markdown_grammar import Block, Item, Quote

TOUR = """\
# Title #
one
two

- a
  - b

    more of b
1. x
   ```py title="a"
   print(1)

     y
   ```
2. z

> quoted
> - listed
lazy

| a | b |
|---|:-:|
| 1 | 2 |
after

Setext
======
***
~~~
not closed
"""


def parsed(text: str) -> list[Block]:
    markdown = MarkdownBlocks()
    for line in text.split("\n"):
        markdown.line(line)
    markdown.finish()
    return markdown.blocks


def shape(blocks: list[Block]) -> list[tuple[Any, ...]]:
    names = ("kind", "lines", "around", "fresh", "gap", "level", "language", "number", "continued", "closed")
    return [tuple(getattr(block, name) for name in names) for block in blocks]


def flowed(text: str, cuts: list[int]) -> list[Block]:
    flow = MarkdownFlow()
    edges = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    for begin, end in pairwise(edges):
        flow.feed(text[begin:end])
        flow.advance()
    flow.finish()
    return flow.markdown.blocks


def test_every_kind_of_block_is_told_apart() -> None:
    kinds = [(block.kind, block.lines) for block in parsed(TOUR)]
    assert kinds == [
        ("heading", ["Title"]),
        ("paragraph", ["one", "two"]),
        ("paragraph", ["a"]),
        ("paragraph", ["b"]),
        ("paragraph", ["more of b"]),
        ("paragraph", ["x"]),
        ("code", ["print(1)", "", "  y"]),
        ("paragraph", ["z"]),
        ("paragraph", ["quoted"]),
        ("paragraph", ["listed", "lazy"]),
        ("table", ["| a | b |", "|---|:-:|", "| 1 | 2 |"]),
        ("paragraph", ["after"]),
        ("heading", ["Setext"]),
        ("rule", [""]),
        ("code", ["not closed", ""]),
    ]


def test_lists_and_quotes_around_a_block_are_known() -> None:
    blocks = {block.lines[0]: block for block in parsed(TOUR)}
    assert [type(each) for each in blocks["more of b"].around] == [Item, Item]
    assert [type(each) for each in blocks["listed"].around] == [Quote, Item]
    assert (blocks["b"].fresh, blocks["more of b"].fresh, blocks["listed"].fresh) == (1, 0, 1)
    assert blocks["print(1)"].language == "py"
    assert [block.number for block in parsed(TOUR) if block.kind == "code"] == [1, 2]


def test_a_number_that_begins_a_line_of_a_sentence_makes_no_list() -> None:
    assert [block.lines for block in parsed("born in\n1986. He")] == [["born in", "1986. He"]]


def test_a_finished_block_never_changes_again() -> None:
    markdown = MarkdownBlocks()
    seen: dict[int, int] = {}
    for line in TOUR.split("\n") * 3:
        for length in range(len(line)):
            markdown.partial(line[:length])
        markdown.line(line)
        for index, block in enumerate(markdown.blocks):
            if index in seen:
                assert block.version == seen[index]
            if block.closed:
                seen[index] = block.version
    assert all(block.closed for block in markdown.blocks[:-1])


def test_what_arrives_of_a_line_is_shown_without_deciding_anything() -> None:
    markdown = MarkdownBlocks()
    markdown.line("text")
    markdown.partial("mo")
    assert markdown.blocks[0].shown == ["text", "mo"]
    markdown.partial("- it")
    assert markdown.blocks[0].shown == ["text"]
    assert markdown.ahead is not None
    assert markdown.ahead.lines == ["it"]
    markdown.line("more")
    assert [block.lines for block in markdown.blocks] == [["text", "more"]]


@pytest.mark.parametrize("mark", ["```", "```py", "|--", "##", "-", "1.", "> ", "==", "**"])
def test_a_mark_alone_is_not_shown_before_its_meaning_is_known(mark: str) -> None:
    markdown = MarkdownBlocks()
    markdown.line("text")
    markdown.partial(mark)
    assert markdown.ahead is None
    assert markdown.blocks[0].shown == ["text"]


def test_the_open_block_stays_small_whatever_is_sent() -> None:
    for text in (
        "word " * 20_000,
        "word word\n" * 5_000,
        "```\n" + "x\n" * 5_000,
        "|a|b|\n|-|-|\n" + "|c|d|\n" * 2_000,
    ):
        for block in flowed(text, []):
            assert block.characters <= PARAGRAPH_CHARACTERS + LINE_CHARACTERS + 1
            assert len(block.lines) <= max(CODE_LINES, TABLE_LINES, PARAGRAPH_CHARACTERS // 2)


def test_a_long_code_block_keeps_its_number_and_its_source() -> None:
    source = "\n".join(f"line {n}" for n in range(1_000))
    flow = MarkdownFlow()
    flow.feed(f"```py\n{source}\n```\nand\n```\nother\n```")
    flow.finish()
    assert flow.code_blocks() == [source, "other"]
    assert sum(block.kind == "code" and not block.continued for block in flow.markdown.blocks) == 2


def test_ten_thousand_nested_lists_are_text_below_a_depth() -> None:
    (block,) = parsed("- " * 10_000 + "x")
    assert len(block.around) == DEPTH
    (quoted,) = parsed(">" * 10_000 + "x")
    assert len(quoted.around) == DEPTH


def test_beyond_the_cap_text_is_kept_and_a_note_is_shown() -> None:
    flow = MarkdownFlow()
    text = "some words\n\n" * (SHOWN_CHARACTERS // 12 + 10)
    flow.feed(text)
    flow.advance(len(text))
    shown = sum(len(line) for block in flow.markdown.blocks for line in block.lines)
    count = len(flow.pieces)
    flow.feed("more\n\n" * 100)
    flow.advance()
    assert len(flow.pieces) == count
    assert shown <= SHOWN_CHARACTERS
    assert flow.text == text + "more\n\n" * 100


@settings(deadline=None)
@given(st.lists(st.integers(0, 2_000), max_size=40))
@example(list(range(2_000)))
def test_any_chunking_gives_the_same_blocks(cuts: list[int]) -> None:
    text = TOUR + "long " * 700 + "\r\nnext\r\n\r\n\x1b[2J\u2028- \u202etail"
    assert shape(flowed(text, cuts)) == shape(flowed(text, []))


@settings(max_examples=300)
@given(
    st.text(alphabet="ab1 \n\n\t\r#>-+*_`~|:=.)[]&;\\\u2028", max_size=120),
    st.lists(st.integers(0, 120), max_size=12),
)
def test_any_chunking_of_any_marks_gives_the_same_blocks(text: str, cuts: list[int]) -> None:
    assert shape(flowed(text, cuts)) == shape(flowed(text, []))


@given(st.integers(LINE_CHARACTERS - 3, LINE_CHARACTERS + 3), st.sampled_from(["\n", "\r\n", " y\n", "- z\r\n"]))
def test_the_cut_of_a_long_line_does_not_depend_on_chunks(length: int, end: str) -> None:
    text = "x" * length + end + "- after"
    assert shape(flowed(text, list(range(length - 4, length + 8)))) == shape(flowed(text, []))


def test_one_step_takes_a_bounded_number_of_lines_and_loses_none() -> None:
    flow = MarkdownFlow()
    flow.feed("- a\n" * (3 * LINES_AT_ONCE))
    flow.advance()
    assert flow.behind
    assert len(flow.pieces) == LINES_AT_ONCE
    flow.finish()
    assert not flow.behind
    assert len(flow.pieces) == 3 * LINES_AT_ONCE


def test_a_table_with_too_many_columns_is_text() -> None:
    assert {block.kind for block in parsed("|" + "a|" * 51 + "\n|" + "-|" * 51 + "\n")} == {"paragraph"}
