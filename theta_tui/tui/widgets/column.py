"""A vertical run of parts whose heights are known or guessed: where each starts, and which one holds a line.

Knows nothing of what the parts are. Parts near each other change one after the other (those in view), so the sums
below the last change are kept with one common shift instead of being made again for thousands of parts.
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
        self._from = 0
        self._shift = 0
        """What is to be added to the ends from `_from` on."""

    @property
    def height(self) -> int:
        """Lines of all parts."""
        return self._end(len(self.parts) - 1)

    def start(self, index: int) -> int:
        """The first line of a part."""
        return self._end(index - 1)

    def at(self, line: int) -> int:
        """The index of the part that holds a line, the last one for lines beyond the end."""
        self._sum()
        ends, here = self._ends, self._from
        found = bisect_right(ends, line, 0, here)
        if found == here:
            found = bisect_right(ends, line - self._shift, here)
        return min(found, len(self.parts) - 1)

    def touch(self, index: int) -> None:
        """The part at `index` has another height than before."""
        if index >= len(self._ends):
            return
        low, high, sign = (self._from, index, 1) if index > self._from else (index, self._from, -1)
        for between in range(low, high):
            self._ends[between] += sign * self._shift
        self._from = index
        self._shift += self.parts[index].height - (self._end(index) - self._end(index - 1))

    def replace(self, parts: Sequence[P]) -> None:
        """Put other parts in place of all; sums of the unchanged beginning are kept."""
        same = 0
        for old, new in zip(self.parts, parts, strict=False):
            if old is not new or self._end(same) - self._end(same - 1) != new.height:
                break
            same += 1
        self.parts = list(parts)
        del self._ends[same:]
        if same <= self._from:
            self._from, self._shift = same, 0

    def _end(self, index: int) -> int:
        self._sum()
        if index < 0:
            return 0
        return self._ends[index] + (self._shift if index >= self._from else 0)

    def _sum(self) -> None:
        ends = self._ends
        if len(ends) == len(self.parts):
            return
        total = ends[-1] + (self._shift if len(ends) > self._from else 0) if ends else 0
        for part in self.parts[len(ends) :]:
            total += part.height
            ends.append(total - (self._shift if len(ends) >= self._from else 0))
