"""The skeleton: a plain frame on the alternate screen, drawn before anything heavy is imported.

Standard library only. The terminal's modes are saved first and put back at the end, however the program ends.
"""

from __future__ import annotations

import atexit
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing what is only named in annotations would come before the first paint
    from collections.abc import Sequence

MIN_COLUMNS, MIN_ROWS = 60, 16


class Terminal:
    """The terminal as it was found; `restore` puts it back and may be called more than once."""

    def __init__(self) -> None:
        self._modes: list[object] | None = None
        self._drawn = False

    @property
    def modes(self) -> list[object] | None:
        """The modes from before, until they are put back."""
        return self._modes

    def prepare(self) -> None:
        """Keep the modes and stop the echo, so that keys typed from now on are kept for the console."""
        if sys.platform == "win32":
            return
        import termios

        descriptor = sys.stdin.fileno()
        self._modes = termios.tcgetattr(descriptor)
        quiet = termios.tcgetattr(descriptor)
        quiet[3] &= ~(termios.ECHO | termios.ICANON)
        termios.tcsetattr(descriptor, termios.TCSANOW, quiet)
        atexit.register(self.restore)

    def draw(self, titles: Sequence[tuple[str, str]], mode: str) -> None:
        """Draw the frame of the shell: mode line, navigation, an empty pane."""
        if sys.platform == "win32" or os.environ.get("TERM", "dumb") == "dumb":
            return
        columns, rows = os.get_terminal_size(sys.stdout.fileno())
        if columns < MIN_COLUMNS or rows < MIN_ROWS:
            return
        self._drawn = True
        frame = "\r\n".join(_lines(titles, mode, columns, rows))
        _write(f"\x1b[?1049h\x1b[?25l\x1b[2J\x1b[H{frame}")

    def restore(self) -> None:
        """Put the modes back and leave the alternate screen, mouse reports and bracketed paste."""
        if self._drawn:
            self._drawn = False
            _write("\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?2004l\x1b[?1004l\x1b[?25h\x1b[?1049l\x1b[0m")
        if self._modes is not None:
            import termios

            modes, self._modes = self._modes, None
            try:
                termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, modes)  # type: ignore[arg-type]
            except (termios.error, OSError, ValueError):
                return  # the terminal is gone, and its modes with it


def has_terminal() -> bool:
    """Whether both ends are a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def side_width(columns: int) -> int:
    """Give the columns of the navigation on a screen of so many: with titles, with digits alone, or none."""
    return 18 if columns >= 100 else 4 if columns >= 80 else 0


def _lines(titles: Sequence[tuple[str, str]], mode: str, columns: int, rows: int) -> list[str]:
    side = side_width(columns)
    lines = [f" theta-tui   {mode}"[:columns], ""]
    for digit, title in titles:
        lines.append(f" {digit} {title}"[: side or 0])
    lines += [""] * (rows - len(lines))
    lines[rows // 2] = lines[rows // 2].ljust(side) + " Starting…"
    return lines[:rows]


def _write(text: str) -> None:
    try:
        os.write(sys.stdout.fileno(), text.encode("utf-8"))
    except OSError:
        return  # a closed terminal: whoever reads keys will find out
