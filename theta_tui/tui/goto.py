"""The hint after ctrl+g: the panes with their digits. A digit goes there at once, so does an unambiguous beginning."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from theta_tui.tui.modal import Modal, key_hints
from theta_tui.tui.panes import PANES, PaneEntry, pane_entry


class GotoHint(Modal[str]):
    """Gives the digit of a pane, or None."""

    DEFAULT_CSS = """
    GotoHint > .modal--frame { max-width: 68; }
    GotoHint OptionList { overflow-y: auto; max-height: 100%; scrollbar-size-vertical: 1;
                          text-wrap: nowrap; text-overflow: ellipsis; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+g", "close", show=False),
        Binding("backspace", "erase", show=False),
    ]
    heading = "Go to"
    keys = (("digit or name", "go"), ("Esc", "close"))

    def __init__(self) -> None:
        super().__init__()
        self._typed = ""

    def inside(self) -> Iterable[Widget]:
        """Give the list of panes."""
        yield OptionList(*(Option(drawn(entry), id=entry.digit) for entry in PANES), markup=False)

    def on_key(self, event: events.Key) -> None:
        """Take a digit, or one more letter of a name."""
        if event.character is None or not event.is_printable:
            return
        event.stop()
        event.prevent_default()
        entry = pane_entry(self._typed + event.character)
        if entry is not None:
            self.dismiss(entry.digit)
        elif any(self._begins(each, self._typed + event.character) for each in PANES):
            self._type(self._typed + event.character)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)

    def action_erase(self) -> None:
        """Take back a letter."""
        self._type(self._typed[:-1])

    def _type(self, typed: str) -> None:
        self._typed = typed
        choices = self.query_one(OptionList)
        choices.highlighted = next((n for n, entry in enumerate(PANES) if self._begins(entry, typed)), None)
        frame = choices.parent
        if isinstance(frame, Widget):
            frame.border_subtitle = key_hints(((f"{typed}…", ""),) if typed else self.keys)

    def _begins(self, entry: PaneEntry, typed: str) -> bool:
        word = typed.strip().lower()
        return bool(word) and (entry.id.startswith(word) or entry.title.lower().startswith(word))


def drawn(entry: PaneEntry) -> Content:
    """Draw a pane's line: digit, title, what it is for."""
    return Content.assemble(
        (f" {entry.digit} ", "bold $footer-key-foreground"), f"{entry.title:<14}", (entry.words, "$foreground-muted")
    )
