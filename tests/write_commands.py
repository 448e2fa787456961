"""Writes the README's table of commands from the registry: `python -m tests.write_commands`."""

from __future__ import annotations

import re
from pathlib import Path

from theta_tui.registry import commands

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- commands: begin -->", "<!-- commands: end -->"


def table() -> str:
    """Give the table: name, what it does, and what it is."""
    rows = ["| Command | What it does | |", "|---|---|---|"]
    for command in commands().values():
        kind = "reads" if command.is_read else (command.effect.value if command.effect else "")
        rows.append(f"| `{command.name}` | {command.help.replace('|', '/')} | {kind} |")
    return "\n".join(rows)


def with_table(text: str) -> str:
    """Give the README with the table of today's registry."""
    between = re.compile(re.escape(BEGIN) + r".*?" + re.escape(END), re.DOTALL)
    return between.sub(lambda _: f"{BEGIN}\n{table()}\n{END}", text)


if __name__ == "__main__":
    README.write_text(with_table(README.read_text("utf-8")), "utf-8")
