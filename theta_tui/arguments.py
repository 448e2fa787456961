"""Arguments as people write them: `key=value` and `key:=json`, secrets by reference, and back to a command line.

Pure: it knows neither commands nor terminals; the CLI and the console's `:` line read the same words here.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from theta_tui.errors import UsageError

_KEY = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*")
_JSON_START = re.compile(r"[A-Za-z_][\w.-]*:=(?=[\[{\"])")
_ENV = re.compile(r"@env:([A-Za-z_][A-Za-z0-9_]*)")
_SPACE = re.compile(r"\s*")
HINT = "Give it as @env:NAME or @file:PATH, so that it stays out of history and process lists."


def parse_pairs(pairs: Iterable[str]) -> dict[str, Any]:
    """Read `key=text` and `key:=json` words; a dot in a key nests. UsageError in one line, never with the value."""
    fields: dict[str, Any] = {}
    for pair in pairs:
        key, separator, written = pair.partition("=")
        is_json = key.endswith(":")
        key = key.removesuffix(":")
        if not separator or not _KEY.fullmatch(key):
            shown = f" {key!r}" if separator and len(key) <= 40 else ""
            raise UsageError(f"Arguments are key=value or key:=json{shown}.", hint="For example: service=flux wait:=5")
        _put(fields, key, read_json(written, key) if is_json else written)
    return fields


def read_json(text: str, place: str = "--args") -> Any:
    """Read JSON with amounts as Decimal; UsageError names the place and the column, never the value."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if error.lineno > 1 else ""
        words = f"{place}: not JSON: {error.msg.lower()} at {line}column {error.colno}."
        raise UsageError(words, hint=_json_hint(place)) from None
    except (ValueError, RecursionError) as error:
        words = str(error) if isinstance(error, _Odd) else "nested too deeply"
        raise UsageError(f"{place}: not JSON: {words}.") from None


def read_object(text: str) -> dict[str, Any]:
    """Read the JSON object of `--args`."""
    value = read_json(text)
    if not isinstance(value, dict):
        raise UsageError('--args takes a JSON object such as {"service": "flux"}.')
    return value


def split_words(line: str) -> list[str]:
    """Split a line into words: quotes group as in a shell, and JSON after `key:=` may hold spaces and quotes."""
    words: list[str] = []
    position = _SPACE.match(line, 0).end()  # type: ignore[union-attr]
    while position < len(line):
        start = _JSON_START.match(line, position)
        end = _json_end(line, start.end()) if start else None
        if end is not None:
            words.append(line[position:end])
        else:
            word, end = _shell_word(line, position)
            words.append(word)
        position = _SPACE.match(line, end).end()  # type: ignore[union-attr]
    return words


def take_secrets(
    fields: Mapping[str, Any], secret: Collection[str], environ: Mapping[str, str], *, plain: bool = False
) -> dict[str, Any]:
    """Replace `@env:NAME` and `@file:PATH` in the fields named `secret`, in any spelling of their names.

    A plain value is refused unless `plain`. UsageError names the field, never the value.
    """
    folded = {_fold(name) for name in secret}
    return {
        name: _secret(name, value, environ, plain) if _fold(name) in folded and isinstance(value, str) else value
        for name, value in fields.items()
    }


def cli_line(command: str, arguments: Mapping[str, Any] = MappingProxyType({})) -> str:
    """Write a call as a line for a shell; secrets become `@env:NAME`, text is ASCII so that it can be pasted."""
    fields = {name: _shown(name, value) for name, value in arguments.items() if value is not None}
    if not fields:
        return f"theta-tui run {command}"
    return f"theta-tui run {command} --args {shlex.quote(json.dumps(fields, default=_number))}"


class _Odd(ValueError):
    """Something that JSON allows or Python adds, and that we refuse."""


def _refuse(constant: str) -> NoReturn:
    raise _Odd(f"{constant} is no number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Odd("a key is given twice")
    return found


def _json_hint(place: str) -> str:
    return "" if place == "--args" else f"For text write {place}=text; for JSON {place}:=5 or {place}:=true."


def _put(fields: dict[str, Any], key: str, value: Any) -> None:
    *path, last = key.split(".")
    place = fields
    for name in path:
        inner = place.setdefault(name, {})
        if not isinstance(inner, dict):
            raise UsageError(f"{key}: {name} already has a value.")
        place = inner
    if last in place:
        raise UsageError(f"{key} is given twice.")
    place[last] = value


def _json_end(line: str, start: int) -> int | None:
    try:
        end = json.JSONDecoder().raw_decode(line, start)[1]
    except (ValueError, RecursionError):
        return None
    return end if end == len(line) or line[end].isspace() else None


def _shell_word(line: str, start: int) -> tuple[str, int]:
    word, quote, position = "", "", start
    while position < len(line):
        character = line[position]
        if quote:
            if character == quote:
                quote = ""
            elif character == "\\" and quote == '"' and line[position + 1 : position + 2] in ("\\", '"'):
                position += 1
                word += line[position]
            else:
                word += character
        elif character in "\"'":
            quote = character
        elif character.isspace():
            break
        else:
            word += character
        position += 1
    if quote:
        raise UsageError(f"A quote {quote} is not closed.")
    return word, position


def _secret(name: str, value: str, environ: Mapping[str, str], plain: bool) -> str:
    if variable := _ENV.fullmatch(value):
        if not environ.get(variable[1]):
            raise UsageError(f"{name}: the variable {variable[1]} is not set.")
        return environ[variable[1]]
    if value.startswith("@file:"):
        path = Path(value.removeprefix("@file:")).expanduser()
        try:
            return path.read_text("utf-8").strip()
        except (OSError, ValueError):
            raise UsageError(f"{name}: the file {path} cannot be read.") from None
    if plain:
        return value
    raise UsageError(f"{name} is a secret and is not written out.", hint=HINT)


def _shown(name: str, value: Any) -> Any:
    """Give a value to write down; a secret becomes the name of a variable that could hold it."""
    if hasattr(value, "get_secret_value"):
        return f"@env:{re.sub(r'(?<=[a-z])(?=[A-Z])', '_', name).upper()}"
    if isinstance(value, Mapping):
        return {str(key): _shown(str(key), item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shown(name, item) for item in value]
    return value


def _number(value: object) -> Any:
    if isinstance(value, Decimal):
        return float(value) if value % 1 else int(value)
    return str(value)


def _fold(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
