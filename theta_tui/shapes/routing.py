"""Which service to take for a task: what is asked, what there is to choose from, and how a routed call went."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from theta_tui.shapes.base import Params, Shape, as_json
from theta_tui.shapes.chat import ChatAnswer
from theta_tui.shapes.on_demand import Job, Prediction, Service

Task = Literal[
    "chat", "image", "restyling", "upscaling", "background_removal", "detection", "caption", "question",
    "transcription", "speech", "video",
]  # fmt: skip

TYPICAL_UNITS = {"transcription": 60, "speech": 500}
"""A minute of speech, a paragraph of text: what such a call is priced for, where units are counted."""
CHAT_TOKENS = (1000, 500)
"""Tokens in and out of the chat that models are compared by."""


class RouteParams(Params):
    """A task, and what the service for it must be able to do."""

    task: Task = Field(
        description="chat, image, restyling, upscaling, background_removal, detection, caption, question, "
        "transcription, speech or video.",
        examples=["chat"],
    )
    context_tokens: int | None = Field(None, description="Tokens that must fit into it.", examples=[100000], ge=1)
    max_usd: Decimal | None = Field(None, description="The most a typical call may cost, USD.", examples=["0.05"], ge=0)


class RouteRunParams(RouteParams):
    """A task, its input, and how many other services may be tried when one has no capacity."""

    input: dict[str, Any] = Field(
        description="Inputs by name; for a chat `messages`.",
        examples=[{"messages": [{"role": "user", "content": "hi"}]}],
    )
    fallbacks: int = Field(2, description="How many others to try, 0 to 5.", examples=[2], ge=0, le=5)
    wait: int | None = Field(None, description="Seconds the cloud holds the call, 0 to 60.", examples=[30])


class Candidate(Shape):
    """A service for a task. `usd` is a typical call, `price_of` says which; seconds are the median of past calls."""

    service: str = ""
    prediction: str = ""
    eligible: bool = True
    reason: str = ""
    usd: Decimal | None = None
    price_of: str = ""
    price_source: str = "unknown"
    input_usd_per_unit: Decimal | None = None
    output_usd_per_unit: Decimal | None = None
    context_tokens: int | None = None
    quota_left: int | None = None
    median_seconds: float | None = None
    inputs: tuple[str, ...] = ()
    required: tuple[str, ...] = ()


class Route(Shape):
    """The services for a task, the cheapest that can do it first, those that cannot at the end with the reason."""

    task: str = ""
    take: str | None = None
    reason: str = ""
    candidates: tuple[Candidate, ...] = ()
    source: str = "live"
    warning: str | None = None

    def as_json(self) -> Any:
        """Give the choice first."""
        shown = [{name: value for name, value in as_json(item).items() if name != "raw"} for item in self.candidates]
        return {
            "task": self.task,
            "take": self.take,
            "reason": self.reason,
            "source": self.source,
            "warning": self.warning,
            "candidates": shown,
        }


class Routed(Shape):
    """A routed call: who answered, who had no capacity before, and the answer: a chat, or a job with its output."""

    task: str = ""
    service: str = ""
    switches: tuple[str, ...] = ()
    answer: ChatAnswer | None = None
    job: Job | None = None

    @property
    def cost_usd(self) -> Decimal | None:
        """What it cost, in USD."""
        if self.answer is not None:
            return self.answer.cost_usd
        return self.job.spent_usd if self.job else None

    def as_json(self) -> Any:
        """Give who answered, then the answer itself."""
        answer = as_json(self.answer if self.answer is not None else self.job)
        told = {"task": self.task, "service": self.service, "switches": list(self.switches)}
        return {**told, "cost_usd": self.cost_usd, "answer": answer}


def tasks_of(service: Service) -> Iterator[tuple[Task, str]]:
    """Give what a service can do: a task and the prediction that does it, told by its inputs and outputs."""
    for name in service.predictions:
        task = _task(service, name, service.prediction_named(name))
        if task is not None:
            yield task, name


def _task(service: Service, name: str, prediction: Prediction) -> Task | None:
    inputs = {item.name: item for item in prediction.inputs}
    files = [item for item in inputs.values() if item.type == "filename" and item.required]
    outputs, words = prediction.output_vars.keys(), f"{service.alias} {name}".lower()
    if name == "completions" or any(item.type == "chat_array" for item in inputs.values()):
        return "chat"
    if "video_url" in outputs:
        return "video"
    if "audio_url" in outputs:
        return "speech" if "text" in inputs else None
    if "image_url" in outputs:
        return _picture(words, "detection_prompt" in inputs) if files else "image" if "prompt" in inputs else None
    return _reading(words, files[0].name, inputs.keys()) if files and outputs else None


def _picture(words: str, has_things: bool) -> Task:
    if has_things or "dino" in words:
        return "detection"
    if "upscale" in words or "esrgan" in words:
        return "upscaling"
    return "background_removal" if "background" in words else "restyling"


def _reading(words: str, file: str, inputs: Any) -> Task:
    if "audio" in file or "whisper" in words:
        return "transcription"
    return "question" if "question" in inputs else "caption"
