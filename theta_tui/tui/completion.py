"""What could be typed next after `:`; pure, except that it looks at the registry, themes and filter words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from theta_tui.settings import KEYS
from theta_tui.tui.orders import VERBS
from theta_tui.tui.panes import PANES

SWITCHES: Final = ("dry-run", "read-only")
FILTER_WORDS: Final = ("status:", "name:", "vm:", "template:", "category:", "price<")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A whole line that could be meant, and a word about it."""

    line: str
    words: str = ""


def suggestions(line: str, themes: Sequence[str], profiles: Sequence[str] = ()) -> list[Suggestion]:
    """Give the lines that this one could become, best first."""
    head, space, last = line.rpartition(" ")
    verb = head.split(" ", 1)[0] if space else ""
    return [
        Suggestion(f"{head}{space}{word}", words)
        for word, words in _words(verb, head.split()[1:], themes, profiles)
        if _matches(word, last) and word != last
    ]


def shared_start(found: Sequence[Suggestion], line: str) -> str:
    """Give what Tab adds: the beginning that all suggestions share, or the first one when that adds nothing."""
    if not found:
        return line
    start = found[0].line
    for each in found[1:]:
        while not each.line.startswith(start):
            start = start[:-1]
    if len(found) == 1 and not start.endswith(("=", ":", "<")):
        return f"{start} "
    return start if len(start) > len(line) else found[0].line


def _matches(word: str, typed: str) -> bool:
    return word.lower().startswith(typed.lower()) or (len(typed) > 1 and word.startswith("theta.") and typed in word)


def _words(
    verb: str, before: Sequence[str], themes: Sequence[str], profiles: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Give the words that may stand at this place, with what they are."""
    if not verb:
        yield from ((entry.id, entry.words) for entry in PANES)
        yield from VERBS.items()
    elif verb == "run":
        yield from _commands() if not before else _arguments(before[0])
    elif verb == "theme":
        yield from ((name, "") for name in themes)
    elif verb == "density":
        yield from ((word, "") for word in KEYS["density"].choices)
    elif verb == "profile":
        yield from ((name, "") for name in (*profiles, "new") if not before)
    elif verb in SWITCHES:
        yield from (("on", ""), ("off", ""))
    elif verb not in VERBS:
        yield from ((word, "filter") for word in FILTER_WORDS)


def _commands() -> Iterator[tuple[str, str]]:
    from theta_tui.registry import commands

    yield from ((command.name, command.help) for command in commands().values())


def _arguments(name: str) -> Iterator[tuple[str, str]]:
    """Give the arguments of a command, those it needs first."""
    from theta_tui.errors import UsageError
    from theta_tui.registry import find

    try:
        fields = find(name).params.model_fields
    except UsageError:
        return
    for field, about in sorted(fields.items(), key=lambda pair: not pair[1].is_required()):
        is_text = "str" in str(about.annotation).lower() and "[" not in str(about.annotation).replace("[str]", "")
        needed = "needed: " if about.is_required() else ""
        yield f"{field}{'=' if is_text else ':='}", f"{needed}{about.description or ''}"
