"""Chat in the OpenAI dialect (wire 2.12, 2.13), shared by on-demand models, endpoints and agents."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from theta_tui.shapes.base import OURS, Shape, as_json


class Message(BaseModel):
    """One message of a conversation; further keys (`tool_calls`, `tool_call_id`, `name`) are sent as they are."""

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True, hide_input_in_errors=True)

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[dict[str, Any]] | None = None

    def as_json(self) -> dict[str, Any]:
        """Give the message as it goes on the wire."""
        return {"role": self.role, "content": self.content, **(self.model_extra or {})}


class ChatEvent(BaseModel):
    """A piece of an answer as it arrives: visible text, reasoning, or part of a tool call.

    `call` says which call of the answer a part belongs to, from 0; `is_name` whether it is of the function's name.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    kind: Literal["text", "reasoning", "tool_call"]
    text: str
    call: int | None = None
    is_name: bool = False


class ChatAnswer(Shape):
    """A whole answer, or the part of it that arrived. `seconds` and `first_token_seconds` are ours, `cost_usd` in USD.

    `complete` is False for a cut or stopped stream, which keeps its text; `notes` say in words what happened.
    """

    text: str = ""
    reasoning: str = ""
    usage: dict[str, int] = Field(default_factory=dict)
    finish_reason: str | None = None
    complete: bool = True
    model: str = ""
    service: str = ""
    request_id: str | None = None
    cost_usd: Decimal | None = None
    cost_is_estimate: bool = False
    seconds: float = 0.0
    first_token_seconds: float | None = None
    tool_calls: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing usable came: the null-output trap of wire 2.9."""
        return not self.text.strip() and not self.tool_calls

    def as_json(self) -> Any:
        """Give the final object of a chat; `tool_calls` only where there are some."""
        hidden = {*OURS, "cost_is_estimate"} | (set() if self.tool_calls else {"tool_calls"})
        return {name: as_json(getattr(self, name)) for name in type(self).model_fields if name not in hidden}
