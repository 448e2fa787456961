"""The wizard's first two steps: which template, on which machine type. They know lists, not commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from theta_tui.shapes.deployments import Template, VmType
from theta_tui.tui import literal
from theta_tui.tui.panes.deployments.draft import is_too_small
from theta_tui.tui.panes.deployments.row import gpu_words
from theta_tui.tui.panes.deployments.shelf import SHELVES, shelf
from theta_tui.tui.widgets.record_messages import FilterChanged, Highlighted, Opened
from theta_tui.tui.widgets.record_table import Cell, Column, RecordTable
from theta_tui.tui.words import UNKNOWN

if TYPE_CHECKING:
    from theta_tui.tui.app import ThetaApp


class TemplateChosen(Message):
    """A template was chosen."""

    def __init__(self, template: Template) -> None:
        super().__init__()
        self.template = template


class MachineChosen(Message):
    """A machine type was chosen."""

    def __init__(self, vm: VmType) -> None:
        super().__init__()
        self.vm = vm


class CategoryWanted(Message):
    """The next shelf of templates is wanted."""


class OwnTemplateWanted(Message):
    """A template of one's own is to be made, changed or deleted ("create", "update", "delete")."""

    def __init__(self, verb: str, template: Template | None) -> None:
        super().__init__()
        self.verb = verb
        self.template = template


def _is_in_doubt(table: RecordTable[Any], row: Any) -> bool:
    """Whether a row cannot be told from others or could not be read; it is told why nothing is done with it."""
    if words := table.doubt(row):
        cast("ThetaApp", table.app).tell(f"This row cannot be chosen: {words}.", severity="warning")
    return bool(words)


def _vram(template: Template) -> str:
    return UNKNOWN if template.min_vram is None else f"{template.min_vram} GB"


TEMPLATE_COLUMNS: tuple[Column[Template], ...] = (
    Column("name", "TEMPLATE", lambda one: one.name or one.id, priority=1, grow=True, max_width=36),
    Column("tags", "TAGS", lambda one: ", ".join(one.tags), priority=3, max_width=22),
    Column("vram", "MIN VRAM", _vram, priority=2, numeric=True, sort=lambda one: one.min_vram),
    Column("vms", "SUGGESTED", lambda one: ", ".join(one.suggested_vms), priority=4, max_width=34),
    Column("what", "WHAT IT IS", lambda one: one.short_description, priority=5, grow=True, max_width=60),
)


class TemplateStep(Vertical):
    """Step 1: the templates of one category."""

    DEFAULT_CSS = """
    TemplateStep > #template-title { height: 1; padding: 0 1; }
    TemplateStep > #template-search { display: none; height: 1; border: none; padding: 0 1; background: $panel; }
    TemplateStep > #template-search.-open { display: block; }
    TemplateStep > RecordTable { height: 1fr; }
    TemplateStep > #template-more { height: 4; padding: 0 1; border-top: solid $border; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t,tab", "other_category", "Other kind", show=False),
        Binding("N", "own('create')", "New template", show=False),
        Binding("E", "own('update')", "Edit template", show=False),
        Binding("D", "own('delete')", "Delete template", show=False),
        Binding("slash", "search", "Search", show=False),
    ]

    def __init__(self, *, id: str) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self.table: RecordTable[Template] = RecordTable(
            TEMPLATE_COLUMNS, lambda one: one.id, empty=SHELVES[0].empty, marks=False
        )
        self.category = ""

    def compose(self) -> ComposeResult:
        """Lay out title, search line, table, and what the template under the cursor is."""
        yield Static(id="template-title", markup=False)
        yield Input(id="template-search", placeholder="name, tag, tags:llm, vram<24 …", compact=True)
        yield self.table
        yield Static(id="template-more", markup=False)

    def show_templates(self, category: str, templates: Sequence[Template] | None) -> None:
        """Show the templates of a shelf; None while they are being asked for."""
        self.category = category
        self.table.say_empty(shelf(category).empty)
        self.table.set_rows(templates or ())
        self.table.display = templates is not None
        self._draw_title(loading=templates is None)
        self._draw_more(self.table.cursor_row)

    def first_focus(self) -> Widget:
        """Focus the table."""
        return self.table

    def step_back(self) -> bool:
        """Close the search."""
        line = self.query_one("#template-search", Input)
        if not line.has_class("-open"):
            return False
        line.value = ""
        line.remove_class("-open")
        self.table.set_filter("")
        self.table.focus()
        return True

    def action_other_category(self) -> None:
        """Ask for the next shelf."""
        self.post_message(CategoryWanted())

    def action_own(self, verb: str) -> None:
        """Ask to make, change or delete a template of one's own."""
        row = self.table.cursor_row
        if verb != "create" and row is not None and _is_in_doubt(self.table, row):
            return
        if verb == "create" or (self.category == "own" and row is not None):
            self.post_message(OwnTemplateWanted(verb, None if verb == "create" else row))

    def action_search(self) -> None:
        """Open the search line."""
        line = self.query_one("#template-search", Input)
        line.add_class("-open")
        line.focus()

    @on(Input.Changed, "#template-search")
    def _searched(self, event: Input.Changed) -> None:
        event.stop()
        self.table.set_filter(event.value)

    @on(Input.Submitted, "#template-search")
    def _found(self, event: Input.Submitted) -> None:
        event.stop()
        self.table.focus()

    @on(FilterChanged)
    def _filter_said(self, event: FilterChanged) -> None:
        event.stop()
        line = self.query_one("#template-search", Input)
        if not event.state.text and not line.has_focus:
            line.value = ""
            line.remove_class("-open")
        self._draw_title()

    @on(Highlighted)
    def _highlighted(self, event: Highlighted) -> None:
        event.stop()
        self._draw_more(event.row)

    @on(Opened)
    def _opened(self, event: Opened) -> None:
        event.stop()
        if not _is_in_doubt(self.table, event.row):
            self.post_message(TemplateChosen(event.row))

    def _draw_title(self, *, loading: bool = False) -> None:
        state = self.table.filter_state
        shown = "…" if loading else f"{state.count} of {state.total}" if state.text else str(state.total)
        parts = []
        for name in (each.word for each in SHELVES):
            if name == self.category:
                chosen = (name.capitalize(), "bold $primary underline")
                parts.append(Content.assemble(chosen, (f" {shown}", "$foreground-muted")))
            else:
                parts.append(Content.styled(name.capitalize(), "$foreground-muted"))
        if state.error:
            parts.append(literal.content(state.error, style="$text-error"))
        self.query_one("#template-title", Static).update(Content("   ").join(parts))

    def _draw_more(self, template: Template | None) -> None:
        if template is None:
            self.query_one("#template-more", Static).update("")
            return
        facts = [f"images: {', '.join(template.container_images) or UNKNOWN}"]
        if template.env_vars:
            need = "needs" if template.require_env_vars else "takes"
            facts.append(f"{need} {', '.join(template.env_vars)}")
        text = Content.assemble(
            literal.content(template.description or template.short_description or template.name),
            "\n",
            literal.content(" · ".join(facts), style="$foreground-muted"),
        )
        self.query_one("#template-more", Static).update(text)


