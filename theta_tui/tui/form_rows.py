"""One row of a form: the control that fits a field, what is typed into it as text, and what that text means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import SecretStr
from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Select, Static, TextArea

from theta_tui.errors import UsageError
from theta_tui.tui import form_text, literal
from theta_tui.tui.form_fields import FieldKind, FieldSpec
from theta_tui.tui.widgets.choices import Choices
from theta_tui.tui.widgets.field import Field
from theta_tui.tui.widgets.path_input import PathInput
from theta_tui.tui.widgets.secret_input import SecretInput

SIDE_BY_SIDE: Final = 44
"""Cells of choices that still stand side by side; more of them go into a list."""
LEFT_OUT: Final = "default"


class FormRow(Field):
    """A field with its control."""

    DEFAULT_CSS = """
    FormRow Input, FormRow TextArea, FormRow Select { background: $surface; width: 1fr; }
    FormRow Input { height: 1; border: none; padding: 0 1; background: $panel; }
    FormRow Input:focus { background: $panel; background-tint: $foreground 8%; }
    FormRow TextArea { height: auto; min-height: 2; max-height: 8; padding: 0 1; border: none; background: $panel; }
    FormRow TextArea:focus { background: $panel; background-tint: $foreground 8%; border: none; }
    FormRow SelectCurrent { background: $panel; padding: 0 1; }
    FormRow Select:focus SelectCurrent { background-tint: $foreground 8%; }
    FormRow .row--fixed { height: auto; padding: 0 1; }
    FormRow .row--look { display: none; height: auto; padding: 0 1; color: $text-success; }
    FormRow.-looked .row--look { display: block; }
    """

    def __init__(self, spec: FieldSpec, *, fixed: object = None) -> None:
        self.spec = spec
        self.fixed = fixed
        self._words, self._options = _options(spec)
        self.control = self._fixed_control() if fixed is not None else self._make_control()
        looks = [Static(classes="row--look", markup=False)] if spec.kind is FieldKind.FILE else []
        mark = ("*", "bold $text-accent") if spec.required else ""
        super().__init__(spec.name, Content.assemble(literal.content(spec.label), mark), self.control, *looks)
        self._complained_of: str | None = None
        self.file_problem = ""

    @property
    def text(self) -> str:
        """What is typed or chosen, as text; never that of a secret."""
        control = self.control
        if isinstance(control, SecretInput) or self.fixed is not None:
            return ""
        if isinstance(control, TextArea):
            return control.text
        if isinstance(control, Input):
            return control.value
        chosen = self._chosen()
        return "" if chosen is None else form_text.write(self.spec, chosen)

    def put_text(self, text: str) -> None:
        """Show a text as if it had been typed."""
        control = self.control
        if isinstance(control, (SecretInput, Static)):
            return
        if isinstance(control, TextArea):
            control.load_text(text)
        elif isinstance(control, Input):
            control.value = literal.plain(text)
        else:
            self._choose(text)

    def put(self, value: object) -> None:
        """Show a value; None empties the row."""
        if isinstance(self.control, SecretInput):
            if isinstance(value, SecretStr):
                self.control.hold(value)
            return
        self.put_text(form_text.write(self.spec, value))

    def value(self) -> Any:
        """Give the value, None for an empty row; ValueError says what would be right."""
        if self.fixed is not None:
            return self.fixed
        if isinstance(self.control, SecretInput):
            self.control.take()
            if self.control.problem:
                raise ValueError(self.control.problem)
            return self.control.secret
        if isinstance(self.control, (Choices, Select)):
            return self._chosen()
        return form_text.read(self.spec, self.text)

    async def check_file(self) -> str:
        """Say what is wrong with the file that is named; "" when nothing is."""
        return (await self.control.look()).problem if isinstance(self.control, PathInput) else ""

    def complain(self, words: str | None) -> None:
        """Say what is wrong until something else is typed."""
        self._complained_of = None if words is None else self.text
        super().complain(words)

    def changed(self) -> None:
        """Something was typed: what was said of the row before no longer counts."""
        if self._complained_of is not None and self.text != self._complained_of:
            self.complain(None)

    @on(PathInput.Looked)
    def _looked(self, event: PathInput.Looked) -> None:
        event.stop()
        self.query_one(".row--look", Static).update(literal.content(f"✓ {event.look.words}"))
        self.set_class(bool(event.look.words), "-looked")
        if event.look.problem or self._complained_of is None:
            self.complain(event.look.problem or None)

    def _make_control(self) -> Widget:
        spec, name = self.spec, f"control-{self.spec.name}"
        if spec.secret:
            return SecretInput(_one_line, id=name)
        if spec.is_tall:
            area = TextArea(id=name, compact=True, tab_behavior="focus", soft_wrap=True, placeholder=_invitation(spec))
            area.highlight_cursor_line = False
            return area
        if spec.kind is FieldKind.FILE:
            return PathInput(suffixes=spec.suffixes, most_bytes=spec.most_bytes, placeholder=_invitation(spec), id=name)
        if self._options:
            if sum(len(word) + 4 for word in self._words) <= SIDE_BY_SIDE:
                return Choices(self._words, self._at_first, id=name)
            return self._list(name)
        return Input(placeholder=_invitation(spec), select_on_focus=False, id=name)

    def _list(self, name: str) -> Select[int]:
        options = [(literal.content(word), at) for at, word in enumerate(self._words)]
        if self._at_first < 0:
            return Select(options, prompt="choose", compact=True, id=name)
        return Select(options, value=self._at_first, allow_blank=False, compact=True, id=name)

    def _fixed_control(self) -> Static:
        shown = literal.content(form_text.write(self.spec, self.fixed), style="$foreground-muted")
        return Static(shown, classes="row--fixed", markup=False)

    @property
    def _at_first(self) -> int:
        return next((at for at, option in enumerate(self._options) if option == (self.spec.default,)), -1)

    def _chosen(self) -> Any:
        """Give the value that is chosen, None where it is the default."""
        control = self.control
        at = control.chosen if isinstance(control, Choices) else control.value if isinstance(control, Select) else -1
        if not isinstance(at, int) or isinstance(at, bool) or at < 0 or at == self._at_first:
            return None
        return self._options[at][0]

    def _choose(self, text: str) -> None:
        try:
            wanted = form_text.read(self.spec, text)
        except ValueError:
            return
        at = next((at for at, option in enumerate(self._options) if option == (wanted,)), self._at_first)
        if isinstance(self.control, Choices):
            self.control.choose(at)
        elif isinstance(self.control, Select) and at >= 0:
            self.control.value = at


def _options(spec: FieldSpec) -> tuple[list[str], list[tuple[Any]]]:
    """Give the words and values to choose from; one that may be left out has a word for that."""
    if spec.kind is FieldKind.BOOL:
        values: Mapping[str, Any] = {"no": False, "yes": True}
    elif spec.kind is FieldKind.CHOICE:
        values = dict(zip(spec.words or map(str, spec.choices), spec.choices, strict=True))
    else:
        return [], []
    if not spec.required and spec.default is None:
        values = {LEFT_OUT: None, **values}
    return list(values), [(value,) for value in values.values()]


def _invitation(spec: FieldSpec) -> str:
    """Say in the empty control what will count, or what could be there."""
    if spec.default not in (None, (), [], {}):
        return literal.plain(f"default {form_text.write(spec, spec.default)}")
    if spec.kind is FieldKind.FILE:
        return "a file; ctrl+f browses"
    if spec.example in (None, [], ()):
        return ""
    return literal.plain(f"such as {form_text.write(spec, spec.example)}")


def _one_line(text: str) -> str:
    """Read a secret: as it is, without blanks around it."""
    stripped = text.strip()
    if not stripped or not stripped.isprintable():
        raise UsageError("One line of text, please.")
    return stripped
