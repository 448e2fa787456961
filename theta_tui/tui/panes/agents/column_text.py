"""The columns of a table as lines to write in a form, and back: `name | TYPE | what it means`. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

_BARS: Final = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """One column; `meaning` goes into the description of the table: the cloud has no place for it (wire 8.4)."""

    name: str
    type: str
    meaning: str = ""


def write_columns(columns: Sequence[ColumnLine]) -> str:
    """Write columns, one a line; a bar within a name has a backslash before it."""
    return "\n".join(
        " | ".join(part.replace("|", "\\|") for part in (each.name, each.type, each.meaning) if part)
        for each in columns
    )  # fmt: skip


def read_columns(text: str) -> list[ColumnLine]:
    """Read columns; ValueError says which line is wrong and what would be right."""
    found: list[ColumnLine] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        name, *rest = (part.strip().replace("\\|", "|") for part in _BARS.split(line, maxsplit=2))
        kind = rest[0] if rest else ""
        if not name or not kind:
            raise ValueError(f"line {number}: name | TYPE, please, such as order_id | INTEGER")
        if any(each.name == name for each in found):
            raise ValueError(f"line {number}: the column {name[:30]} is there twice")
        found.append(ColumnLine(name, kind, rest[1] if len(rest) > 1 else ""))
    if not found:
        raise ValueError("a table needs a column: name | TYPE, one a line")
    return found


def description(about: str, columns: Sequence[ColumnLine]) -> str:
    """Give what a table is about, with what its columns mean."""
    told = [f"{each.name}: {each.meaning}" for each in columns if each.meaning]
    return " ".join([about.strip(), *([f"Columns: {'; '.join(told)}."] if told else [])]).strip()


def schema(table: str, columns: Sequence[ColumnLine]) -> dict[str, Any]:
    """Give the schema as the command takes it."""
    return {"table_name": table, "columns": [{"name": each.name, "type": each.type} for each in columns]}
