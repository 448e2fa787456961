"""Copying: the system's own tool, else tmux, else the terminal (OSC 52), else a file; the answer says where it went."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from textual.app import App

from theta_tui.clipboard_tools import tools
from theta_tui.environment import process_environment
from theta_tui.private_file import make_folder
from theta_tui.safe_text import for_terminal

TOOL_SECONDS: Final = 2.0
OSC_BYTES: Final = 74_000
"""Terminals drop a longer sequence, some of them without a word."""
_TMUX: Final = (("tmux", "load-buffer", "-w", "-"), ("tmux", "load-buffer", "-"))


async def copy(app: App[Any], text: str, *, is_secret: bool = False) -> str:
    """Copy text made harmless for whatever it is pasted into; say where it is now. A secret never goes to a file."""
    environ = _environ(app)
    safe = for_terminal(text)
    data = safe.encode("utf-8")
    for argv in tools(environ):
        if await _fed(argv, data):
            return f"Copied with {argv[0]}."
    if environ.get("TMUX") and shutil.which("tmux", path=environ.get("PATH")):
        for argv in _TMUX:
            if await _fed(argv, data):
                return "Copied to tmux's buffer."
    if len(data) <= OSC_BYTES and environ.get("TERM") not in ("linux", "dumb"):
        app.copy_to_clipboard(safe)
        return "Sent to the terminal's clipboard."
    if is_secret:
        return "Not copied: this terminal has no clipboard, and a secret is not written to a file."
    return await asyncio.to_thread(_to_file, data, environ)


async def _fed(argv: Sequence[str], data: bytes) -> bool:
    """Run a tool with the data on its input; False if it is missing, fails or takes too long."""
    quiet = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(*argv, stdin=asyncio.subprocess.PIPE, stdout=quiet, stderr=quiet)
    except OSError:
        return False
    try:
        await asyncio.wait_for(process.communicate(data), TOOL_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        return False
    except OSError:
        return False
    return process.returncode == 0


def _to_file(data: bytes, environ: Mapping[str, str]) -> str:
    from theta_tui.settings import data_dir

    path = Path(data_dir(environ)) / f"copied-{time.strftime('%Y%m%d-%H%M%S')}.txt"
    try:
        make_folder(path.parent)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
    except OSError as error:
        return f"Not copied: too much for the terminal, and {path} cannot be written ({error.strerror})."
    return f"Too much for the terminal: written to {path}."


def _environ(app: App[Any]) -> Mapping[str, str]:
    """Give what tells which tools there are: the process environment, and above it what the console was opened with."""
    launch = getattr(app, "launch", None)
    return {**process_environment(), **(launch.environ if launch is not None else {})}
