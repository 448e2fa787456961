"""The tool calls of an answer as text, written down as their parts arrive: a code block with one call to a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from theta_tui.shapes.chat import ChatEvent

FENCE: Final = "`" * 8
"""Long enough that no argument in JSON ends it by chance."""


class ToolCalls:
    """Turns the parts of tool calls into text to be appended to an answer."""

    def __init__(self) -> None:
        self._call: int | None = None
        self._in_arguments = False
        self._is_open = False

    def text_of(self, event: ChatEvent) -> str:
        """Give what the transcript shows of a part."""
        said = event.text.replace(FENCE, "")
        if event.call != self._call or not self._is_open:
            before = self._end_of_call() if self._is_open else f"\n\n{FENCE}calls\n"
            self._call, self._is_open, self._in_arguments = event.call, True, not event.is_name
            return f"{before}{said}" if event.is_name else f"{before}({said}"
        if not event.is_name and not self._in_arguments:
            self._in_arguments = True
            return f"({said}"
        return said

    def close(self) -> str:
        """Give what ends the block, so that other text may follow."""
        if not self._is_open:
            return ""
        end = self._end_of_call()
        self._is_open = False
        return f"{end}{FENCE}\n\n"

    def _end_of_call(self) -> str:
        return ")\n" if self._in_arguments else "()\n"
