"""What is wrong with the values of a form, field by field, before a command is built from them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from theta_tui.command import Command
from theta_tui.errors import UsageError

WHOLE = ""
"""Under this name stands what is wrong with the values together."""


def problems_of(command: Command, values: Mapping[str, Any]) -> dict[str, str]:
    """Say of each field what is wrong with it; nothing of it ever shows a value, which may be a secret."""
    try:
        command.params.model_validate(dict(values))
    except ValidationError as error:
        found: dict[str, str] = {}
        for each in error.errors(include_input=False, include_url=False, include_context=False):
            place, *inner = each["loc"] or (WHOLE,)
            words = _words(command, str(place), each["type"], each["msg"])
            found.setdefault(str(place), ".".join(map(str, inner)) + ": " + words if inner else words)
        return {name if name in command.params.model_fields else WHOLE: words for name, words in found.items()}
    try:
        command.parse(values)
    except UsageError as error:
        return {WHOLE: f"{error.message} {error.hint}".strip()}
    return {}


def lacks_only(command: Command, values: Mapping[str, Any]) -> bool:
    """Whether nothing is wrong with the values but that some needed ones are not there yet."""
    try:
        command.params.model_validate(dict(values))
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        return all(each["type"] == "missing" and len(each["loc"]) == 1 for each in found)
    return False


def _words(command: Command, place: str, kind: str, message: str) -> str:
    if kind == "missing":
        return "is needed"
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(place, list(command.params.model_fields), n=1)
        return f"{place[:40]} is no argument of it{f'; did you mean {near[0]}?' if near else ''}"
    words = message.removeprefix("Value error, ")
    return words if kind == "value_error" else words[:1].lower() + words[1:]
