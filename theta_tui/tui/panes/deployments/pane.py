"""The pane itself: the list of deployments, its details, and the keys that do something to them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from textual.content import Content

from theta_tui.arguments import cli_line
from theta_tui.change import Family
from theta_tui.errors import CloudError, Uncertain, UsageError
from theta_tui.shapes.deployments import Deployment, DeploymentList, VmTypes
from theta_tui.tui.actions import Action
from theta_tui.tui.browser import open_link
from theta_tui.tui.panes.deployments.draft import Draft, Wish
from theta_tui.tui.panes.deployments.lookout import Lookout
from theta_tui.tui.panes.deployments.orders import DELETE, START, STOP
from theta_tui.tui.panes.deployments.readiness import Watch, watch_content
from theta_tui.tui.panes.deployments.routes import probe_routes
from theta_tui.tui.panes.deployments.row import COLUMNS, DeploymentRow, curl_line, facts, hourly, is_stopped
from theta_tui.tui.panes.deployments.trials import Trial, Trials, trial_of
from theta_tui.tui.panes.order_pane import OrderPane
from theta_tui.tui.panes.orders import Verb
from theta_tui.tui.widgets.details import Details, Fact
from theta_tui.tui.words import span

PRICES_SECONDS = 600.0
PRICES_AGAIN_SECONDS = 60.0
"""How long prices are believed, and how soon missing ones are asked for again."""
TICK_SECONDS = 0.5


class DeploymentsPane(OrderPane[DeploymentRow]):
    """Machines that serve a template."""

    title = "Deployments"
    domains = frozenset({"deployments", "inference"})
    poll_seconds = 10.0
    columns = COLUMNS
    empty = (
        "No deployments. A deployment runs a template on a machine of your own, billed by the hour. "
        "Press n to create one."
    )
    tabs = ("Describe", "JSON", "Readiness", "Activity")
    record_command = "theta.deployments.list"
    plural = "deployments"
    verbs = (START, STOP, DELETE)
    actions = (
        Action("deployments.new", "n", "New", "new", "Create a deployment: template, machine, options.", 1),
        Action("deployments.stop", "x", "Stop", "order('stop')", "Stop the deployment; billing ends, it stays.", 2),
        Action("deployments.start", "S", "Start", "order('start')", "Start the stopped deployment; billing begins.", 3),
        Action("deployments.delete", "d", "Delete", "order('delete')", "Delete the deployment for good.", 4),
        Action("deployments.ready", "r", "Ready?", "watch", "Look until the endpoint is ready, or stop looking.", 5),
        Action("deployments.chat", "c", "Chat", "chat", "Chat with the deployment.", 6),
        Action("deployments.try", "v", "Try", "validate", "Try its template on its machine once, then delete it.", 8),
        Action("deployments.routes", "P", "Routes", "probe_routes", "Look which list route the project has.", rank=0),
        Action("deployments.open", "o", "Open", "open_endpoint", "Open the endpoint in the browser.", 7),
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self.listed = DeploymentList()
        self._vms = VmTypes()
        self._vms_at: float | None = None
        self._kept: frozenset[str] = frozenset()
        self.lookout = Lookout(self, self._watch_changed)
        self._trials = Trials(self)
        self._draft = Draft()

    def on_mount(self) -> None:
        """Count seconds while something is at work."""
        self.set_interval(TICK_SECONDS, self._tick)
        self.run_worker(self._learn_kept(), group="kept", exclusive=True)

    # The list

    def key_of(self, row: DeploymentRow) -> str:
        """Give suffix, else base id, else id."""
        return row.key

    async def fetch(self) -> Sequence[DeploymentRow]:
        """Ask for the deployments, and for prices where they are missing or old."""
        self.listed = await self.ask("theta.deployments.list")
        await self._learn_prices()
        return [DeploymentRow(item, self._vms.find(item.vm_id)) for item in self.listed.deployments]

    def name_of(self, row: DeploymentRow) -> str:
        """Give its name, else what identifies it."""
        return row.name

    async def _learn_prices(self) -> None:
        known = all(self._vms.find(item.vm_id) for item in self.listed.deployments)
        limit = PRICES_SECONDS if known else PRICES_AGAIN_SECONDS
        if not self.listed.deployments or (self._vms_at is not None and time.monotonic() - self._vms_at < limit):
            return
        self._vms_at = time.monotonic()
        with suppress(CloudError):  # without prices the list still stands: they say "unknown"
            self._vms = await self.ask("theta.deployments.listVm")

    async def _learn_kept(self) -> None:
        self._kept = frozenset(await self.session.vault.names())
        self._fill_again("Describe")

    # Details

    def describe(self, row: DeploymentRow) -> Sequence[Fact]:
        """Give everything known of it."""
        watch = self.lookout.find(row.key)
        return facts(
            row,
            readiness=_readiness(watch, is_running=not is_stopped(row.deployment)),
            is_kept=f"endpoint/{row.key}/password" in self._kept,
        )

    def json_of(self, row: DeploymentRow) -> Any:
        """Give the cloud's own object."""
        return super().json_of(row.deployment)  # type: ignore[arg-type]

    async def fill_tab(self, tab: str, row: DeploymentRow) -> Content:
        """Give the readiness view."""
        return watch_content(
            self.lookout.find(row.key),
            cost=hourly(row.running_usd) if row.running_usd is not None else "at an unknown price",
            is_running=not is_stopped(row.deployment),
        )

    def _fill_again(self, *tabs: str) -> None:
        for details in self.query(Details):
            if details.tab_name in tabs:
                details.ask_again()

    def _show_readiness(self) -> None:
        self.query_one(Details).select("Readiness")
        self._fill_again("Readiness")
        if self.has_class("-one-at-a-time"):
            self.open_row()

    def copy_choices(self) -> list[tuple[str, str]]:
        """Give what can be copied of the row; no secret is among it."""
        row = self.row
        if row is None:
            return []
        wait = {"deployment": row.key}
        more = [
            ("Name", row.name),
            ("Suffix", row.deployment.suffix),
            ("Base id", row.deployment.base_id),
            ("Endpoint", row.deployment.endpoint),
            ("Wait until ready, as CLI line", cli_line("theta.inference.ready", wait)),
            ("Models, as curl", curl_line(row) if row.deployment.endpoint else ""),
        ]
        return [*super().copy_choices(), *((label, text) for label, text in more if text)]

    # At work

    def _tick(self) -> None:
        """Bring the seconds up to date while there is something to count."""
        if self.lookout.at_work:
            self._fill_again("Readiness")

    def _watch_changed(self, watch: Watch) -> None:
        row = self.row
        if row is not None and row.key == watch.key:
            self._fill_again("Readiness", "Describe")

    @property
    def busy_words(self) -> str | None:
        """What would be lost by quitting now."""
        parts = [*self.desk.busy_words]
        parts += [f"waiting for {watch.name} to become ready" for watch in self.lookout.at_work]
        return ", ".join(parts) or None

    # Keys

    def action_watch(self) -> None:
        """Look until the endpoint is ready, or stop looking."""
        row = self.row
        if row is None:
            return
        watch = self.lookout.find(row.key)
        if watch is not None and watch.is_on:
            self.lookout.end(row.key, f"Stopped looking after {span(watch.seconds)}.")
        elif not is_stopped(row.deployment):
            self.lookout.begin(row.deployment)
        self._show_readiness()

    async def action_chat(self) -> None:
        """Go to the chat with this deployment as its partner."""
        row = self.row
        if row is None:
            return
        if is_stopped(row.deployment):
            self.console_app.tell(f"{row.name} is stopped; S starts it.", severity="warning")
            return
        await self.console_app.shell.go("chat")
        use = getattr(self.console_app.shell.current, "use_deployment", None)
        if use is not None:
            use(row.key, row.name)

    def action_open_endpoint(self) -> None:
        """Open the endpoint in the browser, if its host may be used."""
        row = self.row
        if row is None:
            return
        if not row.deployment.endpoint:
            self.console_app.tell(f"{row.name} names no endpoint yet.", severity="warning")
            return
        open_link(self, row.deployment.endpoint, Family.ENDPOINT)

    def action_new(self) -> None:
        """Open the wizard; what was typed there before is still there."""
        self.begin_new(None)

    def begin_new(self, wish: Wish | None) -> None:
        """Open the wizard for what was chosen elsewhere, such as a machine; for nothing, as it was left."""
        from theta_tui.tui.panes.deployments.new_deployment import NewDeployment

        self._draft.take_wish(wish)
        self.app.push_screen(NewDeployment(self, self._draft), self._wizard_closed)

    def order_sent(self, verb: Verb[DeploymentRow], key: str, name: str) -> None:
        """What is stopped or deleted need not be looked at any longer."""
        if verb is not START:
            self.lookout.end(key, f"Stopped looking: {name} was asked to {verb.noun}.")

    def order_done(self, verb: Verb[DeploymentRow], key: str) -> None:
        """What is started is watched until it is ready."""
        started = self.find_row(key)
        if verb is START and started is not None:
            self.lookout.begin(started.deployment)

    def action_validate(self) -> None:
        """Try the template of the row under the cursor on its machine, once."""
        if self.row is not None:
            self.run_worker(self._validate(self.row), group="validate", exclusive=True)

    async def _validate(self, row: DeploymentRow) -> None:
        try:
            self._trials.begin(trial_of(row, await self.lookout.template_of(row.deployment)))
        except UsageError as error:
            self.fail(error, cause="action")

    def action_probe_routes(self) -> None:
        """Look which of the two list routes works for the project."""
        self.run_worker(probe_routes(self), group="routes", exclusive=True)

    def _wizard_closed(self, outcome: Deployment | Uncertain | Trial | None) -> None:
        name = self._draft.name
        if isinstance(outcome, Trial):
            self._trials.begin(outcome)
        elif isinstance(outcome, Deployment):
            self._draft = Draft()
            self.run_worker(self._learn_kept(), group="kept", exclusive=True)
            self.run_worker(self._welcome(outcome), group="welcome")
        elif isinstance(outcome, Uncertain):
            self.fail(outcome, cause="action")
            self.run_worker(self._reconcile(name), group="welcome")

    async def _welcome(self, created: Deployment) -> None:
        """Find the new deployment in the list, put the cursor on it, and watch it become ready."""
        consequence = "Until then take it as billed."
        found = await self.desk.until_listed(created.key or created.name, created.name, consequence=consequence)
        if found is None:
            return
        self.go_to(found.key)
        template = await self.lookout.template_of(found.deployment)
        if template is None or template.answers_probe:
            self.lookout.begin(found.deployment)
            self._show_readiness()

    async def _reconcile(self, name: str) -> None:
        """Look whether a deployment was made although no answer came."""
        found = await self.desk.until_there(name)
        if found is not None:
            self._draft = Draft()
            self.go_to(found.key)
            self.console_app.tell(f"{name} is in the list: it was created.", severity="warning")


def _readiness(watch: Watch | None, *, is_running: bool) -> str:
    """Say whether it answers, as far as was looked; what is stopped answers nothing, whatever was seen before."""
    if watch is None or not (is_running or watch.is_on):
        return "not looked at: r looks" if is_running else "it is stopped: S starts it"
    return watch.words
