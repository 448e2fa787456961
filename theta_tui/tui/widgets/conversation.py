"""All entries of a transcript as one run of lines, of which only those looked at are ever drawn.

Heights out of sight are guesses. `settle` makes those in sight exact and says where the view has to stand so that the
line it is anchored to does not move: a wrong guess moves the scrollbar's thumb, never the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from textual.strip import Strip

from theta_tui.tui.widgets.column import Column
from theta_tui.tui.widgets.entries import Entry, EntryId
from theta_tui.tui.widgets.piece import Piece
from theta_tui.tui.widgets.transcript_look import Paper

LINES_AT_HAND: Final = 600
"""Drawn lines kept; those drawn longest ago are drawn again when needed."""


@dataclass(frozen=True)
class Spot:
    """A line, named by what it shows rather than by its number."""

    entry: Entry
    piece: Piece
    offset: int


class Conversation:
    """Entries, their places, and the lines of them."""

    def __init__(self) -> None:
        self.entries: Column[Entry] = Column()
        self._index: dict[EntryId, int] = {}
        self._at_hand: dict[Piece, int] = {}
        self._lines_at_hand = 0

    @property
    def height(self) -> int:
        """Lines, exact or guessed."""
        return self.entries.height

    def add(self, entry: Entry) -> None:
        """Put an entry at the end."""
        self._index[entry.number] = len(self.entries.parts)
        self.entries.parts.append(entry)

    def remove(self, number: EntryId) -> None:
        """Take an entry out. Raises KeyError."""
        at = self._index.pop(number)
        self.entries.replace([*self.entries.parts[:at], *self.entries.parts[at + 1 :]])
        self._index = {entry.number: place for place, entry in enumerate(self.entries.parts)}

    def __contains__(self, number: EntryId) -> bool:
        return number in self._index

    def entry(self, number: EntryId) -> Entry:
        """An entry by its number. Raises KeyError."""
        return self.entries.parts[self._index[number]]

    def start(self, number: EntryId) -> int:
        """The first line of an entry."""
        return self.entries.start(self._index[number])

    def touch(self, number: EntryId) -> None:
        """An entry has changed its height."""
        self.entries.touch(self._index[number])

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.parts)

    def spot(self, line: int) -> Spot | None:
        """What a line shows."""
        if not 0 <= line < self.height:
            return None
        at = self.entries.at(line)
        entry = self.entries.parts[at]
        inside = line - self.entries.start(at)
        number = entry.column.at(inside)
        return Spot(entry, entry.column.parts[number], inside - entry.column.start(number))

    def find(self, spot: Spot) -> tuple[int, int]:
        """Where the piece of a spot begins now, and how far below that the spot is."""
        begin = self.start(spot.entry.number)
        try:
            number = spot.entry.column.parts.index(spot.piece)
        except ValueError:
            return begin, min(spot.offset, max(spot.entry.height - 1, 0))
        return begin + spot.entry.column.start(number), min(spot.offset, max(spot.piece.height - 1, 0))

    def settle(self, top: int, rows: int, anchor: int, paper: Paper) -> int:
        """Make the heights of `rows` lines from `top` on exact. What begins before `anchor` pushes the view with it."""
        while True:
            top = max(0, min(top, self.height - rows))
            line = top
            while line < min(top + rows, self.height):
                grown, begin, end = self._measure(line, paper)
                if grown is None:
                    line = max(end, line + 1)
                elif begin < anchor:
                    top, anchor = top + grown, anchor + grown
                    break
            else:
                if top <= max(0, self.height - rows):
                    return top

    def end(self, rows: int, paper: Paper) -> int:
        """Where the view stands when the last line is at its bottom."""
        return self.settle(self.height - rows, rows, self.height + 1, paper)

    def strip(self, line: int, paper: Paper) -> tuple[Spot, Strip] | None:
        """What a line shows, and the line itself."""
        spot = self.spot(line)
        if spot is None:
            return None
        strips = spot.piece.strips(paper)
        self._keep(spot.piece, len(strips))
        return (spot, strips[spot.offset]) if spot.offset < len(strips) else None

    def _measure(self, line: int, paper: Paper) -> tuple[int | None, int, int]:
        """Make the piece at a line exact: by how much it grew (None: it was exact), where it begins and ends."""
        at = self.entries.at(line)
        entry, begin = self.entries.parts[at], self.entries.start(at)
        number = entry.column.at(line - begin)
        piece = entry.column.parts[number]
        begin += entry.column.start(number)
        if piece.exact(paper):
            return None, begin, begin + piece.height
        before = entry.height
        entry.measure(number, paper)
        self._keep(piece, piece.height)
        self.entries.touch(at)
        return entry.height - before, begin, begin + piece.height

    def _keep(self, piece: Piece, lines: int) -> None:
        if self._at_hand.get(piece) == lines:
            return
        self._lines_at_hand += lines - self._at_hand.pop(piece, 0)
        self._at_hand[piece] = lines
        while self._lines_at_hand > LINES_AT_HAND and len(self._at_hand) > 1:
            oldest = next(iter(self._at_hand))
            self._lines_at_hand -= self._at_hand.pop(oldest)
            oldest.forget()
