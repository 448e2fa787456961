"""Changes and requests, one list at a time; what they show is the lists' own business."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget

from theta_tui.change import Done
from theta_tui.errors import ThetaError, UsageError
from theta_tui.journal import Entry
from theta_tui.tui.actions import Action
from theta_tui.tui.panes.activity import again
from theta_tui.tui.panes.activity.listing import ChangeList, JournalList, RequestList
from theta_tui.tui.panes.base import Pane
from theta_tui.tui.widgets.records import FilterState
from theta_tui.tui.widgets.tab_line import TabLine

ALL_DOMAINS = frozenset({"on_demand", "deployments", "inference", "compute", "billing", "agents", "video", "platform"})


class ActivityPane(Pane):
    """What was done and asked, by whom, with what result and at what cost."""

    title = "Activity"
    domains = ALL_DOMAINS
    actions = (
        Action("activity.details", "enter", "Details", "open_row", "Show everything that was kept of it.", rank=10),
        Action("activity.list", ".,comma", "Changes/requests", "other_list", "Show the other list.", rank=15),
        Action("activity.repeat", "r", "Repeat", "repeat", "Do this change again, after another review.", rank=20),
        Action("activity.copy", "y", "Copy", "app.copy_menu", "Copy a row, JSON, command or curl.", rank=30),
    )

    DEFAULT_CSS = """
    ActivityPane > JournalList { height: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._lists: tuple[JournalList[Any], ...] = (ChangeList(), RequestList())
        self._lists[1].add_class("-other")

    def compose(self) -> ComposeResult:
        """Lay out both lists; one is shown."""
        for one in self._lists:
            one.remove_class("pane")
            yield one

    @property
    def listing(self) -> JournalList[Any]:
        """The list that is shown."""
        return next(one for one in self._lists if not one.has_class("-other"))

    def first_focus(self) -> Widget:
        """Focus the table of the list."""
        return self.listing.table

    rest_focus = first_focus

    def shown(self) -> None:
        """Follow the journal."""
        for one in self._lists:
            one.display = one is self.listing
        self.listing.shown()

    def hidden(self) -> None:
        """Rest."""
        for one in self._lists:
            one.display = False
            one.hidden()

    def reload(self) -> None:
        """Read the journal again."""
        self.listing.reload()

    def mark_stale(self) -> None:
        """Something was changed, so there is a new row."""
        if self.display:
            self.listing.mark_stale()

    def show_age(self) -> None:
        """Let the list tell how old it is."""
        self.listing.show_age()

    def fail(self, error: ThetaError, *, cause: str = "reload") -> None:
        """Show an error above the list."""
        self.listing.fail(error, cause=cause)

    def open_filter(self) -> None:
        """Filter the list."""
        self.listing.open_filter()

    def apply_filter(self, text: str) -> FilterState:
        """Filter the list, as the `:` line asks."""
        return self.listing.apply_filter(text)

    def step_back(self) -> bool:
        """Leave the details, else the filter, of the list."""
        return self.listing.step_back()

    def copy_choices(self) -> list[tuple[str, str]]:
        """Give what can be copied of the row."""
        return self.listing.copy_choices()

    def action_open_row(self) -> None:
        """Show the details."""
        self.listing.open_row()

    def action_other_list(self) -> None:
        """Show the other list."""
        was = self.listing
        for one in self._lists:
            one.set_class(one is was, "-other")
            one.display = one is not was
        was.hidden()
        self.listing.shown()
        self.listing.table.focus()

    @on(TabLine.Chosen)
    def _tab_chosen(self, event: TabLine.Chosen) -> None:
        event.stop()
        self.listing.query_one(TabLine).current = self.listing.part
        self.action_other_list()

    def action_repeat(self) -> None:
        """Do the change under the cursor again; the review asks first."""
        row = self.listing.row
        if isinstance(row, Entry):
            self.run_worker(self._repeat(row), group="repeat")
        elif row is not None:
            problem = UsageError("A request is not repeated by itself; its change is.", hint=". shows the changes.")
            self.fail(problem, cause="action")

    async def _repeat(self, row: Entry) -> None:
        arguments = again.arguments_of(row)
        try:
            if arguments is None:
                raise UsageError(f"Its arguments were not kept whole, so {row.command} cannot be repeated from here.")
            done = await self.submit(row.command, arguments)
        except ThetaError as error:
            self.fail(error, cause="action")
            return
        if isinstance(done, Done):
            self.console_app.tell(f"Done: {row.summary or row.command}")
        self.reload()
