"""The tool calls of an answer as text, written down as their parts arrive: a code block with one call to a line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from theta_tui.shapes.chat import ChatEvent

FENCE: Final = "`" * 8
"""Long enough that no argument in JSON ends it by chance."""
_BREAKS: Final = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


class ToolCalls:
    """Turns the parts of tool calls into text to be appended to an answer."""

    def __init__(self) -> None:
        self._call: int | None = None
        self._in_arguments = False
        self._is_open = False
        self._is_bare = False

    def text_of(self, event: ChatEvent) -> str:
        """Give what the transcript shows of a part. No fence but ours can begin a line, however it is cut."""
        said = _BREAKS.sub(" ", event.text).replace(FENCE, "")
        if event.call != self._call or not self._is_open:
            before = self._end_of_call() if self._is_open else f"\n\n{FENCE}calls\n"
            self._call, self._is_open, self._in_arguments = event.call, True, not event.is_name
            self._is_bare = event.is_name
            return f"{before}{self._begun(said)}" if event.is_name else f"{before}({said}"
        if not event.is_name and not self._in_arguments:
            self._in_arguments, self._is_bare = True, False
            return f"({said}"
        return self._begun(said)

    def _begun(self, said: str) -> str:
        """Take from the beginning of a line what could end the block."""
        if self._is_bare:
            said = said.lstrip("` ~")
            self._is_bare = not said
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
