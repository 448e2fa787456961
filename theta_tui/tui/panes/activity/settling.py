"""Asks the user what became of a change that no list can tell of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from theta_tui.journal import Entry
from theta_tui.tui import literal
from theta_tui.tui.question import Question
from theta_tui.tui.review_parts import Choice


class SettleQuestion(Question[bool]):
    """Whether a change happened: True, False, or None to leave it open."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "answer('happened')", show=False),
        Binding("n", "answer('did-not')", show=False),
    ]
    heading = "What became of it?"
    answers: ClassVar[dict[str, bool]] = {"happened": True, "did-not": False}

    def __init__(self, entry: Entry, words: str) -> None:
        super().__init__()
        self._entry = entry
        self._words = words

    def words(self) -> Content:
        """Give the change, and what the lists tell of it."""
        entry = self._entry
        lines = [
            literal.content(entry.summary or entry.command, style="bold"),
            literal.content(self._words),
            Content.styled("Nothing is sent: this only settles what is counted here.", "$foreground 70%"),
        ]
        return Content("\n").join(lines)

    def choices(self) -> Iterable[Choice]:
        """Leave it open, or settle it either way."""
        yield Choice("Leave it", "Esc", id="leave")
        yield Choice("It happened", "h", id="happened")
        yield Choice("It did not", "n", id="did-not")
