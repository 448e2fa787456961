"""Whom a chat talks to: an on-demand model, the configured endpoint, or a deployment; and how each is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Self

from theta_tui.shapes.chat_models import EFFORTS, MOST_TOKENS, OTHER_ROUTE, ROUTES, TEMPERATURE, TOP_P
from theta_tui.tui.panes.chat.options import Options

Kind = Literal["service", "endpoint", "deployment"]

ENDPOINT_TOKENS: Final = 600
"""Longest answer that an endpoint is asked for when nothing was chosen (wire 9.1)."""


@dataclass(frozen=True, slots=True)
class Target:
    """A partner to talk to. `id` is the alias or the deployment's suffix, `name` what people see."""

    kind: Kind
    id: str
    name: str

    @classmethod
    def service(cls, alias: str) -> Self:
        """An on-demand model."""
        return cls("service", alias, alias)

    @classmethod
    def endpoint(cls, name: str) -> Self:
        """The configured endpoint."""
        return cls("endpoint", "", name)

    @classmethod
    def deployment(cls, suffix: str, name: str) -> Self:
        """A deployment of the project."""
        return cls("deployment", suffix, name or suffix)

    @classmethod
    def read(cls, stored: object) -> Self | None:
        """Read a stored target; None if it is none."""
        if not isinstance(stored, Mapping) or stored.get("kind") not in ("service", "endpoint", "deployment"):
            return None
        return cls(stored["kind"], str(stored.get("id", "")), str(stored.get("name", "")))

    def as_json(self) -> dict[str, str]:
        """Give the target to be stored."""
        return {"kind": self.kind, "id": self.id, "name": self.name}

    @property
    def command(self) -> str:
        """The command that chats with it."""
        return "theta.ondemand.chat" if self.kind == "service" else "theta.inference.chat"

    @property
    def where(self) -> str:
        """Where it runs, in words."""
        return {"service": "on-demand", "endpoint": "your endpoint", "deployment": "your machine"}[self.kind]

    @property
    def efforts(self) -> tuple[str, ...]:
        """The reasoning efforts that it takes; none if it has no such choice."""
        return EFFORTS.get(self.id, ()) if self.kind == "service" else ()

    @property
    def most_tokens(self) -> int | None:
        """The longest answer that may be asked for; None where nobody tells."""
        return MOST_TOKENS if self.kind == "service" else None

    @property
    def defaults(self) -> Options:
        """What it is asked with when nothing was chosen (wire 14.2)."""
        if self.kind != "service":
            return Options("", TEMPERATURE, TOP_P, ENDPOINT_TOKENS)
        route = ROUTES.get(self.id, OTHER_ROUTE)
        return Options("", TEMPERATURE, TOP_P, route.max_tokens, route.reasoning_effort)

    def arguments(self, messages: Sequence[Mapping[str, str]], options: Options) -> dict[str, Any]:
        """Give the arguments of its command; an effort that it does not know is left out."""
        asked: dict[str, Any] = {"messages": [*_system(options), *messages], "stream": True}
        for name in ("temperature", "top_p", "max_tokens"):
            if (value := getattr(options, name)) is not None:
                asked[name] = value
        if self.kind == "service":
            asked["service"] = self.id
            if options.effort in self.efforts:
                asked["reasoning_effort"] = options.effort
        elif self.kind == "deployment":
            asked["deployment"] = self.id
        return asked


def _system(options: Options) -> list[dict[str, str]]:
    return [{"role": "system", "content": options.system}] if options.system.strip() else []
