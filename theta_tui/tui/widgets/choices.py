"""A few words side by side of which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from theta_tui.tui import literal


class Choices(Widget, can_focus=True):
    """Chosen with the arrows, the space bar or a click; `chosen` is -1 while nothing is."""

    DEFAULT_CSS = "Choices { height: 1; width: 1fr; } Choices:focus { background: $panel; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step(-1)", show=False),
        Binding("right,l,space", "step(1)", show=False),
    ]

    class Changed(Message):
        """Another word is chosen."""

        def __init__(self, choices: Choices) -> None:
            super().__init__()
            self.choices = choices

    def __init__(self, words: Sequence[str], chosen: int = 0, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name
        super().__init__(id=id)
        self._words = tuple(words)
        self._spots: list[tuple[int, int]] = []
        self.chosen = chosen

    def choose(self, index: int) -> None:
        """Choose a word by its place."""
        if index != self.chosen:
            self.chosen = index
            self.refresh()
            self.post_message(self.Changed(self))

    def action_step(self, by: int) -> None:
        """Choose a neighbour."""
        if self.chosen < 0:
            self.choose(0 if by > 0 else len(self._words) - 1)
        else:
            self.choose((self.chosen + by) % len(self._words))

    def on_click(self, event: events.Click) -> None:
        """Choose what was clicked."""
        for index, (start, end) in enumerate(self._spots):
            if start <= event.x < end:
                self.choose(index)

    def render(self) -> Content:
        """Draw the words, the chosen one marked."""
        mark = "bold reverse $text-accent" if self.has_focus else "bold $text-accent"
        parts, self._spots, column = [], [], 0
        for at, word in enumerate(self._words):
            is_chosen = at == self.chosen
            part = literal.content(
                f" {'●' if is_chosen else '○'} {word} ", style=mark if is_chosen else "$foreground-muted"
            )
            self._spots.append((column, column + part.cell_length))
            parts.append(part)
            column += part.cell_length
        return Content("").join(parts)
