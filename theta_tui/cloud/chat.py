"""The OpenAI chat dialect as it really arrives (wire 2.13): messages of a stream folded into one answer.

It does not know which route or host they came from; a whole JSON answer is a stream of one message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from theta_tui.change import Ending, Json, Reply, Spent
from theta_tui.errors import EmptyOutput, JobFailed
from theta_tui.shapes.chat import ChatAnswer, ChatEvent, Message
from theta_tui.shapes.on_demand import Job, Price

IMAGE_TOKENS = 4_096
"""More than any known model makes of one image."""

OPEN_THINK, CLOSE_THINK = "<think>", "</think>"

MOST_PIECES = 500
"""So many pieces of an answer become one: as strings of their own they take ten times the room of their letters."""

BYTES_PER_TOKEN = 3
"""A careful guess for answers that were cut before their usage came: real tokens are longer."""


def worst_tokens(messages: tuple[Message, ...], max_tokens: int) -> tuple[int, int]:
    """Give the largest number of tokens a chat can use: a token is at least one byte, plus what frames a message."""
    return sum(_worst_of(message.content) + 16 for message in messages), max_tokens


def _worst_of(content: str | list[dict[str, Any]] | None) -> int:
    """Count the bytes of texts; an image costs by its size in pixels, not by how it is written down."""
    if not isinstance(content, list):
        return len((content or "").encode("utf-8", "replace"))
    images = len([part for part in content if part.get("type") == "image_url"])
    others = (part.get("text", part) for part in content if part.get("type") != "image_url")
    return images * IMAGE_TOKENS + sum(len(str(each).encode("utf-8", "replace")) for each in others)


def check_answer(answer: ChatAnswer) -> None:
    """Raise EmptyOutput when a complete answer has no text: never hand it on as valid (wire 2.9)."""
    failure = next((note for note in answer.notes if note.startswith("The model failed")), None)
    if failure:
        raise JobFailed(failure, request_id=answer.request_id)
    if answer.complete and answer.is_empty:
        thinking = " after spending its budget on reasoning" if answer.reasoning else ""
        raise EmptyOutput(f"{answer.service or 'The model'} gave an empty completion{thinking}.",
                          request_id=answer.request_id)  # fmt: skip


def spent_on(answer: ChatAnswer) -> Spent | None:
    """Give what an answer cost."""
    return None if answer.cost_usd is None else Spent(answer.cost_usd, answer.cost_is_estimate)


class ThinkTags:
    """Splits text with `<think>` tags (MiniMax) into visible text and reasoning; a tag may be cut across pieces."""

    def __init__(self) -> None:
        self._inside = False
        self._rest = ""

    def feed(self, text: str) -> Iterator[ChatEvent]:
        """Give the pieces of this text, keeping back what may be the start of a tag."""
        self._rest += text
        while self._rest:
            tag = CLOSE_THINK if self._inside else OPEN_THINK
            at = self._rest.find(tag)
            ready = at if at >= 0 else len(self._rest) - _overlap(self._rest, tag)
            if ready:
                yield ChatEvent(kind="reasoning" if self._inside else "text", text=self._rest[:ready])
            self._rest = self._rest[ready:]
            if at < 0:
                return
            self._rest = self._rest[len(tag) :]
            self._inside = not self._inside

    def flush(self) -> Iterator[ChatEvent]:
        """Give what was kept back."""
        if self._rest:
            yield ChatEvent(kind="reasoning" if self._inside else "text", text=self._rest)
            self._rest = ""


def _overlap(text: str, tag: str) -> int:
    return next((size for size in range(min(len(tag) - 1, len(text)), 0, -1) if tag.startswith(text[-size:])), 0)


class ChatFold:
    """Folds the messages of one answer; `finished` once they said so themselves."""

    def __init__(self, *, service: str, price: Price | None = None, prompt_bytes: int = 0, free: bool = False) -> None:
        self._service = service
        self._price = price
        self._prompt_bytes = prompt_bytes
        self._free = free
        self._think = ThinkTags()
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._calls: dict[int, dict[str, Any]] = {}
        self._usage: dict[str, int] = {}
        self._notes: list[str] = []
        self._finish: str | None = None
        self._model = ""
        self._id: str | None = None
        self._cost: Decimal | None = None
        self._pending = False
        self._told = False

    @property
    def cost_so_far(self) -> Decimal | None:
        """What it has come to so far, in USD; None when nobody can tell yet."""
        return self._settle()[0]

    @property
    def finished(self) -> bool:
        """Whether a `finish_reason` or a finished job was seen."""
        return self._finish is not None

    def feed(self, message: Json) -> Iterator[ChatEvent]:
        """Take one message: a chunk, a whole completion, or an infer request of OD-3."""
        if not isinstance(message, Mapping):
            return
        self._told = self._told or bool(message.keys() - {"status", "body"})
        if isinstance(message.get("infer_requests"), list):
            yield from self._job(Job.of(message))
            return
        self._keep(message)
        for choice in _list(message.get("choices"))[:1]:
            if isinstance(choice, Mapping):
                yield from self._choice(choice)

    def _keep(self, message: Mapping[str, Any]) -> None:
        self._id = _str(message.get("id")) or self._id
        self._model = _str(message.get("model")) or self._model
        usage = message.get("usage")
        if isinstance(usage, Mapping):
            self._usage.update({key: value for key, value in usage.items() if type(value) is int})

    def _choice(self, choice: Mapping[str, Any]) -> Iterator[ChatEvent]:
        parts = [part for key in ("delta", "message") if isinstance(part := choice.get(key), Mapping)]
        said: Mapping[str, Any] = parts[0] if parts else {}
        reasoning = _str(said.get("reasoning")) or _str(said.get("reasoning_content"))
        if reasoning:
            yield self._note_event(ChatEvent(kind="reasoning", text=reasoning))
        contents = (part["content"] for part in parts if part.get("content") is not None)
        for event in self._think.feed(_str(next(contents, choice.get("text")))):
            yield self._note_event(event)
        for number, call in enumerate(_list(said.get("tool_calls"))):
            if isinstance(call, Mapping):
                index = call.get("index")
                yield from self._call(index if type(index) is int else number, call)
        self._finish = _str(choice.get("finish_reason")) or self._finish

    def _call(self, index: int, delta: Mapping[str, Any]) -> Iterator[ChatEvent]:
        call = self._calls.setdefault(
            index, {"id": "", "type": "function", "function": {"name": "", "arguments": ""}}
        )  # fmt: skip
        call["id"] = _str(delta.get("id")) or call["id"]
        function = delta.get("function")
        if isinstance(function, Mapping):
            for key in ("name", "arguments"):
                if said := _str(function.get(key)):
                    call["function"][key] += said
                    yield ChatEvent(kind="tool_call", text=said, call=index, is_name=key == "name")

    def _job(self, job: Job) -> Iterator[ChatEvent]:
        self._id = job.id or self._id
        self._cost = job.spent_usd
        usage = {"prompt_tokens": job.usage.get("input"), "completion_tokens": job.usage.get("output")}
        self._usage.update({key: value for key, value in usage.items() if type(value) is int})
        if job.state == "success":
            self._finish = "stop"
        elif job.is_over:
            self._finish = job.state
            self._notes.append(f"The model failed: {job.failure or job.state}")
        else:
            self._pending = True
        output = job.output if isinstance(job.output, Mapping) else {}
        said = output.get("message") if output.get("message") is not None else output.get("text")
        for event in self._think.feed(_str(said)):
            yield self._note_event(event)

    def _note_event(self, event: ChatEvent) -> ChatEvent:
        pieces = self._text if event.kind == "text" else self._reasoning
        pieces.append(event.text)
        if len(pieces) > MOST_PIECES:
            pieces[:] = ["".join(pieces)]
        return event

    def result(self, ending: Ending) -> ChatAnswer:
        """Give the answer of all that was fed; the cost is the cloud's own where it told one, else an estimate.

        ValueError when it ended as it should and nothing was in it: that proves nothing.
        """
        if ending.complete and not self._told:
            raise ValueError("the answer says nothing")
        for event in self._think.flush():
            self._note_event(event)
        notes = [*self._notes, *([ending.note] if ending.note else [])]
        if self._pending:
            notes.append(f"Still running: follow it with theta.ondemand.pollUntilDone requestId={self._id}")
        if self._finish == "length":
            notes.append("The answer reached max_tokens and was cut there.")
        cost, estimate = self._settle()
        return ChatAnswer(
            text="".join(self._text),
            reasoning="".join(self._reasoning),
            usage=self._usage,
            finish_reason=self._finish,
            complete=ending.complete and not self._pending,
            model=self._model,
            service=self._service,
            request_id=ending.request_id if self._id is None else self._id,
            cost_usd=cost,
            cost_is_estimate=estimate,
            seconds=round(ending.seconds, 3),
            first_token_seconds=None if ending.first_seconds is None else round(ending.first_seconds, 3),
            tool_calls=tuple(self._calls[index] for index in sorted(self._calls)),
            notes=tuple(notes),
        )

    def _settle(self) -> tuple[Decimal | None, bool]:
        """Give the cost in USD and whether it is our estimate: from usage, or from what came where that was cut off.

        Nobody can tell the cost of a job that goes on, nor of an answer of which neither usage nor a word came.
        """
        if self._free:
            return Decimal(0), False
        if self._cost is not None or self._price is None:
            return self._cost, False
        calls = "".join(call["function"]["name"] + call["function"]["arguments"] for call in self._calls.values())
        came = sum(map(len, (*self._text, *self._reasoning, calls)))
        if self._pending or not (came or self._usage):
            return None, False
        tokens_in = self._usage.get("prompt_tokens", self._prompt_bytes // BYTES_PER_TOKEN)
        tokens_out = self._usage.get("completion_tokens", came // BYTES_PER_TOKEN + 1)
        return self._price.of_tokens(tokens_in, tokens_out), True


def chat_fold(
    service: str, price: Price | None, *, prompt_bytes: int = 0, free: bool = False
) -> Callable[[], ChatFold]:
    """Give a maker of folds for one Change."""
    return lambda: ChatFold(service=service, price=price, prompt_bytes=prompt_bytes, free=free)


def whole_answer(fold: ChatFold, reply: Reply) -> ChatAnswer:
    """Fold an answer that came in one piece; ValueError for one that says nothing."""
    list(fold.feed(reply.value))
    return fold.result(Ending(complete=True, seconds=reply.seconds, request_id=reply.request_id))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _str(value: object) -> str:
    return value if isinstance(value, str) else ""
