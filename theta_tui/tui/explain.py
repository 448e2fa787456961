"""Explain: what a pane shows and does, as a CLI line, as curl and as Python; `y` copies what is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from theta_tui.errors import ThetaError
from theta_tui.tui import literal
from theta_tui.tui.modal import Modal
from theta_tui.tui.panes.base import Call
from theta_tui.tui.reading import Reading
from theta_tui.tui.widgets.tab_line import Tab, TabLine

if TYPE_CHECKING:
    from theta_tui.explain import Explained
    from theta_tui.tui.app import ThetaApp

FORMS: Final = (Tab("cli", "CLI line"), Tab("curl", "curl"), Tab("python", "Python"))
_MUTED: Final = "$foreground-muted"


class ExplainScreen(Modal[None]):
    """The calls of a pane at the top, the chosen one in the chosen form below."""

    DEFAULT_CSS = """
    ExplainScreen {
        & > .modal--frame { height: 100%; max-height: 30; }
        & #calls { max-height: 7; margin-bottom: 1; scrollbar-size-vertical: 1; }
        & #calls > .option-list--option-highlighted {
            background: $block-cursor-background; color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
        & Reading { background: $surface; margin-top: 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l,tab", "form(1)", show=False, priority=True),
        Binding("left,h,shift+tab", "form(-1)", show=False, priority=True),
        Binding("y", "copy", show=False),
        Binding("q,e", "close", show=False),
    ]
    heading = "Explain"
    keys = (("↑↓", "which"), ("←→", "form"), ("y", "copy"), ("Esc", "close"))
    AUTO_FOCUS = "#calls"

    def __init__(self, calls: Sequence[Call]) -> None:
        super().__init__()
        self._calls = calls
        self._forms = TabLine(FORMS)
        self._known: dict[int, Explained | ThetaError] = {}

    def inside(self) -> Iterable[Widget]:
        """Give the calls, the forms, and the page."""
        yield OptionList(*(Option(self._option(call)) for call in self._calls), id="calls", markup=False)
        yield self._forms
        yield Reading()

    @property
    def text(self) -> str:
        """What is shown, as it is copied; empty until it is known, and where a form does not exist."""
        found = self._known.get(self._chosen)
        return getattr(found, self._forms.current, "")

    def action_form(self, step: int) -> None:
        """Show the next form."""
        self._forms.step(step)

    def action_copy(self) -> None:
        """Copy what is shown."""
        if self.text:
            self.run_worker(self._copy(self.text), exclusive=True, group="copy")

    @property
    def _chosen(self) -> int:
        return self.query_one("#calls", OptionList).highlighted or 0

    @on(OptionList.OptionHighlighted, "#calls")
    def _other_call(self) -> None:
        if self._chosen in self._known:
            self._draw()
        else:
            self.query_one(Reading).show([Content.styled("Writing it down…", _MUTED)])
            self.run_worker(self._learn(self._chosen), group="learn", exclusive=True)

    @on(TabLine.Chosen)
    def _other_form(self, event: TabLine.Chosen) -> None:
        event.stop()
        self._draw()

    async def _learn(self, index: int) -> None:
        call, session = self._calls[index], cast("ThetaApp", self.app).session
        if session is None:
            return
        try:
            self._known[index] = await session.explain(call.command, call.arguments)
        except ThetaError as error:
            self._known[index] = error
        if index == self._chosen:
            self._draw()

    def _draw(self) -> None:
        found, page = self._known.get(self._chosen), self.query_one(Reading)
        if isinstance(found, ThetaError):
            page.show([literal.content(found.message), literal.content(found.hint, style=_MUTED)])
        elif found is not None:
            page.show([*self._lines(found), Content(""), *self._notes(found)])

    def _lines(self, found: Explained) -> list[Content]:
        if not self.text:
            return [Content.styled("It sends no request of its own: it is answered here.", _MUTED)]
        return literal.content(self.text, block=True).split("\n")

    def _notes(self, found: Explained) -> list[Content]:
        notes = []
        if self._forms.current != "cli" and self.text:
            notes.append("Credentials are taken from the variables; they are never shown.")
        if self._forms.current != "cli" and found.more:
            notes.append(f"Only the first of {found.more + 1} requests: the others follow it or take its place.")
        return [Content.styled(note, _MUTED) for note in notes]

    @staticmethod
    def _option(call: Call) -> Content:
        return Content.assemble(literal.content(call.title), "  ", literal.content(call.command, style=_MUTED))

    async def _copy(self, text: str) -> None:
        from theta_tui.tui.clipboard import copy

        self.note(await copy(self.app, text))


def open_explain(app: ThetaApp) -> None:
    """Explain the current pane, or say that there is nothing to explain."""
    pane = app.shell.current
    calls = pane.calls() if pane is not None else ()
    if not calls:
        app.tell("Nothing to explain here.")
        return
    app.push_screen(ExplainScreen(list(calls)))
