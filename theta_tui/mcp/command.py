"""`theta-tui mcp`: serve on stdin and stdout, or write a client's configuration. Never a secret in either."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from theta_tui.errors import UsageError
from theta_tui.headless.output import Output
from theta_tui.headless.running import opened, run

SERVER_NAME = "theta-edgecloud"
MISSING = "The MCP server needs the extra: pip install 'theta-tui[mcp]'."


def mcp(options: Namespace, environ: Mapping[str, str]) -> int:
    """`theta-tui mcp` and `theta-tui mcp install --client NAME`; gives the exit status."""
    if options.verb == "install":
        return _install(options)
    try:
        from theta_tui.mcp.server import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "mcp":
            raise
        raise UsageError(MISSING) from None
    output = Output("json")

    async def work() -> int:
        async with opened(options, environ, output, face="mcp") as session:
            await serve(session, allow_writes=options.allow_writes, underscore=options.tool_names == "underscore")
            return 0

    return run(work())


def _install(options: Namespace) -> int:
    path, key = configuration(options.client)
    entry: dict[str, Any] = {"command": shutil.which("theta-tui") or "theta-tui", "args": ["mcp"]}
    if options.profile:
        entry["args"] += ["--profile", options.profile]
    if options.allow_writes:
        entry["args"].append("--allow-writes")
    present = _read(path)
    servers = present.setdefault(key, {})
    if not isinstance(servers, dict):
        raise UsageError(f"{path}: {key!r} is not an object; nothing was written.")
    servers[SERVER_NAME] = entry
    _replace(path, json.dumps(present, indent=2) + "\n")
    Output(options.output).own({"client": options.client, "path": str(path), "server": SERVER_NAME, **entry})
    return 0


def configuration(client: str) -> tuple[Path, str]:
    """Give the file of a client's configuration and the key its servers stand under."""
    home = Path.home()
    if client == "claude-desktop":
        mac = home / "Library" / "Application Support" / "Claude"
        folder = mac if sys.platform == "darwin" else home / ".config" / "Claude"
        return folder / "claude_desktop_config.json", "mcpServers"
    files = {
        "claude-code": (Path.cwd() / ".mcp.json", "mcpServers"),
        "cursor": (home / ".cursor" / "mcp.json", "mcpServers"),
        "vscode": (Path.cwd() / ".vscode" / "mcp.json", "servers"),
    }
    return files[client]


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read as JSON ({error}); nothing was written.") from None
    if not isinstance(found, dict):
        raise UsageError(f"{path} does not hold a JSON object; nothing was written.")
    return found


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
