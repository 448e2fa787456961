"""The app: opens the session after the first frame, is the reviewer, owns theme and modals. Panes do the rest."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from textual import events
from textual.notifications import SeverityLevel

from theta_tui.launch import Launch
from theta_tui.tui import signals
from theta_tui.tui.guard import GuardedApp
from theta_tui.tui.letting_go import let_drawn_lines_go
from theta_tui.tui.shell import Shell
from theta_tui.tui.standing import standing_of
from theta_tui.tui.themed import ThemedApp
from theta_tui.tui.widgets.status_line import StatusLine
from theta_tui.tui.works import Work, Works

if TYPE_CHECKING:
    from theta_tui.demo import Demo
    from theta_tui.errors import ThetaError
    from theta_tui.flights import Flight
    from theta_tui.review import Review, Verdict
    from theta_tui.session import Session
    from theta_tui.tui.keymap import Keymap
    from theta_tui.tui.pulse import Pulse

PULSE_SECONDS = 60.0
REST_AFTER_SECONDS = 600.0
KEPT_MESSAGES = 500


class ThetaApp(GuardedApp, ThemedApp):
    """The console."""

    CSS_PATH = Path(__file__).with_name("theta.tcss")
    TITLE = "theta-tui"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = True

    def __init__(self, launch: Launch) -> None:
        let_drawn_lines_go()
        super().__init__()
        self.launch = launch
        self.session: Session | None = None
        self.demo: Demo | None = None
        self.pulse: Pulse | None = None
        self.keymap: Keymap | None = None
        self.is_paused = False
        self.busy: dict[str, str] = {}
        self.works = Works(self.show_standing, self._work_ended)
        self.messages: deque[tuple[float, str, str]] = deque(maxlen=KEPT_MESSAGES)
        self.waited_for: tuple[Flight, ...] = ()
        self.farewell: tuple[str, ...] = ()
        self._last_key = time.monotonic()
        self.wear_at_once()

    def get_default_screen(self) -> Shell:
        """Give the shell."""
        return Shell(self.launch.pane)

    @property
    def shell(self) -> Shell:
        """The main screen."""
        return cast(Shell, self.screen_stack[0])

    @property
    def has_ended(self) -> bool:
        """Whether no screen is left: what was under way may still be telling how it went."""
        return not self.screen_stack

    def on_mount(self) -> None:
        """Listen to the system; the shell says when the first frame is there."""
        signals.install(self)
        self.write_down_lost_errors()
        self.set_interval(PULSE_SECONDS, self._pulse_now)

    def first_frame_shown(self) -> None:
        """Go on with what takes longer: the session."""
        # The method, not its coroutine: an app that ends at once never begins it.
        self.run_worker(cast(Any, self._begin), exclusive=True, group="session")

    async def _begin(self) -> None:
        from theta_tui.tui.backstage import begin_session

        await begin_session(self)

    def is_resting(self, seconds: float) -> bool:
        """Whether polling should rest: paused, terminal out of focus, or no key for so long."""
        return self.is_paused or not self.app_focus or time.monotonic() - self._last_key > seconds

    async def on_event(self, event: events.Event) -> None:
        """Remember when the user last did something; wake resting panes."""
        if isinstance(event, (events.Key, events.MouseDown, events.Paste)):
            resting = time.monotonic() - self._last_key > REST_AFTER_SECONDS
            self._last_key = time.monotonic()
            if resting:
                self._wake()
        await super().on_event(event)

    def on_key(self, event: events.Key) -> None:
        """Offer a key that nobody has used to the dialog in front: it may have been meant for it already."""
        from theta_tui.tui.modal import Modal

        if isinstance(self.screen, Modal):
            self.screen.typed_ahead(event)

    def on_app_focus(self) -> None:
        """The terminal is looked at again; a theme may have been written meanwhile."""
        self._wake()
        if self.session is not None:
            self.run_worker(self.look_at_themes(), group="themes", exclusive=True)

    def _wake(self) -> None:
        if self.session is not None and (pane := self.shell.current) is not None:
            pane.shown()

    def show_standing(self) -> None:
        """Bring the status line up to date."""
        if self.has_ended:
            return
        for line in self.shell.query(StatusLine):
            line.show(standing_of(self))

    def set_busy(self, key: str, words: str | None) -> None:
        """Show in the status line that something is at work, or no longer."""
        if words is None:
            self.busy.pop(key, None)
        else:
            self.busy[key] = words
        self.show_standing()

    def _work_ended(self, work: Work) -> None:
        """Tell the end of long work, also to who looks elsewhere."""
        self.tell(f"{work.title}: {work.outcome}", severity="warning" if work.has_failed else "information")
        self.bell()

    def refresh_pulse(self) -> None:
        """Ask for balance and burn again."""
        if self.session is not None and not self.has_ended:
            self.run_worker(cast(Any, self._take_pulse), exclusive=True, group="pulse")

    def _pulse_now(self) -> None:
        """Read the balance now and then, whatever pane is shown, unless everything rests."""
        if not self.is_resting(REST_AFTER_SECONDS):
            self.refresh_pulse()

    async def _take_pulse(self) -> None:
        from theta_tui.tui.pulse import take_pulse

        if (session := self.session) is None:
            return
        self.pulse = await take_pulse(session)
        self.show_standing()
        self.shell.mark_stale(frozenset({"pulse"}))

    def went_stale(self, domains: frozenset[str]) -> None:
        """Something changed: tell the panes, and read the balance."""
        if self.has_ended:
            return
        self.shell.mark_stale(domains)
        self.refresh_pulse()

    async def review(self, review: Review) -> Verdict:
        """Show the review modal and wait for the answer; the only way to a yes in the console."""
        from theta_tui.tui.review import ReviewModal

        balance = self.pulse.balance_usd if self.pulse else None
        verdict: Verdict = await self.push_screen_wait(ReviewModal(review, balance_usd=balance))
        return verdict

    def tell(self, words: str, *, title: str = "", severity: SeverityLevel = "information") -> None:
        """Give good news as a toast, and keep it in the list of messages."""
        from theta_tui.tui import literal

        self.messages.append((time.time(), severity, words))
        literal.toast(self, words, title=title, severity=severity)

    def report(self, error: ThetaError, *, cause: str = "action") -> None:
        """Show an error in the current pane's banner, and keep it in the list of messages."""
        self.messages.append((time.time(), "error", f"{error.kind}: {error.message}"))
        if not self.has_ended and (pane := self.shell.current) is not None:
            pane.fail(error, cause=cause)

    async def action_goto(self) -> None:
        """Show the panes and wait for a digit."""
        from theta_tui.tui.goto import GotoHint

        self.push_screen(GotoHint(), self._gone_to)

    async def _gone_to(self, digit: str | None) -> None:
        if digit:
            await self.shell.go(digit)

    def action_command_line(self) -> None:
        """Open the `:` line."""
        from theta_tui.tui.command_line import CommandLine

        self.push_screen(CommandLine(), self._obey)

    async def _obey(self, line: str | None) -> None:
        from theta_tui.tui.command_line import obey

        if line:
            await obey(self, line)

    def action_palette(self) -> None:
        """Open the palette."""
        from theta_tui.tui.palette import open_palette

        open_palette(self)

    def action_help(self) -> None:
        """Show the keys that work here."""
        from theta_tui.tui.help import open_help

        open_help(self)

    def action_copy_menu(self) -> None:
        """Offer what can be copied here."""
        from theta_tui.tui.copy_menu import open_copy_menu

        open_copy_menu(self)

    def action_explain(self) -> None:
        """Show what the pane shows and does as CLI line, curl and Python."""
        from theta_tui.tui.explain import open_explain

        open_explain(self)

    def action_messages(self) -> None:
        """Show past messages."""
        from theta_tui.tui.messages import MessageList

        self.push_screen(MessageList(self.messages))

    def action_works(self) -> None:
        """Show what is at work in the background."""
        from theta_tui.tui.works_screen import WorksScreen

        self.push_screen(WorksScreen())

    def action_profiles(self) -> None:
        """Show the profiles, to switch to one."""
        from theta_tui.tui.profiles import open_profiles

        open_profiles(self)

    def action_settings(self) -> None:
        """Show the settings, to change them."""
        from theta_tui.tui.preferences import open_settings

        open_settings(self)

    def action_setup(self) -> None:
        """Open the setup wizard."""
        from theta_tui.tui.setup import open_setup

        open_setup(self)

    def action_pause(self) -> None:
        """Pause refreshing, or go on."""
        self.is_paused = not self.is_paused
        self.show_standing()
        for pane in self.shell.panes:
            pane.show_age()
        self._wake()

    def action_toggle_dry_run(self) -> None:
        """Switch DRY-RUN; it cannot be switched off where the environment demands it."""
        self._switch("dry_run", "THETA_DRY_RUN")

    def action_toggle_read_only(self) -> None:
        """Switch READ-ONLY; it cannot be switched off where the command line or the environment demands it."""
        self._switch("read_only", "THETA_READ_ONLY")

    def _switch(self, name: str, variable: str) -> None:
        if (session := self.session) is None:
            return
        forced = getattr(session.settings, name) or (name == "read_only" and self.launch.read_only)
        if forced and getattr(session, name):
            self.tell(f"{variable} or the settings demand it; change it there.", severity="warning")
            return
        setattr(session, name, not getattr(session, name))
        self.show_standing()

    def action_toggle_mouse(self) -> None:
        """Release the mouse for the terminal's own selection, or take it again."""
        driver = cast(Any, self._driver)
        self._mouse_released = not getattr(self, "_mouse_released", False)
        (driver._disable_mouse_support if self._mouse_released else driver._enable_mouse_support)()  # noqa: SLF001
        self.tell("The mouse is the terminal's now; F10 takes it back." if self._mouse_released else "Mouse on.")

    def action_suspend(self) -> None:
        """Give the terminal back to the shell until `fg`; while stopped nothing is sent, and nothing is lost."""
        if signals.can_be_stopped():
            signals.stop()
        else:
            self.tell("No shell waits behind this console: there would be no way back.", severity="warning")

    def action_ask_quit(self) -> None:
        """Quit, but ask when something would be lost."""
        from theta_tui.tui.quitting import ask_quit

        ask_quit(self)

    def action_quit_now(self) -> None:
        """Quit at once, unless an answer to a change is still to come."""
        from theta_tui.tui.quitting import quit_now

        quit_now(self)

    async def action_quit(self) -> None:
        """Do the same where Textual's own key for it arrives: over a dialog."""
        self.action_quit_now()

    @property
    def words_if_cut(self) -> tuple[str, ...]:
        """What is to be said if the normal exit gets stuck; asked for in a thread of its own."""
        from theta_tui.tui.parting import words_if_cut

        return words_if_cut(self.session) if self.session is not None else ()

    async def on_unmount(self) -> None:
        """Write down what is broken off, and close what is open: connections, journal, the embedded cloud."""
        if self.session is not None:
            from theta_tui.tui.parting import farewell

            self.farewell = await farewell(self.session, self.waited_for)
            await self.session.close()
        if self.demo is not None:
            await asyncio.to_thread(self.demo.stop)
