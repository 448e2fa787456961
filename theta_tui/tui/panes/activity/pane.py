"""Changes and requests, one list at a time; what they show is the lists' own business."""

from __future__ import annotations

from typing import Any, cast

from theta_tui.change import Done, NotDone
from theta_tui.errors import ThetaError, UsageError
from theta_tui.journal import OPEN_STATES, Entry
from theta_tui.shapes.outcomes import Outcomes
from theta_tui.tui.actions import Action
from theta_tui.tui.panes.activity import again
from theta_tui.tui.panes.activity.listing import ChangeList, JournalList, RequestList
from theta_tui.tui.panes.activity.settling import SettleQuestion
from theta_tui.tui.panes.sections import SECTION_ACTIONS, SectionsPane

ALL_DOMAINS = frozenset({"on_demand", "deployments", "inference", "compute", "billing", "agents", "video", "platform"})


class ActivityPane(SectionsPane):
    """What was done and asked, by whom, with what result and at what cost."""

    title = "Activity"
    domains = ALL_DOMAINS
    sections = (("changes", ChangeList), ("requests", RequestList))
    actions = (
        Action("activity.details", "enter", "Details", "open_row", "Show everything that was kept of it.", rank=10),
        Action("activity.repeat", "r", "Repeat", "repeat", "Do this change again, after another review.", rank=20),
        Action("activity.settle", "u", "Settle", "settle", "Look what became of an uncertain change.", rank=25),
        Action("activity.copy", "y", "Copy", "app.copy_menu", "Copy a row, JSON, command or curl.", rank=30),
        *SECTION_ACTIONS,
    )

    @property
    def listing(self) -> JournalList[Any]:
        """The list that is shown."""
        return cast(JournalList[Any], self.section)

    def mark_stale(self) -> None:
        """Something was changed, so there is a new row; what is not shown follows the journal when it is."""
        if self.display:
            self.listing.mark_stale()

    def action_open_row(self) -> None:
        """Show the details."""
        self.listing.open_row()

    def action_repeat(self) -> None:
        """Do the change under the cursor again; the review asks first."""
        row = self.listing.row
        if isinstance(row, Entry):
            self.run_worker(self._repeat(row), group="repeat")
        elif row is not None:
            problem = UsageError("A request is not repeated by itself; its change is.", hint=". shows the changes.")
            self.fail(problem, cause="action")

    def action_settle(self) -> None:
        """Look what became of the change under the cursor; what no list tells, the user may."""
        row = self.listing.row
        if isinstance(row, Entry) and row.state in OPEN_STATES:
            self.run_worker(self._settle(row), group="settle", exclusive=True)
        else:
            self.console_app.tell("Only a change of unknown outcome can be settled.", severity="warning")

    async def _settle(self, row: Entry) -> None:
        try:
            found: Outcomes = await self.ask("theta.cleanup.reconcile")
        except ThetaError as error:
            self.fail(error, cause="action")
            return
        seen = next((one for one in found.changes if one.number == row.id), None)
        if seen is None:
            self.console_app.tell("It is on its way: whoever sent it is still at work.", severity="warning")
        elif seen.is_settled:
            self.console_app.tell(f"{row.summary or row.command}: {seen.words}")
        else:
            await self._ask_user(row, seen.words)
        self.session.tell_stale("billing")
        self.reload()

    async def _ask_user(self, row: Entry, words: str) -> None:
        happened = await self.app.push_screen_wait(SettleQuestion(row, words))
        if happened is not None:
            told = "It happened" if happened else "It did not happen"
            await self.session.journal.settle(row.id, happened=happened, note=f"{told}, as the user said.")

    async def _submit(self, row: Entry, calls: tuple[tuple[str, dict[str, Any]], ...]) -> Done[Any] | NotDone:
        (command, arguments), *others = calls
        if not others:
            return await self.submit(command, arguments)
        several = [arguments, *(more for _, more in others)]
        return await self.submit_all(command, several, name=row.target_name, summary=row.summary)

    async def _repeat(self, row: Entry) -> None:
        calls = again.calls_of(row)
        try:
            if not calls:
                raise UsageError(
                    f"{row.summary or row.command} cannot be repeated from here: it had a secret, which is not kept.",
                    hint="Do it again where it was done.",
                )
            done = await self._submit(row, calls)
        except ThetaError as error:
            self.fail(error, cause="action")
            return
        if isinstance(done, Done):
            self.console_app.tell(f"Done: {row.summary or row.command}")
        self.reload()
