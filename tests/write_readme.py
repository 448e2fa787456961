"""Writes the README's tables of commands and of errors from the code: `python -m tests.write_readme`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from theta_tui.errors import ThetaError
from theta_tui.registry import commands

README = Path(__file__).resolve().parent.parent / "README.md"


def command_table() -> str:
    """Give the table of commands: name, what it does, and what it is."""
    rows = ["| Command | What it does | |", "|---|---|---|"]
    for command in commands().values():
        kind = "reads" if command.is_read else (command.effect.value if command.effect else "")
        rows.append(f"| `{command.name}` | {command.help.replace('|', '/')} | {kind} |")
    return "\n".join(rows)


def error_table() -> str:
    """Give the table of errors: kind, what happened, the next step, and the exit status."""
    rows = ["| Kind | What happened | What to do | Exit |", "|---|---|---|---|"]
    kinds: dict[str, type[ThetaError]] = {}
    for error in _tree(ThetaError):
        if error.next_step or error.kind not in kinds:
            kinds.setdefault(error.kind, error)
    for kind, error in kinds.items():
        words = (inspect.getdoc(error) or "").split("\n", 1)[0]
        rows.append(f"| `{kind}` | {words} | {error.next_step or 'The message says.'} | {error.exit_code} |")
    return "\n".join(rows)


def _tree(root: type[ThetaError]) -> Iterator[type[ThetaError]]:
    for child in root.__subclasses__():
        if child.__module__ == root.__module__ and child.__name__ != "CloudError":
            yield child
        yield from _tree(child)


TABLES = {"commands": command_table, "errors": error_table}


def with_tables(text: str) -> str:
    """Give the README with the tables of today's code."""
    for name, table in TABLES.items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        between = re.compile(re.escape(begin) + r".*?" + re.escape(end), re.DOTALL)
        filled = f"{begin}\n{table()}\n{end}"
        text = between.sub(lambda _, filled=filled: filled, text)
    return text


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text("utf-8")), "utf-8")
