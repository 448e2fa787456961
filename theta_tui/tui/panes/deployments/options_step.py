"""The wizard's third step: name, replicas, image, environment, protection, fallback, and what it will cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from pydantic import SecretStr
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Input, Select, Static, TextArea

from theta_tui.tui import literal
from theta_tui.tui.panes.deployments.draft import Draft, Protection, is_too_small
from theta_tui.tui.panes.deployments.row import gpu_words, hourly
from theta_tui.tui.widgets.field import Field
from theta_tui.tui.widgets.secret_input import MaskedInput
from theta_tui.tui.words import UNKNOWN

_PROTECTIONS: tuple[tuple[Protection, str], ...] = (
    ("generated", "a user and password made up for it, kept in the vault"),
    ("own", "a user and password of my own"),
    ("none", "nothing: whoever knows the address can use it"),
)

ROOMY_FROM = 28
"""Rows from which fields stand a line apart."""


class ReviewWanted(Message):
    """The form is done: review it."""


class BackWanted(Message):
    """Back to the step before."""


class TrialWanted(Message):
    """Try it once, and delete it."""


class AllOptionsWanted(Message):
    """Show everything that a deployment can be told."""


_BUTTONS = {"review": ReviewWanted, "try": TrialWanted, "all": AllOptionsWanted, "back": BackWanted}


class OptionsStep(Vertical):
    """Step 3, over a draft; every key typed goes into it at once."""

    DEFAULT_CSS = """
    OptionsStep > #options-scroll { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    OptionsStep Field { max-width: 100; }
    OptionsStep.-roomy Field { margin: 0 0 1 0; }
    OptionsStep Input, OptionsStep TextArea, OptionsStep Select { background: $surface; width: 1fr; }
    OptionsStep Input { height: 1; border: none; padding: 0 1; }
    OptionsStep Input:focus { background: $panel; }
    OptionsStep TextArea { height: 3; padding: 0; border: none; }
    OptionsStep TextArea:focus { background: $panel; }
    OptionsStep #replicas { width: 9; }
    OptionsStep SelectCurrent { background: $surface; padding: 0 1; }
    OptionsStep Select:focus SelectCurrent { background: $panel; }
    OptionsStep .options--hint { height: auto; color: $foreground-muted; }
    OptionsStep > #options-summary { height: auto; padding: 0 1; border-top: solid $border; }
    OptionsStep > #options-buttons { height: 1; padding: 0 1; }
    OptionsStep Button { margin: 0 2 0 0; }
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._draft = Draft()
        self._filling = False

    def compose(self) -> ComposeResult:
        """Lay out the form, the summary and the buttons."""
        with VerticalScroll(id="options-scroll", can_focus=False):
            yield Field("name", "Name", Input(id="name", compact=True))
            yield Field("replicas", "Machines", Input(id="replicas", compact=True, type="text", max_length=6))
            yield Field("image", "Image", _choice("image", ()))
            yield Field(
                "env", "Environment", TextArea(id="env", compact=True, tab_behavior="focus", soft_wrap=False),
                Static(id="env-hint", classes="options--hint", markup=False),
            )  # fmt: skip
            yield Field("protection", "Protect with", _choice("protection", _PROTECTIONS))
            yield Field("username", "User", Input(id="username", compact=True))
            yield Field("password", "Password", MaskedInput(id="password", compact=True))
            yield Field(
                "notebook_password", "Notebook", MaskedInput(id="notebook_password", compact=True),
                Static("the password Jupyter asks for; the console does not keep it", classes="options--hint"),
            )  # fmt: skip
            yield Field("fallback", "No capacity?", _choice("fallback", ()))
        yield Static(id="options-summary", markup=False)
        with Horizontal(id="options-buttons"):
            yield Button("Review…", id="review", variant="primary", compact=True)
            yield Button("Try, then delete…", id="try", compact=True)
            yield Button("All options…", id="all", compact=True)
            yield Button("Back", id="back", compact=True)

    def on_resize(self, event: events.Resize) -> None:
        """Space the fields out where there is room."""
        self.set_class(event.size.height >= ROOMY_FROM, "-roomy")

    def first_focus(self) -> Widget:
        """Focus the name."""
        return self.query_one("#name")

    def show_draft(self, draft: Draft) -> None:
        """Fill the form."""
        self._draft, self._filling = draft, True
        self.query_one("#name", Input).value = draft.name
        self.query_one("#replicas", Input).value = draft.replicas
        self.query_one("#env", TextArea).load_text(draft.env)
        self.query_one("#username", Input).value = draft.username
        self._fill_images(draft)
        self.query_one("#protection", Select).value = draft.protection
        _offer(self.query_one("#fallback", Select), _fallback_choices(draft), "yes" if draft.fallback else "no")
        required = ", ".join(draft.required_variables)
        words = f"NAME=value, one a line; needed: {required}" if required else "NAME=value, one a line; may stay empty"
        self.query_one("#env-hint", Static).update(literal.content(words))
        self.call_after_refresh(self._filled)
        self._draw()

    def complain(self) -> bool:
        """Point at the first thing that is wrong, in words; False when all is well."""
        for field in self.query(Field):
            field.complain(None)
        problem = self._draft.problem()
        if problem is None:
            return False
        name, words = problem
        field = self.query_one(f"#field-{name}", Field)
        field.complain(words)
        self.query_one(f"#{name}").focus()
        field.scroll_visible(animate=False)
        return True

    def show_busy(self, words: str | None) -> None:
        """Say on the button what is at work."""
        button = self.query_one("#review", Button)
        button.label = words or "Review…"
        button.disabled = words is not None

    def _fill_images(self, draft: Draft) -> None:
        images = draft.template.container_images if draft.template else ()
        self.query_one("#field-image").display = len(images) > 1
        if draft.image in images:
            _offer(self.query_one("#image", Select), [(image, image) for image in images], draft.image)

    def _filled(self) -> None:
        self._filling = False

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._filling:
            return
        if event.input.id in ("password", "notebook_password"):
            setattr(self._draft, event.input.id, SecretStr(event.value) if event.value else None)
        else:
            setattr(self._draft, str(event.input.id), event.value)
        self._changed(str(event.input.id))

    @on(TextArea.Changed)
    def _env_typed(self, event: TextArea.Changed) -> None:
        event.stop()
        if not self._filling:
            self._draft.env = event.text_area.text
            self._changed("env")

    @on(Select.Changed)
    def _chosen(self, event: Select.Changed) -> None:
        event.stop()
        if self._filling or not isinstance(event.value, str):
            return
        if event.select.id == "fallback":
            self._draft.fallback = event.value == "yes"
        elif event.select.id == "protection":
            self._draft.protection = cast(Protection, event.value)
        else:
            self._draft.image = event.value
        self._changed(str(event.select.id))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(ReviewWanted())

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(_BUTTONS[event.button.id or "back"]())

    def _changed(self, name: str) -> None:
        self.query_one(f"#field-{name}", Field).complain(None)
        self._draw()

    def _draw(self) -> None:
        own = self._draft.protection == "own"
        self.query_one("#field-username").display = own
        self.query_one("#field-password").display = own
        self.query_one("#field-notebook_password").display = self._draft.is_notebook
        self.query_one("#options-summary", Static).update(_summary(self._draft))


