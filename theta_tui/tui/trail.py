"""Where the user has been: views in order, with a way back and forward again. It knows nothing of panes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

KEPT: Final = 50


@dataclass(frozen=True, slots=True)
class Place:
    """A view: the id of its pane, and the part of it that is shown."""

    pane: str
    part: str = ""


class Trail:
    """Views visited, as in a browser: going somewhere new drops what lay ahead."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._at = -1
        self._last: Place | None = None

    @property
    def here(self) -> Place | None:
        """Where the user is."""
        return self._places[self._at] if self._places else None

    def visit(self, place: Place) -> None:
        """Take notice that a view is shown."""
        if place == self.here:
            return
        self._last = self.here
        self._places = [*self._places[: self._at + 1], place][-KEPT:]
        self._at = len(self._places) - 1

    def step(self, by: int) -> Place | None:
        """Go back (-1) or forward (1); None at the end of the way."""
        if not 0 <= self._at + by < len(self._places):
            return None
        self._last = self.here
        self._at += by
        return self.here

    @property
    def last(self) -> Place | None:
        """The view before this one, whichever way it was left."""
        return self._last