class MachineStep(Vertical):
    """Step 2: the machine types, suggested ones first."""

    DEFAULT_CSS = """
    MachineStep > #machine-title { height: 1; padding: 0 1; }
    MachineStep > RecordTable { height: 1fr; }
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._template: Template | None = None
        self._is_placed = False
        self.table: RecordTable[VmType] = RecordTable(
            (
                Column("vm", "MACHINE", lambda vm: vm.id, priority=1),
                Column("gpu", "GPU", gpu_words, priority=2, max_width=30),
                Column(
                    "vram", "VRAM", lambda vm: UNKNOWN if vm.vram_gb is None else f"{vm.vram_gb} GB",
                    priority=2, numeric=True, sort=lambda vm: vm.vram_gb,
                ),
                Column(
                    "cost", "$/H", lambda vm: UNKNOWN if vm.price_usd is None else f"{vm.price_usd:,.2f}",
                    priority=1, numeric=True, sort=lambda vm: vm.price_usd,
                ),
                Column("cpu", "CPU", lambda vm: "" if vm.cpu is None else str(vm.cpu), priority=6, numeric=True),
                Column(
                    "memory", "RAM", lambda vm: "" if vm.memory_gb is None else f"{vm.memory_gb} GB",
                    priority=6, numeric=True, sort=lambda vm: vm.memory_gb,
                ),
                Column("note", "", self._note, priority=1, sort=self._rank),
            ),
            lambda vm: vm.id,
            empty="The cloud lists no machine type. R asks again.",
            marks=False,
        )  # fmt: skip

    def compose(self) -> ComposeResult:
        """Lay out title and table."""
        yield Static(id="machine-title", markup=False)
        yield self.table

    def show_machines(self, template: Template | None, vms: Sequence[VmType], chosen: VmType | None) -> None:
        """Show the machine types for a template; the cursor goes to the chosen one, else the best suggestion."""
        if self._template is None or template is None or template.id != self._template.id:
            self._is_placed = False
        self._template = template
        ordered = sorted(vms, key=self._rank)
        self.table.set_rows(ordered)
        if ordered and not self._is_placed:
            self._is_placed = self.table.move_to((chosen or ordered[0]).id)
        words = Content("")
        if template is not None:
            needs = f" needs {template.min_vram} GB of video memory" if template.min_vram is not None else ""
            words = Content.assemble(literal.content(template.name, style="bold $primary"), needs)
        self.query_one("#machine-title", Static).update(words)

    def first_focus(self) -> Widget:
        """Focus the table."""
        return self.table

    def _rank(self, vm: VmType) -> tuple[int, int]:
        """Order suggested ones first, as the template names them; then the rest as listed, too small ones last."""
        suggested = self._template.suggested_vms if self._template else ()
        if vm.id in suggested:
            return 0, suggested.index(vm.id)
        return (2 if is_too_small(vm, self._template) else 1), 0

    def _note(self, vm: VmType) -> Cell:
        if is_too_small(vm, self._template):
            return "too small", "warn"
        return ("suggested", "ok") if self._rank(vm)[0] == 0 else ""

    @on(Opened)
    def _opened(self, event: Opened) -> None:
        event.stop()
        if not _is_in_doubt(self.table, event.row):
            self.post_message(MachineChosen(event.row))

    @on(Highlighted)
    @on(FilterChanged)
    def _mine(self, event: Message) -> None:
        event.stop()
