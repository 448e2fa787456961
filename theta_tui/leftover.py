"""What earlier runs left open, as the journal tells it to cloud objects: workflows to finish, changes to look up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

MADE = "deployment.name"
"""Under this name a workflow writes down what it is about to make and will delete again."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """A workflow that made something and ended without its clean-up, or was killed; `began` is in epoch seconds.

    `known` maps names of holes to what was answered, `made` is what it made; `number` names it in the journal.
    """

    number: int
    command: str
    summary: str
    began: float
    known: Mapping[str, str]

    @property
    def made(self) -> str:
        """The name of what it made."""
        return self.known.get(MADE, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled:
    """A change that was sent and whose outcome nobody knows; `since` is in epoch seconds, `age` in seconds.

    `kind`, `target` and `name` tell what it was about, `others` are the objects that other changes of that kind and
    name have made. `usd_per_hour` is what a machine costs that it may have started.
    """

    number: int
    command: str
    summary: str
    since: float
    age: float
    kind: str
    target: str
    name: str
    project_id: str | None
    usd_per_hour: Decimal | None
    others: frozenset[str]

    @property
    def verb(self) -> str:
        """The last word of its command."""
        return self.command.rpartition(".")[2]
