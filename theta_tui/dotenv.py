"""Dotenv files: `NAME=value` lines, `export` and quotes allowed, nothing in them is run or expanded. Reads one file."""

from __future__ import annotations

import re
from pathlib import Path

from theta_tui.errors import UsageError

_LARGEST = 1_000_000
_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", '"': '"', "$": "$"}


def read_dotenv(path: Path) -> dict[str, str]:
    """Read a file; UsageError names the line that cannot be read, never what stands there."""
    try:
        with path.open("rb") as stream:
            text = stream.read(_LARGEST).decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text.") from None
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        matched = _LINE.fullmatch(stripped)
        value = _value(matched[2]) if matched else None
        if matched is None or value is None:
            raise UsageError(f"{path.name} line {number} is not NAME=value.", hint="Quotes must be closed.")
        found[matched[1]] = value
    return found


def _value(written: str) -> str | None:
    """Read a value as shells and dotenv libraries do, without expanding anything; None if a quote is not closed."""
    if written[:1] == "'":
        inner, quote, rest = written[1:].partition("'")
        return inner if quote and _is_comment(rest) else None
    if written[:1] == '"':
        inside = re.match(r'"((?:[^"\\]|\\.)*)"(.*)', written)
        if inside is None or not _is_comment(inside[2]):
            return None
        return re.sub(r"\\(.)", lambda one: _ESCAPES.get(one[1], one[0]), inside[1])
    return re.split(r"\s+#", written, maxsplit=1)[0].strip()


def _is_comment(rest: str) -> bool:
    return not rest.strip() or rest.strip().startswith("#")
