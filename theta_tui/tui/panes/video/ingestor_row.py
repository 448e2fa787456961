"""One node that takes in livestreams, and which livestream it was taken for from here."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from theta_tui.shapes.livestreams import Ingestor
from theta_tui.tui.widgets.details import Fact
from theta_tui.tui.widgets.record_table import Cell, Column
from theta_tui.tui.words import UNKNOWN


@dataclass(frozen=True, slots=True)
class IngestorRow:
    """A node; `place` is how near it is (1 the nearest), `stream` what it was taken for."""

    ingestor: Ingestor
    place: int
    stream: str = ""
    note: str = ""

    @property
    def fault(self) -> str:
        """What kept it from being read."""
        return self.ingestor.fault

    @property
    def key(self) -> str:
        """What identifies it."""
        return self.ingestor.id

    @property
    def name(self) -> str:
        """What to call it."""
        return " · ".join(part for part in (self.ingestor.geo, self.ingestor.ip) if part) or self.ingestor.id


def stakes_words(ingestor: Ingestor) -> str:
    """Write the stake with its thousands apart."""
    amount = _stakes(ingestor)
    return (ingestor.stakes or UNKNOWN) if amount is None else f"{amount:,}"


def _stakes(ingestor: Ingestor) -> Decimal | None:
    try:
        amount = Decimal(ingestor.stakes)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def taken_cell(row: IngestorRow) -> Cell:
    """Say what it is taken for, as far as it was done from here."""
    if row.note:
        return f"◌ {row.note}", "warn"
    return (f"● {row.stream}", "accent") if row.stream else ("–", "muted")


COLUMNS: tuple[Column[IngestorRow], ...] = (
    Column("place", "NEAR", lambda row: str(row.place), priority=3, numeric=True, sort=lambda row: row.place),
    Column("geo", "PLACE", lambda row: row.ingestor.geo or UNKNOWN, priority=1, min_width=10, grow=True, max_width=30),
    Column("ip", "ADDRESS", lambda row: row.ingestor.ip or UNKNOWN, priority=2, max_width=40),
    Column("taken", "TAKEN FOR", taken_cell, priority=1, min_width=12, max_width=34),
    Column(
        "stakes", "STAKES", lambda row: stakes_words(row.ingestor), priority=4, numeric=True,
        sort=lambda row: _stakes(row.ingestor),
    ),
    Column("id", "ID", lambda row: row.ingestor.id, priority=6, max_width=60),
)  # fmt: skip


def facts(row: IngestorRow) -> list[Fact]:
    """Give everything known of a node."""
    return [
        ("Place", row.ingestor.geo or UNKNOWN),
        ("Address", row.ingestor.ip or UNKNOWN),
        ("Nearness", "the nearest" if row.place == 1 else f"number {row.place} from here"),
        ("Stakes", stakes_words(row.ingestor)),
        ("Taken for", row.stream or "nothing, as far as was done from here"),
        ("Id", row.ingestor.id),
    ]
