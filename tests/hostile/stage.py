"""The console on a terminal that draws: what is on its screen, what it wrote, which cells hold a word."""

from __future__ import annotations

import json
import re
import select
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyte

from tests.terminal import Terminal
from theta_tui.safe_text import HOSTILE

PATIENCE_SECONDS = 60.0
QUIET_SECONDS = 0.15
REACTION_SECONDS = 2.0
ESC = "\x1b[27u"
"""Escape as terminals with the newer keyboard protocol write it: nobody has to wait whether more follows."""
MOST_OPEN = 6
"""Dialogs that lie over one another."""

ESCAPE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_].*?(?:\x07|\x1b\\|\Z)|[ -/]+[0-~]|[^\[\]PX^_])", re.DOTALL)
_UNFINISHED = re.compile(rb"\x1b[^\x1b]{0,40}\Z")
_UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<=>][0-?]*[ -/]*[@-~]|\x1b\[\?[0-?]*(?:[ -/]+[@-~]|[^hl@-~]*[a-gi-km-z])")
_ATTRIBUTES = re.compile(rb"\x1b\[[\d;]*m")
_COLOUR = re.compile(rb";[34]8;(?:2;\d+;\d+;\d+|5;\d+)|;(?:[349]|10)[0-79](?=;|$)")
_MOVE = re.compile(rb"\x1b\[[\d;]*[A-HKd]")
_TIME = re.compile(
    r"\d\d:\d\d(:\d\d(\.\d+)?)?|\d+(\.\d+)?\s?(ms|s|min|h|d|days?)\b|[\d,]+ tokens/s|\d*[.\d]*\.0\.0\.1:\d+"
    r"|[◐◓◑◒⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]|\d{8}-\d{6}|[\d-]*\d\.png|theta-check-[0-9a-f]{6}|\bok\s+\d+\.\d+|/[01]/theta|\\u[0-9a-f]{4}"
)
_SPACES = re.compile(r"[ ─━]+")
_KEY = re.compile(r"\x1b(?:\[[\d;<]*[~A-Za-z]|O[A-Z])|.", re.DOTALL)


@dataclass
class Drawn:
    """A program on a terminal of so many columns and rows that draws what it writes."""

    terminal: Terminal
    columns: int
    rows: int
    _fed: int = field(default=0, init=False)
    _screen: pyte.Screen = field(init=False)
    _stream: pyte.ByteStream = field(init=False)

    def __post_init__(self) -> None:
        self._screen = pyte.Screen(self.columns, self.rows)
        self._stream = pyte.ByteStream(self._screen)

    def look(self, seconds: float = 0.01) -> bool:
        """Draw what has been written; True if there was something."""
        self.terminal._read(seconds)
        new = bytes(self.terminal.seen[self._fed :])
        last = new.rfind(b"\x1b")
        if last >= 0 and ESCAPE.match(new, last) is None:  # its end has not come yet
            new = new[:last]
        self._fed += len(new)
        self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", new))
        return bool(new)

    def react(self) -> None:
        """Wait until something is written, then until nothing more is."""
        deadline = time.monotonic() + REACTION_SECONDS
        while not self.look(0.05) and time.monotonic() < deadline:
            pass
        self.settle()

    def settle(self) -> None:
        """Wait until nothing more is written for a moment."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.look(QUIET_SECONDS) and time.monotonic() < deadline:
            pass

    def until(self, wanted: str | Callable[[], object]) -> None:
        """Wait until words are on the screen, or until something is so."""
        self._wait_for(wanted if callable(wanted) else lambda: wanted in self.shown, repr(wanted))

    def _wait_for(self, is_so: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            self.look(0.01)
            assert self.is_running, f"it ended: {self.terminal.text[-800:]}"
            assert time.monotonic() < deadline, f"waited in vain for {what}:\n{self.shown}"

    def press(self, keys: str) -> None:
        """Type keys."""
        self.terminal.type(keys)

    @property
    def is_running(self) -> bool:
        """Whether the program has not ended."""
        self.terminal._reap()
        return self.terminal.code is None

    @property
    def lines(self) -> list[str]:
        """The rows of the screen."""
        return list(self._screen.display)

    @property
    def shown(self) -> str:
        """What is on the screen."""
        return "\n".join(self.lines)

    @property
    def timeless(self) -> str:
        """What is on the screen without what two runs never share: moments, durations, ports, which escape it is."""
        return "\n".join(_SPACES.sub(" ", _TIME.sub("·", line)).rstrip() for line in self.lines)

    def cells_of(self, word: str) -> Iterator[tuple[int, int]]:
        """Give every cell (column, row) that shows a part of a word."""
        for row, line in enumerate(self.lines):
            for match in re.finditer(re.escape(word), line):
                yield from ((column, row) for column in range(*match.span()))


@dataclass
class Stage(Drawn):
    """A console so, which tells at `side` when it is at rest."""

    side: Path
    is_busy: Callable[[], object] = bool
    """Whether the cloud has not answered yet."""
    view: str = ""
    shows_requests: bool = False
    slowest: float = 0.0
    """Seconds of CPU that the longest turn of its loop took since it was last cleared."""
    _typed: int = 0
    _line: socket.socket | None = None

    def rest(self) -> str:
        """Wait until all that was typed is heard, answered and drawn; gives the name of the view."""
        while True:
            told = self._asked(b"%d" % self._typed)
            if not self.is_busy():
                break
        while self.look(0):
            pass
        self.view, self.slowest = told["view"], max(self.slowest, told["slowest"])
        self.shows_requests = told["shows_requests"]
        return self.view

    def go_home(self) -> None:
        """Leave what is open, and an input; take away what was told."""
        for _ in range(MOST_OPEN):
            if not self.is_dialog:
                break
            self.press(ESC)
            self.rest()
        self.press(ESC)
        self.rest()
        self._asked(b"")

    def _asked(self, question: bytes) -> dict[str, Any]:
        line = self._line
        if line is None:
            line = self._line = socket.socket(socket.AF_UNIX)
            self._wait_for(lambda: line.connect_ex(str(self.side)) == 0, "its socket")
        line.sendall(question + b"\n")
        self._typed = 0
        answer = bytearray()

        def has_answered() -> bool:
            if select.select([line], [], [], 0)[0]:
                answer.extend(line.recv(65_536))
            return answer.endswith(b"\n")

        self._wait_for(has_answered, "an answer")
        told: dict[str, Any] = json.loads(answer)
        return told

    def press(self, keys: str) -> None:
        """Type keys, and count them."""
        self._typed += len(_KEY.findall(keys))
        self.terminal.type(keys)

    def click(self, column: int, row: int) -> None:
        """Press and release the mouse on a cell, as a terminal reports it."""
        self._typed += 1
        self.terminal.type(f"\x1b[<0;{column + 1};{row + 1}M\x1b[<0;{column + 1};{row + 1}m")

    def hover(self, column: int, row: int) -> None:
        """Move the mouse over a cell."""
        self._typed += 1
        self.terminal.type(f"\x1b[<35;{column + 1};{row + 1}M")

    def end(self) -> None:
        """End the program, whatever it is at."""
        self.terminal.end()
        if self._line is not None:
            self._line.close()

    @property
    def is_dialog(self) -> bool:
        """Whether something lies over the panes: dialogs have the names of classes."""
        return self.view[:1].isupper()


def escapes_in(written: bytes) -> set[bytes]:
    """Every kind of escape sequence: positions and colours do not count, every other attribute does."""
    found: set[bytes] = set()
    for sequence in ESCAPE.findall(written):
        if _ATTRIBUTES.fullmatch(sequence):
            found |= {b"attribute " + part for part in _COLOUR.sub(b";", b";" + sequence[2:-1]).split(b";") if part}
        elif _MOVE.fullmatch(sequence):
            found.add(b"move " + sequence[-1:])
        else:
            found.add(sequence)
    return found


def hostile_in(written: bytes) -> list[str]:
    """Forbidden characters outside of escape sequences; a drawn screen has line ends of its own."""
    text = _UNFINISHED.sub(b"", ESCAPE.sub(b"", written)).decode("utf-8", "replace")
    return HOSTILE.findall(text.replace("\r", "").replace("\n", ""))
