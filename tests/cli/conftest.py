"""The command line against a simulated cloud: called within this process, as a program of its own, or on a terminal."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.terminal import NO_KEYRING, Terminal, command_line, on_a_terminal, whole_environment
from theta_tui.cli import main
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World


@dataclass
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """The error told on stderr, as JSON."""
        found: dict[str, Any] = json.loads(self.err.strip().split("\n")[-1])["error"]
        return found


@pytest.fixture
def environment(sandbox: SandboxServer, tmp_path: Path) -> dict[str, str]:
    """What a user of the simulated cloud has in the environment, with a data folder of its own."""
    return {**sandbox.environment(), "THETA_TUI_HOME": str(tmp_path / "home"), "THETA_HTTP_MAX_RETRIES": "0"}


@pytest.fixture
def call(
    environment: Mapping[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Outcome]:
    """Call the command line in this process; `stdin` is what is piped into it."""
    monkeypatch.setenv(*next(iter(NO_KEYRING.items())))

    def act(*words: str, stdin: str = "", **more: str) -> Outcome:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        code = main(list(words), {**environment, **more})
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return act


@pytest.fixture
def program(environment: Mapping[str, str], tmp_path: Path) -> Callable[..., Outcome]:
    """Run the program in a process of its own."""

    def act(*words: str, stdin: str = "", **more: str) -> Outcome:
        done = subprocess.run(
            command_line(words, None),
            env=whole_environment({**environment, **more}, tmp_path),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return act


@pytest.fixture
def background(environment: Mapping[str, str], tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the program (or with `script` another one) and go on; it is ended and its pipes are closed for sure."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str, script: str | None = None, **more: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command_line(words, script),
            env=whole_environment({**environment, **more}, tmp_path),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with process:
            process.kill()


@pytest.fixture
def terminal(environment: Mapping[str, str], tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Start the program on a terminal of 100×30; `ignoring` names a signal that is ignored from the start."""
    started: list[Terminal] = []

    def start(*words: str, script: str | None = None, ignoring: int | None = None, **more: str) -> Terminal:
        environ = whole_environment({**environment, **more}, tmp_path)
        started.append(on_a_terminal(command_line(words, script), environ, ignoring=ignoring))
        return started[-1]

    yield start
    for one in started:
        one.end()


@pytest.fixture
def posts(world: World) -> Callable[[], list[str]]:
    """Give the paths of all calls that were not reads."""
    return lambda: [one.path for one in world.calls if one.method not in ("GET", "HEAD")]
