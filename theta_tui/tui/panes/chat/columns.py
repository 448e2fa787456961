"""The answers that are compared: side by side where there is room, else one at a time under tabs; scrolled together.

It knows nothing of what is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message

from theta_tui.tui.panes.chat.column import AnswerColumn
from theta_tui.tui.widgets.conversation_view import ConversationView
from theta_tui.tui.widgets.tab_line import Tab, TabLine

LEAST_SCREEN: Final = 100
"""Columns of a screen on which answers stand side by side."""
LEAST: Final = 26
"""Columns of an answer that can be read."""
TICK_SECONDS: Final = 0.5


class Columns(Vertical):
    """All columns, one of them current: the one that has or last had the focus."""

    DEFAULT_CSS = """
    Columns {
        height: 1fr;
        & > TabLine { display: none; }
        &.-tabs > TabLine { display: block; }
        & > Horizontal { height: 1fr; }
        &.-tabs AnswerColumn { display: none; border-left: none; }
        &.-tabs AnswerColumn.-current { display: block; }
    }
    """

    class Turned(Message):
        """Another column is current."""

    def __init__(self, columns: Sequence[AnswerColumn]) -> None:
        super().__init__(id="columns")
        self.columns = tuple(columns)
        self.is_synced = True
        """Whether all scroll when one does."""
        self.current = self.columns[0]
        self.current.set_current(True)
        self._tabs = TabLine([Tab(str(at), "") for at in range(len(self.columns))])
        for column in self.columns[1:]:
            column.add_class("-beside")

    def compose(self) -> ComposeResult:
        """Lay out tabs and columns."""
        yield self._tabs
        with Horizontal():
            yield from self.columns

    def on_mount(self) -> None:
        """Let the seconds of what is coming be seen to pass."""
        self.set_interval(TICK_SECONDS, self._tick)
        self.show_names()

    def on_resize(self, event: events.Resize) -> None:
        """Stand side by side if every answer can be read then."""
        is_wide = self.app.size.width >= LEAST_SCREEN and event.size.width >= LEAST * len(self.columns)
        self.set_class(not is_wide, "-tabs")
        for column in self.columns:
            column.foot.set_class(not is_wide, "-alone")

    def show_names(self) -> None:
        """Show in the tabs who it is and how it stands."""
        signs = [column.foot.sign[0][:1] for column in self.columns]
        names = [column.target.name for column in self.columns]
        self._tabs.tabs = tuple(
            Tab(str(at), f"{sign} {name}".strip()) for at, (sign, name) in enumerate(zip(signs, names, strict=True))
        )

    def turn(self, by: int) -> None:
        """Make the next column current, or the previous one, round and round."""
        at = (self.columns.index(self.current) + by) % len(self.columns)
        self._make_current(self.columns[at])
        self.current.page.focus()

    def toggle_sync(self) -> bool:
        """Let all scroll together, or each by itself; give what holds now."""
        self.is_synced = not self.is_synced
        return self.is_synced

    @on(events.DescendantFocus)
    def _focused(self, event: events.DescendantFocus) -> None:
        column = next((each for each in self.columns if each.page is event.widget), None)
        if column is not None:
            self._make_current(column)

    @on(TabLine.Chosen)
    def _chosen(self, event: TabLine.Chosen) -> None:
        event.stop()
        self._make_current(self.columns[int(event.tab)])
        self.current.page.focus()

    @on(ConversationView.Scrolled)
    def _scrolled(self, event: ConversationView.Scrolled) -> None:
        event.stop()
        source = next((each.page for each in self.columns if each.page is event.view), None)
        if source is None or not self.is_synced:
            return
        for page in (each.page for each in self.columns if each.page is not source):
            if source.following:
                page.follow()
            else:
                page.stand_below(*source.standing)

    def _make_current(self, column: AnswerColumn) -> None:
        self.current.set_current(False)
        self.current = column
        column.set_current(True)
        self._tabs.current = str(self.columns.index(column))
        self.post_message(self.Turned())

    def _tick(self) -> None:
        coming = [column for column in self.columns if column.is_coming]
        for column in coming:
            column.foot.refresh()
        if coming:
            self.show_names()
