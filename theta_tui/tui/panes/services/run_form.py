"""The playground's form: the inputs of one service, checked, reviewed, run. What comes of it is the list's business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from theta_tui.tui.form_fields import FieldSpec
from theta_tui.tui.form_screen import CommandForm
from theta_tui.tui.panes.services.inputs import arguments_of, first_values, specs_of
from theta_tui.tui.panes.services.row import ServiceRow, price_words


class RunForm(CommandForm):
    """Gives the Done of the run, or None."""

    def __init__(self, row: ServiceRow, values: Mapping[str, Any] | None = None) -> None:
        self._row = row
        self.given: dict[str, Any] = {}
        """The arguments of the run, once they are checked."""
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
        _, self.given = arguments_of(self._row, values)
        return self.given
