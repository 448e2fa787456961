"""The panel of long work: each with its steps, time and timeline; `x` cancels, after saying what that means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget

from theta_tui.tui import literal
from theta_tui.tui.modal import Modal
from theta_tui.tui.reading import Reading
from theta_tui.tui.words import whole_seconds
from theta_tui.tui.works import Work, WorkStep, work_title

if TYPE_CHECKING:
    from theta_tui.tui.app import ThetaApp

TICK_SECONDS: Final = 1.0
_MUTED: Final = "$foreground-muted"
_STATES: Final = {
    "open": ("·", "to do", _MUTED),
    "begins": ("◌", "at work", "$text-warning"),
    "done": ("✓", "done", "$text-success"),
    "failed": ("✗", "failed", "$text-error"),
    "stopped": ("■", "stopped", "$text-warning"),
    "skipped": ("–", "skipped", _MUTED),
}


class WorksScreen(Modal[None]):
    """Shows what is at work; it goes on when this is closed."""

    DEFAULT_CSS = """
    WorksScreen > .modal--frame { height: 100%; max-height: 30; }
    WorksScreen Reading { background: $surface; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "cancel", show=False),
        Binding("tab,n", "next", show=False),
        Binding("q,W", "close", show=False),
    ]
    heading = "At work"
    keys = (("n", "next"), ("x", "cancel it"), ("↑↓", "scroll"), ("Esc", "close; it goes on"))

    def __init__(self) -> None:
        super().__init__()
        self._chosen = ""
        self._asked: str | None = None

    def inside(self) -> Iterable[Widget]:
        """Give the page."""
        yield Reading(id="works")

    def on_mount(self) -> None:
        """Follow what is at work."""
        self.set_interval(TICK_SECONDS, self.draw)
        self.draw()

    def draw(self) -> None:
        """Draw all works as of now."""
        works = self._theta.works.all
        if all(work.key != self._chosen for work in works):
            self._chosen = next((work.key for work in works), "")
        lines: list[Content] = []
        for work in works:
            lines += [*([Content("")] if lines else []), *self._lines(work)]
        page = self.query_one(Reading)
        at = page.scroll_offset.y
        page.show(lines or [Content.styled("Nothing is at work, and nothing was. Uploads, validations, warm-ups and "
                                           "compared answers appear here.", _MUTED)])  # fmt: skip
        page.scroll_to(y=at, animate=False)

    def action_next(self) -> None:
        """Choose the next work."""
        keys = [work.key for work in self._theta.works.all]
        if keys:
            self._chosen, self._asked = keys[(keys.index(self._chosen) + 1) % len(keys)], None
            self.draw()

    def action_cancel(self) -> None:
        """Say what cancelling means; the second time, cancel."""
        work = next((each for each in self._theta.works.all if each.key == self._chosen), None)
        if work is None or not work.is_on:
            self.note("It is over.")
        elif work.cancel is None:
            self.note("It cannot be cancelled; it ends by itself.")
        elif self._asked != work.key:
            self._asked = work.key
            self.note(f"{work.cancelling or 'What was sent stays sent.'}  x again cancels.")
        else:
            self._asked = None
            work.cancel()
            self.note(f"Cancelling {work.title}…")

    @property
    def _theta(self) -> ThetaApp:
        return cast("ThetaApp", self.app)

    def _lines(self, work: Work) -> list[Content]:
        sign, style = ("◌", "$text-warning") if work.is_on else ("✗", "$text-error") if work.has_failed else (
            "✓", "$text-success")  # fmt: skip
        chosen = ("▸ ", "bold $text-accent") if work.key == self._chosen else "  "
        lines = [Content.assemble(chosen, (f"{sign} ", style), literal.content(work_title(work), style="bold"))]
        said = work.doing if work.is_on else work.outcome
        if said:
            lines.append(Content.assemble("    ", literal.content(said)))
        lines += [_step_line(step) for step in work.steps]
        if work.looks:
            lines.append(Content.assemble(("    ", ""), literal.content(" → ".join(work.looks), style=_MUTED)))
        if work.is_on and work.cancelling:
            lines.append(Content.assemble(("    x: ", _MUTED), literal.content(work.cancelling, style=_MUTED)))
        return lines


def _step_line(step: WorkStep) -> Content:
    glyph, word, style = _STATES.get(step.state, _STATES["open"])
    took = "" if step.seconds is None else whole_seconds(step.seconds)
    return Content.assemble("    ", (f"{glyph} ", style), literal.content(step.name), (f"  {word}  {took}", _MUTED))
