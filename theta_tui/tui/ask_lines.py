"""One or a few lines asked for by name: what a preset is called, what stands in a template. It knows no chat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from theta_tui.tui import literal
from theta_tui.tui.modal import Modal


class AskLines(Modal[Mapping[str, str]]):
    """A line for each name; Enter goes to the next one, and at the last one takes them all."""

    DEFAULT_CSS = """
    AskLines {
        & > .modal--frame { max-width: 72; }
        & .ask--label { color: $foreground-muted; margin-top: 1; height: 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "take", show=False, priority=True)]
    AUTO_FOCUS = "Input"
    keys = (("Enter", "next"), ("ctrl+s", "take"), ("Esc", "close"))

    def __init__(self, title: str, names: Sequence[str], values: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._title = title
        self._names = tuple(names)
        self._values = dict(values or {})

    @property
    def title_words(self) -> str:
        """What it is for."""
        return self._title

    def inside(self) -> Iterable[Widget]:
        """Give a label and a line for each name."""
        for name in self._names:
            yield Static(literal.content(name), classes="ask--label", markup=False)
            yield Input(literal.plain(self._values.get(name, "")), select_on_focus=False)

    def action_take(self) -> None:
        """Give what was typed; with a line still empty go there."""
        lines = list(self.query(Input))
        empty = next((line for line in lines if not line.value.strip()), None)
        if empty is not None:
            empty.focus()
            self.note("This line is still empty.")
            return
        self.dismiss({name: line.value.strip() for name, line in zip(self._names, lines, strict=True)})

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input is self.query(Input).last():
            self.action_take()
        else:
            self.focus_next()
