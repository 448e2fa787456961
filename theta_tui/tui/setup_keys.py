"""The page of keys: a field for each thing that the chosen purposes ask for, checked as it is left or pasted."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Input, Static

from theta_tui.enrolment import about_project
from theta_tui.errors import ThetaError, UsageError
from theta_tui.intake import PROJECT_ID, Entered, meant_for, read
from theta_tui.purposes import ASKED, PURPOSES, Purpose, purpose_of
from theta_tui.tui import literal
from theta_tui.tui.setup_checks import Checks
from theta_tui.tui.setup_parts import IdInput, KeyInput, Misplaced, SetupField
from theta_tui.tui.widgets.secret_input import SecretInput

if TYPE_CHECKING:
    from theta_tui.enrolment import Enrolment

WELCOME: Final = "Paste what you have; every field may stay empty. Keys are masked and never shown again."
_SOURCES: Final = {"this run": "kept for this run"}


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
        self._enrolment: Enrolment | None = None
        self.sources: dict[str, str] = {}
        self.purposes: tuple[Purpose, ...] = tuple(purpose for purpose in PURPOSES if purpose.usual)
        lines = {
            name: KeyInput(partial(read, name), id=name) if asked.is_secret else IdInput(asked)
            for name, asked in ASKED.items()
        }
        self._secrets = {name: line for name, line in lines.items() if isinstance(line, KeyInput)}
        self._ids = {name: line for name, line in lines.items() if isinstance(line, IdInput)}
        self._fields = {name: SetupField(ASKED[name], line) for name, line in lines.items()}
        self._checks = Checks(self, self._fields)

    def compose(self) -> ComposeResult:
        """Lay out the fields, in the order of the purposes."""
        yield Static(WELCOME, id="welcome", markup=False)
        for purpose in PURPOSES:
            for name in purpose.asks:
                yield self._fields[name]

    def on_mount(self) -> None:
        """Show the usual fields."""
        self.switch(self.purposes)

    def first_focus(self) -> Input:
        """The first field that is still empty, else the first."""
        lines = [field.line for field in self.fields]
        return next((line for line in lines if not self._holds(line)), lines[0])

    @property
    def fields(self) -> tuple[SetupField, ...]:
        """The fields that are shown, from top to bottom."""
        return tuple(self._fields[name] for purpose in self.purposes for name in purpose.asks)

    @property
    def is_settled(self) -> bool:
        """Whether no check is on its way."""
        return self._checks.is_settled

    @property
    def entered(self) -> Entered:
        """What was typed and is whole; ids only if they are others than the configured ones."""
        shown = {field.asked.name for field in self.fields}
        secrets = {name: line.secret for name, line in self._secrets.items() if line.secret and name in shown}
        values = {
            name: line.value
            for name, line in self._ids.items()
            if name in shown and line.value not in ("", self._configured(name))
        }
        return about_project(Entered(secrets, values), self._fields[PROJECT_ID].verdict)

    def missing(self) -> Iterator[str]:
        """Name what the chosen purposes need and is neither typed nor configured."""
        entered = self.entered
        for name in dict.fromkeys(name for purpose in self.purposes for name in purpose.needs or purpose.asks):
            if name not in entered and name not in self.sources:
                yield ASKED[name].label

    def switch(self, purposes: tuple[Purpose, ...]) -> None:
        """Show the fields of these purposes."""
        self.purposes = purposes
        wanted = {field.asked.name for field in self.fields}
        for name, field in self._fields.items():
            field.display = name in wanted

    def forget(self) -> None:
        """Give up every secret that was typed."""
        for line in self._secrets.values():
            line.forget()

    async def look_around(self, enrolment: Enrolment) -> None:
        """Show what is configured; the keyring may take its 3 s."""
        self._enrolment = enrolment
        self._checks.begin(enrolment)
        if enrolment.elsewhere:
            welcome = self.query_one("#welcome", Static)
            welcome.add_class("-elsewhere")
            welcome.update(literal.content(f"Keys typed here go to {enrolment.elsewhere}, not to Theta's own hosts."))
        for name, line in self._ids.items():
            if value := enrolment.value(name):
                self.sources[name] = enrolment.variable_of(name) or "the settings"
                self._fields[name].show_source(f"● from {self.sources[name]}")
                line.value = line.value or value
        for name in self._secrets:
            await self._show_source(enrolment, name)

    async def _show_source(self, enrolment: Enrolment, name: str) -> None:
        try:
            source = await enrolment.source(name)
        except ThetaError as error:
            self._fields[name].show_note(error.message, is_problem=True)
            return
        if source is not None:
            self.sources[name] = source
            self._fields[name].show_source(f"● {_SOURCES.get(source, f'from {source}')}")
            self._secrets[name].invite("leave empty to keep it")

    def paste(self, text: str) -> None:
        """Take a text that was pasted into no field: into the one it looks meant for, else the first empty one."""
        name = meant_for(text)
        field = self._fields[name] if name else next(
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
        for line in self._secrets.values():
            line.take()
        for name, field in ((field.asked.name, field) for field in self.fields):
            if (name in self._ids and not self._read(name)) or (name in self._secrets and field.line.value):
                return field
        return None

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
        if self._read(str(event.line.id)):
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
        if self.app.app_focus and isinstance(event.input, IdInput) and self._read(str(event.input.id)):
            self._check(str(event.input.id))

    @on(Input.Submitted)
    def _id_entered(self, event: Input.Submitted) -> None:
        event.stop()
        if self._read(str(event.input.id)):
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
        return self._fields[str(line.id)]

    def _holds(self, line: Input) -> bool:
        name = str(line.id)
        return bool(line.value) or name in self.sources or (isinstance(line, KeyInput) and line.secret is not None)

    def _configured(self, name: str) -> str:
        return self._enrolment.value(name) if self._enrolment else ""

    def _read(self, name: str) -> bool:
        """Take the id out of what stands in the line; False, and a word at the field, if it cannot be used."""
        line, enrolment = self._ids[name], self._enrolment
        if not line.value.strip():
            return True
        try:
            line.value = read(name, line.value)
            variable = enrolment.variable_of(name) if enrolment else ""
            if variable and line.value != self._configured(name):
                raise UsageError(f"{variable} goes before what is typed here; change it there.")
        except UsageError as error:
            self.call_later(self._fields[name].show_note, error.message, is_problem=True)
            return False
        return True

    def _check(self, name: str) -> None:
        if (purpose := purpose_of(name)) in self.purposes and purpose is not None:
            self._checks.check(purpose, self.entered)
