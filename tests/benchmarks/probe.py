"""A program on a terminal of 140x40, seen from outside: when its output came, and what it costs by /proc (Linux)."""

from __future__ import annotations

import os
import re
import select
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.cli.conftest import on_a_terminal

SIZE = (140, 40)
PATIENCE_SECONDS = 40.0
TICKS = os.sysconf("SC_CLK_TCK")


class Probe:
    """A running program; every piece of output is kept with its moment."""

    def __init__(self, command: Sequence[str], variables: Mapping[str, str]) -> None:
        self.began = time.monotonic()
        self._terminal = on_a_terminal(list(command), dict(variables), size=SIZE)
        self.pid = self._terminal.pid
        self._pieces: list[tuple[float, bytes]] = []
        self._seen = b""

    def read(self, seconds: float) -> bool:
        """Read what comes within so many seconds; whether anything came."""
        if not select.select([self._terminal.descriptor], [], [], max(seconds, 0.0))[0]:
            return False
        try:
            piece = os.read(self._terminal.descriptor, 1 << 16)
        except OSError:
            return False
        self._pieces.append((time.monotonic(), piece))
        self._seen += piece
        return bool(piece)

    def mark(self) -> int:
        """Where the output stands now."""
        return len(self._seen)

    def until(self, words: str, since: int = 0) -> float:
        """Wait for words that are drawn in one style; gives the moment their last byte came."""
        wanted, end = words.encode(), time.monotonic() + PATIENCE_SECONDS
        while (at := self._seen.find(wanted, since)) < 0:
            assert time.monotonic() < end, f"no {words!r} within {PATIENCE_SECONDS:.0f} s"
            self.read(0.05)
        return self._moment(at + len(wanted))

    def settle(self, seconds: float = 0.3, most: float = 10.0) -> None:
        """Read until nothing has come for so long."""
        end = time.monotonic() + most
        while time.monotonic() < end and self.read(seconds):
            pass

    def type(self, keys: str) -> float:
        """Press keys; gives the moment."""
        os.write(self._terminal.descriptor, keys.encode())
        return time.monotonic()

    @property
    def cpu_seconds(self) -> float:
        """CPU used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def waited_seconds(self) -> float:
        """How long its main thread could have run but had to wait for a CPU: what other programs cost it."""
        return int(Path(f"/proc/{self.pid}/schedstat").read_text().split()[1]) / 1e9

    @property
    def woken(self) -> int:
        """How often its threads have gone to sleep and been woken."""
        tasks = Path(f"/proc/{self.pid}/task").glob("*/status")
        return sum(int(re.findall(r"^voluntary_ctxt_switches:\s+(\d+)", task.read_text(), re.M)[0]) for task in tasks)

    @property
    def peak_megabytes(self) -> float:
        """The most memory it has held."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024

    def close(self) -> None:
        """End it."""
        self._terminal.end()

    def _moment(self, length: int) -> float:
        total = 0
        for at, piece in self._pieces:
            total += len(piece)
            if total >= length:
                return at
        return self.began


@contextmanager
def running(*words: str, module: str = "theta_tui", **variables: str) -> Iterator[Probe]:
    """Start a module of ours with an empty home; THETA_* variables as given."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "config"
        folder.mkdir()
        (folder / "settings.toml").write_text(variables.pop("settings", ""), "utf-8")
        probe = Probe([sys.executable, "-m", module, *words], {
            "PATH": os.environ["PATH"], "HOME": home, "THETA_TUI_HOME": home, "TERM": "xterm-256color",
            "COLORTERM": "truecolor", "LANG": "C.UTF-8", "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            **variables,
        })  # fmt: skip
        try:
            yield probe
        finally:
            probe.close()
