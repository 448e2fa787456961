"""Holes: what only an earlier answer of the same Plan can tell, named where it will stand in a request."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class HoleKind(StrEnum):
    """What may fill a hole of a Plan."""

    ID = "id"
    URL = "url"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Hole:
    """A named gap such as `{upload.url}`, filled only from the answer of an earlier step of the same Plan."""

    name: str
    kind: HoleKind = HoleKind.ID

    def __str__(self) -> str:
        return "{" + self.name + "}"


Segment = str | Hole
