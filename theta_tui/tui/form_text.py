"""What is typed into a field and what it means, both ways: `read` and `write` undo each other.

Pure. A problem is a ValueError in a few words that say what would be right; secrets never come through here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from theta_tui.errors import UsageError
from theta_tui.tui.form_fields import FieldKind, FieldSpec


@dataclass(frozen=True, slots=True)
class FileAt:
    """A file whose content is meant, still to be read."""

    path: str


_SPEAKER: Final = re.compile(r"^(system|developer|user|assistant): ?", re.MULTILINE)


def read(spec: FieldSpec, text: str) -> Any:
    """Give the value of what is typed; None for nothing. ValueError says what would be right."""
    if not text.strip():
        return None
    if spec.multiple:
        return [_chosen(spec, line.strip()) for line in text.splitlines() if line.strip()]
    reader = _READERS.get(spec.kind)
    return reader(spec, text) if reader else text


def write(spec: FieldSpec, value: Any) -> str:
    """Give the text that means a value."""
    if value is None:
        return ""
    if spec.multiple and isinstance(value, (list, tuple)):
        return "\n".join(str(item) for item in value)
    if spec.kind is FieldKind.PAIRS and isinstance(value, Mapping):
        return "\n".join(f"{name}={item}" for name, item in value.items())
    if spec.kind is FieldKind.MESSAGES and isinstance(value, (list, tuple)):
        return _written_messages(value)
    if spec.kind is FieldKind.JSON or (spec.embeds and isinstance(value, Mapping)):
        return _json(value)
    if isinstance(value, FileAt):
        return value.path
    return str(value)


def _integer(spec: FieldSpec, text: str) -> int:
    try:
        value = int(text.strip().replace(" ", "").replace("_", ""))
    except ValueError:
        raise ValueError(f"a whole number, please{_such_as(spec)}") from None
    _check_bounds(spec, Decimal(value))
    return value


def _number(spec: FieldSpec, text: str) -> Decimal:
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise ValueError(f"a number, please{_such_as(spec)}")
    _check_bounds(spec, value)
    return value


def _check_bounds(spec: FieldSpec, value: Decimal) -> None:
    low, high = spec.minimum, spec.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        if low is not None and high is not None:
            raise ValueError(f"from {low} to {high}, please")
        raise ValueError(f"at least {low}, please" if low is not None else f"at most {high}, please")


def _such_as(spec: FieldSpec) -> str:
    shown = spec.example if spec.example is not None else spec.default
    return f", such as {shown}" if shown is not None else ""


def _chosen(spec: FieldSpec, text: str) -> Any:
    if not spec.choices:
        return text
    for choice in spec.choices:
        if str(choice).casefold() == text.strip().casefold():
            return choice
    raise ValueError(f"{text.strip()[:30]!r} is none of: {', '.join(map(str, spec.choices))}")


def _truth(spec: FieldSpec, text: str) -> bool:
    word = text.strip().casefold()
    if word not in ("yes", "no", "true", "false"):
        raise ValueError("yes or no, please")
    return word in ("yes", "true")


def _pairs(spec: FieldSpec, text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in filter(str.strip, text.splitlines()):
        name, separator, value = line.partition("=")
        if not separator or not name.strip():
            raise ValueError(f"NAME=value, one a line, please: {line.strip()[:30]!r} has no name and value")
        if name.strip() in found:
            raise ValueError(f"{name.strip()[:30]} is given twice")
        found[name.strip()] = value.strip()
    return found


def _from_json(spec: FieldSpec, text: str) -> Any:
    from theta_tui.arguments import read_json

    try:
        return read_json(text, spec.label)
    except UsageError as error:
        words = error.message.removeprefix(f"{spec.label}: ").rstrip(".")
        raise ValueError(f"{words}{f'; such as {_json(spec.example)}' if spec.example is not None else ''}") from None


def _messages(spec: FieldSpec, text: str) -> list[dict[str, Any]]:
    if text.lstrip().startswith("["):
        read_as: list[dict[str, Any]] = _from_json(spec, text)
        return read_as
    marks = list(_SPEAKER.finditer(text))
    before = text[: marks[0].start()].strip() if marks else text.strip()
    messages = [{"role": "user", "content": before}] if before else []
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    for mark, end in zip(marks, ends, strict=False):
        said = text[mark.end() : end].strip()
        messages.append({"role": mark[1], "content": said})
    return messages


def _written_messages(messages: Sequence[Any]) -> str:
    """Write messages as people do, as JSON where that would lose something."""
    rows = [dict(item) if isinstance(item, Mapping) else item.model_dump() for item in messages]
    if len(rows) == 1 and rows[0].get("role") == "user":
        text = str(rows[0].get("content"))
    else:
        text = "\n".join(f"{row.get('role')}: {row.get('content')}" for row in rows)
    spec = FieldSpec("messages", "Messages", FieldKind.MESSAGES)
    is_plain = all(set(row) == {"role", "content"} and isinstance(row["content"], str) for row in rows)
    return text if is_plain and not text.lstrip().startswith("[") and _messages(spec, text) == rows else _json(rows)


def _file(spec: FieldSpec, text: str) -> Any:
    if not spec.embeds:
        return text.strip()
    return _from_json(spec, text) if text.lstrip().startswith("{") else FileAt(text.strip())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=plain)


def plain(value: object) -> Any:
    """Give what JSON cannot hold as what it can: amounts as numbers, files by their path."""
    if isinstance(value, Decimal):
        return float(value) if value % 1 else int(value)
    return value.path if isinstance(value, FileAt) else str(value)


_READERS: Final[Mapping[FieldKind, Callable[[FieldSpec, str], Any]]] = {
    FieldKind.INTEGER: _integer,
    FieldKind.NUMBER: _number,
    FieldKind.BOOL: _truth,
    FieldKind.CHOICE: _chosen,
    FieldKind.PAIRS: _pairs,
    FieldKind.JSON: _from_json,
    FieldKind.MESSAGES: _messages,
    FieldKind.FILE: _file,
}
