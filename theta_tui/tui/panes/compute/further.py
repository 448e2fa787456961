"""What the cloud tells of a record beyond the fields we know: shown as it came, since nobody has written it down."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from theta_tui.shapes.base import Shape
from theta_tui.tui.widgets.details import Fact


def further_facts(shape: Shape, *, but: frozenset[str] = frozenset()) -> list[Fact]:
    """Give the keys of the cloud's that no field of ours has, with their values; `but` names more that are shown."""
    known = {_fold(name) for name in type(shape).model_fields} | set(type(shape).spellings) | but
    told = {key: value for key, value in shape.raw.items() if _fold(key) not in known}
    return [(words_of(key), value_words(value)) for key, value in told.items()]


def told(shape: Shape, *names: str) -> Any:
    """Give the first value the cloud tells under one of these names, however it is spelt; None without one."""
    found = {_fold(key): value for key, value in shape.raw.items()}
    return next((found[_fold(name)] for name in names if found.get(_fold(name)) not in (None, "")), None)


def value_words(value: Any) -> str:
    """Write any JSON value in one line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {value_words(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(value_words(item) for item in value)
    return "" if value is None else str(value)


def words_of(key: str) -> str:
    """Make words of a key: `project_id` is "Project id"."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key.replace("_", " ").replace("-", " ")).strip().lower()
    return text[:1].upper() + text[1:]


def _fold(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
