"""One run as the list shows it, its columns and facts; and how a run is made of an answer of the cloud's."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from theta_tui.journal.runs import RunRecord
from theta_tui.shapes.on_demand import Job
from theta_tui.shapes.upload_infer import InferredFiles
from theta_tui.tui.panes.services.inputs import summary
from theta_tui.tui.widgets.details import Fact
from theta_tui.tui.widgets.record_table import Cell, Column
from theta_tui.tui.words import UNKNOWN, span, usd

_STATES: Mapping[str, tuple[str, Any]] = {
    "success": ("● success", "ok"),
    "error": ("✗ error", "bad"),
    "failed": ("✗ failed", "bad"),
    "cancelled": ("■ cancelled", "warn"),
    "processing": ("◌ processing", "warn"),
    "pending": ("◌ pending", "warn"),
    "sending": ("◌ sending", "warn"),
    "uncertain": ("? uncertain", "bad"),
    "lost": ("? lost", "bad"),
}
OVER = frozenset({"success", "error", "failed", "cancelled", "canceled", "lost", "uncertain"})


def job_of(value: Job | InferredFiles) -> Job:
    """Give the job of either command's answer."""
    return value.request if isinstance(value, InferredFiles) else value


def later(run: RunRecord, job: Job) -> RunRecord:
    """Give a run as a later look shows it."""
    seconds = time.time() - run.created if job.is_over and run.seconds is None else run.seconds
    return replace(run, state=job.state or run.state, output=job.output, error=job.failure, cost_usd=job.spent_usd,
                   seconds=seconds)  # fmt: skip


def values_of(run: RunRecord) -> dict[str, Any]:
    """Give what was filled into the form."""
    return {**run.inputs, **run.paths, **({"variant": run.variant} if run.variant else {})}


def state_cell(run: RunRecord) -> Cell:
    """Give the state as glyph, word and colour."""
    return _STATES.get(run.state, (f"? {run.state or UNKNOWN}", "muted"))


def facts(run: RunRecord) -> list[Fact]:
    """Give everything known of a run."""
    seed = run.output.get("used_seed") if isinstance(run.output, Mapping) else None
    return [
        ("Service", f"{run.service} {run.variant}".strip()),
        ("State", str(state_cell(run)[0])),
        ("Error", run.error),
        ("Cost", usd(run.cost_usd)),
        ("Time", span(run.seconds) if run.seconds is not None else UNKNOWN),
        ("Seed", run.inputs.get("seed") or seed or ""),
        ("Files", "\n".join(run.files)),
        *((f"  {name}", value) for name, value in {**run.inputs, **run.paths}.items()),
        ("Request id", run.request_id),
        ("Begun", datetime.fromtimestamp(run.created).strftime("%Y-%m-%d %H:%M:%S")),
    ]


def _when(run: RunRecord) -> str:
    when = datetime.fromtimestamp(run.created)
    return when.strftime("%H:%M:%S" if when.date() == datetime.now().date() else "%d %b %H:%M")


COLUMNS: tuple[Column[RunRecord], ...] = (
    Column("when", "WHEN", _when, priority=2, sort=lambda run: run.created),
    Column("service", "SERVICE", lambda run: run.service, priority=1, min_width=12, max_width=28),
    Column("what", "ASKED", lambda run: summary(run.inputs, run.paths), priority=3, grow=True, min_width=14),
    Column("state", "STATE", state_cell, priority=1),
    Column("cost", "COST", lambda run: usd(run.cost_usd), priority=2, numeric=True, sort=lambda run: run.cost_usd),
    Column("time", "TIME", lambda run: span(run.seconds) if run.seconds is not None else ("–", "muted"), priority=4,
           numeric=True, sort=lambda run: run.seconds),
)  # fmt: skip
