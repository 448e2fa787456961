"""What a table says to those around it; panes catch these as `RecordTable.Highlighted` and so on.

Knows nothing of how a table works.
"""

from __future__ import annotations

from typing import Any

from textual.message import Message
from textual.widget import Widget

from theta_tui.tui.widgets.records import FilterState


class TableMessage(Message):
    """A message about one table; `@on(…, "#id")` finds it by that table."""

    def __init__(self, table: Widget) -> None:
        super().__init__()
        self.table = table

    @property
    def control(self) -> Widget:
        """The table it is about."""
        return self.table


class Highlighted(TableMessage, namespace="record_table"):
    """Another row is under the cursor, or the same row changed; `row` is None if nothing is in view."""

    def __init__(self, table: Widget, row: Any) -> None:
        super().__init__(table)
        self.row = row


class Opened(TableMessage, namespace="record_table"):
    """A row was opened, with Enter or a double click."""

    def __init__(self, table: Widget, row: Any) -> None:
        super().__init__(table)
        self.row = row


class FilterChanged(TableMessage, namespace="record_table"):
    """The filter, or how many rows pass it, is another."""

    def __init__(self, table: Widget, state: FilterState) -> None:
        super().__init__(table)
        self.state = state
