"""A field of any form: a label beside its control, and one line below when something is wrong with it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from theta_tui.tui import literal


class Field(Vertical):
    """Found by `#field-NAME`; what it holds is the business of its controls."""

    DEFAULT_CSS = """
    Field { height: auto; }
    Field > .field--row { height: auto; }
    Field .field--label { width: 14; height: 1; color: $foreground-muted; }
    Field > .field--row > Vertical { height: auto; width: 1fr; }
    Field > .field--problem { display: none; height: auto; padding: 0 0 0 14; color: $text-error; }
    Field.-wrong > .field--problem { display: block; }
    Field.-wrong .field--label { color: $text-error; }
    """

    def __init__(self, name: str, label: str | Content, *controls: Widget) -> None:
        super().__init__(id=f"field-{name}")
        self._label = label
        self._controls = controls

    def compose(self) -> ComposeResult:
        """Lay out label, control and the line below."""
        with Horizontal(classes="field--row"):
            yield Static(self._label, classes="field--label", markup=False)
            with Vertical():
                yield from self._controls
        yield Static(classes="field--problem", markup=False)

    def complain(self, words: str | None) -> None:
        """Say what is wrong, or no longer."""
        self.query_one(".field--problem", Static).update(literal.content(f"✗ {words}") if words else "")
        self.set_class(words is not None, "-wrong")
