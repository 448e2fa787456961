"""`--query`: a JMESPath expression, read before anything is sent and applied to a result whose secrets are hidden.

It knows neither commands nor streams. Amounts stay exact: they are no floats, though JMESPath must take them for such.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from theta_tui.errors import UsageError

LONGEST = 4_000
"""Characters of an expression."""
HINT = "A JMESPath expression such as 'services[].alias'; `theta-tui run --help` shows more."


class QueryFailed(ValueError):
    """A well-formed expression does not fit this result: a sum of texts, for example."""


class Query:
    """A JMESPath expression that has been read."""

    def __init__(self, expression: str) -> None:
        """Read an expression; UsageError in one line if it is none, or calls a function nobody knows."""
        if len(expression) > LONGEST:
            raise UsageError(f"--query: longer than {LONGEST} characters.", hint=HINT)
        from jmespath import compile as read
        from jmespath.exceptions import JMESPathError

        try:
            self._read = read(expression)
            wrong = next(_wrong_calls(self._read.parsed), None)
        except JMESPathError as error:
            raise UsageError(f"--query: not a JMESPath expression{_place(error)}.", hint=HINT) from None
        except RecursionError:
            raise UsageError("--query: nested too deeply.", hint=HINT) from None
        if wrong is not None:
            raise UsageError(f"--query: {wrong}.", hint=HINT)

    def of(self, value: object) -> Any:
        """Apply it to a redacted, JSON-like value; QueryFailed if it does not fit."""
        from jmespath.exceptions import JMESPathError

        try:
            return self._read.search(_plain(value))
        except JMESPathError as error:
            raise QueryFailed(str(error).split("\n", 1)[0]) from None
        except (ArithmeticError, RecursionError, TypeError) as error:
            raise QueryFailed(f"it does not fit ({type(error).__name__})") from None


class _Amount(Decimal):
    """An exact amount that compares with the numbers of an expression as these are written there."""

    def __eq__(self, other: object) -> bool:
        return Decimal.__eq__(self, _exact(other))

    def __lt__(self, other: Any) -> bool:
        return Decimal.__lt__(self, _exact(other))

    def __le__(self, other: Any) -> bool:
        return Decimal.__le__(self, _exact(other))

    def __gt__(self, other: Any) -> bool:
        return Decimal.__gt__(self, _exact(other))

    def __ge__(self, other: Any) -> bool:
        return Decimal.__ge__(self, _exact(other))

    def __add__(self, other: Any) -> _Amount:
        return _Amount(Decimal.__add__(self, _exact(other)))

    __radd__ = __add__
    __hash__ = Decimal.__hash__


_Amount.__name__ = "float"  # JMESPath tells types by this name


def _exact(number: Any) -> Any:
    return Decimal(repr(number)) if isinstance(number, float) else number


def _plain(value: object) -> Any:
    """Give a copy of what JMESPath knows: dict, list, str, numbers, truth, nothing; other objects become their text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return _Amount(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value)


def _wrong_calls(node: Any) -> Iterator[str]:
    """Find calls of unknown functions and with a wrong number of arguments, which JMESPath itself sees too late."""
    if not isinstance(node, Mapping):
        return
    children = node.get("children") or ()
    if node.get("type") == "function_expression":
        from jmespath.functions import Functions

        name, given = node["value"], len(children)
        known = Functions.FUNCTION_TABLE.get(name)
        if known is None:
            yield f"there is no function {name[:40]}()"
        else:
            wanted = known["signature"]
            is_open = bool(wanted and wanted[-1].get("variadic"))
            if given < len(wanted) or (given > len(wanted) and not is_open):
                yield f"{name}() takes {len(wanted)}{' or more' if is_open else ''} arguments, not {given}"
    for child in children:
        yield from _wrong_calls(child)


def _place(error: Any) -> str:
    position = getattr(error, "lex_position", None)
    return f" (character {position + 1})" if isinstance(position, int) else ""
