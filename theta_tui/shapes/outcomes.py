"""What became of changes whose answer was lost, as far as the cloud's lists tell."""

from __future__ import annotations

from typing import Any, Literal

from theta_tui.shapes.base import Shape, as_json


class Outcome(Shape):
    """One change: whether it happened, how that is known, and the object that exists because of it."""

    number: int = 0
    command: str = ""
    summary: str = ""
    since: str = ""
    outcome: Literal["happened", "did not happen", "unknown"] = "unknown"
    words: str = ""
    key: str = ""

    @property
    def is_settled(self) -> bool:
        """Whether the journal knows now what became of it."""
        return self.outcome != "unknown"


class Outcomes(Shape):
    """Every change that had no known outcome, with what is known of it now."""

    changes: tuple[Outcome, ...] = ()

    @property
    def settled(self) -> tuple[Outcome, ...]:
        """Those of which it is known now."""
        return tuple(one for one in self.changes if one.is_settled)

    @property
    def unknown(self) -> tuple[Outcome, ...]:
        """Those of which nothing proves it; they go on counting as spent."""
        return tuple(one for one in self.changes if not one.is_settled)

    def as_json(self) -> Any:
        """Give those that are settled and those that are not."""
        return {"settled": [_shown(one) for one in self.settled], "unknown": [_shown(one) for one in self.unknown]}


def _shown(one: Outcome) -> Any:
    return {name: value for name, value in as_json(one).items() if name != "raw"}
