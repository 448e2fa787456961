"""A form made from field specs, and the same as JSON, kept in step. It does not know what the values are for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Select, Static, TextArea

from theta_tui.tui import form_text, literal
from theta_tui.tui.form_fields import FieldKind, FieldSpec
from theta_tui.tui.form_fold import Fold
from theta_tui.tui.form_help import help_of
from theta_tui.tui.form_rows import FormRow
from theta_tui.tui.widgets.choices import Choices
from theta_tui.tui.widgets.secret_input import SecretInput
from theta_tui.tui.widgets.tab_line import Tab, TabLine

NARROW = 72
"""Columns under which labels stand above their controls."""
WHOLE = ""


class Form(Vertical):
    """Rows for the specs. `fixed` fields are shown but not changed; `values` are what stands in the rows at first."""

    DEFAULT_CSS = """
    Form { height: 1fr; }
    Form > TabLine { padding: 0; margin: 0 0 1 0; }
    Form > VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    Form > #form-json { display: none; height: 1fr; border: none; padding: 0 1; background: $panel; }
    Form.-json > #form-json { display: block; }
    Form.-json > VerticalScroll { display: none; }
    Form FormRow.-folded { display: none; }
    Form.-roomy FormRow { margin: 0 0 1 0; }
    Form.-narrow .field--row { layout: vertical; }
    Form.-narrow .field--problem { padding: 0 0 0 1; }
    Form > #form-said { display: none; height: auto; max-height: 5; color: $text-error; }
    Form > #form-said.-shown { display: block; }
    Form > #form-help { height: 2; color: $foreground-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "submit", show=False),
        Binding("ctrl+o", "toggle_json", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    class Changed(Message):
        """Something was typed or chosen."""

    class Submitted(Message):
        """The form is to be taken: Enter in a line, or ctrl+s."""

    def __init__(
        self,
        specs: Sequence[FieldSpec],
        *,
        values: Mapping[str, Any] | None = None,
        fixed: Sequence[str] = (),
        id: str | None = None,  # noqa: A002 Textual's own name
    ) -> None:
        super().__init__(id=id)
        given = dict(values or {})
        self._rows = {
            spec.name: FormRow(spec, fixed=given.get(spec.name) if spec.name in fixed else None) for spec in specs
        }
        self._first = given
        self._others: dict[str, Any] = {}
        self._tabs = TabLine([Tab("form", "Form"), Tab("json", "JSON")])
        self._json = TextArea(id="form-json", compact=True, tab_behavior="focus", soft_wrap=True)
        rare = [spec for spec in specs if spec.rare and spec.name not in given]
        folds = bool(rare) and len(rare) < len(specs)
        self._folded = [self._rows[spec.name] for spec in rare] if folds else []
        self._fold = Fold(rare, is_open=False) if folds else None

    def compose(self) -> ComposeResult:
        """Lay out the rows, the JSON beside them, what is wrong, and the help of the field at hand."""
        yield self._tabs
        with VerticalScroll(can_focus=False):
            yield from (row for row in self._rows.values() if row not in self._folded)
            if self._fold is not None:
                yield self._fold
                yield from self._folded
        yield self._json
        yield Static(id="form-said", markup=False)
        yield Static(id="form-help", markup=False)

    def on_mount(self) -> None:
        """Show what was given, and fold what is rarely needed."""
        for row in self._folded:
            row.add_class("-folded")
        self.fill(self._first)

    def on_resize(self, event: events.Resize) -> None:
        """Give labels their column where there is one."""
        narrow = event.size.width < NARROW
        self.set_class(narrow, "-narrow")
        self.set_class(event.size.height >= 3 * len(self._rows) and not narrow, "-roomy")
        widest = max((len(row.spec.label) + 3 for row in self._rows.values()), default=0)
        for label in self.query(".field--label"):
            label.styles.width = "100%" if narrow else min(max(widest, 12), 26)
        for problem in self.query(".field--problem"):
            problem.styles.padding = (0, 0, 0, 1 if narrow else min(max(widest, 12), 26) + 1)

    @property
    def rows(self) -> tuple[FormRow, ...]:
        """The rows, as they stand."""
        return tuple(self._rows.values())

    def first_focus(self) -> Widget | None:
        """Give the first control that is empty and needed, else the first one."""
        usable = [row for row in self._rows.values() if row.fixed is None]
        needed = next((row for row in usable if row.spec.required and not row.text), None)
        row = needed or next(iter(usable), None)
        return row.control if row else None

    def values(self) -> dict[str, Any]:
        """Give what was filled in and can be read, secrets as SecretStr; empty fields are left out."""
        return {**self._others, **{name: value for name, value, problem in self._read() if value is not None}}

    def problems(self) -> dict[str, str]:
        """Say of each field that cannot be read what would be right."""
        return {name: problem for name, _, problem in self._read() if problem}

    async def file_problems(self) -> dict[str, str]:
        """Look at the files that are named, and say what is wrong with them."""
        found = {name: await row.check_file() for name, row in self._rows.items()}
        return {name: words for name, words in found.items() if words}

    def fill(self, values: Mapping[str, Any], *, only: bool = False) -> None:
        """Show these values; `only` empties all other fields but secrets. What no field is for is kept beside."""
        self._others = {name: value for name, value in values.items() if name not in self._rows}
        for name, row in self._rows.items():
            if row.fixed is None and (name in values or only):
                row.put(values.get(name))

    def texts(self) -> dict[str, str]:
        """Give what is typed, field by field, without secrets."""
        return {name: row.text for name, row in self._rows.items() if row.text}

    def put_texts(self, texts: Mapping[str, str]) -> None:
        """Show what was typed before."""
        for name, text in texts.items():
            if name in self._rows:
                self._rows[name].put_text(text)

    def complain(self, problems: Mapping[str, str]) -> None:
        """Say what is wrong at each field and, under the name "", with the whole; the first one gets the focus."""
        for name, row in self._rows.items():
            row.complain(problems.get(name))
        rest = [f"{name}: {words}" if name else words for name, words in problems.items() if name not in self._rows]
        self.say("\n".join(f"✗ {words}" for words in rest))
        wrong = [row for name, row in self._rows.items() if name in problems]
        if wrong:
            self._show_json(False)
            if wrong[0] in self._folded and self._fold is not None and not self._fold.is_open:
                self._fold.action_switch()
            wrong[0].control.focus()

    def say(self, words: str) -> None:
        """Say something about the whole, or no longer."""
        said = self.query_one("#form-said", Static)
        said.update(literal.content(words, block=True))
        said.set_class(bool(words), "-shown")

    def is_json_read(self) -> bool:
        """Take over what stands in the JSON, if it is shown; False when it cannot be read, which is told."""
        if not self.has_class("-json"):
            return True
        try:
            self._take_json()
        except ValueError as mistake:
            self.say(f"✗ {mistake}")
            self._json.focus()
            return False
        return True

    def action_submit(self) -> None:
        """Have the form taken."""
        if self.is_json_read():
            self.post_message(self.Submitted())

    def action_toggle_json(self) -> None:
        """Change between the rows and the JSON."""
        self._tabs.step(1)

    def _read(self) -> Iterator[tuple[str, Any, str]]:
        for name, row in self._rows.items():
            try:
                yield name, row.value(), ""
            except ValueError as mistake:
                yield name, None, str(mistake)

    def _show_json(self, wanted: bool) -> None:
        if self.has_class("-json") == wanted:
            return
        if wanted:
            self._json.load_text(self.json_text())
        self.set_class(wanted, "-json")
        self._tabs.current = "json" if wanted else "form"

    def json_text(self) -> str:
        """Write what is filled in as JSON, without secrets."""
        values = {name: value for name, value in self.values().items() if not self._is_secret(name)}
        return json.dumps(values, indent=2, ensure_ascii=False, default=form_text.plain)

    def _take_json(self) -> None:
        text = self._json.text.strip() or "{}"
        values = form_text.read(FieldSpec("json", "JSON", FieldKind.JSON), text)
        if not isinstance(values, dict):
            raise ValueError('JSON: an object, please, such as {"name": "value"}')
        secret = next((name for name in values if self._is_secret(name)), None)
        if secret is not None:
            raise ValueError(f"JSON: {secret} is a secret; it is typed in the form only")
        self.say("")
        if text != self.json_text():
            self.fill(values, only=True)

    def _is_secret(self, name: str) -> bool:
        return name in self._rows and self._rows[name].spec.secret

    @on(TabLine.Chosen)
    def _tab_chosen(self, event: TabLine.Chosen) -> None:
        event.stop()
        if event.tab == "json":
            bad = self.problems()
            if bad:
                self._tabs.current = "form"
                self.complain(bad)
                return
            self._show_json(True)
            self._json.focus()
        elif self.is_json_read():
            self._show_json(False)
            if (first := self.first_focus()) is not None:
                first.focus()
        else:
            self._tabs.current = "json"

    @on(Fold.Toggled)
    def _fold_toggled(self, event: Fold.Toggled) -> None:
        event.stop()
        for row in self._folded:
            row.set_class(not (self._fold and self._fold.is_open), "-folded")

    @on(Input.Submitted)
    @on(SecretInput.Entered)
    def _entered(self, event: Message) -> None:
        event.stop()
        self.action_submit()

    @on(Input.Changed)
    @on(TextArea.Changed)
    @on(Select.Changed)
    @on(Choices.Changed)
    @on(SecretInput.Typed)
    def _changed(self, event: Message) -> None:
        event.stop()
        if self.has_class("-json"):
            self.say("")
        for row in self._rows.values():
            row.changed()
        self.post_message(self.Changed())

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Show the help of the field at hand."""
        rows = [node for node in event.widget.ancestors_with_self if isinstance(node, FormRow)]
        words = help_of(rows[0].spec) if rows else Content("")
        self.query_one("#form-help", Static).update(words)
