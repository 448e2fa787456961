"""Whom a conversation in line mode talks to: how it is named in words, stored with a chat, and asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from theta_tui.errors import UsageError
from theta_tui.headless.chat_options import ChatOptions
from theta_tui.shapes.chat_models import EFFORTS

SERVICE, ENDPOINT, DEPLOYMENT, AGENT = "service", "endpoint", "deployment", "agent"

FORMS: Final = "a model such as qwen3, endpoint, deployment/NAME or agent/ID"
"""How a partner is written, in words."""

_COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    SERVICE: ("theta.ondemand.chat", "service"),
    ENDPOINT: ("theta.inference.chat", ""),
    DEPLOYMENT: ("theta.inference.chat", "deployment"),
    AGENT: ("theta.ai.agent.chat", "chatbot_id"),
}
"""For each kind its command, and the argument that holds the partner's id."""


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner to talk to. `id` is an alias, a suffix or a name; `name` is what people read."""

    kind: str
    id: str
    name: str

    @classmethod
    def named(cls, words: str) -> Self:
        """Read what was written for a partner; UsageError for what names none."""
        kind, slash, name = words.strip().partition("/")
        if kind == ENDPOINT and not name:
            return cls(ENDPOINT, "", "your endpoint")
        if slash and name and kind in (DEPLOYMENT, AGENT, SERVICE):
            return cls(kind, name, name)
        if slash or not kind or " " in kind:
            raise UsageError(f"{words.strip()[:60]!r} names nobody to talk to.", hint=f"Write {FORMS}.")
        return cls(SERVICE, kind, kind)

    @classmethod
    def read(cls, stored: object) -> Self | None:
        """Read a partner stored with a chat; None if it is none."""
        if not isinstance(stored, Mapping) or stored.get("kind") not in _COMMANDS:
            return None
        return cls(str(stored["kind"]), str(stored.get("id", "")), str(stored.get("name", "")))

    def as_json(self) -> dict[str, str]:
        """Give the partner to be stored."""
        return {"kind": self.kind, "id": self.id, "name": self.name}

    @property
    def command(self) -> str:
        """The command that chats with it."""
        return _COMMANDS[self.kind][0]

    def arguments(self, messages: Sequence[Mapping[str, Any]], options: ChatOptions) -> dict[str, Any]:
        """Give the arguments of its command; what it does not know (an effort, top_p of an agent) is left out."""
        asked: dict[str, Any] = {"messages": [*self._system(options), *messages], "stream": True}
        _, argument = _COMMANDS[self.kind]
        if argument:
            asked[argument] = self.id
        known = ("temperature", "max_tokens") if self.kind == AGENT else ("temperature", "max_tokens", "top_p")
        asked |= {name: value for name in known if (value := getattr(options, name)) is not None}
        if self.kind == SERVICE and options.effort in EFFORTS.get(self.id, ()):
            asked["reasoning_effort"] = options.effort
        return asked

    def _system(self, options: ChatOptions) -> list[dict[str, str]]:
        """Give the system prompt as a message; an agent has one of its own and takes ours as its developer's."""
        role = "developer" if self.kind == AGENT else "system"
        return [{"role": role, "content": options.system}] if options.system.strip() else []
