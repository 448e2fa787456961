"""Faults on request: what shall go wrong, how often and for which calls. `mischief.py` does it to an answer."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import Any

#: Done to a whole HTTP answer; every other kind is a scenario which a domain asks for by name.
ANSWER_KINDS = frozenset(
    {"status", "slow", "hang", "reset", "truncate", "html", "cloudflare_1010", "json", "drip", "flood", "extra_fields"}
)

#: The scenarios our domains know (wire 18). Another name is accepted too: a domain may ask for it.
SCENARIOS = (
    "null_output",
    "no_done",
    "malformed_line",
    "crlf",
    "sse_despite_json",
    "json_despite_sse",
    "cut_stream",
    "stall_stream",
    "presigned_shape",
    "string_create",
    "no_base_id",
    "sticky_delete",
    "plural_routes",
    "never_ready",
    "warm_up",
    "balance_string",
    "vm_capacity",
    "video_error",
    "encoder",
)

_OWN_KEYS = frozenset({"kind", "match", "times", "after"})


@dataclass
class Fault:
    """One thing that shall go wrong.

    `times` is how often it still happens (None: always). `after` lets the request be handled, and its effects be
    kept, before the fault replaces the answer. `options` are the remaining keys, whose meaning depends on the kind.
    """

    kind: str
    method: str | None = None
    path: re.Pattern[str] | None = None
    times: int | None = 1
    after: bool = False
    options: dict[str, Any] = field(default_factory=dict)
    taken: int = 0

    def option(self, name: str, default: Any = None) -> Any:
        """An option by name, or the default."""
        return self.options.get(name, default)

    def matches(self, method: str, path: str) -> bool:
        """Whether this call is meant."""
        return (self.method is None or self.method == method) and (self.path is None or bool(self.path.search(path)))

    def describe(self) -> dict[str, Any]:
        """The JSON form, with how often it has happened."""
        match = {"method": self.method, "path": self.path.pattern if self.path else None}
        own = {"kind": self.kind, "match": match, "times": self.times, "after": self.after, "taken": self.taken}
        return {**self.options, **own}


class Faults:
    """The faults still to happen, oldest first; used by the server's loop and by tests in other threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, asked: dict[str, Any]) -> Fault:
        """Take up a fault in its JSON form. Raises ValueError with the reason when it cannot be understood."""
        fault = _parse(asked)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Forget all faults."""
        with self._lock:
            self._faults.clear()

    def describe(self) -> list[dict[str, Any]]:
        """All faults in their JSON form, also those used up."""
        with self._lock:
            return [fault.describe() for fault in self._faults]

    def take(self, name: str, method: str = "", path: str = "", **about: Any) -> Fault | None:
        """The next scenario of this name, counted as happened, or None.

        `about` narrows it: a fault that carries an option of that name must carry this value
        (`take("vm_capacity", vm_id="vm_gt1")`). A fault with a `match` fires only if method and path are given.
        """
        with self._lock:
            for fault in self._faults:
                fits = all(fault.options.get(key, value) == value for key, value in about.items())
                if fault.kind == name and fits and fault.matches(method, path) and _use(fault):
                    return fault
        return None

    def take_for_answer(self, method: str, path: str) -> Fault | None:
        """The next fault for this whole HTTP call, counted as happened, or None."""
        with self._lock:
            for fault in self._faults:
                if fault.kind in ANSWER_KINDS and fault.matches(method, path) and _use(fault):
                    return fault
        return None


def _use(fault: Fault) -> bool:
    if fault.times is not None and fault.taken >= fault.times:
        return False
    fault.taken += 1
    return True


def _parse(asked: dict[str, Any]) -> Fault:
    kind, match, times = asked.get("kind"), asked.get("match") or {}, asked.get("times", 1)
    if not isinstance(kind, str) or not kind:
        raise ValueError("a fault needs a kind")
    if not isinstance(match, dict) or not set(match) <= {"method", "path"}:
        raise ValueError("match may hold method and path")
    if times is not None and (not isinstance(times, int) or isinstance(times, bool) or times < 1):
        raise ValueError("times must be a positive integer, or null for always")
    method, pattern = match.get("method"), match.get("path")
    try:
        path = re.compile(pattern) if pattern else None
    except (re.error, TypeError) as error:
        raise ValueError(f"match.path is not a regular expression: {error}") from error
    options = {key: value for key, value in asked.items() if key not in _OWN_KEYS}
    return Fault(kind, method.upper() if method else None, path, times, bool(asked.get("after")), options)
