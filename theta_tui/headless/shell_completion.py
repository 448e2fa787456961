"""`theta-tui completion`: scripts written from the parser and the registry; they are static, so a Tab starts nothing.

The places of the command line and what fits there are found here; how a shell asks for it is in `shell_scripts`.
"""

from __future__ import annotations

import sys
from argparse import SUPPRESS, Action, Namespace
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from theta_tui.headless import shell_scripts
from theta_tui.headless.command_line import Parser, build_parser
from theta_tui.registry import commands

RUN = "run"
"""The place where names of commands stand, and then their arguments."""


@dataclass(frozen=True, slots=True)
class Place:
    """One subcommand (or none): its options, its words, and what options take: choices, `@files`, or anything."""

    path: str
    options: tuple[str, ...]
    words: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]


def print_script(options: Namespace, environ: Mapping[str, str]) -> int:
    """Print the script of one shell; no cloud is asked and no key is looked at."""
    sys.stdout.write(script(options.shell))
    return 0


def script(shell: str) -> str:
    """Write the completion script for bash, zsh or fish."""
    found = tuple(places(build_parser()))
    tables = shell_scripts.Tables(
        options={place.path: place.options for place in found},
        words={place.path: place.words for place in found if place.words} | {RUN: tuple(arguments())},
        values={(place.path, name): fits for place in found for name, fits in place.values.items()},
        arguments=arguments(),
        run=RUN,
    )
    return shell_scripts.SHELLS[shell](tables)


def arguments() -> dict[str, tuple[str, ...]]:
    """Give the words `name=` of every command, by its name and by its aliases."""
    return {
        name: tuple(f"{field}=" for field in command.params.model_fields)
        for command in commands().values()
        for name in (command.name, *command.aliases)
    }


def places(parser: Parser, path: str = "") -> Iterator[Place]:
    """Find this parser's place and those of its subcommands."""
    options: list[str] = []
    words: list[str] = []
    values: dict[str, tuple[str, ...]] = {}
    inner: dict[str, Parser] = {}
    for action in parser.known():
        if action.option_strings:
            options += action.option_strings
            values |= dict.fromkeys(action.option_strings, _fitting(action)) if action.nargs != 0 else {}
        elif isinstance(action.choices, dict):
            inner = action.choices
            words += inner
        elif action.dest != SUPPRESS:
            words += action.choices or ()
    yield Place(path, tuple(options), tuple(words), values)
    for name, sub in inner.items():
        yield from places(sub, f"{path} {name}".strip())


def _fitting(action: Action) -> tuple[str, ...]:
    if action.choices:
        return tuple(str(choice) for choice in action.choices)
    return (shell_scripts.FILES,) if action.metavar == "FILE" else ()
