"""Asks the user what became of a change that no list can tell of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from theta_tui.journal import Entry
from theta_tui.tui import literal
from theta_tui.tui.modal import Modal
from theta_tui.tui.review_parts import Choice


class SettleQuestion(Modal[bool]):
    """Whether a change happened: True, False, or None to leave it open; Leave it has the focus."""

    DEFAULT_CSS = """
    SettleQuestion {
        & > .modal--frame { max-width: 76; }
        & #told { margin: 1 0; height: auto; }
        & #answers { height: 1; align-horizontal: right; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "answer(True)", show=False),
        Binding("n", "answer(False)", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]
    heading = "What became of it?"
    keys = ()
    AUTO_FOCUS = "#leave"

    def __init__(self, entry: Entry, words: str) -> None:
        super().__init__()
        self._entry = entry
        self._words = words

    def inside(self) -> Iterable[Widget]:
        """Give the change, what the lists tell of it, and the answers."""
        entry = self._entry
        lines = [
            literal.content(entry.summary or entry.command, style="bold"),
            literal.content(self._words),
            Content.styled("Nothing is sent: this only settles what is counted here.", "$foreground 70%"),
        ]
        yield Static(Content("\n").join(lines), id="told", markup=False)
        with Horizontal(id="answers"):
            yield Choice("Leave it", "Esc", id="leave")
            yield Choice("It happened", "h", id="happened")
            yield Choice("It did not", "n", id="did-not")

    def action_answer(self, happened: bool) -> None:
        """Take the user's word."""
        self.dismiss(happened)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss({"happened": True, "did-not": False}.get(event.button.id or ""))
