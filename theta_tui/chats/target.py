"""Whom a chat talks to: an on-demand model, the configured endpoint, a deployment or an agent; how each is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Self

from theta_tui.chats.options import Options
from theta_tui.shapes.chat_models import EFFORTS, MOST_TOKENS, OTHER_ROUTE, ROUTES, TEMPERATURE, TOP_P, takes_images

Kind = Literal["service", "endpoint", "deployment", "agent"]

ENDPOINT_TOKENS: Final = 600
"""Longest answer that an endpoint is asked for when nothing was chosen (wire 9.1)."""

_COMMANDS: Final[Mapping[Kind, str]] = {
    "service": "theta.ondemand.chat",
    "endpoint": "theta.inference.chat",
    "deployment": "theta.inference.chat",
    "agent": "theta.ai.agent.chat",
}
_WHERE: Final[Mapping[Kind, str]] = {
    "service": "on-demand",
    "endpoint": "your endpoint",
    "deployment": "your machine",
    "agent": "your agent",
}


@dataclass(frozen=True, slots=True)
class Target:
    """A partner to talk to. `id` is the alias, the deployment's suffix or the agent's id, `name` what people see.

    `model` is what answers behind an endpoint or a deployment, where that is known.
    """

    kind: Kind
    id: str
    name: str
    model: str = field(default="", compare=False)

    @classmethod
    def service(cls, alias: str) -> Self:
        """An on-demand model."""
        return cls("service", alias, alias)

    @classmethod
    def endpoint(cls, name: str, model: str = "") -> Self:
        """The configured endpoint."""
        return cls("endpoint", "", name, model)

    @classmethod
    def deployment(cls, suffix: str, name: str, model: str = "") -> Self:
        """A deployment of the project."""
        return cls("deployment", suffix, name or suffix, model)

    @classmethod
    def agent(cls, id: str, name: str) -> Self:  # noqa: A002 the cloud's own name for it
        """An agent that answers from its documents."""
        return cls("agent", id, name or id)

    @classmethod
    def read(cls, stored: object) -> Self | None:
        """Read a stored target; None if it is none."""
        if not isinstance(stored, Mapping) or stored.get("kind") not in _COMMANDS:
            return None
        return cls(stored["kind"], *(str(stored.get(name, "")) for name in ("id", "name", "model")))

    def as_json(self) -> dict[str, str]:
        """Give the target to be stored."""
        told = {"kind": self.kind, "id": self.id, "name": self.name}
        return {**told, "model": self.model} if self.model else told

    @property
    def command(self) -> str:
        """The command that chats with it."""
        return _COMMANDS[self.kind]

    @property
    def where(self) -> str:
        """Where it runs, in words."""
        return _WHERE[self.kind]

    @property
    def sees(self) -> bool:
        """Whether it is known to take images."""
        return self.kind != "agent" and takes_images(self.model or self.id or self.name)

    @property
    def efforts(self) -> tuple[str, ...]:
        """The reasoning efforts that it takes; none if it has no such choice."""
        return EFFORTS.get(self.id, ()) if self.kind == "service" else ()

    @property
    def most_tokens(self) -> int | None:
        """The longest answer that may be asked for; None where nobody tells."""
        return MOST_TOKENS if self.kind == "service" else None

    @property
    def settings(self) -> tuple[str, ...]:
        """The numbers that it takes."""
        return ("temperature", "max_tokens") if self.kind == "agent" else ("temperature", "top_p", "max_tokens")

    @property
    def defaults(self) -> Options:
        """What it is asked with when nothing was chosen (wire 14.2)."""
        if self.kind == "agent":
            return Options()
        if self.kind != "service":
            return Options("", TEMPERATURE, TOP_P, ENDPOINT_TOKENS)
        route = ROUTES.get(self.id, OTHER_ROUTE)
        return Options("", TEMPERATURE, TOP_P, route.max_tokens, route.reasoning_effort)

    def arguments(self, messages: Sequence[Mapping[str, Any]], options: Options) -> dict[str, Any]:
        """Give the arguments of its command; what it does not know is left out."""
        role = "developer" if self.kind == "agent" else "system"
        asked: dict[str, Any] = {"messages": [*_system(options, role), *messages], "stream": True}
        for name in self.settings:
            if (value := getattr(options, name)) is not None:
                asked[name] = value
        if self.kind == "service":
            asked["service"] = self.id
            if options.effort in self.efforts:
                asked["reasoning_effort"] = options.effort
        elif self.kind == "deployment":
            asked["deployment"] = self.id
        elif self.kind == "agent":
            asked["chatbot_id"] = self.id
        return asked


def _system(options: Options, role: str) -> list[dict[str, str]]:
    return [{"role": role, "content": options.system}] if options.system.strip() else []
