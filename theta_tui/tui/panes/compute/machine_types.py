"""The machine types that can be rented: what is in them, what they cost, and how many of them are ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from theta_tui.arguments import cli_line
from theta_tui.errors import CloudError
from theta_tui.shapes.base import as_json
from theta_tui.shapes.deployments import VmType
from theta_tui.tui.actions import Action
from theta_tui.tui.panes.compute.further import further_facts, told, value_words
from theta_tui.tui.panes.deployments.row import gpu_words, hourly
from theta_tui.tui.panes.record_pane import RecordPane
from theta_tui.tui.widgets.details import Fact
from theta_tui.tui.widgets.record_table import Cell, Column
from theta_tui.tui.words import UNKNOWN, usd

_AVAILABILITY = ("available", "availability", "available_count", "in_stock", "capacity", "stock", "quota")
"""Keys under which the cloud may tell whether a machine can be had; none is documented (wire 7)."""


@dataclass(frozen=True, slots=True)
class MachineType:
    """A machine type; `billed` and `held` count our deployments on it, None when they could not be listed."""

    vm: VmType
    billed: int | None = None
    held: int | None = None

    @property
    def fault(self) -> str:
        """What kept it from being read."""
        return self.vm.fault

    @property
    def availability(self) -> str:
        """What the cloud tells of it, in its own words."""
        return value_words(told(self.vm, *_AVAILABILITY)) or UNKNOWN


def gigabytes(amount: Decimal | None) -> str:
    """Write an amount of memory."""
    return UNKNOWN if amount is None else f"{amount:,} GB"


def ours_cell(row: MachineType) -> Cell:
    """Say how many of our deployments run on it."""
    if row.held is None or row.billed is None:
        return UNKNOWN, "muted"
    if not row.held:
        return "–", "muted"
    return (f"● {row.billed} billed", "ok") if row.billed else (f"○ {row.held} stopped", "muted")


def _price(amount: Decimal | None) -> Cell:
    return (UNKNOWN, "muted") if amount is None else f"{amount:,.2f}"


def _per_day(row: MachineType) -> Cell:
    return _price(None if row.vm.price_usd is None else row.vm.price_usd * 24)


def _number(amount: Decimal | None) -> Cell:
    return (UNKNOWN, "muted") if amount is None else f"{amount:,}"


COLUMNS: tuple[Column[MachineType], ...] = (
    Column("machine", "MACHINE", lambda row: row.vm.id or UNKNOWN, priority=1),
    Column("gpu", "GPU", lambda row: gpu_words(row.vm), priority=2, max_width=30),
    Column(
        "vram", "VRAM", lambda row: gigabytes(row.vm.vram_gb), priority=3, numeric=True,
        sort=lambda row: row.vm.vram_gb,
    ),
    Column("cost", "$/H", lambda row: _price(row.vm.price_usd), priority=1, numeric=True,
           sort=lambda row: row.vm.price_usd),
    Column("day", "$/DAY", _per_day, priority=6, numeric=True, sort=lambda row: row.vm.price_usd),
    Column("cpu", "VCPU", lambda row: _number(row.vm.cpu), priority=4, numeric=True, sort=lambda row: row.vm.cpu),
    Column("ram", "RAM", lambda row: gigabytes(row.vm.memory_gb), priority=4, numeric=True,
           sort=lambda row: row.vm.memory_gb),
    Column("ours", "OURS", ours_cell, priority=5, sort=lambda row: row.billed),
    Column("available", "AVAILABLE", lambda row: row.availability, priority=8, max_width=24),
    Column("resource", "RESOURCE", lambda row: row.vm.name or "–", priority=9, max_width=28),
)  # fmt: skip


class MachineTypeList(RecordPane[MachineType]):
    """What a deployment can run on."""

    title = "Machine types"
    domains = frozenset({"deployments"})
    poll_seconds = 60.0
    columns = COLUMNS
    empty = "The cloud lists no machine type. R asks again."
    record_command = "theta.deployments.listVm"
    actions = (
        Action("machines.new", "n", "New on it", "new", "Create a deployment on this machine type.", 1),
        Action("machines.ours", "o", "Ours", "show_ours", "Show our deployments on this machine type.", 5),
    )

    def key_of(self, row: MachineType) -> str:
        """Give its id."""
        return row.vm.id

    async def fetch(self) -> Sequence[MachineType]:
        """Ask for the types, and for our deployments to count them; without a key the types still stand."""
        vms = (await self.ask("theta.deployments.listVm")).vms
        billed: Counter[str] | None = None
        held: Counter[str] = Counter()
        with suppress(CloudError):
            listed = (await self.ask("theta.deployments.list")).deployments
            held = Counter(item.vm_id for item in listed)
            billed = Counter(item.vm_id for item in listed if item.is_billed)
        if billed is None:
            return [MachineType(vm) for vm in vms]
        return [MachineType(vm, billed[vm.id], held[vm.id]) for vm in vms]

    def describe(self, row: MachineType) -> Sequence[Fact]:
        """Give everything known of it."""
        vm = row.vm
        return [
            ("Machine", vm.id),
            ("Resource", vm.name),
            ("GPU", gpu_words(vm)),
            ("Video memory", gigabytes(vm.vram_gb)),
            ("vCPU", UNKNOWN if vm.cpu is None else f"{vm.cpu:,}"),
            ("Memory", gigabytes(vm.memory_gb)),
            ("Cost", cost_words(vm.price_usd)),
            ("Available", _availability_long(row)),
            ("Ours", _ours_long(row)),
            *further_facts(vm, but=frozenset(name.replace("_", "") for name in _AVAILABILITY)),
        ]

    def json_of(self, row: MachineType) -> Any:
        """Give the cloud's own object."""
        return as_json(row.vm)

    def copy_choices(self) -> list[tuple[str, str]]:
        """Give what can be copied of it, and the line that rents it."""
        row = self.row
        if row is None:
            return []
        create = cli_line("theta.deployments.create", {"deployment_template_id": "TEMPLATE", "vm_id": row.vm.id})
        return [*super().copy_choices(), ("CLI line: deployment on it", create)]

    async def action_new(self) -> None:
        """Go to the deployments and open their wizard for this machine type."""
        row = self.row
        if row is None:
            return
        from theta_tui.tui.panes.deployments.draft import Wish

        await self.console_app.shell.go("deployments")
        begin = getattr(self.console_app.shell.current, "begin_new", None)
        if begin is not None:
            begin(Wish(row.vm))

    async def action_show_ours(self) -> None:
        """Go to the deployments, showing those on this machine type."""
        row = self.row
        if row is None:
            return
        if row.held == 0:
            self.console_app.tell(f"No deployment of ours is on {row.vm.id}; n makes one.", severity="warning")
            return
        await self.console_app.shell.go("deployments")
        show = getattr(self.console_app.shell.current, "apply_filter", None)
        if show is not None:
            show(f"vm:{row.vm.id}")


def cost_words(amount: Decimal | None) -> str:
    """Say what an amount per hour is per hour and per day."""
    return UNKNOWN if amount is None else f"{hourly(amount)} · {usd(amount * 24, places=2)}/day"


def _availability_long(row: MachineType) -> str:
    if row.availability != UNKNOWN:
        return row.availability
    return f"{UNKNOWN}: the list does not tell. A create does, and takes the next type in its fallback list."


def _ours_long(row: MachineType) -> str:
    if row.held is None:
        return UNKNOWN
    return f"{row.billed} billed, {row.held - (row.billed or 0)} stopped" if row.held else "none"
