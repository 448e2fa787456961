"""Runs of styled text: Markdown's inline marks become runs, and runs become lines of a given width.

Links lead nowhere: their address is written behind them. What an entity or an escape decodes to is made inert again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from rich.style import Style

from theta_tui.safe_text import for_block
from theta_tui.tui.widgets.transcript_look import Look

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

Run = tuple[str, Style]
"""Text without line breaks, or exactly one line break, and its style."""

_MARKED = re.compile(r"[*_`\[\]!<&\\~]")
_WORD = re.compile(r"\S+")
_BOLD = Style(bold=True)
_ITALIC = Style(italic=True)
_STRUCK = Style(strike=True)
_FACES = {"strong": _BOLD, "em": _ITALIC, "s": _STRUCK}


def inline(text: str, base: Style, look: Look) -> list[Run]:
    """The runs of a paragraph, heading or table cell. Line breaks of the source are kept."""
    if not _MARKED.search(text):
        return _broken(text, base)
    return _styled(_parser().parseInline(text)[0].children or [], base, look)


def healed(text: str) -> str:
    """Text that is still arriving, with the marks closed that have been opened, so that words do not flicker."""
    if text.count("`") % 2:
        return text[:-1] if text[-1] == "`" else text + "`"
    bare = text.rstrip("*").rstrip()
    return bare + "**" if bare.count("**") % 2 else text


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("strikethrough")


def _broken(text: str, style: Style) -> list[Run]:
    runs: list[Run] = []
    for number, line in enumerate(text.split("\n")):
        if number:
            runs.append(("\n", style))
        if line:
            runs.append((line, style))
    return runs


def _styled(tokens: Sequence[Token], base: Style, look: Look) -> list[Run]:
    runs: list[Run] = []
    styles = [base]
    address, words = "", ""
    for token in tokens:
        kind = token.type
        if kind in ("softbreak", "hardbreak"):
            runs.append(("\n", base))
        elif kind == "link_open":
            address, words = str(token.attrs.get("href", "")), ""
            styles.append(styles[-1] + Style(underline=look.link.underline, bold=look.link.bold))
        elif kind == "link_close":
            styles.pop()
            if address not in (words, f"mailto:{words}"):
                runs.append((_inert(f" ({address})"), base + Style(color=look.muted.color)))
        elif token.nesting == 1:
            styles.append(styles[-1] + _FACES.get(kind.removesuffix("_open"), Style.null()))
        elif token.nesting == -1:
            styles.pop()
        else:
            text = _spoken(token)
            words += text
            runs.append((_inert(text), styles[-1] + _code(look, base) if kind == "code_inline" else styles[-1]))
    return [run for run in runs if run[0]]


def _code(look: Look, base: Style) -> Style:
    """Inline code keeps the tint it stands on if that is not the page's."""
    return look.literal if base.bgcolor == look.text.bgcolor else Style(color=look.literal.color)


def _spoken(token: Token) -> str:
    if token.type == "image":
        return f"[image: {token.content or 'no description'}] ({token.attrs.get('src', '')})"
    return token.content


def _inert(text: str) -> str:
    return for_block(text, None).replace("\n", "\N{REPLACEMENT CHARACTER}")


def wrap(runs: Iterable[Run], width: int) -> list[list[Run]]:
    """Lines of at most `width` columns, broken between words where there is a space; at least one line."""
    lines: list[list[Run]] = []
    paragraph: list[Run] = []
    for run in runs:
        if run[0] == "\n":
            lines.extend(_wrap_line(paragraph, width))
            paragraph = []
        else:
            paragraph.append(run)
    lines.extend(_wrap_line(paragraph, width))
    return lines


def fold(runs: Sequence[Run], width: int) -> list[list[Run]]:
    """Lines of exactly at most `width` columns, broken anywhere: for code, where every space counts."""
    if sum(cell_len(text) for text, _ in runs) <= width:
        return [list(runs)]
    pieces: list[str] = chop_cells("".join(text for text, _ in runs), width)
    return _cut(runs, [(sum(map(len, pieces[:n])), sum(map(len, pieces[: n + 1]))) for n in range(len(pieces))])


def segments(runs: Iterable[Run]) -> list[Segment]:
    """Rich's form of a line."""
    return [Segment(text, style) for text, style in runs]


def columns(runs: Iterable[Run]) -> int:
    """Columns a line of runs takes."""
    return sum(cell_len(text) for text, _ in runs)


def _wrap_line(runs: list[Run], width: int) -> list[list[Run]]:
    plain = "".join(text for text, _ in runs)
    if cell_len(plain) <= width:
        return [runs]
    return _cut(runs, _breaks(plain, width))


def _breaks(plain: str, width: int) -> list[tuple[int, int]]:
    """Where lines begin and end; the spaces at a break belong to neither line."""
    spans: list[tuple[int, int]] = []
    begin, end, used = 0, 0, 0
    for found in _WORD.finditer(plain):
        size = cell_len(plain[end : found.end()])
        if used + size <= width:
            end, used = found.end(), used + size
            continue
        if end > begin:
            spans.append((begin, end))
        begin = found.start()
        *whole, last = chop_cells(found[0], width) or [""]
        for piece in whole:
            spans.append((begin, begin + len(piece)))
            begin += len(piece)
        end, used = found.end(), cell_len(last)
    if end > begin or not spans:
        spans.append((begin, end))
    return spans


def _cut(runs: Sequence[Run], spans: list[tuple[int, int]]) -> list[list[Run]]:
    lines: list[list[Run]] = []
    index, offset = 0, 0
    for begin, end in spans:
        line: list[Run] = []
        while index < len(runs) and offset + len(runs[index][0]) <= begin:
            offset += len(runs[index][0])
            index += 1
        at, here = index, offset
        while at < len(runs) and here < end:
            text, style = runs[at]
            line.append((text[max(begin - here, 0) : end - here], style))
            here += len(text)
            at += 1
        lines.append(line)
    return lines
