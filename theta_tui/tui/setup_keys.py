"""The page of keys: a field for each thing that the chosen purposes ask for, checked as it is left or pasted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Input, Static

from theta_tui.intake import Entered, meant_for
from theta_tui.purposes import PURPOSES, Purpose, purpose_of
from theta_tui.tui import literal
from theta_tui.tui.setup_checks import Checks
from theta_tui.tui.setup_lines import KeyLines
from theta_tui.tui.setup_parts import IdInput, KeyInput, Misplaced, SetupField
from theta_tui.tui.widgets.secret_input import SecretInput

if TYPE_CHECKING:
    from theta_tui.enrolment import Enrolment

WELCOME: Final = "Paste what you have; every field may stay empty. Keys are masked and never shown again."


class KeysPage(VerticalScroll, can_focus=False):
    """The fields of all purposes, of which those that are switched on are shown."""

    DEFAULT_CSS = """
    KeysPage {
        height: 1fr;
        scrollbar-size-vertical: 1;
        & > #welcome { height: auto; margin-bottom: 1; color: $foreground-muted; }
        & > #welcome.-elsewhere { color: $text-warning; }
    }
    """

    class Done(Message):
        """Enter was pressed in the last field."""

    def __init__(self) -> None:
        super().__init__(id="keys")
        self.purposes: tuple[Purpose, ...] = tuple(purpose for purpose in PURPOSES if purpose.usual)
        self._lines = KeyLines()
        self._checks = Checks(self, self._lines.fields)

    def compose(self) -> ComposeResult:
        """Lay out the fields, in the order of the purposes."""
        yield Static(WELCOME, id="welcome", markup=False)
        for purpose in PURPOSES:
            for name in purpose.asks:
                yield self._lines.fields[name]

    def on_mount(self) -> None:
        """Show the usual fields."""
        self.switch(self.purposes)

    def first_focus(self) -> Input:
        """The first line that is still empty, else the first."""
        lines = [field.line for field in self.fields]
        return next((line for line in lines if not self._lines.holds(line)), lines[0])

    @property
    def names(self) -> tuple[str, ...]:
        """What is asked for now, from top to bottom."""
        return tuple(name for purpose in self.purposes for name in purpose.asks)

    @property
    def fields(self) -> tuple[SetupField, ...]:
        """The fields that are shown."""
        return tuple(self._lines.fields[name] for name in self.names)

    @property
    def sources(self) -> Mapping[str, str]:
        """Where what is configured already comes from."""
        return self._lines.sources

    @property
    def is_settled(self) -> bool:
        """Whether no check is on its way."""
        return self._checks.is_settled

    @property
    def entered(self) -> Entered:
        """What was typed and is whole."""
        return self._lines.entered(self.names)

    def missing(self) -> Iterator[str]:
        """Name what the chosen purposes need and is neither typed nor configured."""
        return self._lines.missing(self.purposes)

    def switch(self, purposes: tuple[Purpose, ...]) -> None:
        """Show the fields of these purposes."""
        self.purposes = purposes
        for name, field in self._lines.fields.items():
            field.display = name in self.names

    def forget(self) -> None:
        """Give up every secret that was typed."""
        self._lines.forget()

    async def look_around(self, enrolment: Enrolment) -> None:
        """Show what is configured; the keyring may take its 3 s."""
        self._checks.begin(enrolment)
        if enrolment.elsewhere:
            welcome = self.query_one("#welcome", Static)
            welcome.add_class("-elsewhere")
            welcome.update(literal.content(f"Keys typed here go to {enrolment.elsewhere}, not to Theta's own hosts."))
        await self._lines.look_around(enrolment)

    def paste(self, text: str) -> None:
        """Take a text that was pasted into no field: into the one it looks meant for, else the first empty one."""
        name = meant_for(text)
        field = self._lines.fields[name] if name else next(
            (one for one in self.fields if isinstance(one.line, KeyInput) and one.line.secret is None), self.fields[0]
        )  # fmt: skip
        if field not in self.fields and (purpose := purpose_of(field.asked.name)) is not None:
            self.switch(tuple(one for one in PURPOSES if one in self.purposes or one is purpose))
        field.line.focus()
        if isinstance(field.line, (IdInput, KeyInput)):
            field.line.paste(text)

    def verify(self) -> None:
        """Check everything there is once more, also what was configured before."""
        self.take()
        self._checks.forget()
        for purpose in self.purposes:
            self._checks.check(purpose, self.entered, all_=any(name in self.sources for name in purpose.asks))

    def take(self) -> SetupField | None:
        """Take what was typed out of the lines; gives the first field with something that cannot be used."""
        return self._lines.take(self.names)

    async def settle(self) -> SetupField | None:
        """Wait for the checks of what was typed; gives the first field that was refused."""
        for purpose in self.purposes:
            self._checks.check(purpose, self.entered)
        return await self._checks.settle(self.entered, self.purposes)

    @on(SecretInput.Typed)
    def _typed(self, event: SecretInput.Typed) -> None:
        self._field_of(event.line).show_note(event.line.problem, is_problem=True)

    @on(SecretInput.CopyRefused)
    def _copy_refused(self, event: SecretInput.CopyRefused) -> None:
        self._field_of(event.line).show_note("A key is never copied from here.")

    @on(SecretInput.Taken)
    def _taken(self, event: SecretInput.Taken) -> None:
        self._check(str(event.line.id))

    @on(SecretInput.Entered)
    def _entered(self, event: SecretInput.Entered) -> None:
        if not event.line.problem:
            self._go_on(event.line)

    @on(Misplaced)
    def _misplaced(self, event: Misplaced) -> None:
        self.paste(event.text)

    @on(IdInput.Misread)
    def _misread(self, event: IdInput.Misread) -> None:
        self._field_of(event.line).show_note(event.words, is_problem=True)

    @on(IdInput.Filled)
    def _filled(self, event: IdInput.Filled) -> None:
        if self._lines.read_id(str(event.line.id)):
            self._check(str(event.line.id))

    @on(Input.Changed)
    def _id_typed(self, event: Input.Changed) -> None:
        event.stop()
        if isinstance(event.input, IdInput):
            self._field_of(event.input).show_note("")
            if (purpose := purpose_of(str(event.input.id))) is not None:
                self._checks.changed(purpose, self.entered)

    @on(Input.Blurred)
    def _id_left(self, event: Input.Blurred) -> None:
        if self.app.app_focus and isinstance(event.input, IdInput) and self._lines.read_id(str(event.input.id)):
            self._check(str(event.input.id))

    @on(Input.Submitted)
    def _id_entered(self, event: Input.Submitted) -> None:
        event.stop()
        if self._lines.read_id(str(event.input.id)):
            self._go_on(event.input)

    def _go_on(self, line: Input) -> None:
        """Go to the next field, or say that this was the last."""
        lines = [field.line for field in self.fields]
        at = lines.index(line) + 1
        if at < len(lines):
            lines[at].focus()
        else:
            self.post_message(self.Done())

    def _field_of(self, line: Input) -> SetupField:
        return self._lines.fields[str(line.id)]

    def _check(self, name: str) -> None:
        if (purpose := purpose_of(name)) in self.purposes and purpose is not None:
            self._checks.check(purpose, self.entered)
