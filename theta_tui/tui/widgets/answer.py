"""An answer as it streams in: title, thinking, text, and a footer once it has ended.

Feeding only stores; whoever shows the answer is told that something moved, and lets it `advance` when it paints.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual.strip import Strip

from theta_tui.redact import redactor
from theta_tui.safe_text import for_block, for_line
from theta_tui.tui.widgets.entries import Entry, EntryId, StoredAnswer
from theta_tui.tui.widgets.markdown_flow import LINES_AT_ONCE, MarkdownFlow
from theta_tui.tui.widgets.piece import GUESSED_COLUMNS, Blank, Figures, Piece, Prose, guessed_lines, strip
from theta_tui.tui.widgets.transcript_look import Paper

LINES_WHEN_STORED: Final = 20_000
"""Lines of a stored answer made at once, so that an ordinary one does not grow while it is looked at."""

Moved = Callable[["Answer"], None]


class Thinking(Piece):
    """The line that stands for the reasoning, folded or not."""

    def __init__(self) -> None:
        super().__init__()
        self.words = 0
        self.unfolded = False
        self.over = False
        self._in_word = False

    @property
    def version(self) -> int:
        """Changes with everything shown."""
        return self.words * 4 + self.unfolded * 2 + self.over

    def count(self, chunk: str) -> None:
        """Count the words of the next chunk, one that was cut in two as one."""
        if chunk:
            self.words += len(chunk.split()) - (self._in_word and not chunk[0].isspace())
            self._in_word = not chunk[-1].isspace()

    def draw(self, paper: Paper) -> list[Strip]:
        """A triangle that says whether it is folded, and how much there is."""
        sign, verb = "▾" if self.unfolded else "▸", "Thought ·" if self.over else "Thinking…"
        unit = "word" if self.words == 1 else "words"
        return [strip([(f"{sign} {verb} {self.words:,} {unit}", paper.look.reasoning)], paper.look)]


class Answer(Entry):
    """One answer. `feed` and `feed_reasoning` are cheap and may be called for every chunk; then `finish`, once."""

    def __init__(self, number: EntryId, title: str, moved: Moved) -> None:
        super().__init__(number, 1)
        self._title = for_line(title)
        self._moved = moved
        self._content = MarkdownFlow()
        self._reasoning = MarkdownFlow("reasoning")
        self._thinking = Thinking()
        self._ending: list[Piece] = []
        self.finished = False
        self.complete = False

    @classmethod
    def stored(cls, number: EntryId, stored: StoredAnswer, moved: Moved) -> Answer:
        """A finished answer whose text is made into lines when it is first looked at."""
        answer = cls(number, stored.title, lambda _: None)
        answer.feed(stored.text)
        answer.feed_reasoning(stored.reasoning)
        answer._end(stored.footer, complete=stored.complete, note=stored.note)
        answer.column.parts[0].height = guessed_lines(stored.text, GUESSED_COLUMNS) + 3
        answer._moved = moved
        return answer

    @property
    def text(self) -> str:
        """The content as it came, unchanged; for the record, not for a screen."""
        return self._content.text

    @property
    def reasoning(self) -> str:
        """The reasoning as it came, unchanged."""
        return self._reasoning.text

    @property
    def has_reasoning(self) -> bool:
        """Whether there is anything to unfold."""
        return self._thinking.words > 0

    @property
    def behind(self) -> bool:
        """Whether more has come than was made into pieces at once."""
        return self._content.behind or (self._thinking.unfolded and self._reasoning.behind)

    def feed(self, text: str) -> None:
        """Append to the content. What comes after `finish` is dropped."""
        if text and not self.finished:
            self._content.feed(text)
            self._moved(self)

    def feed_reasoning(self, text: str) -> None:
        """Append to the reasoning, of which only the number of words is shown while it is folded."""
        if text and not self.finished:
            self._reasoning.feed(text)
            self._thinking.count(text)
            self._moved(self)

    def finish(self, footer: str, *, complete: bool, note: str | None) -> None:
        """End the answer. `note` says why it is not complete (`stopped`, `cut: …`), or is a remark on one that is."""
        if not self.finished:
            self._end(footer, complete=complete, note=note)
            self._moved(self)

    def fold(self) -> None:
        """Unfold the reasoning, or fold it again."""
        self._thinking.unfolded = not self._thinking.unfolded
        self._moved(self)

    def folds_at(self, piece: Piece) -> bool:
        """Whether a piece is the line that folds the reasoning."""
        return piece is self._thinking

    def advance(self) -> None:
        """Make pieces of what has been fed since the last time."""
        if not self.sealed or not self.finished:
            self.column.replace([*self.make(), Blank()])

    def make(self) -> list[Piece]:
        """Title, thinking, text, ending."""
        parts: list[Piece] = [Prose(self._title, "title")] if self.sealed else self.column.parts[:1]
        flows = [self._content]
        if self.has_reasoning:
            parts.append(self._thinking)
            if self._thinking.unfolded:
                flows.insert(0, self._reasoning)
        for flow in flows:
            flow.advance(LINES_WHEN_STORED if self.sealed else LINES_AT_ONCE)
            if self.finished and not flow.behind:
                flow.finish()
            parts.extend(flow.pieces)
            if flow is self._reasoning and self._content.pieces:
                parts.append(Blank())
        if not self.behind:
            parts.extend(self._ending)
        elif self.sealed:
            self._moved(self)
        return parts

    def code_blocks(self) -> list[str]:
        """The source of each code block of the content so far; block number n is the (n-1)th."""
        self.open()
        self.advance()
        while self.behind:
            self.advance()
        return self._content.code_blocks()

    def copy_text(self) -> str:
        """The Markdown source, with hostile characters inert and known secrets hidden."""
        return for_block(redactor.known(self.text), None)

    def _end(self, footer: str, *, complete: bool, note: str | None) -> None:
        self.finished, self.complete = True, complete
        self._thinking.over = True
        said = for_line(note) if note else ""
        if not complete:
            self._ending.append(Prose(f"◼ {said or 'incomplete'}", "partial"))
        elif said:
            self._ending.append(Prose(said, "footer"))
        if footer:
            self._ending.append(Figures(for_line(footer), "footer"))
        if self.text:
            self._ending.insert(0, Blank())
