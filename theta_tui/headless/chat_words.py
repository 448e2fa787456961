"""Whom a conversation in line mode talks to and how, as it is written on the command line and after a colon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from theta_tui.chats.options import Options, read_count, read_number
from theta_tui.chats.target import Target
from theta_tui.errors import UsageError

FORMS: Final = "a model such as qwen3, endpoint, deployment/NAME or agent/ID"
"""How a partner is written, in words."""

_EFFORTS: Final = ("low", "medium", "high", "max")
_NAMES: Final = ("temperature", "top_p", "max_tokens", "effort")


def target_named(words: str) -> Target:
    """Read what was written for a partner; UsageError for what names none."""
    kind, slash, name = words.strip().partition("/")
    if kind == "endpoint" and not slash:
        return Target.endpoint("your endpoint")
    if kind == "deployment" and name:
        return Target.deployment(name, name)
    if kind == "agent" and name:
        return Target.agent(name, name)
    if slash or not kind or " " in kind:
        raise UsageError(f"{words.strip()[:60]!r} names nobody to talk to.", hint=f"Write {FORMS}.")
    return Target.service(kind)


def changed(options: Options, target: Target, pairs: Sequence[str]) -> Options:
    """Take `name=value` words; an empty value is the default again. UsageError for what cannot be used."""
    given: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or name not in _NAMES:
            hint = f"Write name=value; the names are {', '.join(_NAMES)}."
            raise UsageError(f"{pair[:60]!r} is no parameter.", hint=hint)
        try:
            given[name] = _value(name, text, target)
        except ValueError as error:
            raise UsageError(str(error)) from None
    return replace(options, **given)


def described(options: Options) -> str:
    """Tell the parameters in words."""
    chosen = options.as_json()
    return ", ".join(f"{name} {chosen[name]}" for name in _NAMES if name in chosen) or "every parameter by default"


def _value(name: str, text: str, target: Target) -> float | int | str | None:
    if name == "max_tokens":
        return read_count(text, target.most_tokens, name)
    if name != "effort":
        return read_number(text, 0, 2 if name == "temperature" else 1, name)
    known = target.efforts or _EFFORTS
    if text and text not in known:
        raise ValueError(f"effort is one of {', '.join(known)}, or empty for the default.")
    return text or None
