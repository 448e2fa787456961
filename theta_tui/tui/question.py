"""A question with its answers in a row below: what the questions have in common that are no review of an act."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from theta_tui.tui.modal import Modal
from theta_tui.tui.review_parts import Choice

T = TypeVar("T")


class Question(Modal[T]):
    """Subclasses say what is asked and give the `choices`; the first changes nothing, and has the focus."""

    DEFAULT_CSS = """
    Question {
        & > .modal--frame { max-width: 76; }
        & #told { margin: 1 0; height: auto; }
        & #answers { height: 1; align-horizontal: right; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]
    keys = ()
    AUTO_FOCUS = "#answers Choice"
    answers: ClassVar[dict[str, Any]] = {}
    """What a choice means, by its id; one that is not here closes with nothing."""

    def inside(self) -> Iterable[Widget]:
        """Give what is asked, and the answers."""
        yield Static(self.words(), id="told", markup=False)
        with Horizontal(id="answers"):
            yield from self.choices()

    def words(self) -> Content:
        """Give what is asked."""
        raise NotImplementedError

    def choices(self) -> Iterable[Choice]:
        """Give the answers."""
        raise NotImplementedError

    def action_answer(self, choice: str) -> None:
        """Answer with a choice."""
        self.dismiss(self.answers.get(choice))

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_answer(event.button.id or "")
