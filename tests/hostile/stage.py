"""The console on a terminal that draws: what is on its screen, what it wrote, which cells hold a word."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pyte

from tests.terminal import Terminal
from theta_tui.safe_text import HOSTILE

PATIENCE_SECONDS = 20.0
QUIET_SECONDS = 0.15
REACTION_SECONDS = 1.0
"""How long a key may be without any effect before it is taken to have none."""

ESCAPE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_].*?(?:\x07|\x1b\\|\Z)|[ -/]+[0-~]|[^\[\]PX^_])", re.DOTALL)
_UNFINISHED = re.compile(rb"\x1b[^\x1b]{0,40}\Z")
_UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<=>][0-?]*[ -/]*[@-~]|\x1b\[\?[0-?]*(?:[ -/]+[@-~]|[^hl@-~]*[a-gi-km-z])")
_ATTRIBUTES = re.compile(rb"\x1b\[[\d;]*m")
_COLOUR = re.compile(rb";[34]8;(?:2;\d+;\d+;\d+|5;\d+)|;(?:[349]|10)[0-79](?=;|$)")
_MOVE = re.compile(rb"\x1b\[[\d;]*[A-HKd]")
_TIME = re.compile(
    r"\d\d:\d\d(:\d\d)?|\d+(\.\d+)?\s?(ms|s|min|h|d|days?)\b|[\d,]+ tokens/s|\d*[.\d]*\.0\.0\.1:\d+|[◐◓◑◒⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]"
)
_SPACES = re.compile(r"[ ─━]+")


@dataclass
class Stage:
    """A program on a terminal of so many columns and rows."""

    terminal: Terminal
    columns: int
    rows: int
    _fed: int = 0
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

    def react(self, seconds: float = REACTION_SECONDS) -> None:
        """Wait until something is written, then until nothing more is."""
        deadline = time.monotonic() + seconds
        while not self.look(0.05) and time.monotonic() < deadline:
            pass
        self.settle()

    def settle(self, seconds: float = QUIET_SECONDS) -> None:
        """Wait until nothing more is written for so long."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.look(seconds) and time.monotonic() < deadline:
            pass

    def until(self, wanted: str | Callable[[], object]) -> None:
        """Wait until words are on the screen, or until something is so."""
        is_so = wanted if callable(wanted) else lambda: wanted in self.shown
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            self.look(0.05)
            assert self.is_running, f"it ended: {self.terminal.text[-800:]}"
            assert time.monotonic() < deadline, f"waited in vain for {wanted!r}:\n{self.shown}"

    def press(self, keys: str) -> None:
        """Type keys."""
        self.terminal.type(keys)

    def click(self, column: int, row: int) -> None:
        """Press and release the mouse on a cell, as a terminal reports it."""
        self.terminal.type(f"\x1b[<0;{column + 1};{row + 1}M\x1b[<0;{column + 1};{row + 1}m")

    def hover(self, column: int, row: int) -> None:
        """Move the mouse over a cell."""
        self.terminal.type(f"\x1b[<35;{column + 1};{row + 1}M")

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
        """What is on the screen without what two runs never share: moments, durations, ports."""
        return "\n".join(_SPACES.sub(" ", _TIME.sub("·", line)).rstrip() for line in self.lines)

    def cells_of(self, word: str) -> Iterator[tuple[int, int]]:
        """Give every cell (column, row) that shows a part of a word."""
        for row, line in enumerate(self.lines):
            for match in re.finditer(re.escape(word), line):
                yield from ((column, row) for column in range(*match.span()))


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
