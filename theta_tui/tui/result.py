"""The value of a command that was run by name, as JSON: redacted, inert, to scroll and to copy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from theta_tui.redact import redactor
from theta_tui.tui.json_lines import json_lines, json_text, numbers
from theta_tui.tui.modal import Modal
from theta_tui.tui.reading import Reading


class ResultScreen(Modal[None]):
    """Shows one value; `y` copies it."""

    DEFAULT_CSS = """
    ResultScreen > .modal--frame { height: 100%; max-width: 120; }
    ResultScreen Reading { background: $surface; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "copy", show=False), Binding("q", "close", show=False)]
    keys = (("↑↓", "scroll"), ("y", "copy"), ("Esc", "close"))

    def __init__(self, command: str, value: Any, note: str = "") -> None:
        super().__init__()
        self._command = command
        self._value = shown(value)
        self._note = note

    @property
    def title_words(self) -> str:
        """The command, and what it cost."""
        return f"{self._command} · {self._note}" if self._note else self._command

    def inside(self) -> Iterable[Widget]:
        """Give the page."""
        yield Reading(json_lines(self._value))

    def action_copy(self) -> None:
        """Copy the whole value as JSON."""
        self.run_worker(self._copy(), exclusive=True, group="copy")

    async def _copy(self) -> None:
        from theta_tui.tui.clipboard import copy

        self.note(await copy(self.app, json_text(self._value)))


def shown(value: Any) -> Any:
    """Give the JSON form of a command's value with secrets masked."""
    from theta_tui.shapes.base import as_json

    return redactor.value(numbers(as_json(value)))
