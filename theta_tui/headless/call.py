"""What a command line hands to a command: `--args`, `key=value` words, and secrets read from where they are kept."""

from __future__ import annotations

import re
import sys
import types
import typing
from collections import ChainMap
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import SecretStr

from theta_tui.arguments import parse_pairs, read_object, take_secrets
from theta_tui.command import Command
from theta_tui.environment import process_environment
from theta_tui.errors import UsageError
from theta_tui.redact import redactor


def read_arguments(
    command: Command, args: str | None, pairs: Sequence[str], environ: Mapping[str, str]
) -> dict[str, Any]:
    """Join `--args` (`-` is standard input) and the words of a command line.

    Secret fields take @env:NAME, @file:PATH or `-`; written out they are accepted in `--args` only. UsageError in one
    line, never with a value.
    """
    stdin = Stdin()
    given = read_object(stdin.all("--args") if args == "-" else args or "{}")
    words = parse_pairs(pairs)
    twice = next((name for name in words if name in given), None)
    if twice is not None:
        raise UsageError(f"{twice} is given in --args and as a word.")
    known = ChainMap(dict(environ), dict(process_environment()))
    return {
        **_Secrets(command, known, stdin=None).put_into(given),
        **_Secrets(command, known, stdin=stdin).put_into(words),
    }


def secret_fields(command: Command) -> tuple[str, ...]:
    """Name the arguments of a command that are secrets, derived from its shape."""
    fields = command.params.model_fields.items()
    return tuple(name for name, field in fields if _holds_secret(field.annotation))


class Stdin:
    """Standard input, which can be read for one purpose only."""

    def __init__(self) -> None:
        self._taken_by: str | None = None

    def all(self, purpose: str) -> str:
        """Read everything there is."""
        self._take(purpose)
        return sys.stdin.read()

    def secret(self, name: str) -> str:
        """Read a secret: asked for without echo on a terminal, else the whole input."""
        self._take(name)
        if sys.stdin.isatty():
            from getpass import getpass

            return getpass(f"{name}: ", stream=sys.stderr)
        return sys.stdin.read().strip()

    def _take(self, purpose: str) -> None:
        if self._taken_by is not None:
            raise UsageError(f"{self._taken_by} and {purpose} cannot both be read from standard input.")
        self._taken_by = purpose


class _Secrets:
    """Puts secrets in place of their references. Without `stdin` it is `--args`, where they may be written out."""

    def __init__(self, command: Command, environ: Mapping[str, str], *, stdin: Stdin | None) -> None:
        self._names = frozenset(_fold(name) for name in secret_fields(command))
        self._spread: tuple[str, ...] = getattr(command.params, "unfold", ())
        self._environ = environ
        self._stdin = stdin

    def put_into(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Give the fields with their secrets, also those of an object that is spread over the fields."""
        found = dict(fields)
        for name, value in fields.items():
            if name in self._spread and isinstance(value, Mapping):
                found[name] = self.put_into(value)
            elif _fold(name) in self._names and isinstance(value, str):
                found[name] = self._secret(name, value)
        return found

    def _secret(self, name: str, value: str) -> SecretStr:
        if value == "-" and self._stdin is not None:
            text = self._stdin.secret(name)
        else:
            text = take_secrets({name: value}, [name], self._environ, plain=self._stdin is None)[name]
        redactor.learn(text)
        return SecretStr(text)


def _holds_secret(annotation: Any) -> bool:
    union = typing.get_origin(annotation) in (typing.Union, types.UnionType)
    return annotation is SecretStr or (union and any(_holds_secret(part) for part in typing.get_args(annotation)))


def _fold(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
