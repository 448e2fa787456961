"""An answer as plain running text: no cursor is moved, nothing is drawn again, so that it can be piped and spoken."""

from __future__ import annotations

import sys
from decimal import Decimal
from typing import TYPE_CHECKING

from theta_tui.headless.exact_json import number
from theta_tui.headless.pieces import Pieces

if TYPE_CHECKING:
    from theta_tui.headless.output import Output
    from theta_tui.shapes.chat import ChatAnswer


class Printer:
    """Prints an answer as it arrives: text to stdout; reasoning to stderr if it is a terminal, with words around it."""

    def __init__(self, output: Output, *, thinks_aloud: bool = True) -> None:
        self._output = output
        self._thinks = thinks_aloud and sys.stderr.isatty() and not output.is_json
        self._is_thinking = False
        self._ends_line = True
        self._pieces = Pieces()

    def show(self, kind: str, text: str) -> None:
        """Print one piece."""
        for piece in self._pieces.take(kind, text):
            self._print(*piece)

    def _print(self, kind: str, text: str) -> None:
        if kind == "reasoning" and self._thinks:
            if not self._is_thinking:
                self._output.say("Thinking:")
                self._is_thinking = True
            self._output.think(text)
        elif kind == "text" and not self._output.is_json:
            self._leave_thoughts()
            self._output.text(text)
            self._ends_line = text.endswith("\n")

    def end(self) -> None:
        """Print what is left, and end the line."""
        for piece in self._pieces.rest():
            self._print(*piece)
        self._leave_thoughts()
        if not self._ends_line:
            self._output.text("\n")
            self._ends_line = True

    def _leave_thoughts(self) -> None:
        if self._is_thinking:
            self._is_thinking = False
            self._output.say("\nAnswer:")


def footer(answer: ChatAnswer, *, named: bool = True) -> str:
    """Sum an answer up in one line: who, first token, tokens per second, tokens, cost, and what went wrong."""
    tokens = answer.usage.get("completion_tokens")
    parts = [answer.service or answer.model] if named else []
    if answer.first_token_seconds is not None:
        parts.append(f"first token after {answer.first_token_seconds:.2f} s")
        writing = answer.seconds - answer.first_token_seconds
        if tokens and writing > 0:
            parts.append(f"{tokens / writing:.0f} tokens per second")
    if answer.usage:
        parts.append(f"{answer.usage.get('prompt_tokens', 0)} tokens in, {tokens or 0} out")
    parts.append(cost_words(answer.cost_usd, estimated=answer.cost_is_estimate))
    if not answer.complete:
        parts.append("incomplete")
    return ". ".join([", ".join(filter(None, parts)), *answer.notes])


def cost_words(usd: Decimal | None, *, estimated: bool = False) -> str:
    """Tell a cost in words; what is not known is unknown and not nothing."""
    if usd is None:
        return "cost unknown"
    return f"{'about ' if estimated else ''}${number(usd.normalize())}"
