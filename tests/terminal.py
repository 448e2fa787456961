"""The program on a pseudo-terminal: what it writes, what is typed, how large the window is, how it ends."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 60.0
_PRIVATE_MODE = re.compile(r"\x1b\[\?(\d+)([hl])")
_AT_REST = {"25": "h", "7": "h"}
"""The cursor is shown and lines wrap; every other private mode is off."""
NO_KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}


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

    def resize(self, columns: int, rows: int) -> None:
        """Make the window another size; the system tells the program."""
        _set_size(self.descriptor, columns, rows)

    def seen_since(self, words: str) -> None:
        """Read until these words have appeared after those that were last waited for here."""
        wanted = words.encode()
        self._read_while(lambda: wanted not in self.seen[self.read_to :], f"{words!r} did not appear")
        self.read_to = self.seen.index(wanted, self.read_to) + len(wanted)

    def until(self, words: str, times: int = 1) -> str:
        """Read until these words have appeared, so many times in all; gives all that was written."""
        self._read_while(lambda: self.seen.count(words.encode()) < times, f"{words!r} did not appear")
        return self.text

    def until_so(self, condition: Callable[[], bool], what: str) -> None:
        """Read until something is so outside the terminal."""
        self._read_while(lambda: not condition(), what)

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

    def is_restored(self) -> None:
        """Hold that the terminal is as it was found: its modes, and each private mode that was set or reset since."""
        assert self.modes_now == self.modes
        last = dict(_PRIVATE_MODE.findall(self.text))
        assert {number: how for number, how in last.items() if how != _AT_REST.get(number, "l")} == {}
        assert self.text.count("\x1b[>25u") <= self.text.count("\x1b[<u")

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
    _set_size(leader, *size)
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


def _set_size(descriptor: int, columns: int, rows: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
