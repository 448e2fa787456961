"""Commands about this machine: what there is to run, where keys and settings live, the wizard. No cloud is asked."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from theta_tui import settings
from theta_tui.errors import NoCredentials, UsageError
from theta_tui.headless.output import Output

if TYPE_CHECKING:
    from theta_tui.session import Session

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


def auth(options: Namespace, environ: Mapping[str, str]) -> int:
    """`theta-tui auth status|forget NAME`."""
    from theta_tui.headless.running import opened, run

    output = Output(options.output)

    async def work() -> int:
        async with opened(options, environ, output) as session:
            shown = await (_status(session) if options.verb == "status" else _forget(session, options.name))
            output.own(shown)
            return 0

    return run(work())


def setup(options: Namespace, environ: Mapping[str, str]) -> int:
    """`theta-tui setup`: the console with the wizard open."""
    from theta_tui.console import launch_for, open_console

    return open_console(launch_for(options, environ, setup=True))


async def _status(session: Session) -> dict[str, Any]:
    """Say of every credential where it comes from; no value is shown, not even its length."""
    from theta_tui.change import Family
    from theta_tui.credentials import ITEMS as FAMILIES
    from theta_tui.vault import ITEMS

    sources: dict[str, str | None] = {}
    for family, roles in FAMILIES.items():
        for item in roles.values():
            try:
                sources[item] = (await session.keys.find(family, item)).source
            except NoCredentials:
                sources.setdefault(item, None)
    if session.settings.inference_endpoint:
        origin = session.hosts.origin(Family.ENDPOINT)
        for item in ("inference_token", "inference_user", "inference_password"):
            found = await session.vault.get(item, origin=origin)
            sources[item] = found.source if found else None
    rows = [
        {
            "name": name,
            "what": item.label,
            "source": sources.get(name) or "missing",
            "variables": list(item.env),
            "where": item.where,
        }
        for name, item in ITEMS.items()
    ]
    keyring = await session.vault.status()
    stored = [name for name in await session.vault.names() if name not in ITEMS]
    return {
        "profile": session.settings.profile,
        "keyring": keyring.backend_name if keyring.usable else f"not used: {keyring.reason}",
        "keys": rows,
        "endpoints": stored,
    }


async def _forget(session: Session, name: str) -> dict[str, Any]:
    """Delete a stored credential, or both halves of an endpoint's."""
    from theta_tui.vault import item_of

    halves = [f"{name}/username", f"{name}/password"]
    names = halves if name.startswith("endpoint/") and name.count("/") == 1 else [name]
    try:
        for one in names:
            item_of(one)
    except ValueError:
        hint = "`theta-tui auth status` names them."
        raise UsageError(f"There is no credential {name[:60]!r}.", hint=hint) from None
    for one in names:
        await session.vault.forget(one)
    return {"forgotten": name, "profile": session.settings.profile}
