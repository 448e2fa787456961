"""One text as it streams in: chunks become safe lines, lines become blocks, blocks become pieces.

Control characters are made inert here, line by line, and known secrets are hidden, so that it does not matter where a
chunk was cut. What is kept for the record stays as it came.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from theta_tui.redact import redactor
from theta_tui.safe_text import for_block
from theta_tui.tui.widgets.block_piece import BlockPiece
from theta_tui.tui.widgets.markdown_blocks import MarkdownBlocks
from theta_tui.tui.widgets.piece import Piece, Prose

SHOWN_CHARACTERS: Final = 2_000_000
"""What is beyond is kept but not shown."""
LINES_AT_ONCE: Final = 2_000
"""Lines taken in one `advance`: about 20 ms, whatever they hold."""
LINE_CHARACTERS: Final = 3_000
"""A longer line is cut at a space, so that the line that is still arriving stays small."""
MOST_CHUNKS: Final = 500
"""So many chunks become one: as strings of their own they take ten times the room of their letters."""


class MarkdownFlow:
    """A growing Markdown text. `feed` only stores; `advance` does the work."""

    def __init__(self, tone: str = "text") -> None:
        self.markdown = MarkdownBlocks()
        self._tone = tone
        self._chunks: list[str] = []
        self._waiting: list[str] = []
        self._without_secrets = redactor.piecewise()
        self._queue: deque[str] = deque()
        self._line = ""
        self._glued = False
        self._taken = 0
        self._pieces: list[BlockPiece] = []
        self._ahead: list[Piece] = []
        self._note: list[Piece] = []

    @property
    def text(self) -> str:
        """Everything fed, as it came."""
        if len(self._chunks) > 1:
            self._chunks = ["".join(self._chunks)]
        return self._chunks[0] if self._chunks else ""

    @property
    def pieces(self) -> list[Piece]:
        """The blocks so far, as of the last `advance`."""
        return [*self._pieces, *self._ahead, *self._note]

    def feed(self, chunk: str) -> None:
        """Take the next chunk."""
        if chunk:
            self._waiting.append(chunk)
            self._chunks.append(chunk)
            if len(self._chunks) > MOST_CHUNKS:
                self._chunks = [self.text]

    @property
    def behind(self) -> bool:
        """Whether there was more than one `advance` could take."""
        return bool(self._queue)

    def advance(self, limit: int = LINES_AT_ONCE) -> None:
        """Make blocks of what has been fed since the last time, of at most so many lines."""
        self._split()
        for _ in range(min(limit, len(self._queue))):
            self._take(self._cut(self._queue.popleft()))
            self._glued = False
        if not self._queue:
            self._line = self._cut(self._line)
            self.markdown.partial(" ".join(_safe(self._line + self._without_secrets.held)), glued=self._glued)
        self._mirror()

    def _split(self) -> None:
        fresh = "".join(self._waiting)
        self._waiting.clear()
        room = SHOWN_CHARACTERS - self._taken
        if len(fresh) > room:
            fresh = fresh[:room]
            note = f"… [shown up to {SHOWN_CHARACTERS:,} characters; the whole answer is kept]"
            self._note = self._note or [Prose(note, "partial")]
        self._taken += len(fresh)
        self._line_up(self._without_secrets.take(fresh))

    def _line_up(self, fresh: str) -> None:
        *lines, self._line = (self._line + fresh).split("\n")
        self._queue.extend(lines)

    def finish(self) -> None:
        """Nothing more is fed: take all there is and close what is open."""
        self._split()
        self._line_up(self._without_secrets.rest())
        self.advance(len(self._queue))
        if self._line:
            self._take(self._line)
            self._line = ""
        self.markdown.finish()
        self._mirror()

    def code_blocks(self) -> list[str]:
        """The source of each code block, in the order of their numbers."""
        sources: dict[int, list[str]] = {}
        for block in self.markdown.blocks:
            if block.kind == "code":
                sources.setdefault(block.number, []).extend(block.shown)
        return ["\n".join(lines) for lines in sources.values()]

    def _cut(self, line: str) -> str:
        """Take whole lines' worth off a line that is too long; the rest is glued to them."""
        while len(line) > LINE_CHARACTERS:
            end = line.rfind(" ", 1, LINE_CHARACTERS) + 1 or LINE_CHARACTERS
            self._take(line[:end])
            line, self._glued = line[end:], True
        return line

    def _take(self, line: str) -> None:
        glued = self._glued
        if glued and line in ("", "\r"):
            return
        for part in _safe(line):
            self.markdown.line(part, glued=glued)
            glued = False

    def _mirror(self) -> None:
        blocks = self.markdown.blocks
        for piece in self._pieces[-1:]:
            piece.guess()
        for block in blocks[len(self._pieces) :]:
            self._pieces.append(BlockPiece(block, self._tone))
        ahead = self.markdown.ahead
        self._ahead = [] if ahead is None else [BlockPiece(ahead, self._tone)]


def _safe(line: str) -> list[str]:
    return for_block(line.removesuffix("\r"), None).split("\n")
