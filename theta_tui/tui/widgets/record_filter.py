"""The filter language of tables: words, `!not`, `~fuzzy`, `re:pattern`, `column:value`, `column<number`, "a phrase".

Pure: it knows searchable texts and columns as functions, nothing of widgets. All terms must hold; case never matters.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from decimal import Decimal

from theta_tui.tui.widgets.record_terms import Compared, Field, InColumn, Not, Pattern, Query, Term, Word

TEXT_LIMIT = 500
"""Characters of a filter that are read."""
NUMBER_LIMIT = 64
"""Characters of a value in which a number is looked for."""

_TOKEN = re.compile(r'(?:[^\s"]|"[^"]*"?)+')
_CONDITION = re.compile(r'([^\s":<>]+?)(:|<=|>=|<|>)(.*)', re.DOTALL)
_BEFORE_NUMBER = re.compile(r"[\s~<>$€£]*([-−]?)[\s$€£]*")
_NUMBER = re.compile(r"\s*([0-9][0-9,_]*(?:\.[0-9]+)?|\.[0-9]+)\s*([A-Za-z]*)")
_REPEAT_IN_REPEAT = re.compile(r"\([^()]*(?<!\\)[+*}][^()]*\)(?:[+*]|\{\d*,)")
_TIMES = {"s": 1, "min": 60, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SIZES = {"k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


class FilterError(ValueError):
    """A filter that cannot be read; the text says what, where, and what would be right."""


def parse(text: str, fields: Sequence[Field]) -> Query:
    """Read a filter; conditions that are not finished yet (`cost<`, `!`) do not count. Raises `FilterError`."""
    names = {name: field for field in fields for name in (field.title.lower(), field.name.lower())}
    terms = []
    for token in _TOKEN.findall(text[:TEXT_LIMIT]):
        term = _term(token.removeprefix("!"), names)
        if term is not None:
            terms.append(Not(term) if token.startswith("!") else term)
    return Query(tuple(terms))


def number_in(text: str) -> Decimal | None:
    """Read the number at the start of a text, after a currency sign: `$1,200`, `85%`, `16 GB`, `3h 20m` (seconds)."""
    start = _BEFORE_NUMBER.match(text[:NUMBER_LIMIT])
    rest = text[start.end() : NUMBER_LIMIT] if start else ""
    total, found = Decimal(0), False
    while match := _NUMBER.match(rest):
        factor, is_time = _factor(match[2])
        if found and not is_time:
            break
        total += Decimal(match[1].replace(",", "").replace("_", "")) * factor
        found, rest = True, rest[match.end() :]
        if not is_time:
            break
    if not found:
        return None
    return -total if start and start[1] else total


def _factor(unit: str) -> tuple[int, bool]:
    if unit in _TIMES:
        return _TIMES[unit], True
    return (_SIZES[unit[0]], False) if unit[:1] in _SIZES and unit[1:] in {"", "B", "iB", "b"} else (1, False)


def _term(token: str, names: Mapping[str, Field]) -> Term | None:
    if token.lower().startswith("re:"):
        return _pattern(token[3:])
    if token.startswith("~"):
        return _fuzzy(token[1:].replace('"', "").lower())
    condition = _CONDITION.fullmatch(token)
    if condition and not condition[1][0].isdigit() and not condition[3].startswith("//"):
        return _in_column(condition, names)
    word = token.replace('"', "").lower()
    return Word(word) if word else None


def _in_column(condition: re.Match[str], names: Mapping[str, Field]) -> Term | None:
    typed, name, sign, value = condition[0], condition[1].lower(), condition[2], condition[3].replace('"', "")
    field = names.get(name)
    if field is None:
        known = ", ".join(dict.fromkeys(each.name for each in names.values()))
        raise FilterError(f'No column "{name}" in {typed}. Columns: {known}; or put it in quotes to search the text.')
    if not value:
        return None
    if sign == ":":
        return InColumn(field, value.lower())
    if field.number is None:
        numeric = ", ".join(dict.fromkeys(each.name for each in names.values() if each.number)) or "none here"
        raise FilterError(f"{name} has no numbers to compare in {typed}. Use {name}:{value}; with numbers: {numeric}.")
    bound = number_in(value)
    if bound is None:
        raise FilterError(f'"{value}" is not a number in {typed}. Write {name}{sign}10, or 1.5k, 16GB, 3h.')
    return Compared(field, sign, bound)


def _fuzzy(letters: str) -> Term | None:
    # Line breaks stand before each value and repeats give nothing back, so that a search takes linear time.
    steps = "".join(f"[^{re.escape(letter)}\\n]*+{re.escape(letter)}" for letter in letters)
    return Pattern(f"~{letters}", re.compile(f"\\n{steps}")) if letters else None


def _pattern(typed: str) -> Term | None:
    source = typed.removeprefix('"').removesuffix('"') if typed.startswith('"') else typed
    if not source:
        return None
    if _REPEAT_IN_REPEAT.search(source):
        raise FilterError(f"re:{source} repeats a repeat, which can take for ever. Take one of the two + or * away.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Pattern(source, re.compile(source, re.IGNORECASE | re.MULTILINE))
    except re.error as error:
        where = "" if error.pos is None else f" at character {error.pos + 1}"
        raise FilterError(f"re:{source} is no pattern: {error.msg}{where}. Leave out re: to search the text.") from None
    except (OverflowError, RecursionError):
        raise FilterError(f"re:{source} is too large a pattern. Make its repeats smaller.") from None
