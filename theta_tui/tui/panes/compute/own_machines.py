"""GPU nodes and Jupyter notebooks: deployments of two templates, to be used by hand and not by a call (wire 5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from theta_tui.change import Family
from theta_tui.errors import NotFound, ThetaError, Uncertain
from theta_tui.shapes.base import as_json
from theta_tui.shapes.compute import NODE, NOTEBOOK
from theta_tui.shapes.deployments import Deployment
from theta_tui.tui.actions import Action
from theta_tui.tui.browser import open_link
from theta_tui.tui.panes.compute.access import ssh_line, ssh_words
from theta_tui.tui.panes.compute.further import further_facts
from theta_tui.tui.panes.compute.prices import Prices
from theta_tui.tui.panes.deployments.draft import Draft
from theta_tui.tui.panes.deployments.orders import DELETE, START, STOP
from theta_tui.tui.panes.deployments.row import COLUMNS, DeploymentRow, facts
from theta_tui.tui.panes.deployments.trials import Trial, Trials
from theta_tui.tui.panes.order_pane import OrderPane
from theta_tui.tui.widgets.details import Fact

_COLUMNS = tuple(column for column in COLUMNS if column.key != "template")


def _keys(kind: str, noun: str) -> tuple[Action, ...]:
    return (
        Action(f"{kind}.new", "n", "New", "new", f"Create a {noun}: machine, options, review.", 1),
        Action(f"{kind}.stop", "x", "Stop", "order('stop')", f"Stop the {noun}; billing ends, it stays.", 2),
        Action(f"{kind}.start", "S", "Start", "order('start')", f"Start the stopped {noun}; billing begins.", 3),
        Action(f"{kind}.delete", "d", "Delete", "order('delete')", f"Delete the {noun} for good, and all on it.", 4),
        Action(f"{kind}.copy", "y", "Copy", "app.copy_menu", "Copy the way in, ids, JSON or commands.", 8),
    )


class OwnMachines(OrderPane[DeploymentRow]):
    """The deployments of one template."""

    domains = frozenset({"compute", "deployments"})
    poll_seconds = 15.0
    columns = _COLUMNS
    verbs = (START, STOP, DELETE)
    list_command: ClassVar[str] = ""
    template_name: ClassVar[str] = ""
    noun: ClassVar[str] = ""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._prices = Prices()
        self._draft = Draft()
        self._trials = Trials(self)

    def key_of(self, row: DeploymentRow) -> str:
        """Give suffix, else base id, else id."""
        return row.key

    def name_of(self, row: DeploymentRow) -> str:
        """Give its name, else what identifies it."""
        return row.name

    async def fetch(self) -> Sequence[DeploymentRow]:
        """Ask for the deployments of the template, with prices."""
        listed = (await self.ask(self.list_command)).deployments
        if listed:
            await self._prices.learn(self)
        return [DeploymentRow(item, self._prices.find(item.vm_id)) for item in listed]

    def describe(self, row: DeploymentRow) -> Sequence[Fact]:
        """Give everything known of it, how to get in first."""
        told = dict(facts(row, readiness="", is_kept=False))
        del told["Readiness"], told["Credentials"]
        head = [(label, told.pop(label)) for label in ("Name", "Status", "Cost")]
        return [*head, *self.ways_in(row), *told.items(), *further_facts(row.deployment)]

    def ways_in(self, row: DeploymentRow) -> Sequence[Fact]:
        """Say how to get in."""
        return ()

    def json_of(self, row: DeploymentRow) -> Any:
        """Give the cloud's own object."""
        return as_json(row.deployment)

    def copy_choices(self) -> list[tuple[str, str]]:
        """Give what can be copied of it; no secret is among it."""
        row = self.row
        if row is None:
            return []
        more = [("Name", row.name), ("URL", row.deployment.endpoint), ("SSH line", self.ssh_of(row))]
        return [*((label, text) for label, text in more if text), *super().copy_choices()]

    def ssh_of(self, row: DeploymentRow) -> str:
        """Give the line that logs in by ssh, where there is one."""
        return ""

    # Keys

    def action_new(self) -> None:
        """Open the wizard at its second step: the template is settled."""
        self.run_worker(self._open_wizard(), group="wizard", exclusive=True)

    async def _open_wizard(self) -> None:
        from theta_tui.tui.panes.deployments.new_deployment import NewDeployment

        try:
            if self._draft.template is None:
                await self._settle_template()
        except ThetaError as error:
            self.fail(error, cause="action")
            return
        self.app.push_screen(NewDeployment(self, self._draft, first="machine"), self._wizard_closed)

    async def _settle_template(self) -> None:
        asked = {"category": "prototyping", "number": 200}
        found = (await self.ask("theta.deployments.listStandard", asked)).templates
        template = next((one for one in found if one.name == self.template_name), None)
        if template is None:
            words = f"The cloud offers no template called {self.template_name}."
            raise NotFound(words, hint="4 Deployments shows all templates: n there.")
        self._draft.category = "prototyping"
        self._draft.choose_template(template)

    def _wizard_closed(self, outcome: Deployment | Uncertain | Trial | None) -> None:
        name = self._draft.name
        if isinstance(outcome, Trial):
            self._trials.begin(outcome)
        elif isinstance(outcome, Deployment):
            self._draft = Draft()
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
            self.console_app.tell(f"{found.name} was created: it is billed from now on.")

    async def _reconcile(self, name: str) -> None:
        """Look whether one was made although no answer came."""
        found = await self.desk.until_there(name)
        if found is not None:
            self._draft = Draft()
            self.go_to(found.key)
            self.console_app.tell(f"{name} is in the list: it was created.", severity="warning")


class NodeList(OwnMachines):
    """Bare machines with GPUs, reached by ssh."""

    title = "GPU nodes"
    list_command = record_command = "theta.ai.gpuNode.list"
    template_name = NODE
    noun = "GPU node"
    plural = "GPU nodes"
    empty = (
        "No GPU node. A GPU node is a bare machine of your own, reached by ssh, billed by the hour. "
        "Press n to create one; have an ssh public key at hand."
    )
    actions = _keys("nodes", "GPU node")

    def ssh_of(self, row: DeploymentRow) -> str:
        """Give the line that logs in."""
        return ssh_line(row.deployment)

    def ways_in(self, row: DeploymentRow) -> Sequence[Fact]:
        """Give the ssh line."""
        return [("SSH", ssh_words(row.deployment))]


class NotebookList(OwnMachines):
    """Jupyter in the browser, on a GPU."""

    title = "Jupyter notebooks"
    list_command = record_command = "theta.ai.jupyter.list"
    template_name = NOTEBOOK
    noun = "notebook"
    plural = "notebooks"
    empty = (
        "No notebook. A Jupyter notebook runs on a GPU machine of your own and opens in the browser, "
        "billed by the hour. Press n to create one."
    )
    actions = (
        *_keys("notebooks", "notebook"),
        Action("notebooks.open", "o", "Open", "open_notebook", "Open the notebook in the browser.", 5),
    )

    def ways_in(self, row: DeploymentRow) -> Sequence[Fact]:
        """Give the address."""
        return [("Open", "o opens it in the browser, with the password it was made with")]

    def action_open_notebook(self) -> None:
        """Open it in the browser, if its host may be used."""
        row = self.row
        if row is None:
            return
        if not row.deployment.endpoint:
            self.console_app.tell(f"{row.name} has no address yet.", severity="warning")
            return
        open_link(self, row.deployment.endpoint, Family.ENDPOINT)
