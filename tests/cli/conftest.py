"""The command line against a simulated cloud: called within this process, as a program of its own, or on a terminal."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from theta_tui.cli import main
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World

PATIENCE_SECONDS = 15.0
NO_KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}


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


def command_line(words: tuple[str, ...], script: str | None) -> list[str]:
    return [sys.executable, *(("-m", "theta_tui") if script is None else ("-c", script)), *words]


def whole_environment(variables: Mapping[str, str], home: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "VIRTUAL_ENV") if name in os.environ}
    return {**kept, **NO_KEYRING, "HOME": str(home), "TERM": "xterm-256color", "LANG": "C.UTF-8", **variables}


@dataclass
class Terminal:
    """A program on a pseudo-terminal: what it wrote, what is typed, how it ends."""

    pid: int
    descriptor: int
    modes: list[Any]
    seen: bytearray = field(default_factory=bytearray)
    code: int | None = None
    read_to: int = 0

    def seen_since(self, words: str) -> None:
        """Read until these words have appeared after those that were last waited for here."""
        wanted = words.encode()
        self._read_while(lambda: wanted not in self.seen[self.read_to :], f"{words!r} did not appear")
        self.read_to = self.seen.index(wanted, self.read_to) + len(wanted)

    def until(self, words: str) -> str:
        """Read until these words have appeared; gives all that was written."""
        self._read_while(lambda: words.encode() not in self.seen, f"{words!r} did not appear")
        return self.text

    def until_quiet(self, seconds: float = 1.0) -> None:
        """Read until nothing has come for so long."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and self._read(seconds):
            pass

    def type(self, keys: str) -> None:
        os.write(self.descriptor, keys.encode())

    def wait(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Wait for the end; gives the exit status."""
        deadline = time.monotonic() + seconds
        while self.code is None:
            assert time.monotonic() < deadline, f"still running after {seconds} s: {self.text[-500:]}"
            self._read(0.05)
            self._reap()
        self._read(0.05)
        return self.code

    def hang_up(self) -> None:
        """Take the terminal away."""
        os.close(self.descriptor)
        self.descriptor = -1

    @property
    def text(self) -> str:
        return self.seen.decode("utf-8", "replace")

    @property
    def modes_now(self) -> list[Any]:
        return termios.tcgetattr(self.descriptor)

    def end(self) -> None:
        self._reap()
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        if self.descriptor >= 0:
            self.hang_up()

    def _read_while(self, wanted: Callable[[], bool], complaint: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while wanted():
            self._reap()
            assert time.monotonic() < deadline, f"{complaint} in: {self.text[-2000:]}"
            alive = self._read(0.1) or self.code is None
            assert alive, f"{complaint} before the end: {self.text[-2000:]}"

    def _read(self, seconds: float) -> bool:
        if self.descriptor < 0:
            select.select([], [], [], seconds)
            return False
        if not select.select([self.descriptor], [], [], seconds)[0]:
            return False
        try:
            piece = os.read(self.descriptor, 65536)
        except OSError:  # the other side is gone
            return False
        self.seen += piece
        return bool(piece)

    def _reap(self) -> None:
        if self.code is None:
            done, status = os.waitpid(self.pid, os.WNOHANG)
            self.code = os.waitstatus_to_exitcode(status) if done else None


def on_a_terminal(
    command: list[str],
    variables: Mapping[str, str],
    *,
    size: tuple[int, int] = (100, 30),
    ignoring: int | None = None,
) -> Terminal:
    """Start a program on a new terminal of so many columns and rows; `ignoring` names a signal that it ignores."""
    leader, follower = pty.openpty()
    fcntl.ioctl(leader, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    modes = termios.tcgetattr(leader)

    def prepare() -> None:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        if ignoring is not None:
            signal.signal(ignoring, signal.SIG_IGN)

    process = subprocess.Popen(
        command,
        env=variables,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
        preexec_fn=prepare,
    )
    os.close(follower)
    process.returncode = 0  # reaped by us
    return Terminal(process.pid, leader, modes)


@pytest.fixture
def terminal(environment: Mapping[str, str], tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Start the program on a terminal of 100×30; `ignoring` names a signal that is ignored from the start."""
    started: list[Terminal] = []

    def start(*words: str, script: str | None = None, ignoring: int | None = None, **more: str) -> Terminal:
        variables = whole_environment({**environment, **more}, tmp_path)
        started.append(on_a_terminal(command_line(words, script), variables, ignoring=ignoring))
        return started[-1]

    yield start
    for one in started:
        one.end()


@pytest.fixture
def posts(world: World) -> Callable[[], list[str]]:
    """Give the paths of all calls that were not reads."""
    return lambda: [one.path for one in world.calls if one.method not in ("GET", "HEAD")]
