"""The playground's form: the inputs of one service, checked, reviewed, run. What comes of it is the list's business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from theta_tui.change import Done
from theta_tui.errors import ThetaError
from theta_tui.tui.form_fields import FieldSpec
from theta_tui.tui.form_screen import CommandForm
from theta_tui.tui.panes.services.inputs import arguments_of, first_values, specs_of
from theta_tui.tui.panes.services.row import ServiceRow, price_words
from theta_tui.tui.panes.services.run_book import RunBook
from theta_tui.tui.panes.services.run_row import job_of

if TYPE_CHECKING:
    from theta_tui.review import Reviewer
    from theta_tui.tui.app import ThetaApp


class RunForm(CommandForm):
    """Gives the Done of the run, or None; the run is in its book either way, also when the form is closed meanwhile."""

    def __init__(self, row: ServiceRow, book: RunBook, values: Mapping[str, Any] | None = None) -> None:
        self._row = row
        self._book = book
        price = price_words(row.price, row.category)
        has_files = any(item.type == "filename" for item in row.prediction.inputs)
        command = "theta.ondemand.inferFiles" if has_files else "theta.ondemand.infer"
        title = f"Run {row.service.alias} · {price}"
        super().__init__(command, values=dict(values) if values is not None else first_values(row), title=title)
        again = f" again {id(self)}" if values is not None else ""
        self._draft_key = f"run {row.service.alias}{again}"

    def specs(self) -> Sequence[FieldSpec]:
        """Ask for the inputs of the service."""
        return specs_of(self._row)

    async def arguments(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Give the arguments of the run."""
        _, given = arguments_of(self._row, values)
        self._book.given = given
        return given

    def reviewer(self, app: ThetaApp) -> Reviewer:
        """Write a yes down before anything is sent."""
        return self._book

    async def _perform(self, app: ThetaApp, values: Mapping[str, Any]) -> Any:
        try:
            result = await super()._perform(app, values)
        except ThetaError as error:
            await self._book.failed(error)
            raise
        if isinstance(result, Done):
            await self._book.answered(job_of(result.value))
        else:
            await self._book.not_sent()
        return result
