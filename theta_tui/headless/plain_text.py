"""JSON-like values as plain text for people: fields, lists and tables. Every value passes through `safe_text`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from theta_tui import safe_text
from theta_tui.headless import exact_json

WIDEST_COLUMN = 44
NARROWEST_COLUMN = 8
GAP = "  "
NOTHING = "-"


def readable(value: object, width: int = 100) -> str:
    """Write a value for a terminal of this width; `-` stands for nothing."""
    return "\n".join(_lines(value, width))


def _lines(value: object, width: int) -> list[str]:
    if isinstance(value, Mapping):
        return [line for key, item in value.items() for line in _field(safe_text.for_line(key, 80), item, width)]
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(item, Mapping) for item in value):
            return _table(value, width)
        return [line for item in value for line in _bullet(_lines(item, width - 2))] or [NOTHING]
    if isinstance(value, str) and "\n" in value:
        return safe_text.for_terminal(value).split("\n")
    return [_scalar(value)]


def _field(name: str, value: object, width: int) -> list[str]:
    if _is_flat(value):
        return [f"{name}: {_flat(value)}"]
    return [f"{name}:", *(f"  {line}" for line in _lines(value, width - 2))]


def _bullet(lines: list[str]) -> list[str]:
    return [f"- {lines[0]}", *(f"  {line}" for line in lines[1:])] if lines else []


def _is_flat(value: object) -> bool:
    """Whether a value fits beside its name: a scalar on one line, or a list of such."""
    if isinstance(value, Mapping):
        return not value
    if isinstance(value, (list, tuple)):
        return all(not isinstance(item, (Mapping, list, tuple)) and "\n" not in str(item) for item in value)
    return not (isinstance(value, str) and "\n" in value)


def _flat(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(_scalar(item) for item in value) or NOTHING
    return NOTHING if isinstance(value, Mapping) else _scalar(value)


def _scalar(value: object) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return exact_json.number(value)
    return safe_text.for_line(value)


def _table(rows: Sequence[Mapping[str, object]], width: int) -> list[str]:
    """Draw rows below their names; columns that are empty or do not fit are left out, the latter with a note.

    A row that shares no field with the others (it could not be read) has a line of its own, in its place.
    """
    widest = max(rows, key=len)
    alike = [row for row in rows if not row or row.keys() & widest.keys()]
    names = dict.fromkeys(str(name) for row in alike for name, item in row.items() if _is_flat(item))
    columns = [(name, [_cell(row.get(name)) for row in alike]) for name in names]
    columns = [(name, cells) for name, cells in columns if any(cell != NOTHING for cell in cells)]
    shown: list[list[str]] = []
    used = 0
    for name, cells in columns:
        room = max(width - used, 0) if shown else WIDEST_COLUMN
        if room < NARROWEST_COLUMN:
            break
        drawn = _column([_fitted(cell, room) for cell in (safe_text.for_line(name), *cells)])
        used += _cells(drawn[0]) + len(GAP)
        shown.append(drawn)
    left = len(columns) - len(shown)
    if not shown:
        return [f"{len(rows)} without fields"]
    head, *drawn_rows = (GAP.join(parts).rstrip() for parts in zip(*shown, strict=True))
    following = iter(drawn_rows)
    lines = [next(following) if not row or row.keys() & widest.keys() else _apart(row) for row in rows]
    return [head, *lines, *([f"({left} more columns with --output json)"] if left else [])]


def _apart(row: Mapping[str, object]) -> str:
    return "; ".join(f"{safe_text.for_line(name, 80)}: {_cell(item)}" for name, item in row.items())


def _cell(value: object) -> str:
    return _flat(value) if _is_flat(value) else "…"


def _fitted(text: str, room: int) -> str:
    """Shorten a text to the room left for its column, at most `WIDEST_COLUMN` cells."""
    room = min(room, WIDEST_COLUMN)
    if _cells(text) <= room:
        return text
    kept = text[:room]
    while _cells(kept) >= room:
        kept = kept[:-1]
    return kept + "…"


def _column(cells: Iterable[str]) -> list[str]:
    texts = list(cells)
    width = max(_cells(text) for text in texts)
    return [text + " " * (width - _cells(text)) for text in texts]


def _cells(text: str) -> int:
    """Count terminal cells: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else not unicodedata.combining(one) for one in text)
