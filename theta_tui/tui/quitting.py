"""Quitting: at once when nothing would be lost or goes on costing money, else after a question that names it (U23).

While acts are on their way the question offers to wait for their answers, and then quits by itself.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, cast

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from theta_tui.tui import literal, parting
from theta_tui.tui.question import Question
from theta_tui.tui.review_parts import Choice
from theta_tui.tui.words import rate

if TYPE_CHECKING:
    from theta_tui.flights import Flight, Flights
    from theta_tui.tui.app import ThetaApp

Way = Literal["quit", "stop"]
"""Quit and leave everything as it is; or stop what is billed, then quit."""

ARM_SECONDS: Final = 0.8
"""For so long nothing but Esc is an answer while acts are on their way: a key that is held down begins to repeat."""
REPEAT_SECONDS: Final = 0.3
"""A key that repeats goes on being no answer until it has rested for so long."""
TICK_SECONDS: Final = 0.5
LISTED: Final = 4
"""Acts that are listed one by one; the others are counted."""


class QuitQuestion(Question[Way]):
    """Names what is on its way, what is at work and what goes on being billed."""

    DEFAULT_CSS = """
    QuitQuestion {
        &.-low #told { margin: 0; }
        &.-waiting #wait { display: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "close", show=False),
        Binding("q,y", "answer('quit')", show=False),
        Binding("s", "answer('stop')", show=False),
        Binding("w", "answer('wait')", show=False),
    ]
    heading = "Quit?"

    def __init__(self, losses: Sequence[str], billing: str = "", flights: Flights | None = None) -> None:
        super().__init__()
        self._losses = losses
        self._billing = billing
        self._flights = flights
        self._followed: list[Flight] = list(flights.up) if flights is not None else []
        self._armed_at = float("inf") if self._followed else 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether it quits by itself when every answer is there."""
        return self.has_class("-waiting")

    @property
    def armed(self) -> bool:
        """Whether answers are taken yet."""
        return time.monotonic() >= self._armed_at

    def choices(self) -> Iterable[Choice]:
        """Stay; or leave what is on its way or running, wait for it, or stop it."""
        yield Choice("Stay", "Esc", id="stay")
        if self._followed:
            yield Choice("Leave now", "q", id="quit")
            yield Choice("Wait, then quit", "w", id="wait", classes="-yes")
            return
        if self._billing:
            yield Choice("Stop them…", "s", id="stop")
        yield Choice("Leave running" if self._billing else "Quit", "q", id="quit")

    def on_mount(self) -> None:
        """Take answers; follow what is on its way, and then only a moment later."""
        if self._followed:
            self.set_interval(TICK_SECONDS, self._draw)
            self.call_after_refresh(lambda: self._arm(time.monotonic() + ARM_SECONDS))
        else:
            self._arm(0.0)

    def on_resize(self, event: events.Resize) -> None:
        """Do without blank rows where there are few."""
        self.set_class(event.size.height < 20, "-low")

    def on_key(self, event: events.Key) -> None:
        """Drop what was typed before the question could be read; Esc may always stay."""
        if event.key != "escape" and self.is_early(event.time):
            event.stop()
            event.prevent_default()

    def is_early(self, when: float) -> bool:
        """Whether a key came too early to be an answer; that puts off when the next one may be."""
        if when >= self._armed_at:
            return False
        self._arm(max(self._armed_at, when + REPEAT_SECONDS))
        return True

    def action_answer(self, choice: str) -> None:
        """Answer, where that answer is offered."""
        if choice == "wait":
            self._wait()
        elif choice == "quit" or (choice == "stop" and self._billing and not self._followed):
            self.dismiss(cast(Way, choice))
        elif choice == "stay":
            self.dismiss(None)

    def _wait(self) -> None:
        """Quit when every answer is there, by itself; until then Stay and Leave now are still possible."""
        if not self._followed or self.is_waiting:
            return
        self.add_class("-waiting")
        self.query_one(".modal--frame").border_title = "Quitting when all of it is answered"
        self.query_one("#stay", Choice).focus()
        self._draw()
        self.run_worker(cast(Any, self._quit_when_landed), exclusive=True, group="quitting")

    async def _quit_when_landed(self) -> None:
        """Quit once nothing is on its way any more, even if a result has come up over this question by then."""
        assert self._flights is not None, "there is something to wait for"  # noqa: S101
        await self._flights.landed()
        self._theta.waited_for = tuple(self._followed)
        self._theta.exit(0)

    def _arm(self, when: float) -> None:
        self._armed_at = when
        for choice in self.query(Choice):
            choice.armed_at = self._armed_at

    def _draw(self) -> None:
        up = self._flights.up if self._flights is not None else ()
        self._followed += [flight for flight in up if flight not in self._followed]
        self.query_one("#told", Static).update(self.words())

    def words(self) -> Content:
        """Say all of it: what is on its way and what leaving means, what is at work, what goes on being billed."""
        parts = [self._flight_lines()] if self._followed else []
        if self._losses:
            words = "Also at work:" if self._followed else "Still at work:"
            bullets = [Content.assemble(("● ", "$text-accent"), literal.content(each)) for each in self._losses]
            parts.append([Content(words), *bullets])
        if self._billing:
            parts.append([Content.styled(self._billing, "$text-warning")])
        lines = [line for part in parts for line in (Content(""), *part)]
        return Content("\n").join(lines[1:])

    def _flight_lines(self) -> list[Content]:
        up = [flight for flight in self._followed if flight.is_up]
        lines = [Content("On its way, not answered yet:" if up else "All of it is answered:")]
        for flight in self._followed[-LISTED:]:
            lines += _lines_of(flight)
        if (more := len(self._followed) - LISTED) > 0:
            lines.append(Content.styled(f"  and {more} more", "$foreground-muted"))
        meaning = parting.consequences(up, is_waiting=self.is_waiting)
        told = [Content.assemble((answer, "bold"), "  ", words) for answer, words in meaning]
        return [*lines, *([Content("")] if told else []), *told]

    @property
    def _theta(self) -> ThetaApp:
        return cast("ThetaApp", self.app)


def _lines_of(flight: Flight) -> list[Content]:
    """Give what an act is, and under it how far it is."""
    if flight.is_up:
        sign, style, words = "◌", "$text-warning", parting.doing(flight)
    elif flight.error is None:
        sign, style, words = "✓", "$text-success", parting.ended(flight)
    else:
        sign, style, words = ("?", "$text-warning", "") if flight.is_unknown else ("✗", "$text-error", "")
        words = parting.ended(flight)
    return [
        Content.assemble((f"{sign} ", style), literal.content(flight.act.summary or flight.ask.command, style="bold")),
        Content.assemble("  ", literal.content(words, style="$foreground-muted")),
    ]


def losses(app: ThetaApp, flights: Sequence[Flight] = ()) -> list[str]:
    """Give what would be lost by quitting now, in words; what these flights say themselves is left out."""
    panes = [words for pane in app.shell.panes if (words := pane.busy_words)]
    works = [work.title for work in app.works.at_work]
    found = dict.fromkeys([*app.busy.values(), *works, *panes])
    told = [name for flight in flights for name in (flight.ask.command, *_names_of(flight)) if name]
    return [words for words in found if not any(name in words for name in told)]


def billing_words(app: ThetaApp) -> str:
    """Say what goes on being billed; empty when nothing is, as far as is known."""
    pulse = app.pulse
    running = pulse.running if pulse is not None else None
    if pulse is None or not running:
        return ""
    machines = "1 deployment" if running == 1 else f"{running} deployments"
    return f"Still billing {rate(pulse.burn_usd)}: {machines} will go on."


def ask_quit(app: ThetaApp) -> None:
    """Quit, after asking if something is on its way, at work, or goes on being billed."""
    flights = app.session.flights if app.session is not None else None
    up = flights.up if flights is not None else ()
    found, billing = losses(app, up), billing_words(app)
    if not found and not billing and not up:
        app.exit(0)
        return
    app.push_screen(QuitQuestion(found, billing, flights), lambda way: _do(app, way))


def quit_now(app: ThetaApp) -> None:
    """Quit at once; only while an answer to a change is still to come, ask, and quit when told so once more."""
    screen = app.screen
    if isinstance(screen, QuitQuestion):
        if not screen.is_early(time.monotonic()):
            screen.action_answer("quit")
    elif app.session is not None and any(not flight.is_stream for flight in app.session.flights.up):
        ask_quit(app)
    else:
        app.exit(0)


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


def _names_of(flight: Flight) -> tuple[str, str]:
    return flight.act.target.name, flight.act.target.id
