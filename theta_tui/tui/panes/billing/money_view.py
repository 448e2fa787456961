"""The money view: balance, burn, runway, today's cap, and the balance over time. Its words are `money_lines`'."""

from __future__ import annotations

import time
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from theta_tui.errors import ThetaError
from theta_tui.journal import Balance
from theta_tui.tui.actions import Action
from theta_tui.tui.panes.base import Call, Pane
from theta_tui.tui.panes.billing.money_lines import PERIODS, Known, money_lines, summary_words
from theta_tui.tui.reading import Reading
from theta_tui.tui.widgets.banner import Banner
from theta_tui.tui.words import usd


class MoneyView(Pane):
    """One page that fits whatever size it has."""

    title = "Money"
    domains = frozenset({"billing", "pulse"})
    poll_seconds = 60.0
    actions = (
        Action("billing.snapshot", "b", "Snapshot", "snapshot", "Read the balance and compare with it from now.", 10),
        Action("billing.period", "t", "Period", "period", "Show the balance over another period.", rank=20),
    )

    DEFAULT_CSS = """
    MoneyView > #pane-title { height: 1; padding: 0 1; }
    MoneyView > Reading { padding: 1 1 0 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._period = 1
        self._known: Known | None = None
        self._mark: Balance | None = None

    def compose(self) -> ComposeResult:
        """Lay out title and page."""
        yield Banner()
        yield Static(id="pane-title", markup=False)
        yield Reading(id="money")

    def first_focus(self) -> Widget:
        """Let the page scroll."""
        return self.query_one(Reading)

    rest_focus = first_focus

    async def refresh_data(self) -> None:
        """Read the journal; the balance comes with the next pulse."""
        session, period = self.session, PERIODS[self._period]
        journal, profile = session.journal, session.settings.profile
        now = time.time()
        self._known = Known(
            pulse=self.console_app.pulse,
            spending=await journal.spending(profile),
            cap_usd=await journal.cap_today(profile) or session.settings.budget_usd,
            history=await journal.balances(profile, now - period.seconds if period.seconds else 0.0),
            period=period,
            mark=self._mark,
            now=now,
        )
        self.fit()

    def fit(self) -> None:
        """Draw for this size."""
        if self._known is not None and self.is_mounted:
            page = self.query_one(Reading)
            page.show(money_lines(self._known, page.size.width - 1, page.size.height))

    def show_age(self) -> None:
        """Say how old it is."""
        style = "$text-warning" if self.is_stale or self._failures else "$foreground-muted"
        simulated = Content.styled("  simulated", "$foreground-muted") if self.console_app.launch.demo else ""
        words = Content.assemble((self.title, "bold $primary"), simulated, (f"   ⟳ {self.age_words}", style))
        self.query_one("#pane-title", Static).update(words)

    def calls(self) -> Sequence[Call]:
        """Give the commands behind the figures."""
        return [
            Call("The balance", "theta.billing.balance"),
            Call("A snapshot of the balance", "theta.billing.balanceSnapshot"),
            Call("What burns: the deployments", "theta.deployments.list"),
            Call("What burns: the prices of machines", "theta.deployments.listVm"),
        ]

    def copy_choices(self) -> list[tuple[str, str]]:
        """Give balance and summary."""
        known = self._known
        if known is None:
            return []
        balance = known.pulse.balance_usd if known.pulse else None
        lines = money_lines(known, 200, 24)
        return [
            ("Balance", usd(balance)),
            ("Summary", summary_words(known.history, known.period)),
            ("Page", "\n".join(line.plain for line in lines)),
        ]

    def action_period(self) -> None:
        """Show another period."""
        self._period = (self._period + 1) % len(PERIODS)
        self.reload()

    def action_snapshot(self) -> None:
        """Read the balance, remember it, and compare with it from now on."""
        self.run_worker(self._snapshot(), group="snapshot", exclusive=True)

    async def _snapshot(self) -> None:
        try:
            found = await self.ask("theta.billing.balanceSnapshot")
            if found.balance is None:
                self.console_app.tell("The cloud did not tell a balance.", severity="warning")
                return
            await self.session.journal.note_balance(self.session.settings.profile, found.org_id, found.balance)
        except ThetaError as error:
            self.fail(error, cause="action")
            return
        self._mark = Balance(time.time(), found.org_id, found.balance)
        self.console_app.refresh_pulse()
        self.reload()
