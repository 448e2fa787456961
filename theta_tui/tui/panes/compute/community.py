"""Community nodes: machines that others offer, with their GPUs, network and price (wire 5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from theta_tui.shapes.base import as_json
from theta_tui.shapes.compute import CommunityNode
from theta_tui.shapes.deployments import VmType
from theta_tui.tui.actions import Action
from theta_tui.tui.panes.compute.further import told, value_words
from theta_tui.tui.panes.compute.machine_types import cost_words
from theta_tui.tui.panes.record_pane import RecordPane
from theta_tui.tui.widgets.details import Fact
from theta_tui.tui.widgets.record_table import Cell, Column
from theta_tui.tui.words import UNKNOWN

_MB_PER_GB = 1024


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A community node."""

    node: CommunityNode

    @property
    def fault(self) -> str:
        """What kept it from being read."""
        return self.node.fault

    @property
    def key(self) -> str:
        """What identifies it: names repeat between clusters."""
        return "/".join(part for part in (self.node.cluster, self.node.node) if part) or self.node.vm_id

    @property
    def gpu(self) -> str:
        """Which GPUs it has."""
        name = self.node.gpu_product.replace("-", " ") or UNKNOWN
        return f"{self.node.gpu_count} × {name}" if self.node.gpu_count else name

    @property
    def vram_gb(self) -> int | None:
        """Video memory of one GPU, in whole GB."""
        return None if self.node.gpu_memory_mb is None else round(self.node.gpu_memory_mb / _MB_PER_GB)

    @property
    def free_gpus(self) -> Decimal | None:
        """GPUs that nobody has taken; None when unknown."""
        node = self.node
        return None if node.gpu_capacity is None else max(node.gpu_capacity - (node.gpu_allocate or 0), Decimal(0))

    def as_machine(self) -> VmType:
        """Give it as a machine type, for the wizard: its GPUs, their memory and its listed price."""
        node = self.node
        memory = self.vram_gb
        return VmType(
            id=node.vm_id,
            name=node.node,
            gpu=node.gpu_product.replace("-", " "),
            gpu_count=node.gpu_count,
            vram_gb=None if memory is None else Decimal(memory * (node.gpu_count or 1)),
            cpu=node.cpu_capacity,
            memory_gb=node.memory_capacity,
            price_hr=node.price_hr,
        )


def free_cell(row: NodeRow) -> Cell:
    """Say how many of its GPUs are free."""
    free, all_gpus = row.free_gpus, row.node.gpu_capacity
    if free is None:
        return f"? {UNKNOWN}", "muted"
    if not free:
        return "✗ taken", "muted"
    return f"● {free} of {all_gpus}", "ok"


def _capacity(taken: Decimal | None, all_of_it: Decimal | None, unit: str = "") -> str:
    if all_of_it is None:
        return UNKNOWN
    return f"{all_of_it:,}{unit}" + (f", {taken:,}{unit} taken" if taken else "")


def _ram(row: NodeRow) -> str:
    return UNKNOWN if row.node.memory_capacity is None else f"{row.node.memory_capacity:,} GB"


def _network(row: NodeRow) -> str:
    down, up = row.node.download_mbps, row.node.upload_mbps
    return f"{UNKNOWN if down is None else f'{down:,}'}/{UNKNOWN if up is None else f'{up:,}'}"


def _version(row: NodeRow, kind: str) -> str:
    """Join a CUDA version whose halves stand in two labels."""
    parts = [told(row.node, f"label_nvidia_com_cuda_{kind}_{half}") for half in ("major", "minor")]
    return ".".join(value_words(part) for part in parts if part is not None) or UNKNOWN


