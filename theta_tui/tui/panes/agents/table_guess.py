"""What table a text holds: separator, columns and their types, guessed from its header and first rows.

Pure. A guess is only where a form begins; whoever knows better changes it there.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from typing import Final

TYPES: Final = ("TEXT", "INTEGER", "REAL", "BOOLEAN", "DATE", "TIMESTAMP")
"""The types that are guessed; a schema may name others, the cloud lists none (wire 8.4)."""
SEPARATORS: Final = (",", ";", "\t", "|")
SAMPLE_ROWS: Final = 1000
SAMPLE_CHARACTERS: Final = 1_000_000
MOST_COLUMNS: Final = 500
LARGEST_INTEGER: Final = 2**63 - 1
NAME_CHARACTERS: Final = 60

_TABLES: Final = (".csv", ".tsv", ".tab")
_INTEGER: Final = re.compile(r"[+-]?(?:0|[1-9]\d{0,18})", re.ASCII)
_REAL: Final = re.compile(r"[+-]?(?:0|[1-9]\d*)?(?:\.\d+)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*", re.ASCII)


@dataclass(frozen=True, slots=True)
class GuessedColumn:
    """A column: its name as in the header, its type, and its first value."""

    name: str
    type: str
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: a name for it, its columns, and how many rows were looked at. `note` says what is odd about it."""

    name: str
    columns: tuple[GuessedColumn, ...]
    rows: int
    note: str = ""


def is_table_name(filename: str) -> bool:
    """Whether a file of this name is meant as a table."""
    return PurePath(filename).suffix.lower() in _TABLES


def table_name(filename: str) -> str:
    """Make a name for a table of the name of its file: letters, digits and underscores, none of them first a digit."""
    words = re.sub(r"\W+", "_", PurePath(filename).stem, flags=re.ASCII).strip("_").lower()[:NAME_CHARACTERS]
    name = words or "table_1"
    return f"t_{name}" if name[0].isdigit() else name


def guess_table(text: str, filename: str) -> Table | None:
    """Give the table that a text holds; None if it cannot be read as one."""
    rows = _rows(text, "\t" if PurePath(filename).suffix.lower() in (".tsv", ".tab") else None)
    if not rows or len(rows[0]) > MOST_COLUMNS:
        return None
    header, body = rows[0], rows[1:]
    if all(not cell.strip() for cell in header):
        return None
    values = [[row[at].strip() if at < len(row) else "" for row in body] for at in range(len(header))]
    types = [type_of(column) for column in values]
    names = _names(header)
    firsts = [next(filter(None, column), "") for column in values]
    columns = tuple(map(GuessedColumn, names, types, firsts))
    return Table(table_name(filename), columns, len(body), _note(header, body, types))


def type_of(values: Sequence[str]) -> str:
    """Give the narrowest type that every value has; empty ones say nothing, and a column without any is text."""
    told = [value for value in values if value]
    if not told:
        return "TEXT"
    return next((name for name, fits in _READERS if all(map(fits, told))), "TEXT")


def _rows(text: str, separator: str | None) -> list[list[str]]:
    """Read the first rows; a last one that the sample cuts in two is left out."""
    sample = text.removeprefix("\ufeff")
    is_cut = len(sample) > SAMPLE_CHARACTERS
    sample = sample[:SAMPLE_CHARACTERS]
    if separator is not None:
        found = _read(sample, separator)
    else:
        readings = [_read(sample, each) for each in SEPARATORS]
        found = max(readings, key=_regularity)
    return found[:-1] if is_cut and len(found) > 1 else found


def _read(sample: str, separator: str) -> list[list[str]]:
    found: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(sample, newline=""), delimiter=separator):
            if any(cell.strip() for cell in row):
                found.append(row)
            if len(found) > SAMPLE_ROWS:
                break
    except csv.Error:  # such as a cell longer than the reader takes: what came before it still counts
        pass
    return found


def _regularity(rows: Sequence[Sequence[str]]) -> tuple[float, int]:
    """Say how much a separator makes of a text: the share of rows as wide as the header, then how wide that is."""
    if not rows or len(rows[0]) < 2:
        return 0.0, 0
    width = len(rows[0])
    return sum(len(row) == width for row in rows) / len(rows), width


def _names(header: Sequence[str]) -> list[str]:
    """Give the names of a header, each once; an empty one is called by its place."""
    names: list[str] = []
    for at, cell in enumerate(header, 1):
        first = " ".join(cell.split()) or f"column_{at}"
        name, number = first, 2
        while name in names:
            name, number = f"{first}_{number}", number + 1
        names.append(name)
    return names


def _note(header: Sequence[str], body: Sequence[Sequence[str]], types: Sequence[str]) -> str:
    if any(kind != "TEXT" and type_of([cell.strip()]) == kind for cell, kind in zip(header, types, strict=True)):
        return "The first row looks like data: a table needs a header."
    if uneven := sum(len(row) != len(header) for row in body):
        return f"{uneven:,} of {len(body):,} rows are not as wide as the header."
    if len(set(map(str.strip, header))) < len(header) or not all(map(str.strip, header)):
        return "Not every column has a name of its own."
    return "" if body else "There is no row below the header."


def _is_integer(value: str) -> bool:
    return _INTEGER.fullmatch(value) is not None and abs(int(value)) <= LARGEST_INTEGER


def _is_real(value: str) -> bool:
    has_point = any(sign in value for sign in ".eE")
    return _REAL.fullmatch(value) is not None and any(map(str.isdigit, value)) and (has_point or _is_integer(value))


def _is_boolean(value: str) -> bool:
    return value.lower() in ("true", "false")


def _is_date(value: str) -> bool:
    return _DATE.fullmatch(value) is not None and _reads(date.fromisoformat, value)


def _is_moment(value: str) -> bool:
    return _MOMENT.fullmatch(value) is not None and _reads(datetime.fromisoformat, value)


def _reads(read: Callable[[str], object], value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True


_READERS: Final[tuple[tuple[str, Callable[[str], bool]], ...]] = (
    ("INTEGER", _is_integer),
    ("REAL", _is_real),
    ("BOOLEAN", _is_boolean),
    ("DATE", _is_date),
    ("TIMESTAMP", _is_moment),
)
"""The narrowest first. A leading zero or too many digits make text of a number: a post code, an article, an id."""
