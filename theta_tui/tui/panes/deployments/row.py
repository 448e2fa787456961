"""One line of the list: a deployment, what it costs and what is being done to it; its columns and its facts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from textual.content import Content

from theta_tui.shapes.deployments import Deployment, VmType
from theta_tui.tui import literal
from theta_tui.tui.widgets.details import Fact
from theta_tui.tui.widgets.record_table import Cell, Column, Role
from theta_tui.tui.words import UNKNOWN, age, moment, rate, since, usd

_LOOKS: tuple[tuple[str, str, Role], ...] = (
    ("stopping", "◌", "warn"),
    ("delet", "◌", "warn"),
    ("terminat", "◌", "warn"),
    ("fail", "✗", "bad"),
    ("error", "✗", "bad"),
    ("crash", "✗", "bad"),
    ("stop", "○", "muted"),
    ("run", "●", "ok"),
    ("pend", "◌", "warn"),
    ("start", "◌", "warn"),
    ("creat", "◌", "warn"),
    ("init", "◌", "warn"),
)
"""Part of a status in lower case → glyph and role; the first that fits."""

_ROLE_STYLES = {"ok": "$text-success", "warn": "$text-warning", "bad": "$text-error", "muted": "$foreground-muted"}


@dataclass(frozen=True, slots=True)
class DeploymentRow:
    """A deployment as the list shows it; `vm` is its machine type where known, `note` what is being done to it."""

    deployment: Deployment
    vm: VmType | None = None
    note: str = ""

    @property
    def fault(self) -> str:
        """What kept it from being read."""
        return self.deployment.fault

    @property
    def key(self) -> str:
        """What identifies it."""
        return self.deployment.key or self.deployment.name

    @property
    def name(self) -> str:
        """What to call it."""
        return self.deployment.name or self.key

    @property
    def running_usd(self) -> Decimal | None:
        """USD per hour while it runs, all machines together; None when the price is unknown."""
        price = self.vm.price_usd if self.vm else None
        return None if price is None else price * self.deployment.billed_replicas

    @property
    def host(self) -> str:
        """Where it answers, without the scheme."""
        parts = urlsplit(self.deployment.endpoint)
        return f"{parts.netloc}{parts.path}".rstrip("/")


def is_stopped(deployment: Deployment) -> bool:
    """Whether the cloud says that it is stopped; an unknown status says nothing."""
    return not deployment.is_billed and status_look(deployment.endpoint_status)[0] == "○"


def status_look(status: str) -> tuple[str, Role]:
    """Give glyph and role of a status of the cloud's."""
    lower = status.lower()
    return next(((glyph, role) for part, glyph, role in _LOOKS if part in lower), ("·", "muted"))


def status_cell(row: DeploymentRow) -> Cell:
    """Give the status as glyph, word and colour; what is being done comes first."""
    if row.note:
        return f"◌ {row.note}", "warn"
    status = row.deployment.endpoint_status
    if not status:
        return f"? {UNKNOWN}", "muted"
    glyph, role = status_look(status)
    return f"{glyph} {status}", role


def age_words(created: str) -> str:
    """Say how long it has been there; the first seconds are nobody's business."""
    words = age(created)
    return "just now" if "." in words and words.endswith(" s") else words


def replicas_words(deployment: Deployment) -> str:
    """Give ready and wanted replicas as far as they are known."""
    ready, wanted = deployment.replica_counts
    if ready is None and wanted is None:
        return UNKNOWN
    return f"{'?' if ready is None else ready}/{'?' if wanted is None else wanted}"


def _cost_cell(row: DeploymentRow) -> Cell:
    if not row.deployment.endpoint_status:
        return UNKNOWN, "muted"
    if not row.deployment.is_billed:
        return "–", "muted"
    return (UNKNOWN, "muted") if row.running_usd is None else f"{row.running_usd:,.2f}"


def _created(row: DeploymentRow) -> float | None:
    when = moment(row.deployment.created_at)
    return None if when is None else -when.timestamp()