COLUMNS: tuple[Column[NodeRow], ...] = (
    Column("node", "NODE", lambda row: row.node.node or row.key, priority=1, max_width=30),
    Column("gpu", "GPU", lambda row: row.gpu, priority=1, grow=True, min_width=16, max_width=40),
    Column("free", "FREE GPUS", free_cell, priority=1, sort=lambda row: row.free_gpus),
    Column("cost", "$/H", lambda row: UNKNOWN if row.node.price_usd is None else f"{row.node.price_usd:,.2f}",
           priority=2, numeric=True, sort=lambda row: row.node.price_usd),
    Column("vram", "VRAM", lambda row: UNKNOWN if row.vram_gb is None else f"{row.vram_gb} GB", priority=3,
           numeric=True, sort=lambda row: row.vram_gb),
    Column("cpu", "CPU", lambda row: UNKNOWN if row.node.cpu_capacity is None else f"{row.node.cpu_capacity:,}",
           priority=5, numeric=True, sort=lambda row: row.node.cpu_capacity),
    Column("ram", "RAM", _ram, priority=5, numeric=True, sort=lambda row: row.node.memory_capacity),
    Column("network", "MBIT/S ↓/↑", _network, priority=6, align="right", sort=lambda row: row.node.download_mbps),
    Column("cluster", "CLUSTER", lambda row: row.node.cluster or UNKNOWN, priority=8, max_width=24),
)  # fmt: skip


class CommunityList(RecordPane[NodeRow]):
    """The community nodes a project may use."""

    title = "Community nodes"
    domains = frozenset({"compute"})
    poll_seconds = 30.0
    columns = COLUMNS
    empty = (
        "No community node is offered now. These are machines of other people, cheaper than the cloud's own and "
        "without its promises. R asks again."
    )
    record_command = "theta.compute.communityNodes"
    actions = (
        Action("community.new", "n", "New on it", "new", "Create a deployment on this node, at its listed price.", 1),
    )

    def key_of(self, row: NodeRow) -> str:
        """Give cluster and node."""
        return row.key

    async def fetch(self) -> Sequence[NodeRow]:
        """Ask for the nodes."""
        return [NodeRow(node) for node in (await self.ask("theta.compute.communityNodes")).nodes]

    def describe(self, row: NodeRow) -> Sequence[Fact]:
        """Give everything known of it; figures whose unit is assumed say so."""
        node = row.node
        raw = "" if node.price_hr is None else f"  (listed as {node.price_hr}; taken as 1/10,000 USD per hour)"
        return [
            ("Node", node.node),
            ("Cost", f"{cost_words(node.price_usd)}{raw}"),
            ("GPU", row.gpu),
            ("Free GPUs", free_cell(row)[0]),
            ("Video memory", UNKNOWN if row.vram_gb is None else f"{row.vram_gb} GB each"),
            ("CPU", _capacity(node.cpu_allocate, node.cpu_capacity)),
            ("Memory", _capacity(node.memory_allocate, node.memory_capacity, " GB")),
            ("Network", f"{_network(row)} Mbit/s down/up"),
            ("CUDA", f"driver {_version(row, 'driver')}, runtime {_version(row, 'runtime')}"),
            ("Runs in WSL", "yes" if told(node, "label_onthetaedgecloud_com_wsl") in ("true", True) else "not told"),
            ("Machine", node.vm_id),
            ("Cluster, shard", f"{node.cluster or UNKNOWN}, {node.shard or UNKNOWN}"),
            ("Environment", node.theta_env),
        ]

    def json_of(self, row: NodeRow) -> Any:
        """Give the cloud's own object with the converted price."""
        return as_json(row.node)

    def why_not(self, action: Action) -> str | None:
        """Say that a node is taken."""
        row = self.row
        return None if row is None or row.free_gpus != 0 else "all its GPUs are taken"

    async def action_new(self) -> None:
        """Go to the deployments and open their wizard for this node."""
        row = self.row
        if row is None:
            return
        if row.free_gpus == 0:
            self.console_app.tell(f"All GPUs of {row.node.node} are taken.", severity="warning")
            return
        from theta_tui.tui.panes.deployments.draft import Wish

        node = row.node
        price = None if node.price_hr is None else f"{node.price_hr:f}"
        await self.console_app.shell.go("deployments")
        begin = getattr(self.console_app.shell.current, "begin_new", None)
        if begin is not None:
            begin(Wish(row.as_machine(), is_only=True, arguments={"price_hr": price, "shard": node.shard or None}))
