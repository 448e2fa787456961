"""Prompt templates: texts with `{{variables}}` that are filled in before they are sent. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_VARIABLE: Final = re.compile(r"\{\{\s*([A-Za-z_][\w -]{0,39}?)\s*\}\}")


def variables_of(text: str) -> tuple[str, ...]:
    """Give the variables of a template, each once, in their order."""
    return tuple(dict.fromkeys(_VARIABLE.findall(text)))


def filled(text: str, values: Mapping[str, str]) -> str:
    """Put values in; a variable without one stays as it is. What a value holds is not read again."""
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)
