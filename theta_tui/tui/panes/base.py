"""What every pane has: asking, submitting, reloading, errors that stay, and polling that knows when to rest.

A pane can `ask` and `submit`, and has nothing else, so it cannot get past the gate.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.message import Message
from textual.timer import Timer

from theta_tui.errors import ThetaError
from theta_tui.tui.actions import Action, bindings
from theta_tui.tui.widgets.banner import Banner
from theta_tui.tui.widgets.bare import BareVertical

if TYPE_CHECKING:
    from pydantic import BaseModel

    from theta_tui.change import Done, NotDone, Progress
    from theta_tui.session import Session
    from theta_tui.together import Each
    from theta_tui.tui.app import ThetaApp

SLOWEST_SECONDS = 120.0
REST_AFTER_SECONDS = 600.0
"""Polling stops after so long without a key."""


@dataclass(frozen=True, slots=True)
class Call:
    """Something the pane shows or does, as a command; `title` says which in our words and anybody's names."""

    title: str
    command: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


class Pane(BareVertical):
    """A part of the screen for one domain (or a few, named in `domains`)."""

    title: ClassVar[str] = ""
    domains: ClassVar[frozenset[str]] = frozenset()
    actions: ClassVar[tuple[Action, ...]] = ()
    poll_seconds: ClassVar[float | None] = None
    needs: ClassVar[tuple[str, ...]] = ()
    """Modules that its data needs and its frame does not; a thread imports them while the frame is shown."""

    class Loaded(Message):
        """The pane has fresh data."""

    class Failed(Message):
        """The pane could not get data, or an action failed; the banner tells."""

        def __init__(self, error: ThetaError) -> None:
            super().__init__()
            self.error = error

    def __init_subclass__(cls, **options: Any) -> None:
        cls.BINDINGS = [*bindings(cls.__dict__.get("actions", ())), *cls.__dict__.get("BINDINGS", ())]
        super().__init_subclass__(**options)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id, classes="pane")
        self.loaded_at: float | None = None
        self.is_stale = False
        self._failures = 0
        self._poll: Timer | None = None
        self._in_flight: set[str] = set()

    def on_mount(self) -> None:
        """Fit once the first layout is there: the Resize of the first moments can get lost on a busy machine."""
        self.call_after_refresh(self.fit)

    def on_resize(self) -> None:
        """Fit another size."""
        self.fit()

    def fit(self) -> None:
        """Adapt to `self.size`; may be called at any time."""

    @property
    def console_app(self) -> ThetaApp:
        """The app, with its own type."""
        return cast("ThetaApp", self.app)

    @property
    def live_actions(self) -> tuple[Action, ...]:
        """What its keys do now; a pane of several parts adds those of the part that is shown."""
        return self.actions

    @property
    def part(self) -> str:
        """The part that is shown, where a pane has several."""
        return ""

    def show_part(self, part: str) -> None:
        """Show another part, where a pane has several."""

    @property
    def count(self) -> int | None:
        """How many records it shows, for a tab; None where there are none to count."""
        return None

    @property
    def homes(self) -> tuple[Pane, ...]:
        """Where its actions are at home, the innermost first."""
        return (self,)

    @property
    def session(self) -> Session:
        """The session; panes are shown only once there is one."""
        session = self.console_app.session
        assert session is not None, "a pane asks after the session is there"  # noqa: S101
        return session

    async def ask(self, name: str, params: BaseModel | Mapping[str, Any] | None = None) -> Any:
        """Run a query."""
        return await self.session.ask(name, params)

    async def submit(
        self,
        name: str,
        params: BaseModel | Mapping[str, Any] | None = None,
        *,
        conversation: str | None = None,
        max_usd: Decimal | None = None,
        progress: Progress | None = None,
    ) -> Done[Any] | NotDone:
        """Have a change reviewed in the modal, and sent if it is confirmed."""
        return await self.session.submit(
            name,
            params,
            reviewer=self.console_app,
            conversation=conversation,
            max_usd=max_usd,
            progress=progress,
        )

    async def submit_all(
        self, command: str, many: Sequence[Mapping[str, Any]], *, name: str, summary: str
    ) -> Done[tuple[Each, ...]] | NotDone:
        """Have the same change of several objects reviewed once, and each sent if it is confirmed."""
        from theta_tui.together import submit_all

        return await submit_all(self.session, command, many, name=name, summary=summary, reviewer=self.console_app)

    async def refresh_data(self) -> None:
        """Ask for what the pane shows, and show it. Subclasses implement it; errors go to the banner."""

    def show_age(self) -> None:
        """Show how old the data is; called after each load, failure and change of `is_stale`."""

    @property
    def age_words(self) -> str:
        """How old the data is, in words."""
        if self.loaded_at is None:
            return "no data yet"
        when = datetime.fromtimestamp(self.loaded_at).strftime("%H:%M:%S")
        if self._failures:
            return f"offline, showing last answer of {when}"
        if self.session_paused:
            return f"paused, as of {when}"
        return f"stale, as of {when}" if self.is_stale else f"as of {when}"

    @property
    def session_paused(self) -> bool:
        """Whether refreshing is paused by the user."""
        return self.console_app.is_paused

    def reload(self) -> None:
        """Ask again, in a worker; an older request of this pane is dropped. Nothing is asked before the session."""
        if self.console_app.session is None:
            return
        # The method, not its coroutine: of two in one moment the first is never begun.
        self.run_worker(cast(Any, self._reload), exclusive=True, group="reload")

    async def _reload(self) -> None:
        try:
            await self.refresh_data()
        except ThetaError as error:
            self._failures += 1
            self.fail(error)
        else:
            self.loaded_at, self._failures, self.is_stale = time.time(), 0, False
            self.clear_failure("reload")
            self.post_message(self.Loaded())
        self.show_age()
        self._plan_poll()

    def fail(self, error: ThetaError, *, cause: str = "reload") -> None:
        """Show an error until it is dismissed."""
        for banner in self.query(Banner):
            banner.show_error(error, cause=cause)
        self.post_message(self.Failed(error))

    def clear_failure(self, cause: str) -> None:
        """Take away the error that this cause had shown."""
        for banner in self.query(Banner):
            banner.clear(cause)

    def shown(self) -> None:
        """The pane became the visible one: load if needed, and poll."""
        if self.loaded_at is None or self.is_stale or self._is_old():
            self.reload()
        else:
            self._plan_poll()

    def hidden(self) -> None:
        """Another pane is shown: rest."""
        self._stop_poll()

    def mark_stale(self) -> None:
        """The domain has changed: ask again if visible, else when shown."""
        self.is_stale = True
        if self.display and self.console_app.session is not None:
            self.reload()

    def _is_old(self) -> bool:
        return self.poll_seconds is not None and time.time() - (self.loaded_at or 0) > self.poll_seconds

    def _plan_poll(self) -> None:
        """Poll once more later: with jitter, slower after errors, never while resting."""
        self._stop_poll()
        if self.poll_seconds is None or not self.display or self.console_app.is_resting(REST_AFTER_SECONDS):
            return
        wait = min(self.poll_seconds * 2**self._failures, SLOWEST_SECONDS) * random.uniform(0.9, 1.1)  # noqa: S311
        self._poll = self.set_timer(wait, self._poll_now)

    def _poll_now(self) -> None:
        if not self.console_app.is_resting(REST_AFTER_SECONDS):
            self.reload()

    def _stop_poll(self) -> None:
        if self._poll is not None:
            self._poll.stop()
            self._poll = None

    def calls(self) -> Sequence[Call]:
        """Give what the pane shows and does as commands, to explain and to copy."""
        return ()

    def step_back(self) -> bool:
        """Take back one step on Esc (close a filter, a detail); False when there is nothing to take back."""
        return False

    def open_filter(self) -> None:
        """Start filtering on `/`, where the pane has rows."""

    @property
    def busy_words(self) -> str | None:
        """What would be lost by quitting now, in words; None when nothing is running."""
        return None
