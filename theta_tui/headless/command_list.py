"""`theta-tui commands`: what there is to run. No cloud is asked."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from theta_tui.headless.output import Output


def list_commands(options: Namespace, environ: Mapping[str, str]) -> int:
    """`theta-tui commands`: every command of the registry; as JSON with the schema of its arguments."""
    from theta_tui.registry import commands

    output = Output(options.output, options.query)
    rows: list[dict[str, Any]] = []
    for command in commands().values():
        row: dict[str, Any] = {
            "name": command.name,
            "kind": command.kind.value,
            "effect": command.effect.value if command.effect else None,
            "credentials": [family.value for family in command.needs],
            "help": command.help,
        }
        if output.is_json:
            row |= {"aliases": list(command.aliases), "params": command.params.model_json_schema()}
        rows.append(row)
    output.own(rows)
    return 0
