"""Changes that were previewed and wait for their confirmation: kept in memory, two minutes, for one use each."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from theta_tui.change import Change, Plan
from theta_tui.command import Command
from theta_tui.errors import PolicyRefused

SECONDS = 120.0
MOST = 50
"""Drafts kept at once; the oldest leave first."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One previewed act, and the tool call it belongs to."""

    command: Command
    act: Change[Any] | Plan[Any]
    tool: str
    arguments: str
    expires: float
    given: Mapping[str, Any]


class Drafts:
    """The drafts of one server."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._kept: dict[str, Draft] = {}

    def keep(self, command: Command, act: Change[Any] | Plan[Any], tool: str, arguments: Mapping[str, Any]) -> str:
        """Keep an act; give the key that sends it."""
        self._sweep()
        while len(self._kept) >= MOST:
            self._kept.pop(next(iter(self._kept)))
        key = secrets.token_urlsafe(18)
        self._kept[key] = Draft(
            command, act, tool, _written(arguments), self._now() + SECONDS, command.given(arguments)
        )
        return key

    def take(self, key: str, tool: str, arguments: Mapping[str, Any]) -> Draft:
        """Give the draft of a key, once; PolicyRefused if it is unknown, too old, or of another call."""
        self._sweep()
        draft = self._kept.pop(key, None)
        if draft is None:
            raise PolicyRefused("This confirmation is unknown, used or older than two minutes; preview again.")
        if draft.tool != tool or draft.arguments != _written(arguments):
            raise PolicyRefused("This confirmation belongs to another tool or other arguments; preview again.")
        return draft

    def _sweep(self) -> None:
        self._kept = {key: draft for key, draft in self._kept.items() if draft.expires > self._now()}


def _written(arguments: Mapping[str, Any]) -> str:
    return json.dumps({name: arguments[name] for name in sorted(arguments) if name != "confirm"}, sort_keys=True)
