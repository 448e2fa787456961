"""Commands about this machine: what there is to run, the settings, the wizard. No cloud is asked."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from theta_tui import settings
from theta_tui.headless.output import Output

BAD_SETTINGS = 2


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


def config(options: Namespace, environ: Mapping[str, str]) -> int:
    """`theta-tui config show|validate|path`; validate exits 2 when something cannot be read."""
    output = Output(options.output)
    path = settings.config_dir(environ) / settings.FILE_NAME
    if options.verb == "path":
        output.own({"path": str(path)} if output.is_json else str(path))
        return 0
    loaded = settings.load(options.profile, environ)
    if options.verb == "validate":
        problems = list(loaded.problems)
        output.own({"valid": not problems, "path": str(path), "problems": problems})
        return BAD_SETTINGS if problems else 0
    for problem in loaded.problems:
        output.warn(problem)
    output.own([{"name": row.name, "value": row.value, "source": row.source, "help": row.help}
                for row in loaded.rows()])  # fmt: skip
    return 0


def setup(options: Namespace, environ: Mapping[str, str]) -> int:
    """`theta-tui setup`: the console with the wizard open."""
    from theta_tui.console import launch_for, open_console

    return open_console(launch_for(options, environ, setup=True))
