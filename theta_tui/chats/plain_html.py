"""Markdown with no HTML in it: what a model wrote as a tag is read as text by whatever shows the file.

Code keeps its letters where it certainly is code for every reader of Markdown: in fences that begin at the margin, and
between backticks of a paragraph in which each line closes its own, escapes none, and is no row of a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final

_FENCE: Final = re.compile(r"(`{3,})[^`]*$|(~{3,})")
_TICKS: Final = re.compile(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)")


def without_html(text: str) -> str:
    """Give Markdown in which `<` begins no tag."""
    return "\n".join(line for block in _blocks(text.split("\n")) for line in block)


def _blocks(lines: list[str]) -> Iterator[list[str]]:
    """Give fences as they are, and the paragraphs between them without tags."""
    plain: list[str] = []
    fence, code = "", list[str]()
    for line in lines:
        if fence:
            code.append(line)
            if re.fullmatch(rf" {{0,3}}{re.escape(fence[0])}{{{len(fence)},}}[ \t]*", line):
                yield code
                fence, code = "", []
        elif found := _FENCE.match(line):
            yield from _paragraphs(plain)
            plain, fence, code = [], found[1] or found[2], [line]
        else:
            plain.append(line)
    yield from _paragraphs(plain)
    if code:
        yield code


def _paragraphs(lines: list[str]) -> Iterator[list[str]]:
    for _, group in groupby(lines, key=lambda line: bool(line.strip())):
        paragraph = list(group)
        is_closed = all("`" not in _TICKS.sub("", line) and not set(line) & set("\\|") for line in paragraph)
        yield [_inert(line, has_code=is_closed) for line in paragraph]


def _inert(line: str, *, has_code: bool) -> str:
    if not has_code:
        return line.replace("<", "&lt;")
    kept, at = [], 0
    for code in _TICKS.finditer(line):
        kept += [line[at : code.start()].replace("<", "&lt;"), code[0]]
        at = code.end()
    return "".join([*kept, line[at:].replace("<", "&lt;")])
