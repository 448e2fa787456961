"""Choosing the columns of a table: which are shown, and in which order. It knows their names, not what they show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget

from theta_tui.tui.modal import Modal
from theta_tui.tui.widgets.ticks import Tick, Ticks

Columns = Sequence[tuple[str, str]]
"""Key and title of each column."""


class ColumnPicker(Modal[tuple[str, ...]]):
    """Gives the keys of the columns to be shown, in order; an empty tuple for the table's own choice."""

    DEFAULT_CSS = """
    ColumnPicker {
        & > .modal--frame { max-width: 64; }
        & VerticalScroll { height: auto; max-height: 20; scrollbar-size-vertical: 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "reset", show=False),
        Binding("ctrl+s", "keep", show=False),
    ]
    AUTO_FOCUS = "Ticks"
    keys = (("Space", "show, hide"), ("J K", "move"), ("r", "reset"), ("Enter", "keep"), ("Esc", "close"))

    def __init__(self, title: str, columns: Columns, shown: Sequence[str]) -> None:
        super().__init__()
        self._title = title
        titles = dict(columns)
        order = [*shown, *(key for key in titles if key not in shown)]
        self._rows = [Tick(key, titles[key], is_on=key in shown) for key in order]

    @property
    def title_words(self) -> str:
        """Say whose columns they are."""
        return f"Columns of {self._title}"

    def inside(self) -> Iterable[Widget]:
        """Give the list."""
        with VerticalScroll(can_focus=False):
            yield Ticks(self._rows, is_movable=True)

    @on(Ticks.Entered)
    def action_keep(self) -> None:
        """Keep what is shown; a table without any column would be none."""
        chosen = self.query_one(Ticks).chosen
        if chosen:
            self.dismiss(chosen)
        else:
            self.note("At least one column is shown.")

    def action_reset(self) -> None:
        """Go back to the table's own columns."""
        self.dismiss(())
