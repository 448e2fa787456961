"""The pane itself: the list of deployments, its details, and the keys that do something to them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, ClassVar

from textual.content import Content
from textual.timer import Timer

from theta_tui.change import Done, Family, NotDone
from theta_tui.errors import CloudError, ThetaError, Uncertain
from theta_tui.shapes.deployments import Deployment, DeploymentList, VmTypes
from theta_tui.tui.actions import Action
from theta_tui.tui.panes.deployments.browser import open_in_browser
from theta_tui.tui.panes.deployments.draft import Draft
from theta_tui.tui.panes.deployments.lookout import Lookout
from theta_tui.tui.panes.deployments.orders import DELETE, START, STOP, Order, Verb, arguments
from theta_tui.tui.panes.deployments.readiness import Watch, watch_content
from theta_tui.tui.panes.deployments.row import COLUMNS, DeploymentRow, curl_line, facts, hourly
from theta_tui.tui.panes.record_pane import RecordPane, cli_line
from theta_tui.tui.widgets.details import Details, Fact
from theta_tui.tui.words import span

PRICES_SECONDS = 600.0
PRICES_AGAIN_SECONDS = 60.0
"""How long prices are believed, and how soon missing ones are asked for again."""
TICK_SECONDS = 0.5


class DeploymentsPane(RecordPane[DeploymentRow]):
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
    actions = (
        Action("deployments.new", "n", "New", "new", "Create a deployment: template, machine, options.", 1),
        Action("deployments.stop", "x", "Stop", "stop", "Stop the deployment; billing ends, it stays.", 2),
        Action("deployments.start", "S", "Start", "start", "Start the stopped deployment; billing begins.", 3),
        Action("deployments.delete", "d", "Delete", "delete", "Delete the deployment for good.", 4),
        Action("deployments.ready", "r", "Ready?", "watch", "Look until the endpoint is ready, or stop looking.", 5),
        Action("deployments.chat", "c", "Chat", "chat", "Chat with the deployment.", 6),
        Action("deployments.open", "o", "Open", "open_endpoint", "Open the endpoint in the browser.", 7),
    )

    settle_seconds: ClassVar[float] = 60.0
    """How long a change may take to show in the list after it was accepted (U20)."""
    settle_pause: ClassVar[float] = 1.5

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._listed = DeploymentList()
        self._vms = VmTypes()
        self._vms_at: float | None = None
        self._kept: frozenset[str] = frozenset()
        self._orders: dict[str, Order] = {}
        self._lookout = Lookout(self, self._watch_changed)
        self._draft = Draft()
        self._ticker: Timer | None = None

    def on_mount(self) -> None:
        """Count seconds while something is at work."""
        self._ticker = self.set_interval(TICK_SECONDS, self._tick)
        self.run_worker(self._learn_kept(), group="kept", exclusive=True)

    # The list

    def key_of(self, row: DeploymentRow) -> str:
        """Give suffix, else base id, else id."""
        return row.key

    async def fetch(self) -> Sequence[DeploymentRow]:
        """Ask for the deployments, and for prices where they are missing or old."""
        self._listed = await self.ask("theta.deployments.list")
        await self._learn_prices()
        return self._rows()

    def _rows(self) -> list[DeploymentRow]:
        return [
            DeploymentRow(item, self._vms.find(item.vm_id), order.note if (order := self._order_of(item)) else "")
            for item in self._listed.deployments
        ]

    def _order_of(self, deployment: Deployment) -> Order | None:
        return self._orders.get(DeploymentRow(deployment).key)

    async def _learn_prices(self) -> None:
        known = all(self._vms.find(item.vm_id) for item in self._listed.deployments)
        limit = PRICES_SECONDS if known else PRICES_AGAIN_SECONDS
        if not self._listed.deployments or (self._vms_at is not None and time.monotonic() - self._vms_at < limit):
            return
        self._vms_at = time.monotonic()
        with suppress(CloudError):  # without prices the list still stands: they say "unknown"
            self._vms = await self.ask("theta.deployments.listVm")

    async def _learn_kept(self) -> None:
        self._kept = frozenset(await self.session.vault.names())
        self._fill_again("Describe")

    async def _list_again(self) -> None:
        """Read the list now, as part of something else; a failure to read is left to the next poll."""
        with suppress(CloudError):
            self.show_rows(await self.fetch())

    # Details

    def describe(self, row: DeploymentRow) -> Sequence[Fact]:
        """Give everything known of it."""
        watch = self._lookout.find(row.key)
        return facts(
            row,
            readiness=watch.words if watch else "not looked at: r looks",
            is_kept=f"endpoint/{row.key}/password" in self._kept,
        )

    def json_of(self, row: DeploymentRow) -> Any:
        """Give the cloud's own object."""
        return super().json_of(row.deployment)  # type: ignore[arg-type]

    async def fill_tab(self, tab: str, row: DeploymentRow) -> Content:
        """Give the readiness view."""
        return watch_content(
            self._lookout.find(row.key),
            cost=hourly(row.running_usd) if row.running_usd is not None else "at an unknown price",
            is_running=row.deployment.is_billed,
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
        for order in self._orders.values():
            order.notice(is_in_review=self.app.screen is not self.screen)
        if self._orders:
            self.show_rows(self._rows())
        if self._lookout.at_work:
            self._fill_again("Readiness")

    def _watch_changed(self, watch: Watch) -> None:
        row = self.row
        if row is not None and row.key == watch.key:
            self._fill_again("Readiness", "Describe")

    @property
    def busy_words(self) -> str | None:
        """What would be lost by quitting now."""
        parts = [f"{order.verb.doing.lower()} a deployment" for order in self._orders.values()]
        parts += [f"waiting for {watch.name} to become ready" for watch in self._lookout.at_work]
        return ", ".join(parts) or None

    # Keys

    def action_stop(self) -> None:
        """Stop the deployment under the cursor."""
        self._begin(STOP)

    def action_start(self) -> None:
        """Start the deployment under the cursor."""
        self._begin(START)

    def action_delete(self) -> None:
        """Delete the deployment under the cursor."""
        self._begin(DELETE)

    def action_watch(self) -> None:
        """Look until the endpoint is ready, or stop looking."""
        row = self.row
        if row is None:
            return
        watch = self._lookout.find(row.key)
        if watch is not None and watch.is_on:
            self._lookout.end(row.key, f"Stopped looking after {span(watch.seconds)}.")
        elif row.deployment.is_billed:
            self._lookout.begin(row.deployment)
        self._show_readiness()

    async def action_chat(self) -> None:
        """Go to the chat with this deployment as its partner."""
        row = self.row
        if row is None:
            return
        if not row.deployment.is_billed:
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
        try:
            url = self.session.account.check_url(row.deployment.endpoint, Family.ENDPOINT)
        except ThetaError as error:
            self.fail(error, cause="action")
            return
        self.run_worker(self._open(url), group="browser")

    async def _open(self, url: str) -> None:
        if not await asyncio.to_thread(open_in_browser, url):
            self.console_app.tell("There is no browser here; y copies the address.", severity="warning")

    def action_new(self) -> None:
        """Open the wizard; what was typed there before is still there."""
        from theta_tui.tui.panes.deployments.new_deployment import NewDeployment

        self.app.push_screen(NewDeployment(self, self._draft), self._wizard_closed)

    # Changes

    def _begin(self, verb: Verb) -> None:
        row = self.row
        if row is None:
            return
        if row.key in self._in_flight:
            self.console_app.tell(f"{row.name}: one thing at a time.", severity="warning")
        elif (refusal := verb.refusal(row.deployment)) is not None:
            self.console_app.tell(refusal, severity="warning")
        else:
            self.run_worker(self._carry_out(verb, row.key, row.deployment), group=f"order:{row.key}")

    async def _carry_out(self, verb: Verb, key: str, deployment: Deployment) -> None:
        order = self._orders[key] = Order(verb)
        self._in_flight.add(key)
        try:
            outcome = await self.submit(verb.command, arguments(verb, deployment), progress=order.wait)
            if isinstance(outcome, Done):
                order.begin()
                await self._settle(order, key, deployment, outcome)
            else:
                self._not_done(outcome)
        except ThetaError as error:
            self.fail(error, cause="action")
            await self._list_again()
        finally:
            self._in_flight.discard(key)
            del self._orders[key]
        self.show_rows(self._rows())

    async def _settle(self, order: Order, key: str, deployment: Deployment, done: Done[Any]) -> None:
        """Look at the list until it shows what was done (U20)."""
        verb, name = order.verb, deployment.name or key
        if verb is not START:
            self._lookout.end(key, f"Stopped looking: {name} was asked to {verb.noun}.")
        until = time.monotonic() + self.settle_seconds
        while True:
            await self._list_again()
            if verb.is_so(self._listed.find(key)):
                self.console_app.tell(f"{name} is {verb.done}.")
                if verb is START:
                    self._lookout.begin(self._listed.find(key) or deployment)
                return
            if time.monotonic() >= until:
                raise _unchanged(verb, name, self.settle_seconds, done)
            await asyncio.sleep(self.settle_pause)

    def _not_done(self, outcome: NotDone) -> None:
        if outcome.reason != "cancelled":
            self.console_app.tell(outcome.message or "Nothing was sent.", severity="warning")

    def _wizard_closed(self, outcome: Deployment | Uncertain | None) -> None:
        if isinstance(outcome, Deployment):
            self._draft = Draft()
            self.run_worker(self._welcome(outcome), group="welcome")
        elif isinstance(outcome, Uncertain):
            self.fail(outcome, cause="action")
            self.run_worker(self._reconcile(self._draft.name), group="welcome")

    async def _welcome(self, created: Deployment) -> None:
        """Find the new deployment in the list, put the cursor on it, and watch it become ready."""
        self.run_worker(self._learn_kept(), group="kept", exclusive=True)
        listed = await self._until_listed(created.key, created.name, seconds=self.settle_seconds)
        if listed is None:
            words = f"{created.name} was created, but the list does not show it after {span(self.settle_seconds)}."
            self.fail(Uncertain(words, hint="R reads the list again. It may be billed already."), cause="action")
            return
        template = await self._lookout.template_of(listed)
        self._go_to(listed)
        if template is None or template.answers_probe:
            self._lookout.begin(listed)
            self._show_readiness()

    async def _reconcile(self, name: str) -> None:
        """Look whether a deployment was made although no answer came."""
        found = await self._until_listed("", name, seconds=self.settle_seconds / 6)
        if found is not None:
            self._draft = Draft()
            self._go_to(found)
            self.console_app.tell(f"{name} is in the list: it was created.", severity="warning")

    async def _until_listed(self, key: str, name: str, *, seconds: float) -> Deployment | None:
        until = time.monotonic() + seconds
        while True:
            await self._list_again()
            found = (self._listed.find(key) if key else None) or self._listed.find(name)
            if found is not None or time.monotonic() >= until:
                return found
            await asyncio.sleep(self.settle_pause)

    def _go_to(self, deployment: Deployment) -> None:
        key = DeploymentRow(deployment).key
        if not self.table.move_to(key):
            self.apply_filter("")
            self.table.move_to(key)


def _unchanged(verb: Verb, name: str, seconds: float, done: Done[Any]) -> Uncertain:
    reply = done.reply
    return Uncertain(
        f"Accepted, unchanged after {span(seconds)}: the cloud took the {verb.noun} of {name}, "
        "but the list does not show it.",
        hint="It may still happen: R reads the list again. Until then take it as billed.",
        status=reply.status if reply else None,
        request_id=reply.request_id if reply else None,
    )
