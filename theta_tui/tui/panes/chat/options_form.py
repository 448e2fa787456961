"""The form for a chat's settings. What is typed is checked when it is taken; each mistake is one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from theta_tui.chats.options import Options, read_count, read_number
from theta_tui.chats.target import Target
from theta_tui.tui import literal
from theta_tui.tui.modal import Modal
from theta_tui.tui.widgets.choices import Choices


class Field(Horizontal):
    """A label, a short input, and what may be written there."""

    DEFAULT_CSS = """
    Field { height: 1; }
    Field > .field--label { width: 14; }
    Field > Input { width: 12; }
    Field > .field--hint { width: 1fr; padding-left: 2; color: $foreground-muted; text-wrap: nowrap;
                           text-overflow: ellipsis; }
    """

    def __init__(self, name: str, label: str, value: str, hint: str) -> None:
        super().__init__()
        self._field, self._label, self._value, self._hint = name, label, value, hint

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield Static(literal.content(self._label), classes="field--label", markup=False)
        yield Input(literal.plain(self._value), id=self._field, select_on_focus=True)
        yield Static(literal.content(self._hint), classes="field--hint", markup=False)


class OptionsForm(Modal[Options]):
    """System prompt, temperature, top_p, longest answer, effort; empty means the model's default."""

    DEFAULT_CSS = """
    OptionsForm {
        & TextArea { height: 6; border: none; padding: 0 1; background: $panel; }
        & TextArea:focus { border: none; background-tint: $foreground 8%; }
        & .form--label { margin-top: 0; }
        & #fields { height: auto; margin-top: 1; }
        & #form-error { height: 1; color: $text-error; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "take", show=False, priority=True)]
    AUTO_FOCUS = "#system"
    heading = "Settings of this chat"
    keys = (("Tab", "next"), ("ctrl+s", "take"), ("Esc", "leave as it was"))

    def __init__(self, target: Target, options: Options) -> None:
        super().__init__()
        self._target = target
        self._options = options

    def inside(self) -> Iterable[Widget]:
        """Give the fields."""
        target, options, default = self._target, self._options, self._target.defaults
        yield Static(Content.assemble("System prompt ", ("what the model should always know", "$foreground-muted")))
        yield TextArea(options.system, id="system", soft_wrap=True, highlight_cursor_line=False)
        most = f"1 to {target.most_tokens:,}" if target.most_tokens else "at least 1"
        yield Static("", id="form-error", markup=False)
        hints = {"temperature": ("Temperature", "0 to 2", ": higher is more surprising"),
                 "top_p": ("Top p", "0 to 1", ""), "max_tokens": ("Max tokens", most, "")}  # fmt: skip
        for name in target.settings:
            label, span, end = hints[name]
            usual = _text(getattr(default, name)) or "the agent's own"
            yield Field(name, label, _text(getattr(options, name)), f"{span}, empty is {usual}{end}")
        if target.efforts:
            chosen = target.efforts.index(options.effort) + 1 if options.effort in target.efforts else 0
            with Horizontal(classes="field") as row:
                row.styles.height = 1
                effort = Static("Effort")
                effort.styles.width = 14
                yield effort
                yield Choices((f"default ({default.effort})", *target.efforts), chosen, id="effort")
        with Horizontal(classes="field") as row:
            row.styles.height = 1
            images = Static("Takes images")
            images.styles.width = 14
            yield images
            known = "yes" if target.sees else "no"
            yield Choices((f"as is known ({known})", "yes", "no"), _IMAGES.index(options.images), id="images")

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.action_take()

    def action_take(self) -> None:
        """Check what was typed, and take it; a mistake is told and gets the focus."""
        target = self._target
        readers: dict[str, Callable[[str], object]] = {
            "temperature": lambda text: read_number(text, 0, 2, "Temperature"),
            "top_p": lambda text: read_number(text, 0, 1, "Top p"),
            "max_tokens": lambda text: read_count(text, target.most_tokens, "Max tokens"),
        }
        values: dict[str, object] = {**self._options.as_json(), "system": self.query_one("#system", TextArea).text}
        for name in target.settings:
            read = readers[name]
            field = self.query_one(f"#{name}", Input)
            try:
                values[name] = read(field.value)
            except ValueError as mistake:
                self.query_one("#form-error", Static).update(literal.content(mistake))
                field.focus()
                return
        for choice in self.query(Choices):
            if choice.id == "images":
                values["images"] = _IMAGES[choice.chosen]
            else:
                values["effort"] = target.efforts[choice.chosen - 1] if choice.chosen else None
        self.dismiss(Options.read(values))


_IMAGES: Final = (None, True, False)


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
