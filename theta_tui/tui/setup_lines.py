"""The lines of the page of keys: what was typed in each, what is configured already, and what is still missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from textual.widgets import Input

from theta_tui.enrolment import about_project
from theta_tui.errors import ThetaError, UsageError
from theta_tui.intake import PROJECT_ID, Entered, read
from theta_tui.purposes import ASKED, Purpose
from theta_tui.tui.setup_parts import IdInput, KeyInput, SetupField

if TYPE_CHECKING:
    from theta_tui.enrolment import Enrolment

_SOURCES: Final = {"this run": "kept for this run"}


class KeyLines:
    """One line and field for each thing that can be asked for; `sources` says where what is configured comes from."""

    def __init__(self) -> None:
        lines = {
            name: KeyInput(partial(read, name), id=name) if asked.is_secret else IdInput(asked)
            for name, asked in ASKED.items()
        }
        self._secrets = {name: line for name, line in lines.items() if isinstance(line, KeyInput)}
        self._ids = {name: line for name, line in lines.items() if isinstance(line, IdInput)}
        self._enrolment: Enrolment | None = None
        self.fields = {name: SetupField(ASKED[name], line) for name, line in lines.items()}
        self.sources: dict[str, str] = {}

    def entered(self, names: Sequence[str]) -> Entered:
        """Give what was typed for these and is whole; ids only if they are others than the configured ones."""
        secrets = {name: line.secret for name, line in self._secrets.items() if line.secret and name in names}
        values = {
            name: line.value
            for name, line in self._ids.items()
            if name in names and line.value not in ("", self._configured(name))
        }
        return about_project(Entered(secrets, values), self.fields[PROJECT_ID].verdict)

    def missing(self, purposes: Sequence[Purpose]) -> Iterator[str]:
        """Name what these purposes need and is neither typed nor configured."""
        names = tuple(dict.fromkeys(name for purpose in purposes for name in purpose.needs or purpose.asks))
        entered = self.entered(names)
        return (ASKED[name].label for name in names if name not in entered and name not in self.sources)

    def holds(self, line: Input) -> bool:
        """Whether something stands in a line, was taken out of it, or is configured in its place."""
        return bool(line.value) or line.id in self.sources or (isinstance(line, KeyInput) and line.secret is not None)

    def forget(self) -> None:
        """Give up every secret that was typed."""
        for line in self._secrets.values():
            line.forget()

    def take(self, names: Sequence[str]) -> SetupField | None:
        """Take what was typed out of the lines; gives the first field with something that cannot be used."""
        for line in self._secrets.values():
            line.take()
        for name in names:
            field = self.fields[name]
            if (name in self._ids and not self.read_id(name)) or (name in self._secrets and field.line.value):
                return field
        return None

    def read_id(self, name: str) -> bool:
        """Take the id out of what stands in a line; False, and a word at the field, if it cannot be used."""
        line, enrolment = self._ids[name], self._enrolment
        if not line.value.strip():
            return True
        try:
            line.value = read(name, line.value)
            variable = enrolment.variable_of(name) if enrolment else ""
            if variable and line.value != self._configured(name):
                raise UsageError(f"{variable} goes before what is typed here; change it there.")
        except UsageError as error:
            line.call_later(self.fields[name].show_note, error.message, is_problem=True)
            return False
        return True

    async def look_around(self, enrolment: Enrolment) -> None:
        """Show what is configured; the keyring may take its 3 s."""
        self._enrolment = enrolment
        for name, line in self._ids.items():
            if value := enrolment.value(name):
                self.sources[name] = enrolment.variable_of(name) or "the settings"
                self.fields[name].show_source(f"● from {self.sources[name]}")
                line.value = line.value or value
        for name in self._secrets:
            await self._show_source(enrolment, name)

    async def _show_source(self, enrolment: Enrolment, name: str) -> None:
        try:
            source = await enrolment.source(name)
        except ThetaError as error:
            self.fields[name].show_note(error.message, is_problem=True)
            return
        if source is not None:
            self.sources[name] = source
            self.fields[name].show_source(f"● {_SOURCES.get(source, f'from {source}')}")
            self._secrets[name].invite("leave empty to keep it")

    def _configured(self, name: str) -> str:
        return self._enrolment.value(name) if self._enrolment else ""
