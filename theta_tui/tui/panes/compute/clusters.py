"""GPU clusters: nodes of one machine type in one region. They are only listed (wire 5.2, 19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from theta_tui.shapes.base import as_json
from theta_tui.shapes.compute import Cluster
from theta_tui.shapes.deployments import VmType
from theta_tui.tui.actions import Action
from theta_tui.tui.panes.compute.further import further_facts, told, value_words
from theta_tui.tui.panes.compute.looks import created_words, is_idle, since_words, status_cell, status_content
from theta_tui.tui.panes.compute.machine_types import cost_words
from theta_tui.tui.panes.compute.prices import Prices
from theta_tui.tui.panes.deployments.row import machine_words
from theta_tui.tui.panes.record_pane import RecordPane
from theta_tui.tui.widgets.details import Fact
from theta_tui.tui.widgets.record_table import Cell, Column
from theta_tui.tui.words import UNKNOWN, moment

ELSEWHERE = "GPU clusters are made, changed and deleted in the dashboard: no route for it is documented."


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """A cluster, with its machine type where that is known."""

    cluster: Cluster
    vm: VmType | None = None

    @property
    def fault(self) -> str:
        """What kept it from being read."""
        return self.cluster.fault

    @property
    def key(self) -> str:
        """What identifies it."""
        return self.cluster.id or self.cluster.name

    @property
    def hourly_usd(self) -> Decimal | None:
        """USD per hour of all its nodes, by the list of machine types; None when unknown."""
        price, size = self.vm.price_usd if self.vm else None, self.cluster.size
        return None if price is None or size is None else price * size


def _cost(row: ClusterRow) -> Cell:
    if is_idle(row.cluster.status):
        return "–", "muted"
    return (UNKNOWN, "muted") if row.hourly_usd is None else f"{row.hourly_usd:,.2f}"


def _created(row: ClusterRow) -> float | None:
    when = moment(row.cluster.create_time)
    return None if when is None else -when.timestamp()


COLUMNS: tuple[Column[ClusterRow], ...] = (
    Column("name", "NAME", lambda row: row.cluster.name or row.key, priority=1, grow=True, min_width=12, max_width=40),
    Column("nodes", "NODES", lambda row: UNKNOWN if row.cluster.size is None else str(row.cluster.size), priority=2,
           numeric=True, sort=lambda row: row.cluster.size),
    Column("vm", "MACHINE", lambda row: row.cluster.vm_type or UNKNOWN, priority=3, max_width=28),
    Column("status", "STATUS", lambda row: status_cell(row.cluster.status), priority=1, min_width=12),
    Column("cost", "$/H", _cost, priority=2, numeric=True, sort=lambda row: row.hourly_usd),
    Column("region", "REGION", lambda row: row.cluster.region or UNKNOWN, priority=5, max_width=24),
    Column("age", "AGE", lambda row: created_words(row.cluster.create_time), priority=6, align="right", sort=_created,
           volatile=True),
    Column("image", "IMAGE", lambda row: row.cluster.container_image or UNKNOWN, priority=9, grow=True, max_width=60),
)  # fmt: skip


class ClusterList(RecordPane[ClusterRow]):
    """The clusters of the project."""

    title = "GPU clusters"
    domains = frozenset({"compute"})
    poll_seconds = 30.0
    columns = COLUMNS
    empty = (
        "No GPU cluster. A cluster is several machines of one type in one region, with a container image of yours "
        f"that runs an ssh server. {ELSEWHERE}"
    )
    record_command = "theta.ai.gpuCluster.list"
    actions = (Action("clusters.new", "n", "New", "new", "Say where clusters are made.", 0),)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._prices = Prices()

    def key_of(self, row: ClusterRow) -> str:
        """Give its id."""
        return row.key

    async def fetch(self) -> Sequence[ClusterRow]:
        """Ask for the clusters, with prices."""
        listed = (await self.ask("theta.ai.gpuCluster.list")).clusters
        if listed:
            await self._prices.learn(self)
        return [ClusterRow(item, self._prices.find(item.vm_type)) for item in listed]

    def describe(self, row: ClusterRow) -> Sequence[Fact]:
        """Give everything the cloud tells of it."""
        cluster = row.cluster
        by = "" if row.hourly_usd is None else f", by the price of {cluster.size} × {cluster.vm_type}"
        return [
            ("Name", cluster.name),
            ("Status", status_content(cluster.status)),
            ("Cost", f"{cost_words(row.hourly_usd)}{by}"),
            ("Nodes", cluster.size),
            ("Machine", machine_words(cluster.vm_type, row.vm)),
            ("Region", cluster.region),
            ("Image", cluster.container_image),
            (
                "SSH",
                value_words(told(cluster, "ssh_command", "ssh_host")) or "not told: see the dashboard",
            ),
            ("Created", since_words(cluster.create_time)),
            ("Id", cluster.id),
            *further_facts(cluster, but=frozenset({"sshcommand", "sshhost"})),
            ("Changes", ELSEWHERE),
        ]

    def json_of(self, row: ClusterRow) -> Any:
        """Give the cloud's own object."""
        return as_json(row.cluster)

    def why_not(self, action: Action) -> str | None:
        """Say why clusters are not made from here."""
        return ELSEWHERE if action.id == "clusters.new" else None

    def action_new(self) -> None:
        """Say where clusters are made."""
        self.console_app.tell(ELSEWHERE, severity="warning")
