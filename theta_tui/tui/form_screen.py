"""The form of a command as a dialog: filled in, checked field by field, then reviewed and sent, or asked.

What was typed stays when the review is cancelled, the cloud says no, or the form is closed.
"""

from __future__ import annotations

import asyncio
import base64
import mimetypes
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from theta_tui.change import Done, NotDone
from theta_tui.errors import ThetaError, UsageError
from theta_tui.registry import find
from theta_tui.tui import literal
from theta_tui.tui.file_look import expanded
from theta_tui.tui.form import Form
from theta_tui.tui.form_check import WHOLE, problems_of
from theta_tui.tui.form_fields import FieldSpec, fields_of
from theta_tui.tui.form_text import FileAt
from theta_tui.tui.modal import Modal
from theta_tui.tui.progress_words import progress_words

if TYPE_CHECKING:
    from theta_tui.change import Waiting
    from theta_tui.review import Reviewer
    from theta_tui.tui.app import ThetaApp

MOST_EMBEDDED = 100_000_000
"""Bytes of a file that still goes into a call."""

_drafts: dict[str, dict[str, str]] = {}
"""What was typed into forms that were closed, in this run of the program; never a secret."""


class CommandForm(Modal[Any]):
    """The form of one command; gives what `ask` or `submit` gave, None when it was closed."""

    DEFAULT_CSS = """
    CommandForm {
        & > .modal--frame { height: 100%; max-height: 40; }
        & > .modal--frame.-short { height: auto; }
        & #about { height: auto; max-height: 3; margin-bottom: 1; }
        & #answers { height: 1; align-horizontal: right; }
        & #answers Button { margin-left: 2; }
        & #doing { width: 1fr; height: 1; color: $foreground-muted; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "take", show=False, priority=True),
        Binding("ctrl+o", "json", show=False, priority=True),
    ]
    AUTO_FOCUS = ""
    keys = (("Tab", "next"), ("ctrl+s", "go on"), ("ctrl+o", "JSON"), ("Esc", "close"))

    def __init__(
        self,
        command_name: str,
        *,
        values: Mapping[str, Any] | None = None,
        fixed: Sequence[str] = (),
        title: str | None = None,
        hide: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self._command = find(command_name)
        given = dict(values or {})
        self._hidden = {name: given[name] for name in hide if name in given}
        self._heading = title or self._command.name
        self._draft_key = f"{self._command.name} {sorted((name, str(given.get(name))) for name in (*fixed, *hide))}"
        specs = [spec for spec in self.specs() if spec.name not in hide]
        shown = {name: value for name, value in given.items() if name not in hide}
        self._form = Form(specs, values=shown, fixed=fixed)
        self._is_busy = False

    @property
    def title_words(self) -> str:
        """What it does, or the command."""
        return self._heading

    def specs(self) -> Sequence[FieldSpec]:
        """Give the fields; a form for one thing may know more of them than the shape does."""
        return fields_of(self._command.params)

    def complaints(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Say of each field what is wrong that neither it nor the command can say."""
        return {}

    async def arguments(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Make arguments of what is filled in: the content of files in place of their paths."""
        return {**self._hidden, **{name: await embedded(value) for name, value in values.items()}}

    @property
    def form(self) -> Form:
        """The form inside."""
        return self._form

    def inside(self) -> Iterable[Widget]:
        """Give what the command is, the form, and the answers."""
        command = self._command
        effect = command.effect.value if command.effect is not None else "reads only"
        yield Static(Content.assemble(command.help, "  ", (effect.upper(), "bold $text-accent")), id="about")
        yield self._form
        with Horizontal(id="answers"):
            yield Static(id="doing", markup=False)
            yield Button("Close", id="close", compact=True)
            yield Button("Ask" if command.is_read else "Review…", id="take", variant="primary", compact=True)

    def on_mount(self) -> None:
        """Put back what was typed before, and go to the first field."""
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self._form.put_texts(_drafts.get(self._draft_key, {}))
        if (first := self._form.first_focus()) is not None:
            first.focus()
        else:
            self.query_one("#take").focus()

    def action_close(self) -> None:
        """Close; what was typed comes back with the next form of this command."""
        _drafts[self._draft_key] = self._form.texts()
        self.dismiss(None)

    def action_json(self) -> None:
        """Change between the rows and the JSON."""
        self._form.action_toggle_json()

    def action_take(self) -> None:
        """Check what was filled in, then go on."""
        self._form.action_submit()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "close":
            self.action_close()
        else:
            self.action_take()

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        event.stop()
        if not self._is_busy:
            self._set_busy("checking…")
            cast("ThetaApp", self.app).run_worker(self._go_on(), group="forms")

    async def _go_on(self) -> None:
        """Check, then review and send; runs on beside the form, which may be closed meanwhile."""
        app = cast("ThetaApp", self.app)
        try:
            values = await self._checked_values()
            result = None if values is None else await self._perform(app, values)
        except ThetaError as error:
            self._set_busy("")
            self._fail(app, error)
            return
        self._set_busy("")
        if isinstance(result, NotDone):
            self._say(app, result.message or "Nothing was sent.")
        elif values is not None:
            if isinstance(result, Done) and result.note:
                app.tell(f"{self._command.name}: {result.note}", severity="warning")
            self._succeed(result)

    async def _checked_values(self) -> dict[str, Any] | None:
        """Give the values when nothing is wrong with them, else say what is."""
        form = self._form
        found = form.problems() or await form.file_problems() or self.complaints(form.values())
        if not found:
            values = await self.arguments(form.values())
            found = problems_of(self._command, values)
            if not found:
                form.complain({})
                return values
        form.complain(found)
        return None

    async def _perform(self, app: ThetaApp, values: Mapping[str, Any]) -> Any:
        session, name = app.session, self._command.name
        if session is None:
            raise UsageError("There is no session yet.", hint="Wait a moment, or open setup.")
        params = self._command.parse(values)
        if self._command.is_read:
            self._set_busy("asking…")
            return await session.ask(name, params)
        self._set_busy("in review…")
        return await session.submit(name, params, reviewer=self.reviewer(app), progress=self._progressed)

    def reviewer(self, app: ThetaApp) -> Reviewer:
        """Give who is asked before anything is sent."""
        return app

    def _progressed(self, waiting: Waiting) -> None:
        self._set_busy(progress_words(waiting))

    def _succeed(self, result: Any) -> None:
        _drafts.pop(self._draft_key, None)
        if self.is_attached:
            self.dismiss(result)

    def _fail(self, app: ThetaApp, error: ThetaError) -> None:
        if not self.is_attached:
            app.report(error)
            return
        facts = [f"status {error.status}"] if error.status else []
        facts += [f"request {error.request_id}"] if error.request_id else []
        about = f" ({', '.join(facts)})" if facts else ""
        self._form.complain({WHOLE: f"{error.kind}: {error.message}{about}\n{error.hint}".strip()})

    def _say(self, app: ThetaApp, words: str) -> None:
        if self.is_attached:
            self.query_one("#doing", Static).update(literal.content(words))
        app.tell(f"{self._command.name}: {words}", severity="warning")

    def _set_busy(self, words: str) -> None:
        self._is_busy = bool(words)
        cast("ThetaApp", self.app).set_busy(
            f"form {self._command.name}", f"{self._command.name} {words}" if words else None
        )
        if self.is_attached:
            self.query_one("#take", Button).disabled = self._is_busy
            self.query_one("#doing", Static).update(literal.content(words))


async def open_form(
    app: ThetaApp,
    command_name: str,
    *,
    values: Mapping[str, Any] | None = None,
    fixed: Sequence[str] = (),
    title: str | None = None,
    hide: Sequence[str] = (),
) -> Any:
    """Show the form of a command until it was performed or closed; call it in a worker.

    `values` stand in it at first, those named `fixed` cannot be changed, those in `hide` are not shown. Gives the Done
    of a change, the value of a query (shown as well), None when it was closed.
    """
    form = CommandForm(command_name, values=values, fixed=fixed, title=title, hide=hide)
    result = await app.push_screen_wait(form)
    if result is not None and find(command_name).is_read:
        from theta_tui.tui.result import ResultScreen

        app.push_screen(ResultScreen(command_name, result))
    return result


async def embedded(value: Any) -> Any:
    """Give the content of a file in place of its path; anything else as it is."""
    return await asyncio.to_thread(_read_file, value.path) if isinstance(value, FileAt) else value


def _read_file(path: str) -> dict[str, str]:
    file: Path = expanded(path)
    try:
        if file.stat().st_size > MOST_EMBEDDED:
            raise UsageError(f"The file {path} is too large to be sent in a call.")
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"The file {path} cannot be read: {error.strerror}.") from None
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    content = base64.b64encode(data).decode("ascii")
    return {"filename": file.name, "content": content, "encoding": "base64", "content_type": kind}
