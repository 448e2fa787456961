"""A list of machines of one's own: they are made in the wizard, and stopped, started and deleted by orders.

It does not know which machines are listed, nor what is to be done with one beyond that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from theta_tui.errors import Uncertain
from theta_tui.shapes.deployments import Deployment
from theta_tui.tui.panes.deployments.draft import Draft
from theta_tui.tui.panes.deployments.orders import DELETE, START, STOP
from theta_tui.tui.panes.deployments.row import DeploymentRow
from theta_tui.tui.panes.deployments.trials import Trial, Trials
from theta_tui.tui.panes.order_pane import OrderPane

if TYPE_CHECKING:
    from theta_tui.tui.panes.deployments.wizard_keys import StepName


class MachineList(OrderPane[DeploymentRow]):
    """Subclasses say what is listed, and how a new machine is `welcomed`."""

    verbs = (START, STOP, DELETE)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self.draft = Draft()
        self.trials = Trials(self)

    def key_of(self, row: DeploymentRow) -> str:
        """Give suffix, else base id, else id."""
        return row.key

    def name_of(self, row: DeploymentRow) -> str:
        """Give its name, else what identifies it."""
        return row.name

    def open_wizard(self, first: StepName = "template") -> None:
        """Open the wizard at a step; what was typed there before is still there."""
        from theta_tui.tui.panes.deployments.new_deployment import NewDeployment

        self.app.push_screen(NewDeployment(self, self.draft, first=first), self._wizard_closed)

    async def welcomed(self, row: DeploymentRow) -> None:
        """Take notice of a new machine, which the list now shows under the cursor."""

    def _wizard_closed(self, outcome: Deployment | Uncertain | Trial | None) -> None:
        name = self.draft.name
        if isinstance(outcome, Trial):
            self.trials.begin(outcome)
        elif isinstance(outcome, Deployment):
            self.draft = Draft()
            self.run_worker(self._welcome(outcome), group="welcome")
        elif isinstance(outcome, Uncertain):
            self.fail(outcome, cause="action")
            self.run_worker(self._reconcile(name), group="welcome")

    async def _welcome(self, created: Deployment) -> None:
        """Find the new one in the list and put the cursor on it."""
        consequence = "Until then take it as billed."
        found = await self.desk.until_listed(created.key or created.name, created.name, consequence=consequence)
        if found is not None:
            self.go_to(found.key)
            await self.welcomed(found)

    async def _reconcile(self, name: str) -> None:
        """Look whether one was made although no answer came."""
        found = await self.desk.until_there(name)
        if found is not None:
            self.draft = Draft()
            self.go_to(found.key)
            self.console_app.tell(f"{name} is in the list: it was created.", severity="warning")
