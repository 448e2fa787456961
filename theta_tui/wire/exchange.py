"""One try at one request: sent once, read with limits, and every way it can fail told as a row of the retry table.

It does not decide what follows.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from typing import Any, Protocol

import httpx

from theta_tui.change import Attempt, FileBody, Progress, Reply, Request
from theta_tui.errors import ProtocolError, ThetaError
from theta_tui.redact import redactor
from theta_tui.wire import failures, replies
from theta_tui.wire.failures import Answer
from theta_tui.wire.file_stream import STALL_SECONDS, FileStream
from theta_tui.wire.patience import patience
from theta_tui.wire.retry import TABLE, Failed, Fault
from theta_tui.wire.transport import Transports, closed

CONNECT_SECONDS = 10.0
TRANSPORT_ERRORS = (TimeoutError, httpx.TransportError, httpx.InvalidURL, ssl.SSLError, OSError)
_PASSING = (ssl.SSLWantReadError, ssl.SSLWantWriteError, ssl.SSLSyscallError, ssl.SSLEOFError, ssl.SSLZeroReturnError)
KEPT_HEADERS = ("content-type", "x-request-id", "cf-ray", "retry-after")


class Closable(Protocol):
    """A connection below HTTP."""

    async def aclose(self) -> None:
        """Close it."""


class Exchange:
    """A request with its signed headers and bytes, and what is known about this try so far."""

    def __init__(
        self,
        request: Request,
        url: httpx.URL,
        headers: Mapping[str, str],
        body: bytes | None,
        *,
        number: int = 1,
        command: str = "",
        progress: Progress | None = None,
    ) -> None:
        self.request = request
        self.url = url
        self.number = number
        self.sent = False
        self.response: httpx.Response | None = None
        self.received = bytearray()
        self.counted = 0
        self._socket: Closable | None = None
        self._headers = headers
        self._body = body
        self._file = FileStream(request.body, progress) if isinstance(request.body, FileBody) else None
        self._command = command
        self._begun = time.monotonic()
        self._started = time.time()

    @property
    def seconds(self) -> float:
        """Seconds since this try began."""
        return time.monotonic() - self._begun

    @property
    def status(self) -> int | None:
        """The HTTP status, once it came."""
        return self.response.status_code if self.response is not None else None

    @property
    def request_id(self) -> str | None:
        """What the cloud calls this request, as far as it is known."""
        headers = self.response.headers if self.response is not None else {}
        return failures.request_id_of(headers, bytes(self.received[: replies.ERROR_CAP]))

    def outgoing(self, *, limit: float) -> httpx.Request:
        """Build what httpx sends. It watches connecting and writing; how long to wait for an answer is `patience`'s."""
        write = min(limit, STALL_SECONDS) if self._file else limit
        timeout = httpx.Timeout(None, connect=min(limit, CONNECT_SECONDS), write=write)
        extensions: dict[str, Any] = {"timeout": timeout.as_dict(), "trace": self._trace}
        headers, content = dict(self._headers), self._file or self._body
        if self._file is not None:
            headers["Content-Length"] = str(self._file.size)
        return httpx.Request(self.request.method, self.url, headers=headers, content=content, extensions=extensions)

    async def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith("connect_tcp.complete"):
            self._socket = info["return_value"]
        elif event.endswith("start_tls.failed") and self._socket is not None:
            # httpcore leaves the socket open when a handshake is cancelled or takes too long.
            await self._socket.aclose()
        # The CONNECT to a proxy is not ours: only the request itself may do something.
        elif event.endswith("send_request_headers.started") and info["request"].method != b"CONNECT":
            self.sent = True

    async def ask(self, transports: Transports, *, bare: bool, limit: float, cap: int = replies.JSON_CAP) -> Answer:
        """Send and read the whole answer, whatever its status; Failed when there is none that can be read."""
        try:
            async with patience(limit), transports.shared(self.url, bare=bare) as client:
                response = self.response = await client.send(self.outgoing(limit=limit), stream=True)
                try:
                    await self._read(response, cap)
                finally:
                    await closed(response.aclose())
        except TRANSPORT_ERRORS as error:
            raise self.lost(error, limit) from None
        except ProtocolError as error:
            raise failures.unreadable(self.answer(), error.message) from None
        return self.answer()

    async def _read(self, response: httpx.Response, cap: int) -> None:
        if response.is_success:
            replies.check_head(response.headers, cap)
            await replies.collect(response.aiter_raw(), cap, self.received)
        else:
            await self.read_refusal(response)

    async def read_refusal(self, response: httpx.Response) -> None:
        """Read the body of a no, up to 64 kB; one that is compressed or has too many headers is left alone."""
        try:
            replies.check_head(response.headers, None)
        except ProtocolError:
            return
        await replies.collect(response.aiter_raw(), replies.ERROR_CAP, self.received, refuse=False)

    def answer(self) -> Answer:
        """Give what came, as an Answer."""
        headers = dict(self.response.headers) if self.response is not None else {}
        return Answer(self.status or 0, headers, bytes(self.received), self.request.family, self.url.host)

    def lost(self, error: BaseException, limit: float) -> Failed:
        """Tell a transport error as a row of the table, in our own words."""
        host, fault = self.url.host, Fault.BROKEN
        late = isinstance(error, (TimeoutError, httpx.TimeoutException))
        if not self.sent:
            fault, words = Fault.NOT_SENT, f"{host} was not reached"
            if late:
                words += f" within {limit:.3g} s"
            elif _is_tls(error):
                fault, words = Fault.TLS, f"{host} did not prove who it is (TLS); nothing was sent"
        elif isinstance(error, httpx.WriteTimeout):
            fault, words = Fault.TIMED_OUT, f"{host} stopped taking what was sent"
        elif late:
            fault, words = Fault.TIMED_OUT, f"{host} did not answer within {limit:.3g} s"
        else:
            words = f"The connection to {host} broke before the answer was complete"
        made = TABLE[fault].error(words + ".", status=self.status, request_id=self.request_id)
        return Failed(fault, made)

    async def value(self, answer: Answer) -> Reply:
        """Understand a whole answer: a Reply, or Failed for a refusal, a page or something unreadable."""
        if not 200 <= answer.status < 300:
            raise failures.failure_of(answer)
        content_type = answer.headers.get("content-type", "")
        if replies.form_of(content_type, answer.data) is replies.Form.PAGE:
            raise failures.page(answer)
        try:
            raw = await replies.decode(answer.data, content_type)
        except ProtocolError as error:
            if self._is_framed:
                raise failures.unreadable(answer, error.message) from None
            raise self.lost(EOFError(), 0) from None
        refusal = replies.refusal_in(raw)
        if refusal is not None:
            raise failures.refusal_of(answer, refusal)
        return Reply(
            status=answer.status,
            value=replies.unwrap(raw),
            request=self.request,
            seconds=self.seconds,
            request_id=self.request_id,
            headers={name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers},
            attempts=self.number,
            raw=raw,
        )

    @property
    def _is_framed(self) -> bool:
        """Whether the answer said how long it is; without that a cut looks like an end."""
        headers = self.response.headers if self.response is not None else {}
        return "content-length" in headers or "transfer-encoding" in headers

    def attempt(self, error: BaseException | None, note: str = "") -> Attempt:
        """Give the line of the request log."""
        kind, message = None, note
        if isinstance(error, ThetaError):
            kind, message = error.kind, error.message
        elif error is not None:
            kind, message = "cancelled", "Cancelled."
        return Attempt(
            method=self.request.method,
            url=redactor.url(str(self.url)),
            family=self.request.family,
            started=self._started,
            seconds=self.seconds,
            number=self.number,
            status=self.status,
            error=kind,
            message=message,
            request_id=self.request_id,
            sent=self.sent,
            sizes=(self._file.sent if self._file else len(self._body or b""), max(self.counted, len(self.received))),
            command=self._command,
        )


def _is_tls(error: BaseException | None) -> bool:
    seen = 0
    while error is not None and seen < 10:
        if isinstance(error, ssl.SSLError) and not isinstance(error, _PASSING):
            return True
        error, seen = error.__cause__ or error.__context__, seen + 1
    return False
