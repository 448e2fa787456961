"""The runs: each job with its state, followed to its end, kept over restarts; a finished one opens its result."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual.content import Content
from textual.message import Message

from theta_tui.arguments import cli_line
from theta_tui.errors import NotFound, ThetaError
from theta_tui.journal.runs import RunRecord
from theta_tui.tui.actions import Action
from theta_tui.tui.panes.base import Call
from theta_tui.tui.panes.record_pane import RecordPane
from theta_tui.tui.panes.services.inputs import varied
from theta_tui.tui.panes.services.result_view import Next, ResultView
from theta_tui.tui.panes.services.row import ServiceRow
from theta_tui.tui.panes.services.run_book import RunBook
from theta_tui.tui.panes.services.run_form import RunForm
from theta_tui.tui.panes.services.run_row import COLUMNS, OVER, facts, later, state_cell, values_of
from theta_tui.tui.widgets.details import Fact

LOOK_SECONDS = 2.0
REST_SECONDS = 60.0
SENDING_SECONDS = 600.0
"""How long a run may be on its way, with its uploads, before it is called uncertain."""


class RunList(RecordPane[RunRecord]):
    """Newest first. While a run goes on it is looked at every few seconds, else nothing is asked."""

    title = "Runs"
    domains = frozenset({"on_demand"})
    columns = COLUMNS
    tabs = ("Describe", "JSON", "Activity")
    empty = (
        "Nothing was run yet.\n\nr on a service opens its inputs, filled in so that they work. What it costs is shown "
        "before it is sent, and what came of it stays here."
    )
    actions = (
        Action("runs.result", "enter,o", "Result", "result", "Look at what came of it.", 1),
        Action("runs.again", "r", "Again", "again", "Fill its inputs in again and run it.", 2),
        Action("runs.vary", "v", "Vary", "again(True)", "The same with another seed.", 3),
        Action("runs.forget", "d", "Forget", "forget", "Take it from the list; saved files stay.", 4),
        Action("runs.details", "i", "Details", "open_row", "Show everything known of it.", 5),
    )
    look_seconds: ClassVar[float] = LOOK_SECONDS

    class Began(Message):
        """A run has begun: it is in the list."""

    class AgainWanted(Message):
        """A run is to be made again."""

        def __init__(self, service: str, values: Mapping[str, Any], *, vary: bool) -> None:
            super().__init__()
            self.service = service
            self.values = values
            self.vary = vary

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self.poll_seconds = REST_SECONDS  # type: ignore[misc]
        self._rows: Sequence[RunRecord] = ()

    def key_of(self, row: RunRecord) -> str:
        """Give its number in the journal."""
        return str(row.id)

    def trace_of(self, row: RunRecord) -> str:
        """Give the cloud's own id: no address has its number in the journal."""
        return row.request_id

    async def fetch(self) -> Sequence[RunRecord]:
        """Read the journal; look at the cloud for those that were not over."""
        journal, profile = self.session.journal, self.session.settings.profile
        runs = [_as_known(run) for run in await journal.runs(profile)]
        found = [run if run.state in OVER or not run.request_id else await self._look(run) for run in runs]
        self._rows = found
        goes_on = any(run.state not in OVER and run.request_id for run in found)
        self.poll_seconds = self.look_seconds if goes_on else REST_SECONDS  # type: ignore[misc]
        return found

    async def _look(self, run: RunRecord) -> RunRecord:
        """Look at a job once; one that the cloud no longer knows is lost."""
        try:
            seen = later(run, await self.ask("theta.ondemand.status", {"request_id": run.request_id}))
        except NotFound:
            seen = replace(run, state="lost", error="The cloud no longer knows this request.")
        except ThetaError:
            return run
        if seen != run:
            await self.session.journal.update_run(seen)
        return seen

    def describe(self, row: RunRecord) -> Sequence[Fact]:
        """Give everything known of it."""
        return facts(row)

    def json_of(self, row: RunRecord) -> Any:
        """Give inputs and output."""
        told = {name: getattr(row, name) for name in ("service", "request_id", "state", "paths", "output", "cost_usd")}
        return {**told, "input": row.inputs, "files": list(row.files)}

    async def fill_tab(self, tab: str, row: RunRecord) -> Content:
        """There are no further tabs."""
        return Content("")

    def calls(self) -> Sequence[Call]:
        """Give the look at the job, and the run itself, as commands."""
        row = self.row
        if row is None:
            return []
        command = "theta.ondemand.inferFiles" if row.paths else "theta.ondemand.infer"
        given = {"service": row.service, "input": row.inputs, **({"paths": row.paths} if row.paths else {})}
        return [Call("Look at it", "theta.ondemand.status", {"request_id": row.request_id}),
                Call("Run it again", command, given)]  # fmt: skip

    def copy_choices(self) -> list[tuple[str, str]]:
        """Give what can be copied of the row."""
        row = self.row
        if row is None:
            return []
        more = [("File", row.files[-1] if row.files else ""), ("Request id", row.request_id),
                ("CLI line", cli_line("theta.ondemand.status", {"request_id": row.request_id}))]  # fmt: skip
        return [*super().copy_choices(), *((label, text) for label, text in more if text)]

    # Running

    async def run_in_form(
        self, service: ServiceRow, values: Mapping[str, Any] | None = None, *, vary: bool = False
    ) -> None:
        """Let the inputs be filled in, run the service after a review, and show what comes of it."""
        if vary and values is not None:
            values = varied(service.prediction.inputs, values)
        book = RunBook(self.session, self.console_app)
        await self.app.push_screen_wait(RunForm(service, book, values))
        if book.run is None:
            return
        self.post_message(self.Began())
        self.reload()
        answered = await book.settled()  # the form may have been closed meanwhile
        if answered is None:
            return
        self.reload()
        run = await self._until_over(answered)
        if self.app.screen is self.screen and self.parent is self.console_app.shell.current:
            self.table.move_to(str(run.id))
            await self._show(run)
        else:
            self.console_app.tell(f"{run.service}: {state_cell(run)[0]}. Its result is among the runs.")

    async def _until_over(self, run: RunRecord) -> RunRecord:
        """Follow a run to its end, wherever the user looks meanwhile."""
        while run.state not in OVER and run.request_id:
            await asyncio.sleep(self.look_seconds)
            run = await self._look(run)
            self.show_rows([run if row.id == run.id else row for row in self._rows])
        return run

    def action_result(self) -> None:
        """Look at what came of the run under the cursor."""
        row = self.row
        if row is not None and row.state not in OVER:
            words = "It is not over yet; its row tells when it is."
            if not row.request_id:
                words = "No answer to it was seen: 0 Activity tells what became of it."
            self.console_app.tell(words, severity="warning")
        elif row is not None:
            self.run_worker(self._show(row), group="result", exclusive=True)

    def open_row(self) -> None:
        """Enter leads to the result."""
        self.action_result()

    def action_open_row(self) -> None:
        """Show the details."""
        super().open_row()

    async def _show(self, run: RunRecord) -> None:
        wanted: Next | None = await self.app.push_screen_wait(ResultView(run))
        self.reload()
        if wanted is not None:
            self.post_message(self.AgainWanted(run.service, values_of(run), vary=wanted == "vary"))

    def action_again(self, vary: bool = False) -> None:
        """Run it again, or with another seed."""
        if self.row is not None:
            self.post_message(self.AgainWanted(self.row.service, values_of(self.row), vary=vary))

    def action_forget(self) -> None:
        """Take the run from the list."""
        if self.row is not None:
            self.run_worker(self._forget(self.row), group="forget")

    async def _forget(self, run: RunRecord) -> None:
        await self.session.journal.forget_run(run.id)
        self.reload()


def _as_known(run: RunRecord) -> RunRecord:
    """Give a run that has been on its way for too long as what it is: nobody knows what became of it."""
    if run.state != "sending" or time.time() - run.created < SENDING_SECONDS:
        return run
    return replace(run, state="uncertain", error="No answer to it was seen: 0 Activity tells what became of it.")
