"""Past messages, newest first, with their times. It shows a list it is given."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Final

from textual.content import Content
from textual.widget import Widget

from theta_tui.tui import literal
from theta_tui.tui.modal import Modal
from theta_tui.tui.reading import Reading

Told = tuple[float, str, str]
"""When (seconds since the epoch), how severe, and the words."""

_SIGNS: Final = {
    "error": ("✗ error  ", "bold $text-error"),
    "warning": ("! warning", "bold $text-warning"),
    "information": ("✓ done   ", "$text-success"),
}


class MessageList(Modal[None]):
    """The list of messages."""

    DEFAULT_CSS = """
    MessageList > .modal--frame { height: 100%; max-height: 30; }
    MessageList Reading { background: $surface; margin-top: 1; }
    """
    heading = "Messages"
    keys = (("↑↓", "scroll"), ("Esc", "close"))

    def __init__(self, messages: Sequence[Told]) -> None:
        super().__init__()
        self._messages = tuple(messages)

    def inside(self) -> Iterable[Widget]:
        """Give the list."""
        yield Reading(message_lines(self._messages))


def message_lines(messages: Sequence[Told]) -> list[Content]:
    """Give a line for each message, newest first, with the day where another begins."""
    if not messages:
        return [Content.styled("No messages yet. What is told in a toast or a banner stays here.", "$foreground-muted")]
    lines: list[Content] = []
    day = time.strftime("%Y-%m-%d")
    for when, severity, words in reversed(messages):
        moment = time.localtime(when)
        if (date := time.strftime("%Y-%m-%d", moment)) != day:
            day = date
            lines.append(Content.styled(f"── {day}", "$foreground-muted"))
        sign, style = _SIGNS.get(severity, _SIGNS["information"])
        clock = time.strftime("%H:%M:%S", moment)
        lines.append(Content.assemble((clock, "$foreground-muted"), "  ", (sign, style), "  ", literal.content(words)))
    return lines
