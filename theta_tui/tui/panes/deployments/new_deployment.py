"""The wizard for a new deployment: template, machine, options, review. Nothing is sent from here but by the gate."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import ContentSwitcher, Static

from theta_tui.change import Done, Waiting
from theta_tui.errors import ThetaError, Uncertain
from theta_tui.shapes.deployments import Deployment, Template, VmType
from theta_tui.tui import literal
from theta_tui.tui.actions import bindings
from theta_tui.tui.form_screen import open_form
from theta_tui.tui.modal import Modal
from theta_tui.tui.panes.deployments.draft import Draft
from theta_tui.tui.panes.deployments.options_step import (
    AllOptionsWanted,
    BackWanted,
    OptionsStep,
    ReviewWanted,
    TrialWanted,
)
from theta_tui.tui.panes.deployments.shelf import keep_own, next_word, shelf
from theta_tui.tui.panes.deployments.steps import (
    CategoryWanted,
    MachineChosen,
    MachineStep,
    OwnTemplateWanted,
    TemplateChosen,
    TemplateStep,
)
from theta_tui.tui.panes.deployments.trials import Trial
from theta_tui.tui.panes.deployments.wizard_keys import KEYS, STEPS, WIZARD, StepName
from theta_tui.tui.panes.orders import waiting_words
from theta_tui.tui.widgets.banner import Banner
from theta_tui.tui.widgets.key_line import KeyLine
from theta_tui.tui.widgets.record_table import RecordTable
from theta_tui.tui.words import whole_seconds

if TYPE_CHECKING:
    from theta_tui.tui.panes.base import Pane

CREATE = "theta.deployments.create"


class NewDeployment(Modal[Deployment | Uncertain | Trial | None]):
    """Three steps over one draft, which outlives the wizard until something was created.

    Closes with the created deployment, with the Uncertain error of a create that got no answer, with a trial to begin,
    or with None.
    """

    DEFAULT_CSS = """
    NewDeployment { align: left top; background: transparent; }
    NewDeployment > #wizard { margin: 1 0 0 0; height: 1fr; width: 1fr; background: $background; }
    NewDeployment #wizard-head { height: 1; padding: 0 1; background: $surface; }
    NewDeployment ContentSwitcher { height: 1fr; padding: 1 0 0 0; }
    """
    BINDINGS = bindings(WIZARD)
    AUTO_FOCUS = ""

    def __init__(self, pane: Pane, draft: Draft, *, first: StepName = "template") -> None:
        super().__init__()
        self._first = first
        self._pane = pane
        self._draft = draft
        self._templates: dict[str, list[Template]] = {}
        self._vms: list[VmType] = []
        self._sent_at: float | None = None
        self._waiting: tuple[Waiting | None, float] = (None, 0.0)
        self._ticker: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out head, banner, the steps and the keys."""
        with Vertical(id="wizard"):
            yield Static(id="wizard-head", markup=False)
            yield Banner()
            with ContentSwitcher(initial="template"):
                yield TemplateStep(id="template")
                yield MachineStep(id="machine")
                yield OptionsStep(id="options")
            yield KeyLine()

    def on_mount(self) -> None:
        """Begin at the first step that is open."""
        self._go(self._first)
        self._load()

    @property
    def step(self) -> StepName:
        """The step that is shown."""
        return cast(StepName, self.query_one(ContentSwitcher).current)

    @property
    def is_sending(self) -> bool:
        """Whether a create is under review or on its way."""
        return self._ticker is not None

    # The lists

    def _load(self) -> None:
        self.run_worker(self._ask(), group="lists", exclusive=True)

    async def _ask(self) -> None:
        category = self._draft.category
        try:
            if category not in self._templates:
                self.query_one(TemplateStep).show_templates(category, None)
                kind = shelf(category)
                found = await self._pane.ask(kind.command, kind.arguments)
                self._templates[category] = [one for one in found.templates if not one.hidden]
            self._show_templates()
            if not self._vms:
                self._vms = list((await self._pane.ask("theta.deployments.listVm")).vms)
            self._show_machines()
        except ThetaError as error:
            self.query_one(Banner).show_error(error, cause="lists")
            self._show_templates()

    def _show_templates(self) -> None:
        step = self.query_one(TemplateStep)
        step.show_templates(self._draft.category, self._templates.get(self._draft.category, []))
        if self.step == "template":
            if self._draft.template is not None:
                step.table.move_to(self._draft.template.id)
            if not self.is_sending and self.focused is None:
                step.table.focus()

    def _show_machines(self) -> None:
        wish = self._draft.wish
        vms = [wish.vm] if wish is not None and wish.is_only else self._vms
        self.query_one(MachineStep).show_machines(self._draft.template, vms, self._draft.wished_vm)

    @on(CategoryWanted)
    def _switch_category(self) -> None:
        self._draft.category = next_word(self._draft.category)
        self._load()

    @on(OwnTemplateWanted)
    def _own_template(self, event: OwnTemplateWanted) -> None:
        self.run_worker(self._keep(event.verb, event.template), group="own", exclusive=True)

    async def _keep(self, verb: str, template: Template | None) -> None:
        """Make, change or delete a template of one's own, then show the shelf again."""
        try:
            await keep_own(self._pane, verb, template)
        except ThetaError as error:
            self.query_one(Banner).show_error(error, cause="lists")
        self._draft.category = "own"
        self._templates.pop("own", None)
        self._load()

    # The steps

    def _go(self, step: StepName) -> None:
        self.query_one(ContentSwitcher).current = step
        self.query_one(KeyLine).show_actions(KEYS[step])
        if step == "machine":
            self._show_machines()
        elif step == "options":
            self.query_one(OptionsStep).show_draft(self._draft)
        self._draw_head()
        target = self.query_one(f"#{step}")
        if isinstance(target, (TemplateStep, MachineStep, OptionsStep)):
            self.call_after_refresh(target.first_focus().focus)

    def _draw_head(self) -> None:
        draft, names = self._draft, [name for name, _ in STEPS]
        settled = draft.template.name if draft.template is not None and self._first != "template" else "deployment"
        head = literal.content(f"New {settled}", style="bold $primary")
        if draft.wish is not None:
            head = Content.assemble(head, literal.content(f" on {draft.wish.vm.name or draft.wish.vm.id}"))
        steps = [
            Content.styled(f"{number} {title}", "bold" if name == self.step else "$foreground-muted")
            for number, (name, title) in enumerate(STEPS[names.index(self._first) :], 1)
        ]
        self.query_one("#wizard-head", Static).update(Content.assemble(head, "   ", Content(" › ").join(steps)))

    @on(TemplateChosen)
    def _template_chosen(self, event: TemplateChosen) -> None:
        self._draft.choose_template(event.template)
        self._go("machine")

    @on(MachineChosen)
    def _machine_chosen(self, event: MachineChosen) -> None:
        self._draft.choose_vm(event.vm, self._vms)
        self._go("options")

    @on(BackWanted)
    def action_step_back(self) -> None:
        """Take back one step: an error, the search, the step itself; never what was typed."""
        if self.is_sending or self.query_one(Banner).clear():
            return
        if self.step == "options":
            self._go("machine")
        elif self.step != self._first:
            self._go("template")
        elif self.step == "machine" or not self.query_one(TemplateStep).step_back():
            self.dismiss(None)

    def action_next(self) -> None:
        """Choose what the cursor is on, or go to the review."""
        if self.step == "options":
            self._review()
        else:
            table: RecordTable[Any] = (
                self.query_one(TemplateStep).table if self.step == "template" else self.query_one(MachineStep).table
            )
            table.action_open()

    def action_other_category(self) -> None:
        """Show the other category, as the key line asks."""
        self._switch_category()

    def action_own(self) -> None:
        """Make a template of one's own, as the key line asks."""
        self.query_one(TemplateStep).action_own("create")

    def action_search(self) -> None:
        """Open the search, as the key line asks."""
        self.query_one(TemplateStep).action_search()

    def action_next_field(self) -> None:
        """Go to the next field, as the key line asks."""
        self.focus_next()

    def action_retry(self) -> None:
        """Ask for the lists again."""
        self.query_one(Banner).clear()
        self._load()

    # The review and what follows

    @on(ReviewWanted)
    def _review(self) -> None:
        if not self.is_sending and not self.query_one(OptionsStep).complain():
            self.query_one(Banner).clear()
            self._ticker = self.set_interval(0.25, self._tick)
            self.run_worker(self._create(), group="create", exclusive=True)

    @on(TrialWanted)
    def _try(self) -> None:
        """Try template and machine once and delete it; the draft stays for the real one."""
        draft = self._draft
        if draft.template is not None and draft.vm is not None and not self.query_one(OptionsStep).complain():
            given = {name: value for name, value in draft.arguments().items() if name not in ("name", "min_replicas")}
            trial = {**given, "generate_auth": draft.protection != "own", "probe": draft.template.probe}
            self.dismiss(Trial(f"{draft.template.name} on {draft.vm.id}", trial))

    @on(AllOptionsWanted)
    def _all_options(self) -> None:
        self.run_worker(self._in_full(), group="create", exclusive=True)

    async def _in_full(self) -> None:
        """Let everything be said that a deployment can be told, in the form of the command itself."""
        given = {name: value for name, value in self._draft.arguments().items() if name != "auth_password" and value}
        done = await open_form(self._pane.console_app, CREATE, values=given, title="New deployment: all options")
        if isinstance(done, Done):
            self.dismiss(done.value)

    async def _create(self) -> None:
        try:
            outcome = await self._pane.submit(CREATE, self._draft.arguments(), progress=self._wait)
        except Uncertain as error:
            self.dismiss(error)
        except ThetaError as error:
            self.query_one(Banner).show_error(error, cause="create")
        else:
            if isinstance(outcome, Done):
                if outcome.reply is None:
                    words = f"No answer came, but the list shows {outcome.value.name}: it was created."
                    self._pane.console_app.tell(words, severity="warning")
                self.dismiss(outcome.value)
            elif outcome.reason != "cancelled":
                self._pane.console_app.tell(outcome.message or "Nothing was sent.", severity="warning")
        finally:
            self._stop_ticking()

    def _stop_ticking(self) -> None:
        if self._ticker is not None:
            self._ticker.stop()
        self._ticker, self._sent_at, self._waiting = None, None, (None, 0.0)
        for step in self.query(OptionsStep):
            step.show_busy(None)

    def _wait(self, waiting: Waiting) -> None:
        self._waiting = (waiting, time.monotonic())

    def _tick(self) -> None:
        """Count the seconds of a create on its way; not those of the review."""
        if self.app.screen is not self:
            self._sent_at = time.monotonic()
            return
        if self._sent_at is None:
            return
        words = waiting_words(*self._waiting) or f"Creating… {whole_seconds(time.monotonic() - self._sent_at)}"
        self.query_one(OptionsStep).show_busy(words)
