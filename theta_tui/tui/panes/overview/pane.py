"""The tiles of the overview, when they are filled and where they lead. Each fails on its own.

Drawn before there is a session, so it imports nothing that is heavy; what the tiles say is made in `contents`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from theta_tui.errors import JournalUnavailable, NoCredentials, ThetaError
from theta_tui.skeleton import side_width
from theta_tui.tui.actions import Action
from theta_tui.tui.panes.base import REST_AFTER_SECONDS, Pane
from theta_tui.tui.widgets.banner import Banner
from theta_tui.tui.widgets.bare import Bare
from theta_tui.tui.widgets.tile import Part, Tile, Tiles

if TYPE_CHECKING:
    from theta_tui.shapes.on_demand import ServiceList
    from theta_tui.tui.pulse import Pulse

LOOK_SECONDS = 3.0
PULSE_SECONDS = 55.0
"""How old the balance may get while the overview is looked at."""
TWO_FROM = 64
THREE_FROM = 106
COMMANDS = {
    "money": "theta.billing.balance",
    "deployments": "theta.deployments.list",
    "services": "theta.ondemand.listServices",
}
"""Tile → the command that answers the same without the console."""


class _Page(VerticalScroll, Bare):
    """What scrolls where the tiles do not fit."""


class OverviewPane(Pane):
    """The first thing to see."""

    title = "Overview"
    needs = ("theta_tui.tui.panes.overview.contents",)
    domains = frozenset({"pulse", "deployments", "billing", "on_demand"})
    poll_seconds = 60.0
    actions = (
        Action("overview.open", "enter", "Open", "open_tile", "Go where the tile leads.", rank=10),
        Action("overview.next", "tab", "Next tile", "app.focus_next", "Go to the next tile.", rank=15),
    )
    tiles: ClassVar[tuple[tuple[str, str, str], ...]] = (
        ("money", "Money", "6 Billing"),
        ("deployments", "Deployments", "4 Deployments"),
        ("credentials", "Credentials", ":setup"),
        ("activity", "Recent activity", "0 Activity"),
        ("services", "Services", "2 Services"),
        ("problems", "Problems", "0 Activity"),
    )
    """Id, title, and where it leads."""

    DEFAULT_CSS = """
    OverviewPane > #pane-title { height: 1; padding: 0 1; }
    OverviewPane > VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    OverviewPane Grid { grid-size: 2; grid-gutter: 0 1; height: 100%; min-height: 21; }
    OverviewPane.-one Grid { grid-size: 1; min-height: 42; }
    OverviewPane.-three Grid { grid-size: 3; grid-rows: 11 1fr 5; min-height: 21; }
    OverviewPane.-three #activity { column-span: 2; }
    OverviewPane.-three #problems { column-span: 3; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._since = time.time() - 60.0
        self._wanted: set[str] = set()
        self._is_asking = False
        self._ask_again = False
        self._pulse: Pulse | None = None
        self._pulse_at = time.time()
        self._services: ServiceList | None = None
        self._sources: dict[str, str | None] = {}
        self._known: dict[str, Sequence[Part]] = {}
        self._lists_failed: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """Lay out the tiles."""
        yield Banner()
        yield Static(id="pane-title", markup=False)
        with _Page(can_focus=False), Tiles():
            for name, heading, leads_to in self.tiles:
                yield Tile(heading, leads_to, id=name)

    def first_focus(self) -> Widget:
        """Focus the first tile."""
        return self.query(Tile).first()

    rest_focus = first_focus

    def reload(self) -> None:
        """Ask for everything."""
        self._wanted = {"deployments", "services"}
        super().reload()

    def mark_stale(self) -> None:
        """Look again: at the balance if that is the news, else also at the deployments; not twice at a time."""
        self.is_stale = True
        pulse = self.console_app.pulse
        if pulse is not self._pulse:
            self._pulse, self._pulse_at = pulse, time.time()
        else:
            self._wanted.add("deployments")
            self._ask_again = self._is_asking
        if not self._is_asking and self.display and self.console_app.session is not None:
            super().reload()

    def on_mount(self) -> None:
        """Follow the journal: failures and other programs send no word of their changes."""
        columns = self.app.size.width
        self._lay_out(columns - side_width(columns))  # What `fit` will find: the first frame is laid out once.
        self.show_age()
        self._looking = self.set_interval(LOOK_SECONDS, self._look)

    def shown(self) -> None:
        """Follow it again."""
        super().shown()
        self._looking.resume()

    def hidden(self) -> None:
        """Nobody looks: let nothing tick."""
        super().hidden()
        self._looking.pause()

    def _look(self) -> None:
        if self.display and self.loaded_at is not None and not self.console_app.is_resting(REST_AFTER_SECONDS):
            self.run_worker(cast(Any, self._show_own), exclusive=True, group="own")  # not begun if it ends first

    async def refresh_data(self) -> None:
        """Fill the tiles, each as soon as it can be; the balance comes with the next pulse."""
        if time.time() - self._pulse_at > PULSE_SECONDS:
            self._pulse_at = time.time()
            self.console_app.refresh_pulse()
        self._is_asking = True
        try:
            self._sources = await self.session.configured()
            work = {"deployments": self._show_deployments, "services": self._show_services}
            await asyncio.gather(self._show_own(), *(self._fill(name, work[name]) for name in self._wanted))
        finally:
            self._is_asking = False
        if self._ask_again:
            self._ask_again = False
            await self._fill("deployments", self._show_deployments)
        await self._show_own()

    async def _fill(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Fill one tile; a failure is shown there, above what was known before."""
        from theta_tui.tui.panes.overview import lines

        try:
            await work()
            self._lists_failed.pop(name, None)
        except NoCredentials as error:
            self._lists_failed.pop(name, None)
            self._tile(name).show(lines.missing_parts(error.message))
        except ThetaError as error:
            self._lists_failed[name] = error.message
            self._tile(name).show([*lines.failed_parts(error.message, error.hint), *self._known.get(name, ())])
        self._wanted.discard(name)

    def _show(self, name: str, parts: Sequence[Part]) -> None:
        self._known[name] = parts
        self._tile(name).show(parts)

    async def _show_deployments(self) -> None:
        from theta_tui.tui.panes.overview import contents

        self._show("deployments", await contents.deployments(self.ask))

    async def _show_services(self) -> None:
        from theta_tui.tui.panes.overview import contents

        self._services, parts = await contents.services(self.ask)
        self._show("services", parts)

    async def _show_own(self) -> None:
        """Fill what the journal knows; it waits for no network."""
        from theta_tui.tui.panes.overview import contents
        from theta_tui.tui.panes.overview.own import read_own

        try:
            found = await read_own(self.session)
        except JournalUnavailable as error:
            self.fail(error)
            return
        known = contents.Known(
            pulse=self.console_app.pulse,
            services=self._services,
            sources=self._sources,
            failed=self._lists_failed,
            since=self._since,
            is_demo=self.console_app.launch.demo,
        )
        for name, parts in contents.own(self.session, found, known).items():
            self._show(name, parts)

    def show_age(self) -> None:
        """Say how old it is."""
        style = "$text-warning" if self.is_stale or self._lists_failed else "$foreground-muted"
        age = Content.styled(f"   ⟳ {self.age_words}", style)
        self.query_one("#pane-title", Static).update(Content.assemble((self.title, "bold $primary"), age))

    def fit(self) -> None:
        """Put as many tiles side by side as can be read."""
        self._lay_out(self.size.width)

    def _lay_out(self, width: int) -> None:
        self.set_class(width < TWO_FROM, "-one")
        self.set_class(width >= THREE_FROM, "-three")

    def copy_choices(self) -> list[tuple[str, str]]:
        """Give the command behind the tile that has the focus."""
        from theta_tui.arguments import cli_line

        focused = self.screen.focused
        command = COMMANDS.get(focused.id or "") if focused is not None else None
        return [("CLI line", cli_line(command))] if command else []

    async def action_open_tile(self) -> None:
        """Go where the tile with the focus leads."""
        focused = self.screen.focused
        if isinstance(focused, Tile):
            await self._open(focused)

    @on(Tile.Opened)
    async def _opened(self, event: Tile.Opened) -> None:
        event.stop()
        await self._open(event.tile)

    async def _open(self, tile: Tile) -> None:
        if tile.id == "credentials":
            self.console_app.action_setup()
        else:
            await self.console_app.shell.go(tile.leads_to[0])

    def _tile(self, name: str) -> Tile:
        return self.query_one(f"#{name}", Tile)