def _summary(draft: Draft) -> Content:
    template, vm = draft.template, draft.vm
    if template is None or vm is None:
        return Content("")
    memory = f", {vm.vram_gb} GB" if vm.vram_gb is not None else ""
    count = draft.count
    machines = "1 machine" if count == 1 else f"{count} machines" if count else f"{UNKNOWN} machines"
    lines = [
        Content.assemble(
            literal.content(template.name, style="bold"),
            literal.content(f" on {vm.id} ({gpu_words(vm)}{memory}), {machines}"),
        ),
        Content.assemble(
            literal.content(draft.cost_words(), style="bold $text-accent"),
            ("  from its creation until it is stopped, warm-up included", "$foreground-muted"),
        ),
    ]
    if is_too_small(vm, template):
        words = f"⚠ The template needs {template.min_vram} GB of video memory; this machine has {vm.vram_gb} GB."
        lines.append(literal.content(words, style="$text-warning"))
    return Content("\n").join(lines)


def _fallback_choices(draft: Draft) -> list[tuple[str, str]]:
    """Give (value, words) pairs: off, and the order of the machine types if there are any."""
    if not draft.fallback_vms:
        return [("no", "say so; no other machine type is recommended for this template")]
    prices = [f"{vm.id} {UNKNOWN if vm.price_usd is None else hourly(vm.price_usd)}" for vm in draft.fallback_vms]
    return [("no", "say so, start nothing else"), ("yes", f"try {', then '.join(prices)}")]


def _choice(name: str, choices: Sequence[tuple[str, str]]) -> Select[str]:
    return Select(
        [(literal.content(words), value) for value, words in choices],
        id=name,
        compact=True,
        allow_blank=not choices,
    )


def _offer(select: Select[str], choices: Sequence[tuple[str, str]], value: str) -> None:
    select.set_options([(literal.content(words), option) for option, words in choices])
    select.value = value
    select.disabled = len(choices) < 2
