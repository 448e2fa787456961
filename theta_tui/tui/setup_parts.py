"""The pieces of the setup wizard: a field with its state, the line for the project id, the choice where keys are kept.

They know no session; the wizard tells them what to show.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from theta_tui.errors import UsageError
from theta_tui.intake import Outcome, Verdict, project_id_in
from theta_tui.tui import literal

GLYPHS = {
    Outcome.VERIFIED: ("✓", "$text-success"),
    Outcome.ACCEPTED: ("✓", "$text-success"),
    Outcome.REFUSED: ("✗", "$text-error"),
    Outcome.UNCHECKED: ("◌", "$text-warning"),
}


_UNTELLING = ("", "chainer", "fail", "null")
"""What the keyring library calls having none; it would tell users nothing."""


class ProjectInput(Input):
    """A line for the project id; of whatever is pasted only the id is ever shown."""

    class Misread(Message):
        """What was pasted holds no project id, or several."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self._paste(event.text)

    def action_paste(self) -> None:
        """Paste from the app's own clipboard."""
        self._paste(self.app.clipboard)

    def _paste(self, text: str) -> None:
        if not text.strip():
            return
        try:
            self.value = project_id_in(text)
            self.cursor_position = len(self.value)
        except UsageError as error:
            self.post_message(self.Misread(error.message))


class SetupField(Vertical):
    """Label and state, the line, and below it where to find the thing, or what is wrong."""

    DEFAULT_CSS = """
    SetupField {
        height: auto;
        margin-bottom: 1;
        & > Horizontal { height: 1; }
        & .setup--label { width: auto; text-style: bold; }
        & .setup--state { width: 1fr; padding-left: 2; text-align: right; text-wrap: nowrap; text-overflow: ellipsis; }
        & > .setup--note { height: auto; color: $foreground 60%; }
        & > .setup--note.-problem { color: $text-error; }
        & > .setup--note.-reason { color: $text-warning; }
        & > .setup--note.-empty { display: none; }
    }
    """

    def __init__(self, label: str, where: str, line: Input) -> None:
        super().__init__(id=f"{line.id}-field")
        self.line = line
        self._label = label
        self._where = where
        self._source = ""
        self._verdict: Verdict | None = None
        self._is_checking = False

    def compose(self) -> ComposeResult:
        """Lay out the three rows."""
        with Horizontal():
            yield Static(Content(self._label), classes="setup--label")
            yield Static("", classes="setup--state", markup=False)
        yield self.line
        yield Static("", classes="setup--note", markup=False)

    def on_mount(self) -> None:
        """Show where to find it."""
        self.show_note("")

    def on_descendant_focus(self) -> None:
        """Where there is little room, only the field at hand says where to find its thing."""
        self.add_class("-at-hand")

    def on_descendant_blur(self) -> None:
        """Another field is at hand."""
        self.remove_class("-at-hand")

    @property
    def verdict(self) -> Verdict | None:
        """What the last check found out."""
        return self._verdict

    def show_source(self, words: str) -> None:
        """Say what is configured already."""
        self._source = words
        self._draw()

    def show_checking(self) -> None:
        """Say that a check is on its way."""
        self._is_checking, self._verdict = True, None
        self._draw()

    def show_verdict(self, verdict: Verdict | None) -> None:
        """Show what a check found out; None takes it away."""
        self._is_checking, self._verdict = False, verdict
        self._draw()
        is_refused = verdict is not None and verdict.outcome is Outcome.REFUSED
        self.show_note(verdict.reason if verdict else "", is_problem=is_refused)

    def show_note(self, words: str, *, is_problem: bool = False) -> None:
        """Show a line below the field: a problem, a reason, or with "" where to find the thing."""
        note = self.query_one(".setup--note", Static)
        note.update(literal.content(words or self._where))
        note.set_class(is_problem and bool(words), "-problem")
        note.set_class(not is_problem and bool(words), "-reason")
        note.set_class(not words, "-where")

    def _draw(self) -> None:
        self.query_one(".setup--state", Static).update(self._state())

    def _state(self) -> Content:
        if self._is_checking:
            return Content.styled("◌ checking…", "$foreground 70%")
        if self._verdict is not None:
            glyph, style = GLYPHS[self._verdict.outcome]
            return Content.assemble((f"{glyph} ", style), literal.content(self._verdict.words, style=style))
        return literal.content(self._source, style="$foreground 70%")


class KeepWhere(Widget, can_focus=True):
    """Where the keys are kept: the keyring, or this run. A keyring that cannot be used says why."""

    DEFAULT_CSS = """
    KeepWhere { height: auto; }
    KeepWhere:focus { background-tint: $foreground 8%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("left,right,space", "switch", show=False)]

    def __init__(self, variables: str) -> None:
        super().__init__(id="keep")
        self._variables = variables
        self._backend = ""
        self._objection: str | None = None
        self._is_known = False
        self.is_lasting = True

    def show_keyring(self, backend: str, reason: str = "") -> None:
        """Name the keyring; with a reason why it cannot be used, the other way is taken."""
        self._is_known, self._backend = True, backend
        if reason:
            self.object(f"The keyring cannot be used: {reason}.")
        self.refresh(layout=True)

    def object(self, words: str) -> None:
        """Close the way into the keyring, and say why."""
        self._objection, self.is_lasting = words, False
        self.refresh(layout=True)

    def action_switch(self) -> None:
        """Take the other way, if there is one."""
        if self._objection is None:
            self.is_lasting = not self.is_lasting
            self.refresh()

    def on_click(self) -> None:
        """Take the other way."""
        self.action_switch()

    def render(self) -> Content:
        """Draw the two ways, what is wrong with the first, and the third."""
        named = "the keyring" if self._backend in _UNTELLING else f"the keyring ({self._backend})"
        first = self._way(named, chosen=self.is_lasting)
        if self._objection is not None:
            first = literal.content(f"✗ {named}", style="$foreground 50%")
        second = self._way("this run only", chosen=not self.is_lasting)
        lines = [Content.assemble(("Keep in", "bold"), "  ", first, "  ", second)]
        if self._objection is not None:
            lines.append(literal.content(self._objection, style="$text-warning"))
        elif not self._is_known:
            lines.append(Content.styled("◌ asking the keyring…", "$foreground 60%"))
        lines.append(Content.styled(f"Or set {self._variables} in the environment.", "$foreground 60%"))
        return Content("\n").join(lines)

    def _way(self, words: str, *, chosen: bool) -> Content:
        return literal.content(
            f"{'●' if chosen else '○'} {words}", style="$text-accent" if chosen else "$foreground 70%"
        )
