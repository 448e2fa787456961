"""Volumes: disks that outlive the machines they are attached to. They are only listed (wire 5, 19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from theta_tui.shapes.base import as_json
from theta_tui.shapes.compute import Volume
from theta_tui.tui.actions import Action
from theta_tui.tui.panes.compute.further import further_facts, told, value_words
from theta_tui.tui.panes.compute.looks import created_words, since_words, status_cell, status_content
from theta_tui.tui.panes.record_pane import RecordPane
from theta_tui.tui.widgets.details import Fact
from theta_tui.tui.widgets.record_filter import number_in
from theta_tui.tui.widgets.record_table import Cell, Column
from theta_tui.tui.words import UNKNOWN, moment

ELSEWHERE = "Volumes are made, attached and deleted in the dashboard: no route for it is documented."
MOST = 200
"""Volumes shown; the route gives them by pages."""
_ATTACHED = ("attached_to", "attached", "deployment", "deployment_name", "mounted_by", "used_by", "pod")


@dataclass(frozen=True, slots=True)
class VolumeRow:
    """A volume."""

    volume: Volume

    @property
    def fault(self) -> str:
        """What kept it from being read."""
        return self.volume.fault

    @property
    def key(self) -> str:
        """What identifies it."""
        return self.volume.id or self.volume.name

    @property
    def attached_to(self) -> str | None:
        """What it is attached to; empty for nothing, None when the cloud does not tell."""
        names = {key.lower().replace("_", "") for key in self.volume.raw}
        if not names & {name.replace("_", "") for name in _ATTACHED}:
            return None
        return value_words(told(self.volume, *_ATTACHED))


def _attached(row: VolumeRow) -> Cell:
    where = row.attached_to
    return (UNKNOWN, "muted") if where is None else where or ("nothing", "muted")


def _created(row: VolumeRow) -> float | None:
    when = moment(row.volume.create_time)
    return None if when is None else -when.timestamp()


COLUMNS: tuple[Column[VolumeRow], ...] = (
    Column("name", "NAME", lambda row: row.volume.name or row.key, priority=1, grow=True, min_width=12, max_width=40),
    Column("size", "SIZE", lambda row: row.volume.size or UNKNOWN, priority=1, numeric=True,
           sort=lambda row: number_in(row.volume.size)),
    Column("status", "STATUS", lambda row: status_cell(row.volume.status), priority=2, min_width=12),
    Column("attached", "ATTACHED TO", _attached, priority=2, max_width=40),
    Column("region", "REGION", lambda row: row.volume.region or UNKNOWN, priority=5, max_width=24),
    Column("shard", "SHARD", lambda row: row.volume.shard or UNKNOWN, priority=6, align="right"),
    Column("age", "AGE", lambda row: created_words(row.volume.create_time), priority=6, align="right", sort=_created,
           volatile=True),
)  # fmt: skip


class VolumeList(RecordPane[VolumeRow]):
    """The volumes of the project."""

    title = "Volumes"
    domains = frozenset({"compute"})
    poll_seconds = 30.0
    columns = COLUMNS
    empty = (
        "No volume. A volume is a disk that stays when the machine it is attached to is stopped or deleted. "
        f"{ELSEWHERE}"
    )
    record_command = "theta.ai.storage.list"
    actions = (
        Action("volumes.goto", "o", "Go to machine", "go_to_machine", "Show what it is attached to.", 5),
        Action("volumes.new", "n", "New", "new", "Say where volumes are made.", 0),
    )

    def key_of(self, row: VolumeRow) -> str:
        """Give its id."""
        return row.key

    async def fetch(self) -> Sequence[VolumeRow]:
        """Ask for the volumes."""
        found = (await self.ask("theta.ai.storage.list", {"page": 1, "number": MOST})).volumes
        self.note(f"the first {MOST}" if len(found) >= MOST else "")
        return [VolumeRow(item) for item in found]

    def describe(self, row: VolumeRow) -> Sequence[Fact]:
        """Give everything the cloud tells of it."""
        volume, where = row.volume, row.attached_to
        return [
            ("Name", volume.name),
            ("Size", volume.size or UNKNOWN),
            ("Status", status_content(volume.status)),
            ("Attached to", UNKNOWN if where is None else f"{where} (o goes there)" if where else "nothing"),
            ("Cost", f"{UNKNOWN}: the cloud tells no price of storage"),
            ("Region", volume.region),
            ("Shard", volume.shard),
            ("Created", since_words(volume.create_time)),
            ("Id", volume.id),
            *further_facts(volume, but=frozenset(name.replace("_", "") for name in _ATTACHED)),
            ("Changes", ELSEWHERE),
        ]

    def json_of(self, row: VolumeRow) -> Any:
        """Give the cloud's own object."""
        return as_json(row.volume)

    def why_not(self, action: Action) -> str | None:
        """Say why volumes are not made from here, or that one is attached to nothing."""
        if action.id == "volumes.new":
            return ELSEWHERE
        return None if self.row is not None and self.row.attached_to else "it is attached to nothing"

    async def action_go_to_machine(self) -> None:
        """Go to the deployment it is attached to."""
        row = self.row
        if row is None:
            return
        if not row.attached_to:
            self.console_app.tell(f"{row.volume.name or row.key} is attached to nothing.", severity="warning")
            return
        await self.console_app.shell.go("deployments")
        show = getattr(self.console_app.shell.current, "apply_filter", None)
        if show is not None:
            show(f"name:{row.attached_to}")

    def action_new(self) -> None:
        """Say where volumes are made."""
        self.console_app.tell(ELSEWHERE, severity="warning")
