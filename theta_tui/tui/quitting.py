"""Quitting: at once when nothing would be lost or goes on costing money, else after a question that names it (U23)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

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

Way = Literal["quit", "stop"]
"""Quit and leave everything as it is; or stop what is billed, then quit."""


class QuitQuestion(Modal[Way]):
    """Names what is at work and what goes on being billed; Stay has the focus."""

    DEFAULT_CSS = """
    QuitQuestion {
        & > .modal--frame { max-width: 66; }
        & #losses { margin: 1 0; height: auto; }
        & #answers { height: 1; align-horizontal: right; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "close", show=False),
        Binding("q,y", "answer('quit')", show=False),
        Binding("s", "answer('stop')", show=False),
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
        """Give what would be lost or goes on, and the answers."""
        lines = [Content("Still at work:")] if self._losses else []
        lines += [Content.assemble(("● ", "$text-accent"), literal.content(words)) for words in self._losses]
        if self._billing:
            lines += [*([Content("")] if lines else []), Content.styled(self._billing, "$text-warning")]
        yield Static(Content("\n").join(lines), id="losses", markup=False)
        with Horizontal(id="answers"):
            yield _at_once(Choice("Stay", "Esc", id="stay"))
            if self._billing:
                yield _at_once(Choice("Stop them…", "s", id="stop"))
            yield _at_once(Choice("Leave running" if self._billing else "Quit", "q", id="quit"))

    def action_answer(self, way: Way) -> None:
        """Answer, where that answer is offered."""
        if way == "quit" or self._billing:
            self.dismiss(way)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss({"quit": "quit", "stop": "stop"}.get(event.button.id or ""))  # type: ignore[arg-type]


def _at_once(choice: Choice) -> Choice:
    choice.armed_at = 0.0
    return choice


def losses(app: ThetaApp) -> list[str]:
    """Give what would be lost by quitting now, in words."""
    panes = [words for pane in app.shell.panes if (words := pane.busy_words)]
    works = [work.title for work in app.works.at_work]
    return list(dict.fromkeys([*app.busy.values(), *works, *panes]))


def billing_words(app: ThetaApp) -> str:
    """Say what goes on being billed; empty when nothing is, as far as is known."""
    pulse = app.pulse
    running = pulse.running if pulse is not None else None
    if pulse is None or not running:
        return ""
    machines = "1 deployment" if running == 1 else f"{running} deployments"
    return f"Still billing {rate(pulse.burn_usd)}: {machines} will go on."


def ask_quit(app: ThetaApp) -> None:
    """Quit, after asking if something is at work or goes on being billed."""
    found, billing = losses(app), billing_words(app)
    if not found and not billing:
        app.exit(0)
        return
    app.push_screen(QuitQuestion(found, billing), lambda way: _do(app, way))


def _do(app: ThetaApp, way: Way | None) -> None:
    if way == "quit":
        app.exit(0)
    elif way == "stop":
        app.run_worker(_stop_all(app), group="quitting", exclusive=True)


async def _stop_all(app: ThetaApp) -> None:
    """Stop what is billed, each after its review, then quit; a refusal or an error keeps the console open."""
    from theta_tui.change import Done
    from theta_tui.errors import ThetaError

    session = app.session
    if session is None:
        return
    try:
        listed = await session.ask("theta.deployments.list")
        for deployment in listed.deployments:
            if deployment.is_billed:
                given = {"name": deployment.name, "shard": deployment.shard, "suffix": deployment.suffix}
                place = {name: value for name, value in given.items() if value}
                done = await session.submit("theta.deployments.stop", place, reviewer=app)
                if not isinstance(done, Done):
                    app.tell(f"{deployment.name} was not stopped, so the console stays open.", severity="warning")
                    return
    except ThetaError as error:
        app.report(error)
        return
    app.exit(0)
