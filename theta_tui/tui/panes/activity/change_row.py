"""One change of the ledger: what was done, by which face, how it ended and what it cost."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from textual.content import Content

from theta_tui.journal import Entry
from theta_tui.tui.widgets.details import Fact
from theta_tui.tui.widgets.record_table import Cell, Column, Role
from theta_tui.tui.words import UNKNOWN, rate, usd

STATES: dict[str, tuple[str, str, Role]] = {
    "reserved": ("◌", "not sent yet", "warn"),
    "sent": ("◌", "waiting", "warn"),
    "confirmed": ("✓", "done", "ok"),
    "refused": ("✗", "refused", "bad"),
    "previewed": ("◇", "dry run", "muted"),
    "uncertain": ("?", "uncertain", "bad"),
    "reconciled": ("✓", "settled", "ok"),
}
"""State in the ledger → glyph, our word for it, role."""

STYLES: dict[Role, str] = {
    "ok": "$text-success",
    "warn": "$text-warning",
    "bad": "$text-error",
    "muted": "$foreground-muted",
    "accent": "$text-accent",
}

_NEXT_STEPS: dict[str, str] = {
    "uncertain": "It was sent, and no answer proves what became of it.\nu looks for it; look at {where} before you "
    "repeat it.\nUntil it is settled it counts as spent.",
    "reserved": "It was never sent, as far as is known.\nWhat it set aside is given back at the next start.",
    "sent": "It is on its way, or the program that sent it has ended.\nu looks for it; look at {where} before you "
    "repeat it.",
}


def state_cell(entry: Entry) -> Cell:
    """Give the state as glyph, word and colour."""
    glyph, word, role = STATES.get(entry.state, ("·", entry.state, "muted"))
    return f"{glyph} {word}", role


def cost_words(entry: Entry) -> str:
    """Say what it cost, or what is set aside for it: `≈` marks an estimate, `≤` a worst case."""
    if entry.state == "refused":
        return usd(Decimal(0))
    if entry.cost_usd is not None:
        return f"{'≈' if entry.estimate else ''}{usd(entry.cost_usd)}"
    if entry.usd_per_hour is not None:
        return rate(entry.usd_per_hour)
    return f"≤{usd(entry.worst_usd)}" if entry.worst_usd else UNKNOWN if _is_paid(entry) else usd(Decimal(0))


def _is_paid(entry: Entry) -> bool:
    return entry.item is not None


def next_step(entry: Entry) -> str:
    """Say what to do about a change whose outcome is not known; nothing for the others."""
    where = "4 Deployments" if ".deployments." in entry.command else "the balance on 1 Overview"
    return _NEXT_STEPS.get(entry.state, "").format(where=where)


def when_words(at: float, now: float | None = None) -> str:
    """Write a moment: the time for today, else the day too."""
    when = datetime.fromtimestamp(at)
    today = datetime.now() if now is None else datetime.fromtimestamp(now)
    return when.strftime("%H:%M:%S") if when.date() == today.date() else when.strftime("%d %b %H:%M")


def target_words(entry: Entry) -> str:
    """Say what it was about: name, else what was made, else id."""
    return entry.target_name or entry.object_id or entry.target_id


def facts(entry: Entry) -> list[Fact]:
    """Give everything the ledger keeps of a change."""
    glyph, word, role = STATES.get(entry.state, ("·", entry.state, "muted"))
    told = next_step(entry)
    return [
        ("What", entry.summary or entry.command),
        ("State", Content.styled(f"{glyph} {word}", STYLES[role])),
        *([("Next step", Content.styled(told, "$text-warning"))] if told else []),
        ("Note", entry.note),
        ("Cost", _cost_long(entry)),
        ("Set aside", f"{usd(entry.worst_usd)} at the most"),
        ("Cap then", "none" if entry.cap_usd is None else usd(entry.cap_usd)),
        (
            "Target",
            " ".join(dict.fromkeys(part for part in (entry.target_kind, entry.target_name, entry.target_id) if part)),
        ),
        ("Made", entry.object_id),
        ("Command", f"{entry.command}, from the {entry.face}"),
        ("Begun", _moment(entry.created)),
        ("Changed", _moment(entry.changed)),
        *([("Billed until", "now" if entry.ended is None else _moment(entry.ended))] if entry.usd_per_hour else []),
        ("Request id", entry.request_id),
        ("Conversation", entry.conversation),
        ("Fingerprint", entry.request_hash),
    ]


def _cost_long(entry: Entry) -> str:
    if entry.cost_usd is None:
        return cost_words(entry)
    return f"{cost_words(entry)}{', estimated here' if entry.estimate else ', as the cloud says'}"


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at).strftime("%Y-%m-%d %H:%M:%S")


def short_command(name: str) -> str:
    """Leave out what every command begins with."""
    return name.removeprefix("theta.")


COLUMNS: tuple[Column[Entry], ...] = (
    Column("when", "WHEN", lambda row: when_words(row.created), priority=2, sort=lambda row: row.created),
    Column("summary", "WHAT", lambda row: row.summary or row.command, priority=1, grow=True, min_width=30),
    Column("state", "STATE", state_cell, priority=1),
    Column("cost", "COST", cost_words, priority=2, numeric=True,
           sort=lambda row: row.worst_usd if row.cost_usd is None else row.cost_usd),
    Column("target", "TARGET", lambda row: target_words(row) or ("–", "muted"), priority=6, min_width=10, max_width=26),
    Column("command", "COMMAND", lambda row: short_command(row.command), priority=7, max_width=32),
    Column("face", "FROM", lambda row: row.face, priority=8),
)  # fmt: skip
