"""Quitting: at once when nothing would be lost, else after a question that names what would be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from theta_tui.tui import literal
from theta_tui.tui.modal import Modal
from theta_tui.tui.review_parts import Choice
from theta_tui.tui.words import rate

if TYPE_CHECKING:
    from theta_tui.tui.app import ThetaApp


class QuitQuestion(Modal[bool]):
    """Names what is at work; Stay has the focus."""

    DEFAULT_CSS = """
    QuitQuestion {
        & > .modal--frame { max-width: 66; }
        & #losses { margin: 1 0; height: auto; }
        & #answers { height: 1; align-horizontal: right; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,s", "close", show=False),
        Binding("q,y", "quit", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]
    heading = "Quit?"
    keys = ()
    AUTO_FOCUS = "#stay"

    def __init__(self, losses: Sequence[str], billing: str = "") -> None:
        super().__init__()
        self._losses = losses
        self._billing = billing

    def inside(self) -> Iterable[Widget]:
        """Give what would be lost, and the two answers."""
        lines = [Content("Still at work:")]
        lines += [Content.assemble(("● ", "$text-accent"), literal.content(words)) for words in self._losses]
        if self._billing:
            lines += [Content(""), Content.styled(self._billing, "$text-warning")]
        yield Static(Content("\n").join(lines), id="losses", markup=False)
        with Horizontal(id="answers"):
            yield from (_at_once(Choice("Stay", "Esc", id="stay")), _at_once(Choice("Quit", "q", id="quit")))

    def action_quit(self) -> None:
        """Quit all the same."""
        self.dismiss(True)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id == "quit")


def _at_once(choice: Choice) -> Choice:
    choice.armed_at = 0.0
    return choice


def losses(app: ThetaApp) -> list[str]:
    """Give what would be lost by quitting now, in words."""
    panes = [words for pane in app.shell.panes if (words := pane.busy_words)]
    works = [work.title for work in app.works.at_work]
    return list(dict.fromkeys([*app.busy.values(), *works, *panes]))


def ask_quit(app: ThetaApp) -> None:
    """Quit, after asking if something is at work."""
    found = losses(app)
    if not found:
        app.exit(0)
        return
    pulse = app.pulse
    running = pulse.running if pulse is not None else None
    billing = ""
    if pulse is not None and running:
        goes_on = "1 deployment goes on" if running == 1 else f"{running} deployments go on"
        billing = f"{goes_on}, billed at {rate(pulse.burn_usd)}."
    app.push_screen(QuitQuestion(found, billing), lambda yes: app.exit(0) if yes else None)
