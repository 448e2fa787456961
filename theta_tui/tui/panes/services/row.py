"""One line of the list: a service, its price in words; its columns and its facts."""

from __future__ import annotations

from theta_tui.shapes.on_demand import Service
from theta_tui.tui.widgets.record_table import Column

COLUMNS: tuple[Column[Service], ...] = (
    Column("alias", "ALIAS", lambda row: row.alias, priority=1),
    Column("name", "NAME", lambda row: row.name, priority=4, grow=True),
    Column("category", "CATEGORY", lambda row: row.category, priority=3),
)
