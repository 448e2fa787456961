"""The pieces of the setup wizard's page of keys: its lines, and a field around each with its state.

They know no session; the wizard tells them what to show.
"""

from __future__ import annotations

from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from theta_tui.errors import UsageError
from theta_tui.intake import PROJECT_ID, Outcome, Verdict, project_ids_in, read
from theta_tui.purposes import Asked
from theta_tui.tui import literal
from theta_tui.tui.widgets.secret_input import SecretInput

GLYPHS: Final = {
    Outcome.VERIFIED: ("✓", "$text-success"),
    Outcome.ACCEPTED: ("✓", "$text-success"),
    Outcome.REFUSED: ("✗", "$text-error"),
    Outcome.UNCHECKED: ("◌", "$text-warning"),
}


class Misplaced(Message):
    """An address of the dashboard was pasted where a key goes: its project id is meant for another field."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class KeyInput(SecretInput):
    """A line for a key. What is pasted is whole, so that it is taken at once."""

    def paste(self, text: str) -> None:
        """Take a text that was pasted elsewhere."""
        self._paste(text)

    def _paste(self, text: str) -> None:
        if "://" in text and len(project_ids_in(text)) == 1:
            self.post_message(Misplaced(text))
            return
        super()._paste(text)
        if not self.problem:
            self.take()


class IdInput(Input):
    """A line for an id or an address; of whatever is pasted only that is ever shown."""

    class Misread(Message):
        """What was pasted does not hold what is wanted."""

        def __init__(self, line: IdInput, words: str) -> None:
            super().__init__()
            self.line = line
            self.words = words

    class Filled(Message):
        """What was pasted holds it."""

        def __init__(self, line: IdInput) -> None:
            super().__init__()
            self.line = line

    def __init__(self, asked: Asked) -> None:
        placeholder = "prj_…" if asked.name == PROJECT_ID else "https://…"
        super().__init__(placeholder=placeholder, id=asked.name, select_on_focus=False)
        self._asked = asked

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.paste(event.text)

    def action_paste(self) -> None:
        """Paste from the app's own clipboard."""
        self.paste(self.app.clipboard)

    def paste(self, text: str) -> None:
        """Take the id or address out of a text."""
        if not text.strip():
            return
        try:
            self.value = read(self._asked.name, text)
        except UsageError as error:
            self.post_message(self.Misread(self, error.message))
            return
        self.cursor_position = len(self.value)
        self.post_message(self.Filled(self))


class SetupField(Vertical):
    """Label and state, the line, and below it where to find the thing, or what is wrong."""

    DEFAULT_CSS = """
    SetupField {
        height: auto;
        margin-bottom: 1;
        & > Horizontal { height: 1; }
        & .setup--label { width: auto; text-style: bold; }
        & .setup--state { width: 1fr; padding-left: 2; text-align: right; text-wrap: nowrap; text-overflow: ellipsis; }
        & > .setup--note { height: auto; color: $foreground-muted; }
        & > .setup--note.-problem { color: $text-error; }
        & > .setup--note.-reason { color: $text-warning; }
        & > .setup--note.-empty { display: none; }
    }
    """

    def __init__(self, asked: Asked, line: Input) -> None:
        super().__init__(id=f"{asked.name}-field")
        self.asked = asked
        self.line = line
        self._source = ""
        self._verdict: Verdict | None = None
        self._is_checking = False

    def compose(self) -> ComposeResult:
        """Lay out the three rows."""
        label = self.asked.label
        with Horizontal():
            yield Static(Content(label[:1].upper() + label[1:]), classes="setup--label")
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
        note.update(literal.content(words or self.asked.where))
        note.set_class(is_problem and bool(words), "-problem")
        note.set_class(not is_problem and bool(words), "-reason")
        note.set_class(not words, "-where")

    def _draw(self) -> None:
        self.query_one(".setup--state", Static).update(self._state())

    def _state(self) -> Content:
        if self._is_checking:
            return Content.styled("◌ checking…", "$foreground-muted")
        if self._verdict is not None:
            glyph, style = GLYPHS[self._verdict.outcome]
            return Content.assemble((f"{glyph} ", style), literal.content(self._verdict.words, style=style))
        return literal.content(self._source, style="$foreground-muted")
