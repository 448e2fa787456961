"""The line over the fields of a form that are rarely needed: says which, opens and closes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from theta_tui.tui import literal
from theta_tui.tui.form_fields import FieldSpec


class Fold(Static, can_focus=True):
    """The line over fields that are rarely needed."""

    DEFAULT_CSS = "Fold { height: 1; color: $foreground-muted; } Fold:focus { background: $panel; color: $foreground; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "switch", show=False)]

    class Toggled(Message):
        """It was opened or closed."""

    def __init__(self, specs: Sequence[FieldSpec], *, is_open: bool) -> None:
        super().__init__(markup=False)
        self._names = ", ".join(_small(spec.label) for spec in specs)
        self.is_open = is_open

    def render(self) -> Content:
        """Draw the line."""
        words = f"▾ {self._names}" if self.is_open else f"▸ more: {self._names}"
        return literal.content(words).truncate(self.size.width, ellipsis=True)

    def action_switch(self) -> None:
        """Open or close it."""
        self.is_open = not self.is_open
        self.refresh()
        self.post_message(self.Toggled())

    def on_click(self) -> None:
        """Open or close it."""
        self.action_switch()


def _small(label: str) -> str:
    """Begin a label with a small letter, but not an abbreviation."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]
