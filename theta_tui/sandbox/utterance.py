"""One turn of a simulated language model, cut into tokens: thoughts, answer or tool call, and why it ended. No HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from theta_tui.sandbox import prose
from theta_tui.sandbox.chance import Chance

_TOKEN: Final = re.compile(r" ?[^\W\d_]{1,7}|\d{1,3}|\n+|[^\S\n]+|_|[^\w\s]{1,3}|.", re.DOTALL)
_PARAGRAPHS: Final = {"low": 1, "medium": 3, "high": 6, "max": 16}

#: Where a model puts its thoughts: a key of the message, or think tags inside the content.
THINK_TAGS: Final = "think"


@dataclass(frozen=True)
class Speaker:
    """A language model as far as it speaks: its name on the wire and its habits.

    `reasoning` is the key of its thoughts (`reasoning`, `reasoning_content`, or `THINK_TAGS`; None: it shows none),
    `streams` what it does when `stream` is absent, `max_tokens` its cap when none is given, `sees` whether it takes
    images.
    """

    name: str
    reasoning: str | None = None
    streams: bool = False
    tools: bool = False
    efforts: tuple[str, ...] = ()
    max_tokens: int = 500
    context: int = 131_072
    sees: bool = False


SPEAKERS: Final[dict[str, Speaker]] = {
    speaker.name: speaker
    for speaker in (
        Speaker("glm_5_3", "reasoning_content", True, True, ("low", "high", "max"), 8192, 1_048_576),
        Speaker("glm_5_3_flash", "reasoning_content", True, True, ("low", "high", "max"), 8192, 262_144),
        Speaker("qwen3", streams=True, context=32_768),
        Speaker("gpt_oss_120b", "reasoning", efforts=("low", "medium", "high"), max_tokens=1800),
        Speaker("minimax_m2_5", THINK_TAGS, max_tokens=2048, context=196_608),
    )
}


@dataclass(frozen=True)
class Piece:
    """One token: its text, and the key of the delta it belongs to (`content`, `arguments`, or a reasoning key)."""

    key: str
    text: str


@dataclass(frozen=True)
class ToolCall:
    """The function a model wants called, and its arguments as JSON text."""

    id: str
    function: str
    arguments: str


@dataclass(frozen=True)
class Utterance:
    """Everything the model is going to say in this turn."""

    prompt_tokens: int
    pieces: tuple[Piece, ...]
    finish_reason: str
    call: ToolCall | None = None

    def text(self, key: str) -> str:
        """All of one kind, joined."""
        return "".join(piece.text for piece in self.pieces if piece.key == key)


def tokens(text: str) -> list[str]:
    """The text in word pieces, as a model would send them; joined they are the text again."""
    return _TOKEN.findall(text)


def prompt_tokens(body: Mapping[str, Any]) -> int:
    """How many tokens the question costs, tools included."""
    spoken = sum(4 + len(tokens(prose.words_of(message.get("content")))) for message in body["messages"])
    return 3 + spoken + (len(tokens(json.dumps(body["tools"]))) if body.get("tools") else 0)


def compose(body: Mapping[str, Any], speaker: Speaker) -> Utterance:
    """The turn for a chat request that has been checked: the same request gives the same turn."""
    messages: Sequence[Mapping[str, Any]] = body["messages"]
    thoughts = _thoughts(body, speaker)
    call = _tool_call(body, speaker)
    if call is not None:
        said = [Piece("arguments", token) for token in tokens(call.arguments)]
    else:
        said = [Piece("content", token) for token in tokens(prose.say(messages, speaker.name))]
    whole = [*thoughts, *said]
    cap = body.get("max_completion_tokens") or body.get("max_tokens") or speaker.max_tokens
    kept = tuple(whole[:cap])
    if len(kept) < len(whole):
        spoken_of = call if any(piece.key == "arguments" for piece in kept) else None
        return Utterance(prompt_tokens(body), kept, "length", spoken_of)
    return Utterance(prompt_tokens(body), kept, "tool_calls" if call else "stop", call)


def silenced(utterance: Utterance) -> Utterance:
    """The same turn with all its tokens spent on nothing visible: the null-output trap (wire 2.9)."""
    pieces = tuple(piece for piece in utterance.pieces if piece.key not in ("content", "arguments"))
    return replace(utterance, pieces=pieces, finish_reason="length", call=None)


def _thoughts(body: Mapping[str, Any], speaker: Speaker) -> list[Piece]:
    if speaker.reasoning is None:
        return []
    effort = body.get("reasoning_effort") or "low"
    text = prose.think(body["messages"], _PARAGRAPHS.get(effort, 1))
    if speaker.reasoning == THINK_TAGS:
        return [Piece("content", token) for token in ("<think>", "\n", *tokens(text), "\n", "</think>", "\n\n")]
    return [Piece(speaker.reasoning, token) for token in tokens(text)]


def _tool_call(body: Mapping[str, Any], speaker: Speaker) -> ToolCall | None:
    offered = [tool["function"] for tool in body.get("tools") or ()]
    choice = body.get("tool_choice", "auto")
    if not speaker.tools or not offered or choice == "none" or body["messages"][-1].get("role") == "tool":
        return None
    asked = prose.last_words(body["messages"])
    wanted = choice["function"]["name"] if isinstance(choice, dict) else None
    function = next((one for one in offered if one["name"] == wanted), None) or _best(offered, asked)
    arguments = json.dumps(_arguments(function.get("parameters") or {}, asked), ensure_ascii=False)
    number = Chance("call", asked, function["name"]).number()
    return ToolCall(f"call_{number:016x}", function["name"], arguments)


def _best(functions: Sequence[Mapping[str, Any]], asked: str) -> Mapping[str, Any]:
    words = set(re.findall(r"\w{3,}", asked.lower()))

    def shared(function: Mapping[str, Any]) -> int:
        about = f"{function['name']} {function.get('description') or ''}".lower().replace("_", " ")
        return len(words & set(re.findall(r"\w{3,}", about)))

    return max(functions, key=shared)


def _arguments(schema: Mapping[str, Any], asked: str) -> dict[str, Any]:
    properties = schema.get("properties")
    fields = properties if isinstance(properties, dict) else {}
    needed = schema.get("required") or list(fields)
    return {name: _argument(fields.get(name) or {}, asked) for name in needed}


def _argument(field: Mapping[str, Any], asked: str) -> Any:
    if field.get("enum"):
        return next((one for one in field["enum"] if str(one).lower() in asked.lower()), field["enum"][0])
    kind = field.get("type")
    if kind in ("integer", "number"):
        number = re.search(r"\d+", asked)
        return int(number[0]) if number else 1
    if kind == "object":
        return _arguments(field, asked)
    if kind == "array":
        return [_argument(field.get("items") or {}, asked)]
    if kind == "boolean":
        return True
    place = re.search(r"\b(?:in|at|for|to|of)\s+((?:[A-Z][\w-]*\s?)+)", asked)
    return place[1].strip() if place else prose.topic_of(asked)
