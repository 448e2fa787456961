"""One attempt at a request: what was asked, how it went, how long it took."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from theta_tui.journal import LoggedRequest
from theta_tui.tui.panes.activity.change_row import short_command, when_words
from theta_tui.tui.widgets.details import Fact
from theta_tui.tui.widgets.record_table import Cell, Column
from theta_tui.tui.words import UNKNOWN, size, span


def path_words(row: LoggedRequest) -> str:
    """Give path and query; the host is in the details."""
    parts = urlsplit(row.url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path or row.url


def result_cell(row: LoggedRequest) -> Cell:
    """Give status and outcome as glyph, words and colour."""
    status = str(row.status) if row.status is not None else "no answer"
    if row.error is None:
        return f"✓ {status}", "ok"
    return f"✗ {status} {row.error}", "bad" if row.error not in ("capacity", "rate_limit") else "warn"


def bytes_words(row: LoggedRequest) -> str:
    """Give what went out and came in, as far as it was counted."""
    if not row.bytes_out and not row.bytes_in:
        return UNKNOWN
    return f"{size(row.bytes_out)} out, {size(row.bytes_in)} in"


def facts(row: LoggedRequest) -> list[Fact]:
    """Give everything the log keeps of an attempt."""
    return [
        ("Request", f"{row.method} {row.url}"),
        ("Answer", str(row.status) if row.status is not None else "none"),
        ("Outcome", "fine" if row.error is None else f"{row.error}: {row.message}"),
        ("Attempt", _attempt(row)),
        ("Took", span(row.seconds)),
        ("Bytes", bytes_words(row)),
        ("Begun", datetime.fromtimestamp(row.started).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]),
        ("Command", f"{row.command or UNKNOWN}, from the {row.face}"),
        ("Family", row.family),
        ("Request id", row.request_id),
    ]


def _attempt(row: LoggedRequest) -> str:
    return "the first" if row.number <= 1 else f"number {row.number}: earlier ones did not succeed"


COLUMNS: tuple[Column[LoggedRequest], ...] = (
    Column("when", "WHEN", lambda row: when_words(row.started), priority=2, sort=lambda row: row.started),
    Column("method", "METHOD", lambda row: row.method, priority=3),
    Column("path", "PATH", path_words, priority=1, grow=True, min_width=18),
    Column("result", "RESULT", result_cell, priority=1, max_width=26),
    Column("seconds", "TOOK", lambda row: span(row.seconds), priority=4, numeric=True, sort=lambda row: row.seconds),
    Column("number", "TRY", lambda row: str(row.number), priority=7, numeric=True, sort=lambda row: row.number),
    Column("command", "COMMAND", lambda row: short_command(row.command) or ("–", "muted"), priority=6, max_width=32),
    Column("face", "FROM", lambda row: row.face, priority=9),
    Column("request_id", "REQUEST ID", lambda row: row.request_id or ("–", "muted"), priority=10, max_width=34),
)  # fmt: skip
