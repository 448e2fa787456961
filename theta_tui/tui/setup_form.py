"""The fields of the setup wizard: what was typed, what is configured already, and what checking found out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Input, Static

from theta_tui.errors import UsageError
from theta_tui.intake import (
    NEEDS_KEY,
    PROJECT_ID,
    PROJECT_KEY,
    TOKEN,
    WHERE,
    Entered,
    key_in,
    project_id_in,
)
from theta_tui.tui import literal
from theta_tui.tui.setup_checks import NAMES, Checks
from theta_tui.tui.setup_parts import KeepWhere, ProjectInput, SetupField
from theta_tui.tui.widgets.secret_input import SecretInput

if TYPE_CHECKING:
    from theta_tui.enrolment import Enrolment

VARIABLES: Final = "THETA_EC_API_KEY, THETA_EC_PROJECT_ID and THETA_ONDEMAND_API_TOKEN"
WELCOME: Final = "Paste what you have; every field may stay empty. Keys are masked and never shown again."


class SetupForm(VerticalScroll, can_focus=False):
    """Project key, project id, on-demand token, and where to keep them; checks each as it is left."""

    DEFAULT_CSS = """
    SetupForm {
        height: 1fr;
        scrollbar-size-vertical: 1;
        & > #welcome { height: auto; margin-bottom: 1; color: $foreground 80%; }
        & > #welcome.-elsewhere { color: $text-warning; }
    }
    """

    class Done(Message):
        """Enter was pressed in the last field."""

    def __init__(self) -> None:
        super().__init__(id="form")
        key = SecretInput(partial(key_in, name=PROJECT_KEY), id="key")
        project = ProjectInput(placeholder="prj_…", id="project", select_on_focus=False)
        token = SecretInput(partial(key_in, name=TOKEN), id="token")
        self._secrets = {PROJECT_KEY: key, TOKEN: token}
        self._project_line = project
        self._key = SetupField("Project API key", WHERE[PROJECT_KEY], key)
        self._project = SetupField("Project id", WHERE[PROJECT_ID], project)
        self._token = SetupField("On-demand access token", WHERE[TOKEN], token)
        self._enrolment: Enrolment | None = None
        self._sources: dict[str, str] = {}
        self._checks = Checks(self, *self.fields)

    def compose(self) -> ComposeResult:
        """Lay out the fields."""
        yield Static(WELCOME, id="welcome", markup=False)
        yield from self.fields
        yield KeepWhere(VARIABLES)

    @property
    def fields(self) -> tuple[SetupField, SetupField, SetupField]:
        """The three fields, from top to bottom."""
        return self._key, self._project, self._token

    @property
    def is_settled(self) -> bool:
        """Whether no check is on its way."""
        return self._checks.is_settled

    @property
    def is_configured(self) -> bool:
        """Whether a key is there already, wherever it comes from."""
        return bool(self._sources)

    @property
    def entered(self) -> Entered:
        """What was typed and is whole; the project id only if it is another than the configured one."""
        configured = self._enrolment.project_id if self._enrolment else ""
        project_id, verdict = self._project_line.value, self._project.verdict
        return Entered(
            self._secrets[PROJECT_KEY].secret,
            self._secrets[TOKEN].secret,
            project_id if project_id not in ("", configured) else None,
            verdict.org_id if verdict else "",
        )

    def missing(self) -> Iterator[str]:
        """Name what is neither typed nor configured."""
        entered = self.entered
        for name, typed, words in (
            (PROJECT_KEY, entered.key, "project API key"),
            (TOKEN, entered.token, "on-demand token"),
        ):
            if typed is None and name not in self._sources:
                yield words
        if not self._project_line.value:
            yield "project id"

    def forget(self) -> None:
        """Give up every secret that was typed."""
        for line in self._secrets.values():
            line.forget()

    async def look_around(self, enrolment: Enrolment) -> None:
        """Show what is configured, where keys go, and which keyring there is; the keyring may take its 3 s."""
        self._enrolment = enrolment
        self._checks.begin(enrolment)
        if enrolment.elsewhere:
            welcome = self.query_one("#welcome", Static)
            welcome.add_class("-elsewhere")
            welcome.update(literal.content(f"Keys typed here go to {enrolment.elsewhere}, not to Theta's own hosts."))
        if enrolment.project_id and not self._project_line.value:
            self._project_line.value = enrolment.project_id
            self._project.show_source(f"● from {enrolment.project_id_variable or 'the settings'}")
        status = await enrolment.keyring()
        self.query_one(KeepWhere).show_keyring(status.backend_name, "" if status.usable else status.reason)
        for name, field in ((PROJECT_KEY, self._key), (TOKEN, self._token)):
            await self._show_source(enrolment, name, field)
        if self._project.verdict is NEEDS_KEY:
            self._checks.forget()
            self._check(PROJECT_KEY)

    async def _show_source(self, enrolment: Enrolment, name: str, field: SetupField) -> None:
        try:
            source = await enrolment.source(name)
        except UsageError as error:
            field.show_note(error.message, is_problem=True)
            return
        if source is not None:
            self._sources[name] = source
            field.show_source(f"● {_SOURCES.get(source, f'from {source}')}")
            self._secrets[name].invite("leave empty to keep it")

    def verify(self) -> None:
        """Check everything there is once more, also what was configured before."""
        self.take()
        self._checks.forget()
        for name in NAMES:
            self._check(name, all_=True)

    def take(self) -> SetupField | None:
        """Take what was typed out of the lines; gives the first field with something that cannot be used."""
        for line in self._secrets.values():
            line.take()
        if not self._read_project():
            return self._project
        lines = ((self._key, self._secrets[PROJECT_KEY]), (self._token, self._secrets[TOKEN]))
        return next((field for field, line in lines if line.value), None)

    async def settle(self) -> SetupField | None:
        """Wait for the checks of what was typed; gives the first field that was refused."""
        for name in NAMES:
            self._check(name)
        return await self._checks.settle(self.entered)

    @on(SecretInput.Typed)
    def _typed(self, event: SecretInput.Typed) -> None:
        self._field_of(event.line).show_note(event.line.problem, is_problem=True)

    @on(SecretInput.CopyRefused)
    def _copy_refused(self, event: SecretInput.CopyRefused) -> None:
        self._field_of(event.line).show_note("A key is never copied from here.")

    def _field_of(self, line: SecretInput) -> SetupField:
        return self._token if line is self._token.line else self._key

    @on(SecretInput.Taken)
    def _taken(self, event: SecretInput.Taken) -> None:
        self._check(TOKEN if event.line is self._token.line else PROJECT_KEY)

    @on(SecretInput.Entered)
    def _entered(self, event: SecretInput.Entered) -> None:
        if event.line.problem:
            return
        if event.line is self._key.line:
            self._project_line.focus()
        else:
            self.post_message(self.Done())

    @on(ProjectInput.Misread)
    def _misread(self, event: ProjectInput.Misread) -> None:
        self._project.show_note(event.words, is_problem=True)

    @on(Input.Changed, "#project")
    def _project_typed(self) -> None:
        self._project.show_note("")
        self._checks.project_id_is(self._project_line.value)

    @on(Input.Blurred, "#project")
    def _project_left(self) -> None:
        if self.app.app_focus and self._read_project():
            self._check(PROJECT_KEY)

    @on(Input.Submitted, "#project")
    def _project_entered(self) -> None:
        if self._read_project():
            self._token.line.focus()

    def _read_project(self) -> bool:
        """Take the id out of what stands in the line; False, and a word at the field, if it cannot be used."""
        line, enrolment = self._project_line, self._enrolment
        if not line.value.strip():
            return True
        try:
            line.value = project_id_in(line.value)
            if enrolment and enrolment.project_id_variable and line.value != enrolment.project_id:
                raise UsageError(f"{enrolment.project_id_variable} goes before what is typed here; change it there.")
        except UsageError as error:
            self.call_later(self._project.show_note, error.message, is_problem=True)
            return False
        return True

    def _check(self, name: str, *, all_: bool = False) -> None:
        self._checks.check(name, self.entered, self._project_line.value, self._sources, all_=all_)


_SOURCES = {"keyring": "in the keyring", "this run": "kept for this run"}
