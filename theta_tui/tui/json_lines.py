"""JSON as coloured lines. It makes the text itself, so a handful of tokens is all there is to tell apart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from textual.content import Content, Span

from theta_tui.redact import REDACTED, redactor
from theta_tui.safe_text import for_block

# A string that was cut off is one to its end: looked for again from each quote in it, it would take hours.
_TOKEN = re.compile(
    r'(?P<key>"(?:\\.|[^"\\])*+"(?=:))|(?P<text>"(?:\\.|[^"\\])*+"?)|(?P<number>-?\d[\d.eE+-]*)|(?P<word>true|false|null)'
)
_STYLES: Final = {"key": "$text-primary", "text": "$text-success", "number": "$text-warning", "word": "$text-accent"}
_HIDDEN: Final = "$foreground-muted"


def json_text(value: Any) -> str:
    """Write JSON to read and copy: two columns of indent, amounts as numbers, secrets masked."""
    return json.dumps(redactor.value(value), indent=2, ensure_ascii=False, default=_plain)


def json_lines(value: Any, *, indent: int = 0) -> list[Content]:
    """Give coloured lines of a JSON value, inert and cut at the limits of `for_block`."""
    return [coloured(" " * indent + line) for line in for_block(json_text(value)).split("\n")]


def json_content(value: Any) -> Content:
    """Give coloured lines as one content."""
    return Content("\n").join(json_lines(value))


def json_leaves(value: Any, most: int = 500) -> Iterator[tuple[str, str]]:
    """Give every field that is no list and no object: its path (`replicas.0.state`), and its value as text."""
    return islice(_leaves("", json.loads(json_text(value))), most)


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = {str(at): item for at, item in enumerate(value)}.items()
    else:
        yield path, value if isinstance(value, str) else json.dumps(value)
        return
    for name, item in items:
        yield from _leaves(f"{path}.{name}" if path else name, item)


def coloured(line: str) -> Content:
    """Colour one line of JSON; `line` is safe text."""
    spans = []
    for match in _TOKEN.finditer(line):
        style = _HIDDEN if REDACTED in match[0] else _STYLES[str(match.lastgroup)]
        spans.append(Span(*match.span(), style))
    return Content(line, spans)


def numbers(value: Any) -> Any:
    """Give the value with every Decimal as a plain number, to be shown and copied as JSON."""
    if isinstance(value, Decimal):
        return _plain(value)
    if isinstance(value, Mapping):
        return {key: numbers(item) for key, item in value.items()}
    return [numbers(item) for item in value] if isinstance(value, (list, tuple)) else value


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return float(value) if value % 1 else int(value)
    return str(value)
