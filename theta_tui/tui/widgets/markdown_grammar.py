"""The words of block Markdown: what a line can begin, and the blocks and containers it can be part of."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Literal

Kind = Literal["paragraph", "heading", "code", "table", "rule"]

TABLE_COLUMNS: Final = 50
"""Rows with more cells are shown as text."""
QUOTE = re.compile(r" {0,3}> ?")
MARKER = re.compile(r"( {0,3})([-+*]|\d{1,9}[.)])( {1,4}(?=\S)| +|$)")
RULE = re.compile(r" {0,3}([-*_])(?: *\1){2,} *$")
HEADING = re.compile(r" {0,3}(#{1,6})(?: (.*))?$")
FENCE = re.compile(r"( {0,3})(`{3,}(?=[^`]*$)|~{3,})(.*)$")
UNDERLINE = re.compile(r" {0,3}(=+|-{2,}) *$")
PIPE = re.compile(r"(?<!\\)\|")
_RULER = re.compile(r":?-+:?")
_MARK_ONLY = re.compile(r"(?:[|:\-\s]*|`+|~+|#{1,6}|=+|[*_+]{1,3}|\d{1,9}[.)]?)$")


@dataclass(frozen=True)
class Quote:
    """Inside a block quote."""


@dataclass(frozen=True)
class Item:
    """Inside a list item; `indent` is the column of its text, `base` that of its marker."""

    marker: str
    base: int
    indent: int


Container = Quote | Item


@dataclass(eq=False)
class Block:
    """One leaf: a paragraph, heading, code block, table or rule, with the lists and quotes around it.

    `version` counts changes; it stands still once the block is `closed`.
    """

    kind: Kind
    lines: list[str]
    around: tuple[Container, ...] = ()
    fresh: int = 0
    """How many of the innermost containers begin here: their markers are drawn with this block."""
    gap: bool = False
    """An empty line belongs above it."""
    level: int = 0
    language: str = ""
    number: int = 0
    continued: bool = False
    """It goes on where the block before was cut for its size."""
    tail: str | None = None
    """What there is of the next line."""
    closed: bool = False
    version: int = 0
    characters: int = field(default=0, repr=False)

    def add(self, line: str) -> None:
        """Append a whole line."""
        self.lines.append(line)
        self.characters += len(line) + 1
        self.tail = None
        self.version += 1

    def peek(self, tail: str | None) -> None:
        """Show what has arrived of the next line."""
        if tail != self.tail:
            self.tail = tail
            self.version += 1

    def close(self) -> None:
        """Nothing is added any more."""
        if not self.closed:
            self.tail = None
            self.closed = True
            self.version += 1

    @property
    def shown(self) -> list[str]:
        """The lines so far, with the unfinished one."""
        return self.lines if self.tail is None else [*self.lines, self.tail]


def leading(text: str) -> int:
    """Spaces a line begins with."""
    return len(text) - len(text.lstrip(" "))


def undecided(text: str) -> bool:
    """Whether only a mark has arrived of a line: it may still become anything, so it is not shown yet."""
    return _MARK_ONLY.match(text.strip(" >")) is not None


def cells(row: str) -> list[str]:
    """The cells of a table row."""
    return [cell.strip() for cell in PIPE.split(row.strip().removeprefix("|").removesuffix("|"))]


def rules(row: str, header: str) -> bool:
    """Whether a line is the ruler below a table's header."""
    if not row.strip() or not (PIPE.search(header) and "-" in row):
        return False
    ruler = cells(row)
    return (
        len(ruler) <= TABLE_COLUMNS
        and all(_RULER.fullmatch(cell) for cell in ruler)
        and len(ruler) == len(cells(header))
    )


def starts(rest: str) -> bool:
    """Whether a line that is in no list or quote of its own begins something other than a paragraph."""
    return any(pattern.match(rest) for pattern in (HEADING, RULE, FENCE))


def interrupts(marker: str, text: str) -> bool:
    """Whether a list may begin directly below a line of text: `1986. …` inside a sentence must not."""
    return bool(text) and (not marker[0].isdigit() or marker[:-1] == "1")
