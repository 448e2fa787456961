"""A Markdown table as lines: columns as wide as they need to be or may be, cells wrapped, rows laid out once.

When not even narrow columns fit, every row becomes a short list of `header: value`.
"""

from __future__ import annotations

from typing import Final

from rich.style import Style

from theta_tui.tui.widgets.inline_text import Run, columns, inline, wrap
from theta_tui.tui.widgets.markdown_grammar import cells
from theta_tui.tui.widgets.transcript_look import Look

NARROWEST: Final = 6
_BETWEEN: Final = " │ "


class TableLines:
    """The lines of one growing table. Rows are laid out again only when a column has become wider."""

    def __init__(self, width: int, look: Look, base: Style) -> None:
        self._width, self._look, self._base = width, look, base
        self._rows: list[list[list[Run]]] = []
        self._natural: list[int] = []
        self._align: list[str] = []
        self._widths: list[int] = []
        self._lines: list[list[Run]] = []
        self._drawn = 0

    def draw(self, source: list[str], tail: str | None) -> list[list[Run]]:
        """All lines: header, ruler, rows; `tail` is a row that is still arriving, set in the columns there are."""
        if not self._rows:
            self._align = [cell[:1] + cell[-1:] for cell in cells(source[1])]
            self._take(source[0], self._base + Style(bold=True))
        for line in source[len(self._rows) + 1 :]:
            self._take(line, self._base)
        widths = _fit(self._natural, self._width - len(_BETWEEN) * (len(self._natural) - 1))
        if widths != self._widths:
            self._widths, self._lines, self._drawn = widths, [], 0
        for row in self._rows[self._drawn :]:
            self._lines.extend(self._row(row, head=self._drawn == 0))
            self._drawn += 1
        return [*self._lines, *(self._row(self._parse(tail, self._base)) if tail else [])]

    def _take(self, line: str, base: Style) -> None:
        row = self._parse(line, base)
        sizes = [columns(cell) for cell in row]
        self._natural = [max(pair) for pair in zip(self._natural, sizes, strict=True)] if self._rows else sizes
        self._rows.append(row)

    def _parse(self, line: str, base: Style) -> list[list[Run]]:
        texts = [cell.replace("\\|", "|") for cell in cells(line)[: len(self._align)]]
        texts += [""] * (len(self._align) - len(texts))
        return [inline(text, base, self._look) for text in texts]

    def _row(self, row: list[list[Run]], *, head: bool = False) -> list[list[Run]]:
        rule = Style(color=self._look.muted.color, bgcolor=self._base.bgcolor)
        if not self._widths:
            return self._record(row, rule) if not head else []
        stacks = [wrap(cell, width) for cell, width in zip(row, self._widths, strict=True)]
        lines: list[list[Run]] = []
        for level in range(max(len(stack) for stack in stacks)):
            line: list[Run] = []
            for number, (stack, width) in enumerate(zip(stacks, self._widths, strict=True)):
                if number:
                    line.append((_BETWEEN, rule))
                line += self._set(stack[level] if level < len(stack) else [], width, self._align[number])
            lines.append(line)
        if head:
            lines.append([("─┼─".join("─" * width for width in self._widths), rule)])
        return lines

    def _set(self, cell: list[Run], width: int, align: str) -> list[Run]:
        spare = max(width - columns(cell), 0)
        left = spare if align == "-:" else spare // 2 if align == "::" else 0
        before = [(" " * left, self._base)] if left else []
        after = [(" " * (spare - left), self._base)] if spare > left else []
        return [*before, *cell, *after]

    def _record(self, row: list[list[Run]], rule: Style) -> list[list[Run]]:
        """A row of a table with more columns than fit."""
        lines: list[list[Run]] = [[("─" * min(self._width, 12), rule)]]
        for head, cell in zip(self._rows[0], row, strict=True):
            if columns(cell):
                lines += wrap([*head, (": ", self._base), *cell], self._width)
        return lines


def _fit(natural: list[int], room: int) -> list[int]:
    """Column widths: natural if they fit, else the widest give way; none at all when that is not enough."""
    widths = [max(width, 1) for width in natural]
    if sum(widths) <= room:
        return widths
    if sum(min(width, NARROWEST) for width in widths) > room:
        return []
    cap = max(widths)
    while sum(min(width, cap) for width in widths) > room:
        cap -= 1
    widths = [min(width, cap) for width in widths]
    spare = room - sum(widths)
    for number, width in enumerate(natural):
        if spare and width > widths[number]:
            widths[number] += 1
            spare -= 1
    return widths
