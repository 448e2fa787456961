"""Dedicated inference endpoints (wire 9): models, chat, readiness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from theta_tui.shapes.base import Params, Shape
from theta_tui.shapes.chat import Message

REFUSALS_IN_A_ROW = 3
"""So many 401 or 403 after a 5xx phase mean wrong credentials."""


class ModelList(Shape):
    """What an endpoint serves (DI-1)."""

    models: tuple[str, ...] = ()
    endpoint: str = ""


class Look(Shape):
    """One probe of an endpoint: after how many seconds, and what it answered (status 0: no connection)."""

    seconds: float = 0.0
    status: int = 0
    message: str = ""


class Readiness(Shape):
    """Whether an endpoint is ready, and the statuses on the way (wire 9.3)."""

    ready: bool = False
    probe: str = "openai"
    endpoint: str = ""
    seconds: float = 0.0
    looks: tuple[Look, ...] = ()
    model: str | None = None
    note: str = ""


def judge(looks: Sequence[Look]) -> str | None:
    """Say how a series of looks stands: "" is ready, None to go on, text why going on is pointless (wire 9.3)."""
    last = looks[-1]
    if last.status == 200 and not last.message:
        return ""
    tail = [look.status for look in looks[-REFUSALS_IN_A_ROW:]]
    refused = len(tail) == REFUSALS_IN_A_ROW and all(status in (401, 403) for status in tail)
    if refused and (len(looks) == REFUSALS_IN_A_ROW or any(look.status >= 500 for look in looks)):
        return "The endpoint refuses the credentials: they are wrong."
    return None


class EndpointParams(Params):
    """An endpoint: the configured one, or that of a deployment named by its suffix."""

    deployment: str | None = Field(
        None,
        description="Suffix of a deployment; the configured endpoint by default.",
        examples=["9f3c1a7be0d24586"],
    )
    project_id: str | None = Field(
        None, description="Project of that deployment.", examples=["prj_a1b2c3d4e5f6g7h8i9j0k1l2m3n4"]
    )


class ProbeParams(EndpointParams):
    """One look at an endpoint."""

    probe: Literal["openai", "gradio"] = Field("openai", description="openai or gradio.", examples=["openai"])


class ReadyParams(ProbeParams):
    """How long to wait for an endpoint."""

    timeout_ms: int = Field(120_000, description="Total time, ms (1000 to 1800000).", examples=[120000])
    interval_ms: int = Field(10_000, description="Pause between looks, ms (500 to 60000).", examples=[10000])


class EndpointChat(EndpointParams):
    """A chat with an endpoint (DI-2). The fields may also come inside `body`; further ones are sent as they are."""

    unfold: ClassVar[tuple[str, ...]] = ("body",)

    messages: tuple[Message, ...] = Field(
        description="The conversation, oldest first.", examples=[[{"role": "user", "content": "hi"}]]
    )
    model: str | None = Field(
        None, description="Model id; the configured or first one by default.", examples=["meta-llama/Llama-3-8B"]
    )
    max_tokens: int | None = Field(600, description="Longest answer in tokens.", examples=[600], ge=1)
    temperature: float | None = Field(0.5, description="Randomness, 0 to 2.", examples=[0.5], ge=0, le=2)
    top_p: float | None = Field(0.7, description="Nucleus sampling, 0 to 1.", examples=[0.7], ge=0, le=1)
    stream: bool = Field(False, description="Answer word by word.", examples=[True])
    extra: dict[str, Any] = Field(default_factory=dict, description="Further fields.", examples=[{"seed": 7}])

    @field_validator("messages")
    @classmethod
    def _something_to_say(cls, messages: tuple[Message, ...]) -> tuple[Message, ...]:
        if not messages:
            raise ValueError("is empty: give at least one message")
        return messages
