"""A cloud whose every answer carries a text in its strings: between client and sandbox, at the ASGI level."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from zlib import crc32

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from theta_tui.sandbox.demo import seed_demo
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World

TextFor = Callable[[str, int], str]
"""The text for a string, by the name of its field and how many of that name came before it in the same answer."""

WORDS = re.compile(
    r"(?i)(short_|system_|sql_)?(name|description|prompt)|templatename|containerimage|container_images?|gpu|region|body"
    r"|cluster|content|reasoning_content|reasoning|email|(error_)?message|file_?name|(first|last)_name|geo|instructions"
    r"|nickname|node|owned_by|table_name|tags|team|theta_env|version|vm_error|label_.*product|title|detail|text|size"
)
"""Fields that hold words; the others are ids, addresses, moments and states, by which the cloud is steered."""
PIECE = 3
"""Characters of a text in one event of a stream."""
MOST_PIECES = 400


class Poisoned:
    """Puts a text into each string of each answer; with `everywhere` also into ids, addresses and states."""

    def __init__(self, app: ASGIApp, text_for: TextFor, *, everywhere: bool) -> None:
        self._app = app
        self._text_for = text_for
        self._everywhere = everywhere
        self._seen: Counter[str] = Counter()
        self.active = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        self.active += 1
        try:
            if scope["type"] != "http" or scope["path"].startswith("/_sandbox/"):
                await self._app(scope, receive, send)
            else:
                await self._poison(scope, receive, send)
        finally:
            self.active -= 1

    async def _poison(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message = {}
        body = bytearray()

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body"):
                changed = self._changed(bytes(body))
                kept = [(name, value) for name, value in start["headers"] if name != b"content-length"]
                length = (b"content-length", str(len(changed)).encode())
                await send({**start, "headers": [*kept, length]})
                await send({"type": "http.response.body", "body": changed})

        await self._app(scope, receive, keep)

    def _changed(self, body: bytes) -> bytes:
        self._seen.clear()
        if body.startswith(b"data:"):
            return self._changed_events(body.decode())
        try:
            value = json.loads(body)
        except ValueError:
            return body
        return json.dumps(self._value(value, "", top=True)).encode()

    def _changed_events(self, text: str) -> bytes:
        """Let the model say the text, think it, and call a tool with it, in pieces: sequences arrive cut."""
        lines = text.split("\n")
        at = next(at for at, line in enumerate(lines) if '"delta"' in line)
        event = json.loads(lines[at].removeprefix("data:"))
        payload = self._text_for("content", 0)
        said: list[dict[str, object]] = [{"role": "assistant"}]
        said += [{"reasoning_content": piece} for piece in _pieces(payload)]
        said += [{"content": piece} for piece in _pieces(payload)]
        said.append({"tool_calls": [{"index": 0, "id": "call_1", "function": {"name": payload, "arguments": ""}}]})
        said += [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in _pieces(payload)]
        made = []
        for delta in said:
            event["choices"] = [{"index": 0, "delta": delta, "finish_reason": None}]
            made += [f"data: {json.dumps(event)}", ""]
        rest = [line for line in lines[at:] if '"content"' not in line]
        return "\n".join([*lines[:at], *made, *rest]).encode()

    def _value(self, value: object, name: str, *, top: bool = False) -> object:
        if isinstance(value, dict):
            return {key: item if top and key == "status" else self._value(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [self._value(item, name) for item in value]
        if isinstance(value, str) and (self._everywhere or WORDS.fullmatch(name)):
            self._seen[name] += 1
            return f"{value[:3]}{self._text_for(name, self._seen[name] - 1)}{value[3:]}"
        return value


class PoisonedServer(SandboxServer):
    """The simulated cloud with a text in its answers."""

    def __init__(self, world: World, text_for: TextFor, *, everywhere: bool) -> None:
        super().__init__(world)
        config = self._server.config
        self._poisoned = Poisoned(config.app, text_for, everywhere=everywhere)  # type: ignore[arg-type]
        config.app = self._poisoned  # type: ignore[assignment]

    def is_busy(self) -> bool:
        """Whether some call has not been answered yet."""
        return self._poisoned.active > 0


@contextmanager
def poisoned_cloud(text_for: TextFor, *, everywhere: bool = False) -> Iterator[PoisonedServer]:
    """Serve the demo's world with a text in its answers. Its clock stands still, the same for all that begin today."""
    world = World(pace=0, speed=0)
    world.clock._born = world.clock._born.replace(minute=0, second=0, microsecond=0)
    seed_demo(world)
    with PoisonedServer(world, text_for, everywhere=everywhere) as server:
        yield server
    assert world.problems == []


def in_turn(payloads: Mapping[str, str], start: int = 0) -> TextFor:
    """Give each field another one of the payloads, and each record another one than the record before."""
    texts = list(payloads.values())
    return lambda name, nth: texts[(crc32(name.encode()) + start + nth) % len(texts)]


def _pieces(text: str) -> list[str]:
    size = max(PIECE, len(text) // MOST_PIECES)
    return [text[at : at + size] for at in range(0, len(text), size)]
