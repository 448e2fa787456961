"""How a chat asks its model: system prompt, temperature, top_p, longest answer, effort, images. Values only."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Options:
    """What was chosen for a chat; None leaves it to the model's default.

    `max_tokens` counts tokens; `images` says whether the model takes any, where its name does not tell.
    """

    system: str = ""
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    effort: str | None = None
    images: bool | None = None

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """Read stored options; what has the wrong type is left out."""
        found = {each.name: stored.get(each.name) for each in fields(cls)}
        kept: dict[str, Any] = {name: value for name, value in found.items() if isinstance(value, _TYPES[name])}
        return cls(**kept)

    def as_json(self) -> dict[str, Any]:
        """Give what was chosen, to be stored."""
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in given.items() if value not in (None, "")}

    def over(self, defaults: Options) -> Options:
        """Give what will really be asked with: these choices over the model's defaults."""
        return replace(defaults, **self.as_json())


_TYPES: dict[str, tuple[type, ...]] = {
    "system": (str,),
    "temperature": (int, float),
    "top_p": (int, float),
    "max_tokens": (int,),
    "effort": (str,),
    "images": (bool,),
}


def read_number(text: str, least: float, most: float, what: str) -> float | None:
    """Read an optional number as typed; ValueError says in one line what would be right."""
    if not text.strip():
        return None
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        number = math.nan
    if not least <= number <= most:
        raise ValueError(f"{what} is a number from {least:g} to {most:g}, or empty for the default.")
    return number


def read_count(text: str, most: int | None, what: str) -> int | None:
    """Read an optional count of at least 1 as typed; ValueError says in one line what would be right."""
    cleaned = text.strip().replace(",", "").replace("_", "")
    if not cleaned:
        return None
    number = int(cleaned) if cleaned.isascii() and cleaned.isdigit() and len(cleaned) < 10 else 0
    if not 1 <= number <= (most or number):
        limit = f"from 1 to {most:,}" if most else "of at least 1"
        raise ValueError(f"{what} is a whole number {limit}, or empty for the default.")
    return number
