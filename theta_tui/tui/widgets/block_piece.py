"""A Markdown block as a piece: prefixes of its lists and quotes, then its text, code, table, heading or rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rich.style import Style
from textual.strip import Strip

from theta_tui.tui.widgets.code_lines import CodeLines
from theta_tui.tui.widgets.inline_text import Run, columns, fold, healed, inline, wrap
from theta_tui.tui.widgets.markdown_grammar import Block, Item
from theta_tui.tui.widgets.piece import GUESSED_COLUMNS, Piece, guessed_lines, strip
from theta_tui.tui.widgets.table_lines import TableLines
from theta_tui.tui.widgets.transcript_look import Look, Paper

BULLETS: Final = ("•", "◦", "▪")
_BOXES: Final = {"[ ] ": "☐", "[x] ": "☑", "[X] ": "☑"}
_NARROWEST: Final = 16


@dataclass
class _Growth:
    """What is kept between two drawings of a block that is still open."""

    paper: Paper
    kind: str
    code: CodeLines
    table: TableLines | None = None
    lines: list[list[Strip]] | None = None


class BlockPiece(Piece):
    """One block. While it is open, only what may have changed of it is made anew."""

    def __init__(self, block: Block, tone: str = "text") -> None:
        super().__init__(1)
        self.block = block
        self._tone = tone
        self._growth: _Growth | None = None
        self.guess()

    @property
    def version(self) -> int:
        """That of the block."""
        return self.block.version

    def guess(self) -> None:
        """Estimate the height from the text, cheaply; for a block that has changed out of sight."""
        if self._drawn_version == self.version:
            return
        block = self.block
        width = self._paper.prose if self._paper else GUESSED_COLUMNS
        if block.kind == "paragraph":
            self.height = guessed_lines("\n".join(block.shown), width) + block.gap
        else:
            self.height = len(block.shown) + block.gap + (block.kind == "code" and not block.continued)

    def draw(self, paper: Paper) -> list[Strip]:
        """The lines of the block, below an empty one if it stands apart."""
        look = paper.look
        first, rest = self._prefixes(look)
        room = max(paper.prose - columns(rest), _NARROWEST)
        wide = max(paper.width - columns(rest), _NARROWEST)
        gap = [strip([], look)] if self.block.gap else []
        if self.block.kind == "code":
            body = self._code(paper, wide, first, rest)
        elif self.block.kind == "table":
            body = _prefixed(self._table(paper, wide), first, rest, look)
        else:
            body = _prefixed(self._words(look, room), first, rest, look)
        if self.block.closed:
            self._growth = None
        return gap + body

    def _base(self, look: Look) -> Style:
        base: Style = getattr(look, self._tone)
        return base

    def _growth_for(self, paper: Paper) -> _Growth:
        growth = self._growth
        if growth is None or growth.paper is not paper or growth.kind != self.block.kind:
            growth = self._growth = _Growth(paper, self.block.kind, CodeLines(self.block.language))
        return growth

    def _prefixes(self, look: Look) -> tuple[list[Run], list[Run]]:
        """What stands before the first line, and before the others."""
        first: list[Run] = [("┊ ", look.muted)] if self._tone == "reasoning" else []
        rest = list(first)
        fresh_from = len(self.block.around) - self.block.fresh
        depth = -1
        for index, each in enumerate(self.block.around):
            if not isinstance(each, Item):
                first.append(("▎ ", look.accent))
                rest.append(("▎ ", look.accent))
                continue
            marker = each.marker
            if not marker[0].isdigit():
                depth += 1
                last = index == len(self.block.around) - 1
                marker = (self._box() if last else "") or BULLETS[depth % len(BULLETS)]
            space = " " * (len(marker) + 1)
            first.append((f"{marker} ", look.accent) if index >= fresh_from else (space, look.text))
            rest.append((space, look.text))
        return first, rest

    def _box(self) -> str:
        """The box of a task, which stands in the place of a bullet."""
        block = self.block
        task = block.kind == "paragraph" and block.fresh and block.around and isinstance(block.around[-1], Item)
        return _BOXES.get(block.shown[0][:4], "") if task and block.shown else ""

    def _words(self, look: Look, room: int) -> list[list[Run]]:
        block, base = self.block, self._base(look)
        if block.kind == "rule":
            return [[("─" * room, look.muted)]]
        text = "\n".join(block.shown).strip("\n")
        if not block.closed:
            text = healed(text) if text else text
        if block.kind == "heading":
            return wrap(inline(text, look.heading + Style(underline=block.level == 1), look), room)
        if self._box():
            text = text[4:]
        quoted = base if not block.around or isinstance(block.around[-1], Item) else look.quote
        return wrap(inline(text, quoted, look), room)

    def _table(self, paper: Paper, room: int) -> list[list[Run]]:
        growth = self._growth_for(paper)
        if growth.table is None:
            growth.table = TableLines(room, paper.look, self._base(paper.look))
        return growth.table.draw(self.block.lines, self.block.tail)

    def _code(self, paper: Paper, room: int, first: list[Run], rest: list[Run]) -> list[Strip]:
        block, look, growth = self.block, paper.look, self._growth_for(paper)
        start, runs = growth.code.draw(block.shown, look, closed=block.closed)
        drawn = [] if growth.lines is None else growth.lines[:start]
        for line in runs:
            folded = fold(line, room - 2)
            drawn.append(
                [strip([*rest, (" ", look.code), *each], look, columns(rest) + room, look.code) for each in folded]
            )
        growth.lines = drawn
        lines = [each for line in drawn for each in line]
        if block.continued:
            return lines
        title = f" {block.language or 'text'} ─ {block.number} "
        head = [*first, (title, look.fence), ("─" * max(room - len(title), 0), look.fence)]
        return [strip(head, look), *lines]


def _prefixed(lines: list[list[Run]], first: list[Run], rest: list[Run], look: Look) -> list[Strip]:
    return [strip([*(rest if number else first), *line], look) for number, line in enumerate(lines)]
