"""The setup wizard: what it is for, the keys, where to keep them, safety, and what to try next.

It opens by itself without credentials and any time with `:setup`. What happens to keys is `Enrolment`'s work.
"""

from __future__ import annotations

import asyncio
import dataclasses
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual.binding import Binding, BindingType

from theta_tui.enrolment import Enrolment
from theta_tui.errors import NoCredentials, ThetaError
from theta_tui.intake import Entered
from theta_tui.places import THIS_RUN, Chosen
from theta_tui.tui.backstage import switch_to_demo, use_session
from theta_tui.tui.moving import offer_to_move
from theta_tui.tui.setup_outcome import next_steps, outcome_lines, variables_of
from theta_tui.tui.setup_pages import DonePage, PurposesPage
from theta_tui.tui.setup_places import PlacesPage
from theta_tui.tui.setup_safety import SafetyPage
from theta_tui.tui.setup_steps import SetupPages
from theta_tui.tui.unlocking import ask_passphrase

if TYPE_CHECKING:
    from theta_tui.tui.app import ThetaApp

FIRST_QUESTION: Final = "Why is the sky blue?"
"""Stands ready in the demo's chat, so that a first answer is two keys away."""


class SetupWizard(SetupPages):
    """Takes keys and preferences; ctrl+s saves from any page, the demo is one key away."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding(digit, f"go('{digit}')", show=False) for digit in "1234"]

    def __init__(self) -> None:
        super().__init__()
        self._enrolment: Enrolment | None = None
        self._is_known = asyncio.Event()
        self._is_saving = False

    @property
    def console_app(self) -> ThetaApp:
        """The app, with its own type."""
        return cast("ThetaApp", self.app)

    @property
    def is_known(self) -> bool:
        """Whether it is known what is configured and where keys can be kept."""
        return self._is_known.is_set()

    def on_mount(self) -> None:
        """Find out what is configured while the user reads or types."""
        self.run_worker(self._look_around(), group="look")

    async def on_unmount(self) -> None:
        """Forget what was typed."""
        self.page_of_keys.forget()
        if self._enrolment is not None:
            await self._enrolment.close()

    async def _look_around(self) -> None:
        launch = self.console_app.launch
        session = None if launch.demo else self.console_app.session
        ask = partial(ask_passphrase, self.console_app)
        try:
            enrolment = await Enrolment.begin(launch.environ, launch.profile, session, ask=ask)
        except ThetaError as error:
            self.say(f"{error.message} {error.hint}".strip())
            return
        self._enrolment = enrolment
        self.query_one(SafetyPage).show(enrolment.loaded)
        await self.page_of_keys.look_around(enrolment)
        self.query_one(PurposesPage).show(self.page_of_keys.sources)
        await self._ask_places(enrolment)
        self._is_known.set()

    def look_for_places(self) -> None:
        """Ask again: the keyring may have been unlocked meanwhile."""
        if self._enrolment is not None:
            self.say("Asking the keyring…")
            self.run_worker(self._ask_places(self._enrolment), group="places", exclusive=True)

    async def _ask_places(self, enrolment: Enrolment) -> None:
        places = await enrolment.places()
        self.query_one(PlacesPage).show(places, enrolment.loaded.vault, enrolment.loaded.vault_command)
        if self.step == "places":
            self.say("")

    def action_demo(self) -> None:
        """Leave for the embedded cloud."""
        app = self.console_app
        self.dismiss(None)
        if not app.launch.demo:
            app.run_worker(_try_demo(app), group="session", exclusive=True)

    async def action_go(self, digit: str) -> None:
        """Leave for what the last page offers."""
        if self.step == "done" and digit in self.query_one(DonePage).next_panes:
            self.dismiss(None)
            await self.console_app.shell.go(digit)

    def action_save(self) -> None:
        """Check what was not checked yet, then store it."""
        if self._enrolment is not None and not self._is_saving and self.step != "done":
            self._is_saving = True
            self.run_worker(self._save(self._enrolment), group="save")

    async def _save(self, enrolment: Enrolment) -> None:
        entered = await self._checked()
        if entered is None:
            self._is_saving = False
            return
        where = self.query_one(PlacesPage).chosen if entered.secrets else Chosen()
        # The app's worker and not this dialog's: Esc must not cut off what is being stored.
        self.console_app.run_worker(self._store(enrolment, entered, where), group="setup", exclusive=True)

    async def _checked(self) -> Entered | None:
        """Give what was entered if it may be stored; None, after saying why, if it may not."""
        keys, safety, places = self.page_of_keys, self.query_one(SafetyPage), self.query_one(PlacesPage)
        if (field := keys.take()) is not None:
            self.show_step("keys", field.line)
            return None
        if safety.complain():
            self.show_step("safety", safety.query_one("#budget_usd"))
            return None
        if not keys.entered and not safety.values():
            self._leave_empty()
            return None
        self.say("Checking before anything is stored…")
        refused = await keys.settle()
        await self._is_known.wait()
        if refused is not None:
            self.show_step("keys", refused.line)
            self.say("Nothing was stored. Paste the right one, or empty the field with Backspace.")
            return None
        if keys.entered.secrets and (places.complain() or not (places.is_settled or self.step == "places")):
            self.show_step("places")
            self.say("Choose where to keep the keys, then save again.")
            return None
        self.say("Storing…")
        return keys.entered.with_values(**safety.values())

    def _leave_empty(self) -> None:
        if self.page_of_keys.sources:
            self.dismiss(None)
        else:
            self.say("Nothing is entered yet. Paste a key, or press ctrl+t to look around in the demo.")

    async def _store(self, enrolment: Enrolment, entered: Entered, where: Chosen) -> None:
        app, missing = self.console_app, tuple(self.page_of_keys.missing())
        try:
            notes = await enrolment.keep(entered, where)
            session = await enrolment.reopen(entered, where)
        except ThetaError as error:
            self._is_saving = False
            self._not_stored(error, where)
            return
        app.launch = dataclasses.replace(app.launch, demo=False, setup=False)
        await use_session(app, session)
        told = [*outcome_lines(session.settings, session.vault.place, entered, where, missing), *notes]
        offered = next_steps(missing)
        if self.is_current:
            exports = variables_of(entered) if where.kind == THIS_RUN else ()
            self.query_one(DonePage).show(told, exports, offered)
            self.show_step("done")
        else:
            words = "\n".join([*told, "Try next:", *(f"  {key} {words}" for key, words in offered)])
            app.tell(words, title="Ready")
        await offer_to_move(app, enrolment.home, session)

    def _not_stored(self, error: ThetaError, where: Chosen) -> None:
        if not self.is_current:
            self.console_app.report(error)
        elif isinstance(error, NoCredentials):
            self.show_step("places")
            self.query_one(PlacesPage).object(where.kind, error.message)
            self.say("Nothing was stored. Choose another place, or save again to keep the keys for this run only.")
        else:
            self.say(f"{error.message} {error.hint}".strip())


def open_setup(app: ThetaApp) -> None:
    """Open the wizard over the console."""
    app.push_screen(SetupWizard())


async def _try_demo(app: ThetaApp) -> None:
    """Show the demo's chat with a question that only has to be sent."""
    from theta_tui.tui.panes.chat import ChatPane

    app.set_busy("demo", "starting the demo")
    try:
        await switch_to_demo(app)
    except ThetaError as error:
        app.report(error)
        return
    finally:
        app.set_busy("demo", None)
    await app.shell.go("3")
    if isinstance(pane := app.shell.current, ChatPane) and not pane.typed:
        pane.put(FIRST_QUESTION)
        app.tell("A simulated cloud with simulated money. Enter asks this question; digits show the other panes.")
