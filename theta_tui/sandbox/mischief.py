"""What a fault does to one HTTP answer, at the ASGI level. When and how often it happens is `faults.py`'s business.

Options by kind; every kind also takes `seconds`, a delay in real time before anything is answered:

- `status`: `status`, `headers`, `content_type`, and `body` (JSON or text) or `body_hex` (any bytes)
- `json`: `body` in place of the real one, `status` (200)
- `html`, `cloudflare_1010`: `status` (200 and 403)
- `slow`: only the delay · `hang`: no answer ever · `reset`: the connection is aborted (RST)
- `truncate`: the real answer cut after `bytes` · `drip`: the real one, `bytes` (1) at a time, `every` (0.05) seconds
- `flood`: a JSON string of `bytes` · `extra_fields`: unknown keys in every object; `strings`: numbers become strings
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from theta_tui.sandbox.answers import Answer
from theta_tui.sandbox.faults import Fault

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_CHUNK = 65536
#: These let the application handle the call themselves, so that `after` must not do it a second time.
_KEEPING_THE_ANSWER = frozenset({"slow", "truncate", "drip", "extra_fields"})


@dataclass
class Exchange:
    """One call on its way: the application it is meant for, and the two directions."""

    app: ASGIApp
    scope: Scope
    receive: Receive
    send: Send
    finish: Callable[[], Awaitable[None]]
    """Reads what the application has left of the request."""

    @property
    def transport(self) -> asyncio.Transport:
        """The connection itself, put into the scope by our server."""
        transport: asyncio.Transport = self.scope["state"]["transport"]
        return transport

    async def handle(self) -> tuple[Message, bytes]:
        """Let the application handle the call, and keep its answer back."""
        start: Message = {"type": "http.response.start", "status": 500, "headers": []}
        body = bytearray()

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                body.extend(message.get("body", b""))

        await self.app(self.scope, self.receive, keep)
        await self.finish()
        return start, bytes(body)

    async def until_disconnected(self) -> None:
        """Wait until the client or the server's end closes the connection."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def answer(self, response: Response) -> None:
        """Send this in place of the application's answer."""
        await response(self.scope, self.receive, self.send)


async def commit(fault: Fault, exchange: Exchange) -> None:
    """Answer the call the way the fault wants it."""
    if fault.after and fault.kind not in _KEEPING_THE_ANSWER:
        await exchange.handle()
    if not (fault.after and fault.kind == "slow"):
        await asyncio.sleep(_delay(fault))
    await _DEEDS[fault.kind](fault, exchange)


async def _status(fault: Fault, exchange: Exchange) -> None:
    await _drain(fault, exchange)
    status, headers = int(fault.option("status", 500)), dict(fault.option("headers") or {})
    if fault.option("content_type"):
        headers["content-type"] = fault.option("content_type")
    if "body_hex" in fault.options:
        await exchange.answer(Response(bytes.fromhex(fault.options["body_hex"]), status, headers))
        return
    body = fault.option("body", {"status": "error", "message": "Simulated fault"})
    if isinstance(body, str):
        headers.setdefault("content-type", "text/plain; charset=utf-8")
        await exchange.answer(Response(body, status, headers))
    else:
        await exchange.answer(Answer(body, status, headers))


async def _json(fault: Fault, exchange: Exchange) -> None:
    await _drain(fault, exchange)
    await exchange.answer(Answer(fault.option("body"), int(fault.option("status", 200))))


async def _html(fault: Fault, exchange: Exchange) -> None:
    await _drain(fault, exchange)
    page = "<!DOCTYPE html><html><head><title>Sandbox gateway</title></head><body><h1>An error page</h1></body></html>"
    await exchange.answer(HTMLResponse(page, int(fault.option("status", 200))))


async def _cloudflare(fault: Fault, exchange: Exchange) -> None:
    await _drain(fault, exchange)
    await exchange.answer(PlainTextResponse("error code: 1010", int(fault.option("status", 403))))


async def _slow(fault: Fault, exchange: Exchange) -> None:
    if not fault.after:
        await exchange.app(exchange.scope, exchange.receive, exchange.send)
        return
    start, body = await exchange.handle()
    await asyncio.sleep(_delay(fault))
    await exchange.send(start)
    await exchange.send(_part(body, last=True))


async def _hang(fault: Fault, exchange: Exchange) -> None:
    await exchange.until_disconnected()


async def _reset(fault: Fault, exchange: Exchange) -> None:
    await _drain(fault, exchange)
    transport = exchange.transport
    connection = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()
    await exchange.until_disconnected()


async def _truncate(fault: Fault, exchange: Exchange) -> None:
    start, body = await exchange.handle()
    await exchange.send(start)
    await exchange.send(_part(body[: int(fault.option("bytes", 0))]))
    exchange.transport.close()
    await exchange.until_disconnected()


async def _drip(fault: Fault, exchange: Exchange) -> None:
    start, body = await exchange.handle()
    size, every = int(fault.option("bytes", 1)), float(fault.option("every", 0.05))
    await exchange.send(start)
    for position in range(0, len(body), size):
        await exchange.send(_part(body[position : position + size]))
        await asyncio.sleep(every)
    await exchange.send(_part(b"", last=True))


async def _flood(fault: Fault, exchange: Exchange) -> None:
    await _drain(fault, exchange)
    left = int(fault.option("bytes", 1_000_000))
    headers = [(b"content-type", b"application/json")]
    await exchange.send({"type": "http.response.start", "status": 200, "headers": headers})
    await exchange.send(_part(b'"'))
    while left > 0 and not exchange.transport.is_closing():
        await exchange.send(_part(b"a" * min(left, _CHUNK)))
        left -= _CHUNK
        await asyncio.sleep(0)
    await exchange.send(_part(b'"', last=True))


async def _extra_fields(fault: Fault, exchange: Exchange) -> None:
    start, body = await exchange.handle()
    try:
        content = json.loads(body)
    except ValueError:
        content = None
    if content is not None:
        body = json.dumps(_enriched(content, bool(fault.option("strings")))).encode()
    kept = [(name, value) for name, value in start["headers"] if name != b"content-length"]
    await exchange.send({**start, "headers": [*kept, (b"content-length", str(len(body)).encode())]})
    await exchange.send(_part(body, last=True))


def _enriched(value: Any, strings: bool) -> Any:
    if isinstance(value, dict):
        return {**{key: _enriched(item, strings) for key, item in value.items()}, "sandbox_unknown": {"new": [1, None]}}
    if isinstance(value, list):
        return [_enriched(item, strings) for item in value]
    if strings and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value


def _delay(fault: Fault) -> float:
    return float(fault.option("seconds", 0))


def _part(body: bytes, *, last: bool = False) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": not last}


async def _drain(fault: Fault, exchange: Exchange) -> None:
    """Read the request to its end, so that a client still sending sees the answer; `after` has read it already."""
    while not fault.after:
        message = await exchange.receive()
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return


_DEEDS: dict[str, Callable[[Fault, Exchange], Awaitable[None]]] = {
    "status": _status,
    "json": _json,
    "html": _html,
    "cloudflare_1010": _cloudflare,
    "slow": _slow,
    "hang": _hang,
    "reset": _reset,
    "truncate": _truncate,
    "drip": _drip,
    "flood": _flood,
    "extra_fields": _extra_fields,
}
