"""Lets go of the drawn lines of widgets that are gone: Textual 8.2.8 keeps those of the last thousand.

Its `StylesCache.get_inner_outer` remembers answers by the cache that asked, which is one for each widget and holds all
its lines: each modal that was ever opened stays in memory. What it lacks is to be the class method it is written as.
"""

from __future__ import annotations

from typing import Any, Final

from textual._styles_cache import StylesCache

_NAME: Final = "get_inner_outer"


def let_drawn_lines_go() -> None:
    """Remember by class; does nothing the second time, or where Textual has mended it."""
    method: Any = vars(StylesCache).get(_NAME)
    if hasattr(method, "cache_clear"):
        setattr(StylesCache, _NAME, classmethod(method))
