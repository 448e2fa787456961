"""On-demand models (wire 2 and 3): services, infer requests, upload slots, and what their commands need."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from theta_tui.shapes.base import (
    Flag,
    Money,
    Number,
    Params,
    Shape,
    Table,
    Text,
    Texts,
    Whole,
    as_json,
    only,
    parts,
    records,
)
from theta_tui.shapes.chat import Message

Category = Literal["image", "audio", "text", "video", "vision", "other"]

MILLION = Decimal(1_000_000)
CENTS = Decimal(100)


class InputVar(Shape):
    """One input of a prediction; the default may be called `default` or `default_value` (wire 2.2)."""

    spellings: ClassVar[dict[str, str]] = {"defaultvalue": "default"}

    name: Text = ""
    type: Text = "string"
    index: Whole = None
    description: Text = ""
    required: Flag = False
    default: Any = None


class Prediction(Shape):
    """A function of a service. `cost` and `cost_divisor` give its price by the formula of wire 1.6."""

    rank: Whole = None
    func_type: Text = ""
    instructions: Text = ""
    cost: Any = None
    cost_divisor: Number = None
    input_vars: Table = Field(default_factory=dict)
    output_vars: Table = Field(default_factory=dict)
    variants: Texts = ()
    openrouter_metadata: Table = Field(default_factory=dict)

    @property
    def inputs(self) -> tuple[InputVar, ...]:
        """The inputs in the order the service gives them."""
        found = [InputVar.read({**_dict(spec), "name": name}) for name, spec in self.input_vars.items()]
        return tuple(sorted(found, key=lambda item: item.index if item.index is not None else 999))

    @property
    def context_tokens(self) -> int | None:
        """The context window in tokens, where the service tells it."""
        for key in ("context_length", "context_window", "max_context_length"):
            value = self.openrouter_metadata.get(key)
            if isinstance(value, (int, Decimal)) and value:
                return int(value)
        return None


class Service(Shape):
    """A model of the catalogue. `source` is `live`, or `catalog` for our built-in fallback."""

    id: Text = ""
    name: Text = ""
    alias: Text = ""
    state: Text = ""
    workload_type: Text = ""
    default_prediction: Text = ""
    predictions: Table = Field(default_factory=dict)
    variant_templates: Table = Field(default_factory=dict)
    min_vram: Number = None
    executions: Whole = None
    rank: Whole = None
    workers: Whole = None
    create_time: Text = ""
    update_time: Text = ""
    source: Literal["live", "catalog"] = "live"

    @property
    def prediction(self) -> Prediction:
        """The default prediction."""
        return self.prediction_named(None)

    def prediction_named(self, name: str | None) -> Prediction:
        """Give a prediction by name, the default one for None; an empty one if the service has no such name."""
        key = name or self.default_prediction or next(iter(self.predictions), "")
        return Prediction.read(self.predictions.get(key))

    @property
    def category(self) -> Category:
        """What it makes, derived as wire 2.2 says: the official words of the alias, then its inputs and outputs."""
        prediction = self.prediction
        kinds = {item.type for item in prediction.inputs}
        if "chat_array" in kinds or self.default_prediction == "completions":
            return "text"
        alias = self.alias.lower()
        if any(word in alias for word in ("blip", "llava", "dino", "vision")):
            return "vision"
        for category, words in _ALIAS_WORDS.items():
            if any(word in alias for word in words):
                return category
        for category, suffix in (("image", "image_url"), ("audio", "audio_url"), ("video", "video_url")):
            if suffix in prediction.output_vars:
                return category
        return "other"

    def price(self, prediction: str | None = None) -> Price:
        """Give the price of a prediction as the catalogue states it."""
        return Price.of(self.prediction_named(prediction), is_text=self.category == "text")

    def as_json(self) -> Any:
        """Give the cloud's object with our tags `source` and `category`."""
        return {**self.raw, "source": self.source, "category": self.category}


_ALIAS_WORDS: dict[Category, tuple[str, ...]] = {
    "audio": ("whisper", "audio", "voice", "kokoro"),
    "image": ("flux", "sdxl", "stable", "image", "upscale", "esrgan", "instant_id"),
    "text": ("llama", "llm", "text", "chat", "mistral"),
    "video": ("video", "talking_head"),
}


class Price(Shape):
    """USD per input unit and per output unit; a unit is a token for text, else what the service counts."""

    input_usd: Money = None
    output_usd: Money = None
    is_per_token: bool = False

    @classmethod
    def of(cls, prediction: Prediction, *, is_text: bool) -> Self:
        """Read catalogue cost, in cents per `cost_divisor` units (wire 1.6; per million tokens for text)."""
        divisor = prediction.cost_divisor or (MILLION if is_text else Decimal(1))
        cost = prediction.cost
        sides = _dict(cost) if isinstance(cost, Mapping) else {"input": cost if is_text else 0, "output": cost}
        amounts = cls(input_usd=sides.get("input"), output_usd=sides.get("output"), is_per_token=is_text)
        if divisor <= 0 or amounts.output_usd is None:
            return cls(is_per_token=is_text)
        scale = divisor * CENTS
        return cls(
            input_usd=(amounts.input_usd or Decimal(0)) / scale,
            output_usd=amounts.output_usd / scale,
            is_per_token=is_text or divisor > 1,
        )

    def of_tokens(self, tokens_in: int, tokens_out: int) -> Decimal | None:
        """Give the price of so many units in USD; None when the price is unknown."""
        if self.output_usd is None:
            return None
        return (self.input_usd or Decimal(0)) * tokens_in + self.output_usd * tokens_out


