"""The tiles of the overview, how they are filled and where they lead. Each fails on its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Sequence
from decimal import Decimal
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Grid, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from theta_tui.errors import NoCredentials, ThetaError
from theta_tui.shapes.on_demand import ServiceList
from theta_tui.tui.actions import Action
from theta_tui.tui.panes.base import Pane
from theta_tui.tui.panes.deployments.row import DeploymentRow
from theta_tui.tui.panes.overview import lines
from theta_tui.tui.panes.overview.problems import problems
from theta_tui.tui.panes.record_pane import cli_line
from theta_tui.tui.pulse import Pulse
from theta_tui.tui.widgets.banner import Banner
from theta_tui.tui.widgets.tile import Part, Tile, nearest

HISTORY_SECONDS = 24 * 3600.0
BACKGROUND = frozenset({
    "theta.billing.balance", "theta.deployments.list", "theta.deployments.listVm", "theta.ondemand.listServices",
})  # fmt: skip
"""What the console asks by itself; it would crowd out what somebody did."""


LOOKED_AT = 500
SHOWN = 12
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


class OverviewPane(Pane):
    """The first thing to see."""

    title = "Overview"
    domains = frozenset({"pulse", "deployments", "billing", "on_demand"})
    poll_seconds = 30.0
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
        self._wants_services = True
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
        with VerticalScroll(can_focus=False), Grid():
            for name, heading, leads_to in self.tiles:
                yield Tile(heading, leads_to, id=name)

    def first_focus(self) -> Widget:
        """Focus the first tile."""
        return self.query(Tile).first()

    rest_focus = first_focus

    def reload(self) -> None:
        """Ask for everything."""
        self._wants_services = True
        super().reload()

    def mark_stale(self) -> None:
        """Ask for what may have changed; the list of services is not part of it."""
        self.is_stale = True
        if self.display and self.console_app.session is not None:
            super().reload()

    async def refresh_data(self) -> None:
        """Fill the tiles, each as soon as it can be; the balance comes with the next pulse."""
        self._follow_pulse()
        await asyncio.gather(
            self._fill("deployments", self._show_deployments()),
            self._fill("services", self._show_services()),
            self._show_local(),
        )
        await self._show_problems()

    def _follow_pulse(self) -> None:
        app = self.console_app
        if app.pulse is not self._pulse:
            self._pulse, self._pulse_at = app.pulse, time.time()
        elif time.time() - self._pulse_at > PULSE_SECONDS:
            self._pulse_at = time.time()
            app.refresh_pulse()

    async def _fill(self, name: str, work: Awaitable[None]) -> None:
        """Fill one tile; a failure is shown there, above what was known before."""
        self._lists_failed.pop(name, None)
        try:
            await work
        except NoCredentials as error:
            self._tile(name).show(lines.missing_parts(error.message))
        except ThetaError as error:
            self._lists_failed[name] = error.message
            self._tile(name).show([*lines.failed_parts(error.message, error.hint), *self._known.get(name, ())])

    def _show(self, name: str, parts: Sequence[Part]) -> None:
        self._known[name] = parts
        self._tile(name).show(parts)

    async def _show_deployments(self) -> None:
        found = (await self.ask("theta.deployments.list")).deployments
        types = await self.ask("theta.deployments.listVm") if any(one.is_billed for one in found) else None
        rows = [DeploymentRow(one, types.find(one.vm_id) if types else None) for one in found]
        self._show("deployments", lines.deployments_parts(rows))

    async def _show_services(self) -> None:
        if self._wants_services:
            self._services = await self.ask("theta.ondemand.listServices")
            self._wants_services = False
        if self._services is not None:
            self._show("services", lines.services_parts(self._services))

    async def _show_local(self) -> None:
        """Fill what the journal and the vault know; it waits for no network."""
        session, pulse = self.session, self.console_app.pulse
        journal, profile = session.journal, session.settings.profile
        history = await journal.balances(profile, time.time() - HISTORY_SECONDS)
        spending, cap = await journal.spending(profile), await self._cap()
        demo = self.console_app.launch.demo
        self._show("money", lines.money_parts(pulse, spending, cap, history, is_demo=demo))
        log = [row for row in await journal.requests(LOOKED_AT) if row.profile == profile]
        changes = await journal.ledger(SHOWN, profile=profile)
        asked = [row for row in log if row.command not in BACKGROUND]
        self._show("activity", lines.activity_parts(changes, asked[:SHOWN]))
        self._sources = await session.configured()
        recent = [row for row in log if row.started >= self._since]
        self._show("credentials", lines.credential_parts(self._sources, recent))

    async def _show_problems(self) -> None:
        session, pulse = self.session, self.console_app.pulse
        journal, profile = session.journal, session.settings.profile
        left = await journal.open_intents(profile)
        known = {entry.id for entry in left}
        changes = await journal.ledger(LOOKED_AT, profile=profile)
        left += [entry for entry in changes if entry.state == "uncertain" and entry.id not in known]
        failures = {f"The list of {name}": why for name, why in self._lists_failed.items()}
        if pulse is not None and pulse.balance_usd is None and pulse.error and self._sources.get("platform"):
            failures["The balance"] = pulse.error
        services = self._services
        reason, trouble = services.fallback_reason if services else None, session.vault.trouble
        found = problems(
            open_entries=left,
            pulse=pulse,
            spending=await journal.spending(profile),
            cap=await self._cap(),
            failures=failures,
            standing=(
                reason and f"Services are from the built-in list: {reason}",
                journal.problem,
                trouble and f"The keyring is not used: {trouble}",
                f"{journal.dropped} requests could not be written to the log." if journal.dropped else None,
                *session.settings.problems,
            ),
        )
        self._show("problems", lines.problem_parts(found))

    async def _cap(self) -> Decimal | None:
        settings = self.session.settings
        return await self.session.journal.cap_today(settings.profile) or settings.budget_usd

    def show_age(self) -> None:
        """Say how old it is."""
        style = "$text-warning" if self.is_stale or self._lists_failed else "$foreground-muted"
        age = Content.styled(f"   ⟳ {self.age_words}", style)
        self.query_one("#pane-title", Static).update(Content.assemble((self.title, "bold $primary"), age))

    def on_resize(self, event: events.Resize) -> None:
        """Put as many tiles side by side as can be read."""
        self.set_class(event.size.width < TWO_FROM, "-one")
        self.set_class(event.size.width >= THREE_FROM, "-three")

    def copy_choices(self) -> list[tuple[str, str]]:
        """Give the command behind the tile that has the focus."""
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
            await self.console_app.shell.go(str(tile.border_subtitle)[0])

    @on(Tile.Moved)
    def _moved(self, event: Tile.Moved) -> None:
        event.stop()
        target = nearest(event.tile, list(self.query(Tile)), event.way)
        if target is not None:
            target.focus()

    def _tile(self, name: str) -> Tile:
        return self.query_one(f"#{name}", Tile)
