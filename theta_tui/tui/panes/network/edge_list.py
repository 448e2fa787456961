"""The edge client: its state above, the jobs it did below, and the price it asks."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from theta_tui.change import Done
from theta_tui.shapes.network import EdgeJob, EdgeStatus
from theta_tui.tui.actions import Action
from theta_tui.tui.form_screen import open_form
from theta_tui.tui.json_lines import json_content
from theta_tui.tui.panes.base import Call
from theta_tui.tui.panes.record_pane import RecordPane
from theta_tui.tui.widgets.details import Fact
from theta_tui.tui.widgets.record_table import Cell, Column
from theta_tui.tui.words import UNKNOWN, age, rate, usd

PAGE = 100


def _state_cell(job: EdgeJob) -> Cell:
    if job.error_time or job.error_message:
        return "✗ failed", "bad"
    return ("✓ done", "ok") if job.success_time else ("◌ at work", "warn")


def _when(job: EdgeJob) -> str:
    return job.success_time or job.error_time


COLUMNS: tuple[Column[EdgeJob], ...] = (
    Column("job", "JOB", lambda job: job.id, priority=1, grow=True, min_width=14, max_width=48),
    Column("state", "STATE", _state_cell, priority=1),
    Column("reward", "REWARD", lambda job: usd(job.reward_usd), priority=2, numeric=True,
           sort=lambda job: job.reward_usd),
    Column("ended", "ENDED", lambda job: age(_when(job)) if _when(job) else ("–", "muted"), priority=3, align="right",
           volatile=True, sort=_when),
    Column("error", "ERROR", lambda job: job.error_message or ("–", "muted"), priority=5, max_width=50),
)  # fmt: skip


def standing(status: EdgeStatus) -> str:
    """Say in a line how the client stands: connection, price per hour, reward of this month."""
    price = rate(status.price_usd) if status.price_hr is not None else f"price {UNKNOWN}"
    return f"{status.connection_status or UNKNOWN} · {price} · {usd(status.current_month_total_reward)}/month"


class EdgeList(RecordPane[EdgeJob]):
    """What a machine of one's own earns."""

    title = "Edge client"
    domains = frozenset({"network"})
    poll_seconds = 30.0
    columns = COLUMNS
    tabs = ("Describe", "JSON", "Client", "Rewards", "Deployments")
    record_command = "theta.edge.jobs"
    empty = (
        "The edge client has done no job yet, or none is asked. It is a machine of your own that earns by its jobs; "
        "its address goes into THETA_EDGECLOUD_RPC_URL or the settings."
    )
    actions = (
        Action("edge.price", "E", "Set price", "price", "Set what an hour of the client costs others.", 1),
        Action("edge.details", "enter", "Details", "open_row", "Show everything known of it.", 2),
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._status = EdgeStatus()

    def key_of(self, row: EdgeJob) -> str:
        """Give the id."""
        return row.id

    async def fetch(self) -> Sequence[EdgeJob]:
        """Ask how the client stands, and for its jobs."""
        self._status = await self.ask("theta.edge.status")
        found: Sequence[EdgeJob] = (await self.ask("theta.edge.jobs", {"size": PAGE})).jobs
        self.note(standing(self._status))
        return found

    def describe(self, row: EdgeJob) -> Sequence[Fact]:
        """Give everything known of a job."""
        return [("Job", row.id), ("Reward", usd(row.reward_usd)), ("Succeeded", row.success_time),
                ("Failed", row.error_time), ("Error", row.error_message)]  # fmt: skip

    async def fill_tab(self, tab: str, row: EdgeJob) -> Content:
        """Give the client itself, its rewards, its deployments, as it tells them."""
        command = {"Client": "theta.edge.status", "Rewards": "theta.edge.rewards"}.get(tab, "theta.edge.deployments")
        from theta_tui.shapes.base import as_json

        return json_content(as_json(await self.ask(command)))

    def calls(self) -> Sequence[Call]:
        """Give the commands behind what is shown."""
        return [*super().calls(), Call("The client", "theta.edge.status"), Call("Rewards", "theta.edge.rewards")]

    def action_open_row(self) -> None:
        """Show the details."""
        self.open_row()

    def action_price(self) -> None:
        """Set the price, after a review."""
        self.run_worker(self._set_price(), group="price", exclusive=True)

    async def _set_price(self) -> None:
        now = self._status.price_hr
        values = {} if now is None else {"price_hr": now}
        done = await open_form(self.console_app, "theta.edge.setPrice", values=values, title="Price of the edge client")
        if isinstance(done, Done):
            self.reload()