class ServiceList(Shape):
    """The catalogue, and whether it is live; `fallback_reason` says why it is not."""

    services: tuple[Service, ...] = ()
    source: Literal["live", "catalog"] = "live"
    warning: str | None = None
    fallback_reason: str | None = None

    @property
    def callable(self) -> tuple[Service, ...]:
        """Those that can be called: they have an alias."""
        return tuple(item for item in self.services if item.alias)

    def find(self, alias: str) -> Service | None:
        """Give the service with this alias or id."""
        return next((item for item in self.services if alias and alias in (item.alias, item.id)), None)


class Quota(Shape):
    """What is left of the request quotas of one template (wire 2.7)."""

    template_id: Text = ""
    ten_min_quota: Whole = None
    ten_min_remaining: Whole = None
    daily_quota: Whole = None
    daily_remaining: Whole = None


class Job(Shape):
    """An infer request (wire 2.6). `cost_usd` is in USD."""

    spellings: ClassVar[dict[str, str]] = {"cost": "cost_usd"}

    id: Text = ""
    service_id: Text = ""
    project_id: Text = ""
    prediction: Text = ""
    variant: Text = ""
    state: Text = ""
    usage: Table = Field(default_factory=dict)
    cost_usd: Table = Field(default_factory=dict)
    output: Any = None
    error_message: Text = ""
    error: Text = ""
    create_time: Text = ""
    quotas: tuple[Quota, ...] = ()

    @classmethod
    def of(cls, value: object) -> Self:
        """Read the first infer request of an answer, with the quotas beside it."""
        job = cls.read(only(value, "infer_requests"))
        quotas = tuple(Quota.read(item) for item in parts(_dict(value).get("model_quotas")))
        return job.model_copy(update={"quotas": quotas})

    @classmethod
    def answered(cls, value: object) -> Self:
        """Read the answer to an infer request; ValueError for one that does not tell of any job."""
        job = cls.of(value)
        if not (job.id or job.state or job.output):
            raise ValueError("the answer tells of no job")
        return job

    @property
    def is_over(self) -> bool:
        """Whether the state is terminal (wire 2.8)."""
        return self.state in ("success", "error", "failed", "cancelled", "canceled")

    @property
    def spent_usd(self) -> Decimal | None:
        """What it cost in USD, both sides together; None while unknown."""
        amounts = [Job._money(self.cost_usd.get(side)) for side in ("input", "output")]
        known = [amount for amount in amounts if amount is not None]
        return sum(known, Decimal(0)) if known and self.is_over else None

    @property
    def failure(self) -> str:
        """The cloud's words for a failed job."""
        return self.error_message or self.error

    @staticmethod
    def _money(value: object) -> Decimal | None:
        return value if isinstance(value, Decimal) else Decimal(value) if isinstance(value, int) else None


class PollResult(Shape):
    """How polling ended (wire 15.1): a terminal state, `timeout` or `max-attempts`, with the last answer."""

    terminal_state: str = ""
    attempts: int = 0
    seconds: float = 0.0
    request: Job = Job()


class JobList(Shape):
    """The infer requests of a project, in the cloud's order."""

    requests: tuple[Job, ...] = ()

    @classmethod
    def of(cls, value: object) -> Self:
        """Read an OD-7 answer; the key of its list is assumed (wire 2.5)."""
        return cls(requests=tuple(Job.read(item) for item in records(value, "infer_requests")))

    def as_json(self) -> Any:
        """Give the cloud's own list."""
        return as_json(self.requests)


class UploadSlot(Shape):
    """Where the bytes of one input go. The URL is a secret in itself: shown only where it was asked for."""

    spellings: ClassVar[dict[str, str]] = {"uploadurl": "presigned_url"}

    field: Text = ""
    presigned_url: Text = ""
    filename: Text = ""


class UploadSlots(Shape):
    """The slots of an OD-8 answer, in either of its two forms (wire 2.11)."""

    slots: tuple[UploadSlot, ...] = ()

    @classmethod
    def of(cls, value: object) -> Self:
        """Read `body[field].presigned_url`, else `body.urls[field].upload_url`."""
        source = _dict(value)
        nested = _dict(source.get("urls"))
        plain = {name: spec for name, spec in source.items() if name != "urls" and isinstance(spec, Mapping)}
        found = plain or nested
        return cls(slots=tuple(UploadSlot.read({**_dict(spec), "field": name}) for name, spec in found.items()))


class ServiceFilter(Params):
    """Which services to list."""

    category: Category | None = Field(None, description="Only this category.", examples=["text"])


