"""Reader, Writer and the Wire they share: the only way out. Approved changes and harmless reads, nothing else.

It does not know what any request means, nor where credentials are kept.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any, Protocol

import httpx

from theta_tui.change import (
    Approved,
    Attempt,
    Change,
    Family,
    Hole,
    Progress,
    Reached,
    Reply,
    Request,
    Stream,
    fillable,
)
from theta_tui.errors import PolicyRefused, ProtocolError
from theta_tui.wire import failures, replies
from theta_tui.wire.address import filled, shown_url, url_of
from theta_tui.wire.attempts import Call, perform, usual_limits
from theta_tui.wire.exchange import TRANSPORT_ERRORS, Exchange
from theta_tui.wire.hosts import Hosts, is_reading_call
from theta_tui.wire.knobs import Knobs
from theta_tui.wire.patience import patience
from theta_tui.wire.retry import Deadline, Failed
from theta_tui.wire.signer import Keys, Signer, body_bytes, content_type, masked
from theta_tui.wire.stream import OpenAnswer, failed_before
from theta_tui.wire.transport import Transports

FIRST_BYTE_SECONDS = 120.0
IDLE_SECONDS = 60.0
STREAM_SECONDS = 1800.0
DOWNLOAD_SECONDS = 120.0

_BARE = frozenset({Family.SLOT, Family.OUTPUT})
_COMMON = {
    # Cloudflare answers 403 "Error 1010" to the usual Python names (wire 1.5).
    "User-Agent": (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36"
    ),
    "Accept": "application/json, text/plain, */*",
    "Accept-Encoding": "identity",
}


class Recorder(Protocol):
    """Who writes down each try: the request log."""

    def record(self, attempt: Attempt) -> None:
        """Take one try; it must not block."""


class Wire:
    """What Reader and Writer share: hosts, signer, connections, knobs and the request log."""

    def __init__(
        self,
        hosts: Hosts,
        keys: Keys,
        knobs: Knobs | None = None,
        recorder: Recorder | None = None,
        *,
        ca_bundle: str | None = None,
        proxy: str | None = None,
        connections: int = 20,
    ) -> None:
        for name in ("httpx", "httpcore"):
            # Below WARNING they write URLs with their signatures into the log.
            logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger(name).level))
        self.hosts = hosts
        self.knobs = knobs or Knobs()
        self._signer = Signer(hosts, keys)
        self._recorder = recorder
        self._transports = Transports(ca_bundle=ca_bundle, proxy=proxy, connections=connections)

    @property
    def busy_slots(self) -> int:
        """How many connections of the shared pools are taken; 0 at rest."""
        return self._transports.busy

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transports.aclose()

    async def answer(self, request: Request, *alternatives: Request, call: Call) -> Reply:
        """Send and give the whole answer, retrying as the table says."""

        async def once(one: Request, number: int, limit: float) -> Reply:
            exchange = await self._exchange(one, call, number)
            with self._recorded(exchange):
                return await exchange.value(await self._ask(exchange, limit, replies.JSON_CAP))

        return await perform((request, *alternatives), call, self.knobs, usual_limits(self.knobs), once)

    async def reach(self, family: Family, seconds: float) -> Reached:
        """Ask a family's host for the head of its front page: no credential, no retry, no line in the request log."""
        request = Request("HEAD", family, public=True)
        exchange = Exchange(request, self.hosts.base(family), common_headers(request), None)
        try:
            answer = await self._ask(exchange, seconds, replies.JSON_CAP)
        except Failed as failed:
            raise failed.error from None
        origin = self.hosts.origin(family)
        return Reached(origin, answer.status, exchange.seconds, time.time(), answer.headers.get("date"))

    async def bytes_of(self, request: Request, *, call: Call, cap: int) -> bytes:
        """Fetch the bytes of an output, without credentials."""

        async def once(one: Request, number: int, limit: float) -> bytes:
            exchange = await self._exchange(one, call, number)
            with self._recorded(exchange):
                answer = await self._ask(exchange, limit, cap)
                if not 200 <= answer.status < 300:
                    raise failures.failure_of(answer)
                if answer.headers.get("content-type", "").startswith("text/html"):
                    raise failures.page(answer)
                return answer.data

        return await perform((request,), call, self.knobs, usual_limits(self.knobs), once)

    async def listen(
        self, *requests: Request, call: Call, first_byte: float = FIRST_BYTE_SECONDS, idle: float, total: float
    ) -> OpenAnswer:
        """Send and give the answer as soon as its first bytes are there, retrying as the table says until then."""

        def limits(request: Request) -> tuple[float, float]:
            most = request.deadline or total
            return min(request.first_byte or first_byte, most), most

        async def once(one: Request, number: int, limit: float) -> OpenAnswer:
            exchange = await self._exchange(one, call, number)
            return await self._open(exchange, limit, idle, limits(one)[1])

        return await perform(requests, call, self.knobs, limits, once)

    async def _exchange(self, request: Request, call: Call, number: int) -> Exchange:
        url = url_of(request, self.hosts, call.holes)
        body = body_bytes(request.body, call.holes)
        headers = {**common_headers(request), **await self._signer.headers(_named(request, call.holes), url)}
        return Exchange(request, url, headers, body, number=number, command=call.command, progress=call.progress)

    async def _ask(self, exchange: Exchange, limit: float, cap: int) -> failures.Answer:
        return await exchange.ask(self._transports, bare=exchange.request.family in _BARE, limit=limit, cap=cap)

    async def _open(self, exchange: Exchange, limit: float, idle: float, total: float) -> OpenAnswer:
        client = await self._transports.own(exchange.url)
        try:
            with self._recorded(exchange, only_failures=True):
                return await self._start(exchange, client, limit, idle, total)
        except BaseException:
            await self._transports.close(client, exchange.response)
            raise

    async def _start(
        self, exchange: Exchange, client: httpx.AsyncClient, limit: float, idle: float, total: float
    ) -> OpenAnswer:
        deadline = Deadline(total)
        try:
            async with patience(limit):
                outgoing = exchange.outgoing(limit=limit)
                response = exchange.response = await client.send(outgoing, stream=True)
                if not response.is_success:
                    await exchange.read_refusal(response)
                    raise failures.failure_of(exchange.answer())
                replies.check_head(response.headers, None)

                async def close() -> None:
                    await self._transports.close(client, response)

                stream = OpenAnswer(exchange, idle=idle, total=deadline, close=close, record=self._record)
                return await stream.start()
        except (*TRANSPORT_ERRORS, ProtocolError) as error:
            raise failed_before(exchange, error, limit) from None

    @contextmanager
    def _recorded(self, exchange: Exchange, *, only_failures: bool = False) -> Iterator[None]:
        try:
            yield
        except Failed as failed:
            self._record(exchange.attempt(failed.error))
            raise
        except BaseException as error:
            self._record(exchange.attempt(error))
            raise
        if not only_failures:
            self._record(exchange.attempt(None))

    def _record(self, attempt: Attempt) -> None:
        if self._recorder is not None:
            self._recorder.record(attempt)


