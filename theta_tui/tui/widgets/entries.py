"""Entries of a transcript: what was said, as pieces. One from a stored chat makes its pieces when first seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NewType

from rich.style import Style
from textual.strip import Strip

from theta_tui.safe_text import for_block, for_line
from theta_tui.tui.widgets.column import Column
from theta_tui.tui.widgets.inline_text import Run, columns, wrap
from theta_tui.tui.widgets.piece import BAR, GUESSED_COLUMNS, Blank, Piece, Prose, guessed_lines, plain_pieces, strip
from theta_tui.tui.widgets.transcript_look import Look, Paper

EntryId = NewType("EntryId", int)
NOTICE_SIGNS: Final = {"good": "✓", "warning": "⚠", "system": "▪"}
"""A role without a sign of its own is shown with `·`."""


@dataclass(frozen=True)
class StoredUser:
    """A message of the user, from a stored chat; `notes` are lines of ours below it."""

    text: str
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class StoredAnswer:
    """An answer from a stored chat; the fields are what `begin_answer`, `feed…` and `finish` were given."""

    title: str
    text: str
    reasoning: str = ""
    footer: str = ""
    complete: bool = True
    note: str | None = None


@dataclass(frozen=True)
class StoredNotice:
    """A notice from a stored chat."""

    text: str
    role: str = "info"


@dataclass(frozen=True)
class StoredError:
    """An error card from a stored chat."""

    title: str
    lines: Sequence[str] = ()
    hint: str = ""


Stored = StoredUser | StoredAnswer | StoredNotice | StoredError


class Sealed(Piece):
    """Stands for pieces that have not been made yet."""

    def exact(self, paper: Paper) -> bool:
        """Never: whoever looks here opens the entry first."""
        return False

    def draw(self, paper: Paper) -> list[Strip]:
        """An empty line."""
        return [strip([], paper.look)]


class Entry:
    """One thing in a transcript. Its pieces are made by `make` when they are first needed."""

    def __init__(self, number: EntryId, guess: int) -> None:
        self.number = number
        self.column: Column[Piece] = Column([Sealed(guess)])

    @property
    def height(self) -> int:
        """Lines, with the empty one below."""
        return self.column.height

    @property
    def sealed(self) -> bool:
        """Whether the pieces are still to be made."""
        return isinstance(self.column.parts[0], Sealed)

    def measure(self, index: int, paper: Paper) -> None:
        """Find out how high a piece really is."""
        if self.sealed:
            self.open()
        else:
            self.column.parts[index].strips(paper)
            self.column.touch(index)

    def open(self) -> None:
        """Make the pieces."""
        if self.sealed:
            self.column.replace([*self.make(), Blank()])

    def make(self) -> list[Piece]:
        """The pieces, from the top."""
        raise NotImplementedError

    def copy_text(self) -> str:
        """What a person would want in the clipboard: the text as shown, hostile characters inert."""
        raise NotImplementedError


class UserEntry(Entry):
    """A message of the user, shown as typed, with notes of ours below it."""

    def __init__(self, number: EntryId, text: str, notes: Sequence[str] = ()) -> None:
        super().__init__(number, guessed_lines(text, GUESSED_COLUMNS) + 1 + len(notes))
        self._text = text
        self._notes = tuple(for_line(note) for note in notes)

    def make(self) -> list[Piece]:
        """Tinted lines behind a bar, then the notes."""
        said = plain_pieces(self.copy_text(), "user", BAR, "userbar")
        return [*said, *(Prose(note, "footer", "  ") for note in self._notes)]

    def copy_text(self) -> str:
        """The message."""
        return for_block(self._text, None)


class NoticeEntry(Entry):
    """A remark of the program between two messages."""

    def __init__(self, number: EntryId, text: str, role: str) -> None:
        super().__init__(number, guessed_lines(text, GUESSED_COLUMNS) + 1)
        self._text, self._sign = text, NOTICE_SIGNS.get(role, "·")
        self._style = "partial" if role == "warning" else "notice"

    def make(self) -> list[Piece]:
        """Quiet lines."""
        return plain_pieces(self.copy_text(), self._style, f"{self._sign} ", self._style)

    def copy_text(self) -> str:
        """The remark."""
        return for_block(self._text, None)


class ErrorEntry(Entry):
    """A card that says what went wrong, what was said about it, and what to do next."""

    def __init__(self, number: EntryId, title: str, lines: Sequence[str], hint: str) -> None:
        super().__init__(number, len(lines) + 4)
        self._card = ErrorCard(for_line(title), [for_block(line) for line in lines], for_block(hint))

    def make(self) -> list[Piece]:
        """One card."""
        return [self._card]

    def copy_text(self) -> str:
        """Title, lines and hint."""
        return "\n".join(part for part in (self._card.title, *self._card.lines, self._card.hint) if part)


class ErrorCard(Piece):
    """A frame with the title set into its upper edge."""

    def __init__(self, title: str, lines: list[str], hint: str) -> None:
        super().__init__(len(lines) + 3)
        self.title, self.lines, self.hint = title, lines, hint

    def draw(self, paper: Paper) -> list[Strip]:
        """The card, as wide as prose is."""
        look, inner = paper.look, max(paper.prose - 4, 8)
        frame = look.errorframe
        title = wrap([(f"✗ {self.title}", frame)], inner - 2)
        head = "".join(text for text, _ in title[0])
        over = _wrapped([("".join(text for text, _ in line), frame) for line in title[1:]], inner)
        body = over + _wrapped([(line, look.error) for line in self.lines], inner)
        hint = _wrapped([(f"→ {self.hint}", look.accent)] if self.hint else [], inner)
        top: list[Run] = [("╭─ ", frame), (head, frame)]
        edge = max(inner + 2 - columns(top), 0)
        top.append((f" {'─' * edge}╮", frame))
        bottom: list[Run] = [(f"╰{'─' * (inner + 2)}╯", frame)]
        return [strip(top, look), *_framed(body + hint, inner, look), strip(bottom, look)]


def _wrapped(lines: list[tuple[str, Style]], width: int) -> list[list[Run]]:
    return [each for text, style in lines for row in text.split("\n") for each in wrap([(row, style)], width)]


def _framed(lines: list[list[Run]], inner: int, look: Look) -> list[Strip]:
    side = look.errorframe
    return [
        strip([("│ ", side), *line, (" " * max(inner - columns(line), 0), look.text), (" │", side)], look)
        for line in lines
    ]
