"""A line that asks the cloud for videos by their metadata: `name=Clip owner.id=7`, read into a search (VD-6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from theta_tui.arguments import split_words
from theta_tui.errors import UsageError

HELP: Final = "name=Clip owner.id=7 file=clip.mp4   any first: one of them is enough"
_ANY: Final = "any"
_FILE: Final = ("file", "file_name")
_TAKEN: Final = ("page", "number", "operator")


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for: values by key, a file name, and whether all must match."""

    text: str
    metadata: Mapping[str, str]
    file_name: str | None = None
    operator: Literal["and", "or"] = "and"

    def arguments(self, page: int, number: int) -> dict[str, Any]:
        """Give the arguments of the search command."""
        named = {"file_name": self.file_name} if self.file_name else {}
        return {"metadata": self.metadata, "operator": self.operator, "page": page, "number": number, **named}


def read_search(line: str) -> Search | None:
    """Understand a line; None for an empty one, UsageError in one sentence for one that cannot be asked."""
    words = split_words(line.strip())
    if not words:
        return None
    is_any = words[0].lower() == _ANY and "=" not in words[0]
    metadata: dict[str, str] = {}
    file_name = None
    for word in words[1:] if is_any else words:
        key, sign, value = word.partition("=")
        if not sign or not key or not value:
            raise UsageError(f"{word[:40]!r} is not KEY=VALUE, such as name=Clip or file=clip.mp4.")
        if key in _TAKEN:
            raise UsageError(f"{key} cannot be searched by: the search needs the name for itself.")
        if key in _FILE:
            file_name = value
        else:
            metadata[key] = value
    if not metadata and file_name is None:
        raise UsageError("any needs something to find after it, such as any name=Clip team=people.")
    return Search(line.strip(), metadata, file_name, "or" if is_any else "and")
