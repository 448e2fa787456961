"""How a conversation in line mode asks: system prompt and parameters, as typed and as stored with a chat."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Self

from theta_tui.errors import UsageError

_RANGES: Final[Mapping[str, tuple[float, float]]] = {"temperature": (0, 2), "top_p": (0, 1), "max_tokens": (1, 100_000)}
_EFFORTS: Final = ("low", "medium", "high", "max")
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "system": (str,),
    "temperature": (int, float),
    "top_p": (int, float),
    "max_tokens": (int,),
    "effort": (str,),
}


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """What was chosen; None leaves it to the partner's default. `max_tokens` counts tokens."""

    system: str = ""
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    effort: str | None = None

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

    def changed(self, pairs: Sequence[str]) -> Self:
        """Take `name=value` words; an empty value is the default again. UsageError for what cannot be used."""
        given: dict[str, Any] = {}
        for pair in pairs:
            name, equals, text = pair.partition("=")
            if not equals or name not in _TYPES or name == "system":
                known = ", ".join(each for each in _TYPES if each != "system")
                raise UsageError(f"{pair[:60]!r} is no parameter.", hint=f"Write name=value; the names are {known}.")
            given[name] = _value(name, text) if text else None
        return replace(self, **given)

    def with_system(self, prompt: str) -> Self:
        """Take another system prompt."""
        return replace(self, system=prompt)

    @property
    def words(self) -> str:
        """The parameters in words."""
        chosen = [f"{name} {value}" for name, value in self.as_json().items() if name != "system"]
        return ", ".join(chosen) or "all parameters are the model's defaults"


def _value(name: str, text: str) -> float | int | str:
    if name == "effort":
        if text not in _EFFORTS:
            raise UsageError(f"effort is one of {', '.join(_EFFORTS)}, not {text[:20]!r}.")
        return text
    least, most = _RANGES[name]
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    whole = name == "max_tokens"
    if not least <= number <= most or (whole and number != int(number)):
        what = "a whole number" if whole else "a number"
        raise UsageError(f"{name} is {what} from {least:g} to {most:,g}, not {text[:20]!r}.")
    return int(number) if whole else number