class ServiceRef(Params):
    """One service."""

    service: str = Field(description="Alias or id of the service.", examples=["qwen3"], min_length=1)


class JobRef(Params):
    """One infer request."""

    request_id: str = Field(
        description="Id of the infer request.", examples=["infr_rqst_k7m2p9q4r1s8t5v0w3x6y2"], min_length=1
    )


class JobsOf(Params):
    """A project whose infer requests to list, the configured one by default."""

    project_id: str | None = Field(
        None, description="Project id; the configured one by default.", examples=["prj_a1b2c3d4e5f6g7h8i9j0k1l2m3n4"]
    )


class PollParams(JobRef):
    """One infer request, and how long to follow it."""

    unfold: ClassVar[tuple[str, ...]] = ("options",)

    interval_ms: int = Field(3000, description="Pause between looks, ms (100 to 60000).", examples=[3000])
    timeout_ms: int = Field(120_000, description="Total time, ms (1000 to 3600000).", examples=[120000])
    max_attempts: int = Field(1000, description="How many looks at the most (1 to 20000).", examples=[1000])


class InferParams(Params):
    """What an inference needs. `payload` may be the input itself or a body with `input`, `variant`, `webhook`."""

    unfold: ClassVar[tuple[str, ...]] = ("options",)

    service: str = Field(description="Alias of the service.", examples=["stable_diffusion_xl_turbo"], min_length=1)
    input: dict[str, Any] = Field(
        description="Inputs by name, as the service's input_vars say (also called payload).",
        examples=[{"prompt": "a red lighthouse"}],
    )
    wait: int | None = Field(None, description="Seconds the cloud holds the call, 0 to 60.", examples=[30])
    prediction: str | None = Field(None, description="A function other than the default one.", examples=["predict"])
    variant: str | None = Field(None, description="Variant of the model.", examples=["quantized"])
    webhook: str | None = Field(None, description="URL called when finished.", examples=["https://example.com/hook"])
    allow_unknown_service: bool = Field(
        False, description="Send also to an alias that no catalogue knows.", examples=[False]
    )

    @model_validator(mode="before")
    @classmethod
    def _open_payload(cls, value: Any) -> Any:
        if not isinstance(value, Mapping) or "payload" not in value:
            return value
        fields = {key: item for key, item in value.items() if key != "payload"}
        payload = value["payload"]
        if isinstance(payload, Mapping) and isinstance(payload.get("input"), Mapping):
            return {**payload, **fields}
        return {"input": payload, **fields}


class ChatParams(Params):
    """What a chat needs; numbers outside their range are clamped as wire 14.2 says."""

    messages: tuple[Message, ...] = Field(
        description="The conversation, oldest first.", examples=[[{"role": "user", "content": "hi"}]]
    )
    service: str = Field("qwen3", description="Alias of the model.", examples=["qwen3"], min_length=1)
    max_tokens: int | None = Field(None, description="Longest answer in tokens, 1 to 5000.", examples=[500])
    temperature: float | None = Field(None, description="Randomness, 0 to 2.", examples=[0.5])
    top_p: float | None = Field(None, description="Nucleus sampling, 0 to 1.", examples=[0.7])
    stream: bool | None = Field(None, description="Answer word by word; false unless the model needs it.")
    wait: int | None = Field(None, description="Seconds the cloud holds the call, 0 to 60.", examples=[30])
    prediction: str | None = Field(None, description="A function other than `completions`.", examples=["completions"])
    variant: str | None = Field(None, description="Variant of the model.", examples=["parallax_32b_fp8"])
    webhook: str | None = Field(None, description="URL called when finished.", examples=["https://example.com/hook"])
    reasoning_effort: str | None = Field(None, description="low, medium, high or max, by model.", examples=["low"])
    tools: tuple[dict[str, Any], ...] | None = Field(None, description="Tools in OpenAI form (GLM-5.3).", examples=[[]])
    tool_choice: Any = Field(None, description="none, auto, required, or one function.", examples=["auto"])
    extra_input: dict[str, Any] = Field(
        default_factory=dict, description="Further inputs sent as they are.", examples=[{"enable_thinking": False}]
    )
    allow_unknown_service: bool = Field(
        False, description="Send also to an alias that no catalogue knows.", examples=[False]
    )

    @field_validator("messages")
    @classmethod
    def _something_to_say(cls, messages: tuple[Message, ...]) -> tuple[Message, ...]:
        if not messages:
            raise ValueError("is empty: give at least one message")
        last = messages[-1]
        if last.role == "user" and not (last.content or ""):
            raise ValueError("ends in an empty user message: write something to ask")
        return messages


class SlotParams(Params):
    """Which file inputs of a service need a slot to upload to."""

    service: str = Field(description="Alias of the service.", examples=["whisper"], min_length=1)
    input_fields: tuple[str, ...] = Field(description="Names of the file inputs.", examples=[["audio_filename"]])
    prediction: str | None = Field(None, description="A function other than the default one.", examples=["stt"])

    spellings: ClassVar[dict[str, str]] = {"inputfield": "input_fields"}

    @field_validator("input_fields", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value


def _dict(value: object) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}
