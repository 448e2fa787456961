"""The OpenAI dialect of the simulated language models: one chat request, answered as JSON or token by token (SSE).

Wire 2.12 and 2.13. It knows neither accounts nor prices: who calls it is told afterwards what was used.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from theta_tui.sandbox.chats import BadChat, check
from theta_tui.sandbox.turn import SCENARIOS, Spoken, Turn
from theta_tui.sandbox.utterance import THINK_TAGS, Speaker, compose, silenced
from theta_tui.sandbox.world import World


def chat_response(
    world: World,
    body: Mapping[str, Any],
    *,
    model: Speaker,
    on_usage: Callable[[Spoken], None],
    path: str = "",
) -> Response:
    """Answer a chat request (OD-5, DI-2) as this model; a request that makes no sense gets a 400 in OpenAI's form.

    `on_usage` is called once, when all has been said or the client has gone; never for a refused request. `path`
    lets faults with a `match` find this call.
    """
    try:
        check(body, model)
    except BadChat as error:
        return JSONResponse({"error": error.described()}, 400)
    faults = {name: fault for name in SCENARIOS if (fault := world.faults.take(name, "POST", path))}
    if "think_tags" in faults:
        model = replace(model, reasoning=THINK_TAGS)
    utterance = compose(body, model)
    if "null_output" in faults:
        utterance = silenced(utterance)
    asked = body.get("stream")
    streams = (model.streams if asked is None else asked) or "sse_despite_json" in faults
    turn = Turn(world, model, body, utterance, faults, on_usage)
    if streams and "json_despite_sse" not in faults:
        return EventStream(turn)
    return WholeAnswer(turn)


class EventStream(Response):
    """A turn as `text/event-stream`. A client who goes away ends it, and pays only for what was sent."""

    media_type = "text/event-stream"

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        super().__init__(headers={"cache-control": "no-cache"})
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the end, the cut, or the client's leaving, whichever comes first."""
        speaking = asyncio.ensure_future(self._speak(scope, send))
        watching = asyncio.ensure_future(_until_gone(receive))
        try:
            await asyncio.wait((speaking, watching), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (speaking, watching):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            self._turn.settle()

    async def _speak(self, scope: Scope, send: Send) -> None:
        ending = "\r\n" if "crlf" in self._turn.faults else "\n"
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for block in self._turn.events():
            await send(_body(block.replace("\n", ending).encode()))
        if self._turn.cut and "cut_stream" in self._turn.faults:
            # Closing without the last chunk is what a broken connection looks like to the client.
            scope["state"]["transport"].close()
            return
        await send(_body(b"", last=True))


class WholeAnswer(Response):
    """A turn as plain OpenAI JSON, without envelope."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        super().__init__()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait as long as the answer takes, then send it."""
        try:
            answer = await self._turn.whole()
            self._turn.settle()
            await JSONResponse(answer)(scope, receive, send)
        finally:
            self._turn.settle()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _body(content: bytes, *, last: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": content, "more_body": not last}
