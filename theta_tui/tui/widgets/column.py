"""A vertical run of parts whose heights are known or guessed: where each starts, and which one holds a line.

Knows nothing of what the parts are. Starts are summed on demand, and only from the first part that changed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar


class Part(Protocol):
    """Anything that takes up a number of lines."""

    @property
    def height(self) -> int:
        """Lines it takes, known or guessed."""
        ...


P = TypeVar("P", bound=Part)


class Column(Generic[P]):
    """Parts one below the other."""

    def __init__(self, parts: Sequence[P] = ()) -> None:
        self.parts: list[P] = list(parts)
        self._ends: list[int] = []

    @property
    def height(self) -> int:
        """Lines of all parts."""
        self._sum()
        return self._ends[-1] if self._ends else 0

    def start(self, index: int) -> int:
        """The first line of a part."""
        self._sum()
        return self._ends[index - 1] if index else 0

    def at(self, line: int) -> int:
        """The index of the part that holds a line, the last one for lines beyond the end."""
        self._sum()
        return min(bisect_right(self._ends, line), len(self.parts) - 1)

    def touch(self, index: int = 0) -> None:
        """The part at `index`, or the list from there on, has changed."""
        del self._ends[index:]

    def replace(self, parts: Sequence[P]) -> None:
        """Put other parts in place of all; sums of the unchanged beginning are kept."""
        same = 0
        for old, new in zip(self.parts, parts, strict=False):
            if old is not new:
                break
            same += 1
        self.parts = list(parts)
        self.touch(same)

    def _sum(self) -> None:
        ends = self._ends
        total = ends[-1] if ends else 0
        for part in self.parts[len(ends) :]:
            total += part.height
            ends.append(total)