def _named(request: Request, holes: Mapping[str, str]) -> Request:
    """Give the request with the name of its credential, where that was left to an earlier step of a Plan."""
    hole = request.credential
    return replace(request, credential=filled(hole, holes)) if isinstance(hole, Hole) else request


def common_headers(request: Request) -> dict[str, str]:
    """Give the headers every request carries, with the type of its body."""
    kind = content_type(request.body)
    return {**_COMMON, **({"Content-Type": kind} if kind else {})}


class Reader:
    """Sends GET and HEAD, and POST only for JSON-RPC methods that read (wire 11)."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def fetch(
        self, request: Request, *alternatives: Request, progress: Progress | None = None, command: str = ""
    ) -> Reply:
        """Send a read; an alternative only after the answer named by its `only_after`.

        Raises a CloudError, NoCredentials, UsageError for a value that cannot be part of a path, or PolicyRefused.
        """
        for one in (request, *alternatives):
            if not one.is_read and not is_reading_call(one):
                raise PolicyRefused(f"A reader does not send {one.method}; nothing was sent.")
        call = Call(change=False, progress=progress, command=command)
        return await self._wire.answer(request, *alternatives, call=call)

    async def download(
        self, url: str, *, limit_bytes: int, seconds: float = DOWNLOAD_SECONDS, command: str = ""
    ) -> bytes:
        """Fetch an output file (wire 2.9) without credentials; ProtocolError when it is larger than `limit_bytes`."""
        request = Request("GET", Family.OUTPUT, base=url, deadline=seconds, public=True)
        return await self._wire.bytes_of(request, call=Call(change=False, command=command), cap=limit_bytes)


class Writer:
    """Sends approved changes, each once; `dry_run` is asked again before each."""

    def __init__(self, wire: Wire, dry_run: Callable[[], bool]) -> None:
        self._wire = wire
        self._dry_run = dry_run

    async def send(self, approved: Approved[Any], *, progress: Progress | None = None, command: str = "") -> Reply:
        """Send an approved Change and give its answer.

        Raises a CloudError when nothing was done, Uncertain when that is not known, PolicyRefused when the approval is
        used, too old, or dry run is on.
        """
        change = self._take(approved)
        call = Call(change=True, holes=approved.holes, progress=progress, command=command)
        ways = fillable(change.requests, approved.holes) if approved.is_cleanup else change.requests
        return await self._wire.answer(*ways, call=call)

    @asynccontextmanager
    async def open(
        self,
        approved: Approved[Any],
        *,
        progress: Progress | None = None,
        command: str = "",
        first_byte: float = FIRST_BYTE_SECONDS,
        idle: float = IDLE_SECONDS,
        total: float = STREAM_SECONDS,
    ) -> AsyncIterator[Stream]:
        """Send an approved Change and stream its answer; errors as for `send` until the first bytes are there.

        Seconds: `first_byte` (a request's own wins), `idle` between pieces, `total` for the whole answer.
        """
        change = self._take(approved)
        call = Call(change=True, holes=approved.holes, progress=progress, command=command)
        answer = await self._wire.listen(*change.requests, call=call, first_byte=first_byte, idle=idle, total=total)
        try:
            yield answer
        finally:
            await answer.aclose()

    def describe(self, request: Request) -> Mapping[str, Any]:
        """Give method, URL (holes visible, without query) and headers as they will be sent, credentials masked."""
        return {
            "method": request.method,
            "url": shown_url(request, self._wire.hosts),
            "headers": {**common_headers(request), **masked(request)},
        }

    def _take(self, approved: Approved[Any]) -> Change[Any]:
        if not isinstance(approved, Approved):
            raise PolicyRefused("Only an approved change is sent; nothing was sent.")
        if self._dry_run() and not approved.is_cleanup:
            raise PolicyRefused("Dry run is on; nothing was sent.")
        return approved.use()
