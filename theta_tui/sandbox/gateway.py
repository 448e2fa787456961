"""What every call passes before a domain sees it: it is recorded, its client is judged, and faults strike."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from theta_tui.sandbox.mischief import Exchange, commit
from theta_tui.sandbox.world import Call, World

CONTROL = "/_sandbox/"
_KEPT_BODY_BYTES = 1_000_000
_SECRET_HEADERS = frozenset({"authorization", "x-api-key", "x-tva-sa-secret", "x-auth-token", "cookie"})
#: Storage is not behind Cloudflare, so the rule about clients does not hold there.
_STORAGE = ("/upload/", "/output/")


class Gateway:
    """Pure ASGI middleware, so that streams pass unbuffered."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self.app = app
        self.world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        if scope["type"] != "http" or scope["path"].startswith(CONTROL):
            await self.app(scope, receive, send)
            return
        call = self._record(scope)
        reader = _Reader(call, scope, receive)

        async def recording_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                # A refusal comes before the body is read; it is read all the same, for the record and for clients
                # which see a broken pipe when nobody takes what they send.
                await reader.finish()
                call.status = message["status"]
                call.domain = _domain(scope)
            await send(message)

        await self._answer(call, Exchange(self.app, scope, reader.receive, recording_send, reader.finish))

    async def _answer(self, call: Call, exchange: Exchange) -> None:
        if _blocked(exchange.scope):
            await exchange.answer(PlainTextResponse("error code: 1010", 403))
            return
        fault = self.world.faults.take_for_answer(call.method, call.path)
        if fault is not None:
            await commit(fault, exchange)
            call.domain = call.domain or _domain(exchange.scope)
        else:
            await self.app(exchange.scope, exchange.receive, exchange.send)

    def _record(self, scope: Scope) -> Call:
        headers = Headers(scope=scope)
        query = scope["query_string"].decode("latin-1")
        call = Call(
            index=len(self.world.calls),
            time=self.world.clock.iso(),
            method=scope["method"],
            path=scope["path"],
            target=scope["raw_path"].decode("latin-1") + (f"?{query}" if query else ""),
            query=parse_qsl(query, keep_blank_values=True),
            headers=[(name, _masked(name, value)) for name, value in headers.items()],
            content_type=headers.get("content-type", ""),
        )
        self.world.calls.append(call)
        return call


def _masked(name: str, value: str) -> str:
    if name not in _SECRET_HEADERS:
        return value
    scheme, space, _ = value.partition(" ")
    return f"{scheme} [masked]" if space and name == "authorization" else "[masked]"


class _Reader:
    """The request's body on its way to the application, noted in the record."""

    def __init__(self, call: Call, scope: Scope, receive: Receive) -> None:
        headers = Headers(scope=scope)
        self._call = call
        self._receive = receive
        self._finished = headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers

    async def receive(self) -> Message:
        """The next message; the ASGI callable of the same name."""
        message = await self._receive()
        call, chunk = self._call, message.get("body", b"")
        call.body_size += len(chunk)
        call.body = call.body + chunk if call.body_size <= _KEPT_BODY_BYTES else b""
        self._finished = self._finished or not message.get("more_body")
        return message

    async def finish(self) -> None:
        """Read what the application has left unread."""
        while not self._finished:
            await self.receive()


def _domain(scope: Scope) -> str | None:
    endpoint = scope.get("endpoint")
    module = getattr(endpoint, "__module__", None)
    return module.rpartition(".")[2] if isinstance(module, str) else None


def _blocked(scope: Scope) -> bool:
    """Whether Cloudflare would refuse this client for its signature (wire 1.5, 18.1)."""
    agent = Headers(scope=scope).get("user-agent", "")
    return agent.startswith(("Python", "python")) and not scope["path"].startswith(_STORAGE)
