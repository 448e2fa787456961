"""The second barrier: whatever a widget draws, no control code, link or click action of its text gets through.

Knows nothing of where text came from; it holds even where somebody forgot `literal`. The exit message bypasses it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from theta_tui.safe_text import HOSTILE, SUBSTITUTE

_KEPT: Final = 2_048
"""Answers remembered: what a few screens show. Texts with a clock in them never come again."""


class InertFilter(LineFilter):
    """Rewrites each finished line; return it last from `App.get_line_filters`.

    Clicks read their action from filtered lines too, so an `@click` in a style is dead here. Textual's own widgets
    find rows, options and nodes through other entries of a style, which stay; only links in `Markdown` use `@click`.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the line with harmless text of the same width, without links, actions and raw control segments."""
        return [
            Segment(
                text if text.isascii() and text.isprintable() else _inert_text(text),
                None if style is None else _inert_style(style),
            )
            for text, style, control in segments
            if not control
        ]


class InOrder(LineFilter):
    """Several filters as one: Textual keeps each line it draws once for every filter, and a line weighs a kilobyte."""

    def __init__(self, filters: tuple[LineFilter, ...]) -> None:
        super().__init__()
        self.filters = filters

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Apply one after the other."""
        for each in self.filters:
            segments = each.apply(segments, background)
        return segments


@lru_cache(_KEPT)
def _inert_text(text: str) -> str:
    """Hidden characters go, others are replaced: the line was laid out, so the width in cells must not change."""
    if HOSTILE.search(text) is None:
        return text
    return set_cell_size(HOSTILE.sub(_same_width, text), cell_len(text))


def _same_width(match: re.Match[str]) -> str:
    return SUBSTITUTE * cell_len(match[0])


@lru_cache(_KEPT)
def _inert_style(style: Style) -> Style:
    meta = style.meta
    if style.link is None and not any(name.startswith("@") for name in meta):
        return style
    kept = {name: value for name, value in meta.items() if not name.startswith("@")}
    bare = style.clear_meta_and_links()
    return bare + Style.from_meta(kept) if kept else bare
