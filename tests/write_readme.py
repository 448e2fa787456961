"""Writes the README's tables of commands and of errors from the code: `python -m tests.write_readme`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from theta_tui.change import Effect
from theta_tui.command import Command
from theta_tui.errors import ThetaError
from theta_tui.registry import commands

README = Path(__file__).resolve().parent.parent / "README.md"


def command_table() -> str:
    """Give the table of commands by family: those that read, and those that are reviewed, with what they do."""
    families: dict[str, list[Command]] = {}
    for command in commands().values():
        families.setdefault(family_of(command.name), []).append(command)
    rows = ["| | Reads | Reviewed before it is sent |", "|---|---|---|"]
    for family, members in families.items():
        reads = " ".join(f"`{_rest(command, family)}`" for command in members if command.is_read)
        rows.append(f"| `{family}.` | {reads} | {' · '.join(_changes(members, family))} |")
    return "\n".join(rows)


def family_of(name: str) -> str:
    """Give the part of a command's name under which it stands in the table."""
    words = name.split(".")
    return ".".join(words[:2]) if len(words) > 2 else words[0]


def _rest(command: Command, family: str) -> str:
    return command.name.removeprefix(f"{family}.")


def _changes(members: Sequence[Command], family: str) -> Iterator[str]:
    for effect in Effect:
        if names := " ".join(f"`{_rest(command, family)}`" for command in members if command.effect is effect):
            yield f"{effect.value}: {names}"


def error_table() -> str:
    """Give the kinds of errors by exit status; what to do about one, the error says itself."""
    exits: dict[int, list[str]] = {}
    for error in _tree(ThetaError):
        kinds = exits.setdefault(error.exit_code, [])
        if error.kind not in kinds:
            kinds.append(error.kind)
    rows = ["| Exit | Kinds of errors |", "|---|---|"]
    rows += [f"| {status} | {' '.join(f'`{kind}`' for kind in kinds)} |" for status, kinds in sorted(exits.items())]
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