COLUMNS: tuple[Column[DeploymentRow], ...] = (
    Column("name", "NAME", lambda row: row.name, priority=1, grow=True, min_width=12, max_width=40),
    Column("template", "TEMPLATE", lambda row: row.deployment.template_name or UNKNOWN, priority=4, max_width=28),
    Column("vm", "VM", lambda row: row.deployment.vm_id or UNKNOWN, priority=3),
    Column("status", "STATUS", status_cell, priority=1, min_width=12),
    Column("replicas", "REPLICAS", lambda row: replicas_words(row.deployment), priority=6, align="right"),
    Column(
        "cost", "$/H", _cost_cell, priority=2, numeric=True,
        sort=lambda row: row.running_usd if row.deployment.is_billed else Decimal(0),
    ),
    Column(
        "age", "AGE", lambda row: age_words(row.deployment.created_at), priority=5, align="right", sort=_created,
        volatile=True,
    ),
    Column("endpoint", "ENDPOINT", lambda row: row.host or "none yet", priority=9, grow=True, max_width=80),
)  # fmt: skip


def status_content(row: DeploymentRow) -> Content:
    """Give the status for a detail view."""
    cell = status_cell(row)
    text, role = cell if isinstance(cell, tuple) else (cell, "muted")
    return literal.content(text, style=_ROLE_STYLES.get(role, ""))


def facts(row: DeploymentRow, *, readiness: str, is_kept: bool) -> list[Fact]:
    """Give everything known of a deployment; `is_kept` tells whether its credentials are in the vault."""
    deployment, vm = row.deployment, row.vm
    return [
        ("Name", row.name),
        ("Status", status_content(row)),
        ("Readiness", readiness),
        ("Cost", cost_words(row)),
        ("Endpoint", deployment.endpoint or "none yet"),
        ("Credentials", _credentials_words(row, is_kept=is_kept)),
        ("Template", " · ".join(part for part in (deployment.template_name, deployment.template_id) if part)),
        ("Machine", machine_words(deployment.vm_id, vm)),
        ("Replicas", _replicas_long(deployment)),
        ("Region", deployment.region),
        ("Created", since(deployment.created_at)),
        ("Base id", deployment.base_id),
        ("Shard, suffix", f"{deployment.shard or UNKNOWN}, {deployment.suffix or UNKNOWN}"),
        ("Id", deployment.id),
        *((f"@{name}", value) for name, value in deployment.annotations.items()),
    ]


def cost_words(row: DeploymentRow) -> str:
    """Say what it costs per hour and per day, or would if it ran."""
    amount = row.running_usd
    if amount is None:
        price = f"the price of {row.deployment.vm_id or 'its machine type'} is unknown"
        return price if row.deployment.is_billed else f"not billed now; {price}"
    words = f"{hourly(amount)} · {usd(amount * 24, places=2)}/day"
    return words if row.deployment.is_billed else f"not billed now; {words} when it runs"


def machine_words(vm_id: str, vm: VmType | None) -> str:
    """Say what a machine type is: id, GPU, memory."""
    if vm is None:
        return vm_id or UNKNOWN
    parts = [vm_id, gpu_words(vm)]
    parts += [f"{vm.vram_gb} GB VRAM"] if vm.vram_gb is not None else []
    return " · ".join(part for part in parts if part)


def hourly(amount: Decimal) -> str:
    """Write USD per hour: in cents, where that is all of it."""
    return rate(amount) if amount != round(amount, 2) else f"{usd(amount, places=2)}/h"


def gpu_words(vm: VmType) -> str:
    """Say which GPUs a machine type has."""
    if not vm.gpu:
        return vm.name or UNKNOWN
    return f"{vm.gpu_count} × {vm.gpu}" if vm.gpu_count else vm.gpu


def curl_line(row: DeploymentRow) -> str:
    """Write a look at its models as a curl command; user and password stay out of it."""
    return (
        f'curl -u "$THETA_INFERENCE_AUTH_USER:$THETA_INFERENCE_AUTH_PASS" {quoted(row.deployment.endpoint)}/v1/models'
    )


def quoted(text: Any) -> str:
    """Quote a text for a shell."""
    import shlex

    return shlex.quote(str(text).rstrip("/"))


def _replicas_long(deployment: Deployment) -> str:
    ready, wanted = deployment.replica_counts
    if ready is None and wanted is None:
        return UNKNOWN
    more = deployment.max_replicas is not None and deployment.max_replicas != wanted
    most = f", {deployment.max_replicas} at the most" if more else ""
    return f"{UNKNOWN if ready is None else ready} ready of {UNKNOWN if wanted is None else wanted}{most}"


def _credentials_words(row: DeploymentRow, *, is_kept: bool) -> str:
    if is_kept:
        return f"kept in the vault as endpoint/{row.key}"
    return "none kept here: whoever made it has them, or it is open to everybody"
