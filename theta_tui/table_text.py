"""A table as text for other programs: CSV, JSON, JSON lines, Markdown. It is given titles and cells, and reads nothing.

Known secrets are masked. A spreadsheet finds no formula in it, a browser no markup, a terminal no control codes.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from theta_tui.redact import redactor
from theta_tui.safe_text import for_line

CELL_LIMIT: Final = 100_000
_FORMULA: Final = re.compile(r"\s*[=+\-@＝＋－＠\t\r]")
"""How a formula may begin, also in the wide letters that some spreadsheets take for the same."""
_NUMBER: Final = re.compile(r"[+\-]?[0-9][0-9.,]*")


@dataclass(frozen=True, slots=True)
class TableText:
    """Columns as (key, title), rows as texts of the same length."""

    columns: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[str]]


def as_csv(table: TableText) -> str:
    """Write it for spreadsheets: a text that would be taken as a formula gets an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([title for _, title in table.columns])
    writer.writerows([_no_formula(text) for text in row] for row in table.rows)
    return out.getvalue()


def as_json(table: TableText) -> str:
    """Write it as one list of objects, named by the keys of the columns."""
    return json.dumps(_objects(table), indent=2, ensure_ascii=True) + "\n"


def as_jsonl(table: TableText) -> str:
    """Write an object a line."""
    return "".join(json.dumps(one, ensure_ascii=True) + "\n" for one in _objects(table))


def as_markdown(table: TableText) -> str:
    """Write it as a table of Markdown."""
    titles = [_no_markup(title) for _, title in table.columns]
    lines = [titles, ["---"] * len(titles), *([_no_markup(text) for text in row] for row in table.rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


FORMS: Final[Mapping[str, Callable[[TableText], str]]] = {
    "csv": as_csv,
    "json": as_json,
    "jsonl": as_jsonl,
    "md": as_markdown,
}


def write(table: TableText, form: str) -> str:
    """Write it in one of `FORMS`, with every cell made inert and known secrets masked."""
    rows = [[redactor.known(for_line(text, CELL_LIMIT)) for text in row] for row in table.rows]
    return FORMS[form](TableText(table.columns, rows))


def _objects(table: TableText) -> list[dict[str, str]]:
    keys = [key for key, _ in table.columns]
    return [dict(zip(keys, row, strict=True)) for row in table.rows]


def _no_formula(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _no_markup(text: str) -> str:
    return re.sub(r"([\\`*_\[\]|])", r"\\\1", escape(text, quote=False))
