"""The parts of the pane: the services, and the runs that were made of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from textual import on

from theta_tui.tui.panes.sections import SectionsPane
from theta_tui.tui.panes.services.run_list import RunList
from theta_tui.tui.panes.services.service_list import ServiceList


class ServicesPane(SectionsPane):
    """Models by the call, and the playground to run them in."""

    title = "Services"
    sections = (("services", ServiceList), ("runs", RunList))

    @property
    def services(self) -> ServiceList:
        """The list of services."""
        return cast(ServiceList, self.section_of("services"))

    @property
    def runs(self) -> RunList:
        """The list of runs."""
        return cast(RunList, self.section_of("runs"))

    @on(ServiceList.RunWanted)
    def _run_wanted(self, event: ServiceList.RunWanted) -> None:
        event.stop()
        self.run_worker(self.runs.run_in_form(event.row), group="playground")

    @on(RunList.Began)
    def _began(self, event: RunList.Began) -> None:
        event.stop()
        self.show_part("runs")

    @on(RunList.AgainWanted)
    async def _again_wanted(self, event: RunList.AgainWanted) -> None:
        event.stop()
        self.run_worker(self._again(event.service, event.values, vary=event.vary), group="playground")

    async def _again(self, alias: str, values: Mapping[str, Any], *, vary: bool) -> None:
        """Fill the form of a run in once more; with `vary` with another seed."""
        if self.services.find(alias) is None:
            await self.services.refresh_data()
        row = self.services.find(alias)
        if row is None:
            self.console_app.tell(f"{alias} is no longer among the services.", severity="warning")
            return
        await self.runs.run_in_form(row, values, vary=vary)
