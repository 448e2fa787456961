"""How the state and age of hardware look: glyph, word and colour, as in the list of deployments."""

from __future__ import annotations

from textual.content import Content

from theta_tui.tui import literal
from theta_tui.tui.panes.deployments.row import age_words, status_look
from theta_tui.tui.widgets.record_table import Cell, Role
from theta_tui.tui.words import UNKNOWN

_MORE: tuple[tuple[str, str, Role], ...] = (("bound", "●", "ok"), ("available", "○", "muted"), ("active", "●", "ok"))
"""Words of volumes and clusters that deployments do not have."""
STYLES: dict[Role, str] = {
    "ok": "$text-success", "warn": "$text-warning", "bad": "$text-error", "muted": "$foreground-muted",
    "accent": "$text-accent",
}  # fmt: skip


def status_cell(status: str) -> Cell:
    """Give a status of the cloud's as glyph, word and colour."""
    if not status:
        return f"? {UNKNOWN}", "muted"
    glyph, role = next(
        ((glyph, role) for part, glyph, role in _MORE if status.lower().startswith(part)), status_look(status)
    )
    return f"{glyph} {status}", role


def status_content(status: str) -> Content:
    """Give a status for a detail view."""
    cell = status_cell(status)
    text, role = cell if isinstance(cell, tuple) else (cell, "muted")
    return literal.content(text, style=STYLES[role])


def is_idle(status: str) -> bool:
    """Whether the cloud says that it is stopped; an unknown status says nothing."""
    return status_look(status)[0] == "○" if status else False


def since_words(created: str) -> str:
    """Give when it was made, as told, and how long ago that is; nothing if it is not told."""
    return f"{created} · {created_words(created)}" if created else ""


def created_words(created: str) -> str:
    """Say how long it has been there."""
    return age_words(created) if created else UNKNOWN
