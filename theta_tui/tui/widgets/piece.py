"""Pieces of a transcript: a few lines that are drawn when first needed and then kept as they are.

A piece knows how high it is, or guesses until it has been drawn. Nothing here knows the widget that shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from theta_tui.tui.widgets.inline_text import Run, columns, segments, wrap
from theta_tui.tui.widgets.transcript_look import GUTTER, Look, Paper

GUESSED_COLUMNS: Final = 80
BAR: Final = "┃ "


class Piece:
    """Lines that stay as they are for one paper and one version of what they show."""

    def __init__(self, guess: int = 1) -> None:
        self.height = guess
        self._paper: Paper | None = None
        self._drawn_version = -1
        self._strips: list[Strip] | None = None

    @property
    def version(self) -> int:
        """Counts the changes of what is shown."""
        return 0

    def exact(self, paper: Paper) -> bool:
        """Whether `height` is that of these lines, and not a guess."""
        return self._paper is paper and self._drawn_version == self.version

    def strips(self, paper: Paper) -> list[Strip]:
        """The lines, drawn if they are not at hand. Sets `height`."""
        if self._strips is None or not self.exact(paper):
            self._strips = self.draw(paper)
            self._paper, self._drawn_version = paper, self.version
            self.height = len(self._strips)
        return self._strips

    def forget(self) -> None:
        """Give back the memory of lines that are far away; the height stays known."""
        self._strips = None

    def draw(self, paper: Paper) -> list[Strip]:
        """The lines for a paper, each beginning with an empty gutter."""
        raise NotImplementedError


class Prose(Piece):
    """Plain text in one style, wrapped, each line behind a prefix, or behind its width where the prefix is a sign."""

    def __init__(self, text: str, style: str = "text", prefix: str = "", prefix_style: str = "muted") -> None:
        super().__init__(guessed_lines(text, GUESSED_COLUMNS))
        self._text, self._style, self._prefix, self._prefix_style = text, style, prefix, prefix_style

    def draw(self, paper: Paper) -> list[Strip]:
        """Wrapped lines; a style with a tint of its own fills them to the measure."""
        look = paper.look
        style: Style = getattr(look, self._style)
        before: list[Run] = [(self._prefix, getattr(look, self._prefix_style))] if self._prefix else []
        room = max(paper.prose - columns(before), 1)
        fill = style if style.bgcolor != look.text.bgcolor else None
        lines = [line for row in self.rows(room) for line in wrap([(row, style)] if row else [], room)]
        below = before if self._prefix == BAR else [(" " * columns(before), style)]
        width = paper.prose if fill else 0
        return [strip([*(below if number else before), *line], look, width, fill) for number, line in enumerate(lines)]

    def rows(self, room: int) -> Sequence[str]:
        """The lines as they were written."""
        return self._text.split("\n")


class Figures(Prose):
    """Figures behind one another, broken between two of them: no line ends or begins with the dot."""

    def rows(self, room: int) -> Sequence[str]:
        """As many figures in a line as there is room for."""
        rows: list[str] = []
        for figure in self._text.split(" · "):
            longer = f"{rows[-1]} · {figure}" if rows else figure
            if rows and cell_len(longer) <= room:
                rows[-1] = longer
            else:
                rows.append(figure)
        return rows


class Blank(Piece):
    """An empty line."""

    def draw(self, paper: Paper) -> list[Strip]:
        """One line."""
        return [strip([], paper.look)]


def strip(runs: Iterable[Run], look: Look, width: int = 0, fill: Style | None = None) -> Strip:
    """One line behind its gutter, filled up to `width` in another style if asked."""
    runs = list(runs)
    used = columns(runs)
    if fill is not None and width > used:
        runs.append((" " * (width - used), fill))
        used = width
    return Strip([Segment(" " * GUTTER, look.text), *segments(runs)], GUTTER + used)


def guessed_lines(text: str, width: int) -> int:
    """About how many lines a text will take."""
    longer = re.finditer(f"[^\n]{{{width // 2},}}", text)  # of letters that are two columns wide
    return 1 + text.count("\n") + sum(_columns(line[0], width * 4) // width for line in longer)


def _columns(line: str, most: int) -> int:
    return cell_len(line) if len(line) < most else len(line)


def plain_pieces(
    text: str, style: str = "text", prefix: str = "", prefix_style: str = "muted", size: int = 3_000
) -> list[Piece]:
    """A text of any length as pieces small enough to be drawn one by one."""
    return [Prose(part, style, prefix, prefix_style) for part in _parts(text, size)]


def _parts(text: str, size: int) -> Sequence[str]:
    parts: list[str] = []
    at = 0
    while len(text) - at > size:
        cut = text.rfind("\n", at, at + size)
        if cut <= at:
            cut = at + size
            parts.append(text[at:cut])
            at = cut
        else:
            parts.append(text[at:cut])
            at = cut + 1
    parts.append(text[at:])
    return parts
