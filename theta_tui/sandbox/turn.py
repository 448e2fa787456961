"""A simulated model's turn under way: the words of OpenAI's dialect, its pace and its faults (wire 2.12, 2.13).

It makes the pieces; `speech.py` sends them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from theta_tui.sandbox.chance import Chance
from theta_tui.sandbox.faults import Fault
from theta_tui.sandbox.utterance import Speaker, Utterance
from theta_tui.sandbox.world import World

#: In real time, times the world's pace: a fast clock must not make a stream unreadable.
TOKENS_A_SECOND: Final = 45
_LONGEST_JSON_SECONDS: Final = 6.0

_BROKEN: Final = '{"id": "chatcmpl-'

#: What may go wrong with a chat (wire 18.7 and 18.8). Options: `chunks`, after how many of them a stream is cut, stalls
#: (`seconds`, real time), meets a malformed line (`text`) or an error (`text`, `openai` for the other form).
SCENARIOS: Final = (
    "null_output",
    "no_done",
    "malformed_line",
    "crlf",
    "sse_despite_json",
    "json_despite_sse",
    "cut_stream",
    "stall_stream",
    "error_event",
    "comment_lines",
    "think_tags",
)


@dataclass(frozen=True)
class Spoken:
    """What was really sent: tokens for the bill, the text, and whether the answer came to its end."""

    prompt_tokens: int
    completion_tokens: int
    text: str
    finish_reason: str
    complete: bool


class Turn:
    """One answer under way: its id, its pace, its faults, and what has been sent of it."""

    def __init__(
        self,
        world: World,
        model: Speaker,
        body: Mapping[str, Any],
        utterance: Utterance,
        faults: dict[str, Fault],
        on_usage: Callable[[Spoken], None],
    ) -> None:
        self.utterance = utterance
        self.faults = faults
        self.cut = False
        self._world = world
        self._on_usage = on_usage
        self._sent = 0
        self._settled = False
        chance = Chance("chat", model.name, json.dumps(body, sort_keys=True, default=str))
        self._first = 0.3 + chance.share() * 0.5
        self._head = {
            "id": f"chatcmpl-{world.ids.hexadecimal(24)}",
            "created": int(world.clock.now().timestamp()),
            "model": model.name,
        }

    def settle(self) -> None:
        """Tell what was really sent, the first time this is called.

        It is called before the last words leave, so that whoever has read them finds the money taken.
        """
        if self._settled:
            return
        self._settled = True
        sent = self.utterance.pieces[: self._sent]
        text = "".join(piece.text for piece in sent if piece.key == "content")
        complete = self._sent == len(self.utterance.pieces) and not self.cut
        reason = self.utterance.finish_reason if complete else "cancelled"
        self._on_usage(Spoken(self.utterance.prompt_tokens, self._sent, text, reason, complete))

    async def whole(self) -> dict[str, Any]:
        """The whole answer at once, after the time it takes."""
        pieces = self.utterance.pieces
        await asyncio.sleep(self._world.pace * min(self._first + len(pieces) / TOKENS_A_SECOND, _LONGEST_JSON_SECONDS))
        self._sent = len(pieces)
        message: dict[str, Any] = {"role": "assistant", "content": self.utterance.text("content") or None}
        for key in ("reasoning", "reasoning_content"):
            if text := self.utterance.text(key):
                message[key] = text
        if call := self.utterance.call:
            function = {"name": call.function, "arguments": self.utterance.text("arguments")}
            message["tool_calls"] = [{"id": call.id, "type": "function", "function": function}]
        choice = {"index": 0, "message": message, "finish_reason": self.utterance.finish_reason}
        return {**self._head, "object": "chat.completion", "choices": [choice], "usage": self._usage()}

    async def events(self) -> AsyncIterator[str]:
        """The answer as SSE blocks, at a readable pace, with whatever has been ordered to go wrong."""
        loop = asyncio.get_running_loop()
        yield self._delta({"role": "assistant", "content": ""})
        start = loop.time()
        for number, delta in enumerate(self._deltas()):
            async for block in self._mishaps(number):
                yield block
            if self.cut:
                return
            wait = start + (self._first + number / TOKENS_A_SECOND) * self._world.pace - loop.time()
            if wait > 0 or number % 32 == 0:
                await asyncio.sleep(max(wait, 0))
            yield self._delta(delta)
            self._sent += 1
        self.settle()
        yield self._delta({}, self.utterance.finish_reason)
        yield _data({**self._head, "object": "chat.completion.chunk", "choices": [], "usage": self._usage()})
        if "no_done" not in self.faults:
            yield "data: [DONE]\n\n"

    def _deltas(self) -> list[dict[str, Any]]:
        call, deltas = self.utterance.call, list[dict[str, Any]]()
        opened = False
        for piece in self.utterance.pieces:
            if piece.key != "arguments" or call is None:
                deltas.append({piece.key: piece.text})
                continue
            part: dict[str, Any] = {"index": 0, "function": {"arguments": piece.text}}
            if not opened:
                part = {"index": 0, "id": call.id, "type": "function"}
                part["function"] = {"name": call.function, "arguments": piece.text}
            opened = True
            deltas.append({"tool_calls": [part]})
        return deltas

    async def _mishaps(self, number: int) -> AsyncIterator[str]:
        if "comment_lines" in self.faults and number % 5 == 0:
            yield ": still here\n\n"
        if self._strikes("malformed_line", number, 2):
            yield f"data: {self.faults['malformed_line'].option('text', _BROKEN)}\n\n"
        if self._strikes("stall_stream", number, 10):
            await asyncio.sleep(float(self.faults["stall_stream"].option("seconds", 3600)))
        if self._strikes("error_event", number, 10):
            self._cut_off()
            yield _data(_mid_stream_error(self.faults["error_event"]))
        if self._strikes("cut_stream", number, 10):
            self._cut_off()

    def _cut_off(self) -> None:
        self.cut = True
        self.settle()

    def _strikes(self, name: str, number: int, default: int) -> bool:
        """Whether this fault happens before the piece of this number; a short answer meets it at its last piece."""
        last = max(len(self.utterance.pieces) - 1, 0)
        return name in self.faults and number == min(int(self.faults[name].option("chunks", default)), last)

    def _delta(self, delta: dict[str, Any], finish_reason: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return _data({**self._head, "object": "chat.completion.chunk", "choices": [choice]})

    def _usage(self) -> dict[str, int]:
        asked = self.utterance.prompt_tokens
        return {"prompt_tokens": asked, "completion_tokens": self._sent, "total_tokens": asked + self._sent}


def _mid_stream_error(fault: Fault) -> dict[str, Any]:
    words = str(fault.option("text", "The worker was lost"))
    if fault.option("openai"):
        return {"error": {"message": words, "type": "server_error", "code": 500}}
    return {"status": "error", "message": words}


def _data(content: dict[str, Any]) -> str:
    return f"data: {json.dumps(content, ensure_ascii=False, separators=(',', ':'))}\n\n"
