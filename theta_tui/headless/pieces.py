"""The pieces of a streaming answer without known secrets, be they whole in a piece or spread over some."""

from __future__ import annotations

from collections.abc import Iterator

from theta_tui.redact import redactor

Piece = tuple[str, str]
"""What kind it is of, text or reasoning, and what it says."""


class Pieces:
    """Holds the end of a piece back while it may be the beginning of a secret."""

    def __init__(self) -> None:
        self._kind = ""
        self._text = redactor.piecewise()

    def take(self, kind: str, text: str) -> Iterator[Piece]:
        """Give what can be shown now that a piece has come."""
        if kind != self._kind:
            yield from self.rest()
            self._kind = kind
        if shown := self._text.take(text):
            yield kind, shown

    def rest(self) -> Iterator[Piece]:
        """Give what was held back, once nothing more comes."""
        if shown := self._text.rest():
            yield self._kind, shown
