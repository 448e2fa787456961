from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from textual.app import App

from theta_tui.launch import Launch
from theta_tui.tui.clipboard import OSC_BYTES, copy


class Copying(App[None]):
    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__()
        self.launch = Launch(environ=environ)


def tool(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with our own tools in front, also for the processes we start."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


async def copied(environ: dict[str, str], text: str) -> tuple[str, Any]:
    app = Copying(environ)
    async with app.run_test():
        return await copy(app, text), app


async def test_a_native_tool_gets_the_text(tmp_path: Path, bin_folder: Path) -> None:
    tool(bin_folder, "wl-copy", f"cat > {tmp_path}/got")
    said, _ = await copied({"WAYLAND_DISPLAY": "w", "PATH": str(bin_folder)}, "a\nb")
    assert said == "Copied with wl-copy."
    assert (tmp_path / "got").read_text() == "a\nb"


async def test_a_tool_that_fails_is_passed_over(bin_folder: Path) -> None:
    tool(bin_folder, "xclip", "exit 1")
    said, app = await copied({"DISPLAY": ":0", "PATH": str(bin_folder)}, "text")
    assert said == "Sent to the terminal's clipboard."
    assert app.clipboard == "text"


async def test_a_tool_that_hangs_costs_two_seconds(bin_folder: Path) -> None:
    tool(bin_folder, "xsel", "exec sleep 60")
    start = time.monotonic()
    said, _ = await copied({"DISPLAY": ":0", "PATH": str(bin_folder)}, "text")
    assert said == "Sent to the terminal's clipboard."
    assert time.monotonic() - start < 4


async def test_inside_tmux_its_buffer_is_loaded(tmp_path: Path, bin_folder: Path) -> None:
    tool(bin_folder, "tmux", f'echo "$@" > {tmp_path}/argv; cat > {tmp_path}/got')
    said, _ = await copied({"TMUX": "/tmp/x,1,0", "PATH": str(bin_folder)}, "text")
    assert said == "Copied to tmux's buffer."
    assert (tmp_path / "argv").read_text().split() == ["load-buffer", "-w", "-"]
    assert (tmp_path / "got").read_text() == "text"


async def test_too_much_for_the_terminal_goes_to_a_private_file(tmp_path: Path) -> None:
    said, app = await copied({"THETA_TUI_HOME": str(tmp_path)}, "x" * (OSC_BYTES + 1))
    path = said.removeprefix("Too much for the terminal: written to ").removesuffix(".")
    found = os.stat(path)
    assert (found.st_size, stat.S_IMODE(found.st_mode)) == (OSC_BYTES + 1, 0o600)
    assert app.clipboard == ""


async def test_what_is_copied_cannot_harm_where_it_is_pasted() -> None:
    _, app = await copied({}, "name\x1b[201~rm -rf\u202e")
    assert "\x1b" not in app.clipboard
    assert "\u202e" not in app.clipboard
