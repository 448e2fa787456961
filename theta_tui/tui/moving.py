"""Keys that were kept before another place was chosen: the console says where they are, and offers to move them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from theta_tui.enrolment import label_of
from theta_tui.errors import ThetaError
from theta_tui.places import COMMAND
from theta_tui.tui import literal
from theta_tui.tui.question import Question
from theta_tui.tui.review_parts import Choice

if TYPE_CHECKING:
    from theta_tui.session import Session
    from theta_tui.tui.app import ThetaApp


class MoveQuestion(Question[bool]):
    """Whether keys are to be moved along."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("m", "answer('move')", show=False)]
    heading = "Keys kept before"
    answers: ClassVar[dict[str, bool]] = {"move": True}

    def __init__(self, names: Sequence[str], old: str, new: str) -> None:
        super().__init__()
        self._names = names
        self._old = old
        self._new = new

    def words(self) -> Content:
        """Say what is where."""
        lines = [
            Content(f"Keys are kept in the {self._new} from now on. Still in the {self._old}:"),
            literal.content(_labels(self._names), style="bold"),
            Content.styled(f"Moved, each is deleted there once the {self._new} has given it back.", "$foreground 70%"),
        ]
        return Content("\n").join(lines)

    def choices(self) -> Iterable[Choice]:
        """Leave them, or have them moved."""
        yield Choice("Leave them", "Esc", id="leave")
        yield Choice("Move them", "m", id="move")


async def offer_to_move(app: ThetaApp, before: Session, session: Session) -> None:
    """Offer to move what is stored where keys were kept before; without anything there, nothing happens.

    It waits for a person: call it in a worker.
    """
    old, new, kind = before.vault, session.vault, before.settings.vault
    if kind == session.settings.vault or not (names := await old.stored()):
        return
    if session.settings.vault == COMMAND:
        app.tell(f"{_count(names)} in the {old.place}: what a password manager holds, you put there yourself.")
        return
    if not await app.push_screen_wait(MoveQuestion(names, old.place, new.place)):
        app.tell(f"{_count(names)} in the {old.place}: `theta-tui auth move {kind}` takes them along later.")
        return
    try:
        moved = await old.move_to(new)
    except ThetaError as error:
        app.report(error)
    else:
        app.tell(f"Moved to the {new.place}: {_labels(moved)}.")
    app.refresh_pulse()


def _count(names: Sequence[str]) -> str:
    return "One key stays" if len(names) == 1 else f"{len(names)} keys stay"


def _labels(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(label_of(name) for name in names))
