"""The setup wizard: keys and the project id, checked live as they come, and put where the user wants them.

It opens by itself without credentials and any time with `:setup`. What happens to keys is `Enrolment`'s work.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Button, Static

from theta_tui.enrolment import Enrolment
from theta_tui.errors import NoCredentials, ThetaError
from theta_tui.intake import Entered
from theta_tui.tui import literal
from theta_tui.tui.backstage import switch_to_demo, use_session
from theta_tui.tui.modal import Modal
from theta_tui.tui.review_parts import Choice
from theta_tui.tui.setup_form import SetupForm
from theta_tui.tui.setup_parts import KeepWhere

if TYPE_CHECKING:
    from theta_tui.tui.app import ThetaApp

LOW_ROWS: Final = 24


class SetupWizard(Modal[None]):
    """Takes project key, project id and on-demand token; Esc leaves, the demo is one key away."""

    DEFAULT_CSS = """
    SetupWizard {
        & > .modal--frame { height: 100%; max-height: 27; }
        & #say { height: auto; max-height: 3; color: $text-warning; }
        & #say.-empty { display: none; }
        & #answers { height: 1; margin-top: 1; }
        & #answers Choice { min-width: 0; margin-left: 0; margin-right: 1; }
        & #space { width: 1fr; }
        &.-low #welcome { margin-bottom: 0; }
        &.-low #answers { margin-top: 0; }
        &.-low SetupField { margin-bottom: 0; }
        &.-low .setup--note.-where { display: none; }
        &.-low SetupField.-at-hand .setup--note.-where { display: block; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "demo", show=False),
        Binding("ctrl+r", "verify", show=False),
        Binding("ctrl+s", "save", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]
    AUTO_FOCUS = "#key"
    heading = "Setup"
    keys = (("Enter", "next"), ("Tab ↑↓", "move"), ("Esc", "leave"))

    def __init__(self) -> None:
        super().__init__()
        self._form = SetupForm()
        self._enrolment: Enrolment | None = None
        self._is_known = asyncio.Event()
        self._is_saving = False

    def inside(self) -> Iterable[Widget]:
        """Give the form and the buttons."""
        yield self._form
        yield Static("", id="say", classes="-empty", markup=False)
        with Horizontal(id="answers"):
            yield Choice("Try the demo", "Ctrl+T", id="demo")
            yield Static("", id="space", markup=False)
            yield Choice("Verify", "Ctrl+R", id="verify")
            yield Choice("Save", "Ctrl+S", id="save", classes="-yes")

    @property
    def console_app(self) -> ThetaApp:
        """The app, with its own type."""
        return cast("ThetaApp", self.app)

    def on_mount(self) -> None:
        """Find out what is configured while the user reads or types."""
        for choice in self.query(Choice):
            choice.armed_at = 0.0
        self.run_worker(self._look_around(), group="look")

    def on_resize(self, event: events.Resize) -> None:
        """Leave out what there is no room for."""
        self.set_class(event.size.height < LOW_ROWS, "-low")

    async def on_unmount(self) -> None:
        """Forget what was typed."""
        self._form.forget()
        if self._enrolment is not None:
            await self._enrolment.close()

    async def _look_around(self) -> None:
        launch = self.console_app.launch
        session = None if launch.demo else self.console_app.session
        try:
            self._enrolment = await Enrolment.begin(launch.environ, launch.profile, session)
        except ThetaError as error:
            self._say(f"{error.message} {error.hint}".strip())
            return
        await self._form.look_around(self._enrolment)
        self._is_known.set()

    def action_demo(self) -> None:
        """Leave for the embedded cloud."""
        app = self.console_app
        self.dismiss(None)
        if not app.launch.demo:
            app.run_worker(_try_demo(app), group="session", exclusive=True)

    def action_verify(self) -> None:
        """Check everything there is once more."""
        self._say("")
        self._form.verify()

    def action_save(self) -> None:
        """Check what was not checked yet, then store it."""
        if self._enrolment is not None and not self._is_saving:
            self._is_saving = True
            self.run_worker(self._save(self._enrolment), group="save")

    async def _save(self, enrolment: Enrolment) -> None:
        entered = await self._checked()
        if entered is None:
            self._is_saving = False
            return
        lasting, missing = self.query_one(KeepWhere).is_lasting, tuple(self._form.missing())
        # The app's worker and not this dialog's: Esc must not cut off what is being stored.
        work = self._store(enrolment, entered, missing, lasting=lasting)
        self.console_app.run_worker(work, group="setup", exclusive=True)

    async def _checked(self) -> Entered | None:
        """Give what was typed if it may be stored; None, after saying why, if it may not."""
        if (field := self._form.take()) is not None:
            field.line.focus()
            return None
        if self._form.entered.is_empty:
            self._leave_empty()
            return None
        self._say("Checking before anything is stored…")
        refused = await self._form.settle()
        await self._is_known.wait()
        if refused is not None:
            self._say("Nothing was stored. Paste the right one, or empty the field with Backspace.")
            refused.line.focus()
            return None
        self._say("Storing…")
        return self._form.entered

    def _leave_empty(self) -> None:
        if self._form.is_configured:
            self.dismiss(None)
        else:
            self._say("Nothing is entered yet. Paste a key, or press Ctrl+T to look around in the demo.")

    async def _store(self, enrolment: Enrolment, entered: Entered, missing: tuple[str, ...], *, lasting: bool) -> None:
        app = self.console_app
        try:
            notes = await enrolment.keep(entered, lasting=lasting)
            session = await enrolment.reopen(entered)
        except ThetaError as error:
            self._is_saving = False
            self._not_stored(error)
            return
        if self.is_current:
            self.dismiss(None)
        app.launch = dataclasses.replace(app.launch, demo=False, setup=False)
        await use_session(app, session)
        for note in notes:
            app.tell(note, severity="warning")
        app.tell(next_words(entered, missing, lasting=lasting), title="Ready")

    def _not_stored(self, error: ThetaError) -> None:
        if not self.is_current:
            self.console_app.report(error)
        elif isinstance(error, NoCredentials):
            self.query_one(KeepWhere).object(error.message)
            self._say("Nothing was stored. Save again to keep the keys for this run only.")
        else:
            self._say(f"{error.message} {error.hint}".strip())

    def _say(self, words: str) -> None:
        say = self.query_one("#say", Static)
        say.update(literal.content(words))
        say.set_class(not words, "-empty")

    @on(SetupForm.Done)
    def _done(self) -> None:
        self.query_one("#save").focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        {"demo": self.action_demo, "verify": self.action_verify, "save": self.action_save}[str(event.button.id)]()


def open_setup(app: ThetaApp) -> None:
    """Open the wizard over the console."""
    app.push_screen(SetupWizard())


def next_words(entered: Entered, missing: tuple[str, ...], *, lasting: bool) -> str:
    """Say where the keys are, what is still missing, and three things to try next."""
    lines = []
    if entered.key is not None or entered.token is not None:
        lines.append("Keys are in the keyring." if lasting else "Keys are kept for this run only.")
    if missing:
        lines.append(f"Still missing: {', '.join(missing)}.")
    has_token, has_project = "on-demand token" not in missing, not {"project API key", "project id"} & {*missing}
    offered = (
        (True, "2 models and prices"),
        (has_token, "3 chat with a model"),
        (has_project, "4 your deployments"),
        (True, "? the keys that work here"),
        (True, ": go anywhere, run any command"),
    )
    try_next = [f"  {words}" for is_there, words in offered if is_there]
    return "\n".join([*lines, "Try next:", *try_next[:3]])


async def _try_demo(app: ThetaApp) -> None:
    app.set_busy("demo", "starting the demo")
    try:
        await switch_to_demo(app)
    except ThetaError as error:
        app.report(error)
    finally:
        app.set_busy("demo", None)
