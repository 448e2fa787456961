"""An open answer: SSE or one JSON answer, read message by message, and how it ended.

Which of the two it is, is decided by looking at the answer (wire 2.13, rule 7).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import NoReturn, Self

import httpx

from theta_tui.change import Attempt, Ending, Json
from theta_tui.errors import ProtocolError, ThetaError, Uncertain
from theta_tui.wire import failures, replies
from theta_tui.wire.exchange import TRANSPORT_ERRORS, Exchange
from theta_tui.wire.patience import patience
from theta_tui.wire.retry import Deadline, Failed, told
from theta_tui.wire.sse import Event, EventReader

END = "[DONE]"
BOM = b"\xef\xbb\xbf"


class OpenAnswer:
    """The messages of a stream, as they arrive. It implements `Stream`; `aclose` gives everything back."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        idle: float,
        total: Deadline,
        close: Callable[[], Awaitable[None]],
        record: Callable[[Attempt], None],
    ) -> None:
        self._exchange = exchange
        self._idle = idle
        self._total = total
        self._close = close
        self._record = record
        self._events = EventReader()
        self._ready: deque[Json] = deque()
        self._chunks = exchange.response.aiter_raw() if exchange.response is not None else None
        self._over = False
        self._complete = False
        self._cut: str | None = None
        self._skipped = 0
        self._count = 0
        self._first: float | None = None
        self._error: BaseException | None = None
        self._seconds: float | None = None

    async def start(self) -> Self:
        """Wait for the first bytes, and for the whole of a JSON answer; Failed when it is a failure or none comes."""
        head = bytearray()
        while not head.strip() or BOM.startswith(head):
            chunk = await self._next()
            if chunk is None:
                raise self._exchange.lost(EOFError(), 0)
            head += chunk
            if len(head) > replies.ERROR_CAP:
                raise failures.unreadable(self._exchange.answer(), "the stream starts with nothing but white space")
        form = replies.form_of(self._content_type, bytes(head))
        if form is replies.Form.SSE or _may_be_field(bytes(head)):
            self._exchange.received += head[: replies.ERROR_CAP]
            self._feed(bytes(head))
        else:
            await self._take_whole(bytes(head))
        return self

    @property
    def _content_type(self) -> str:
        response = self._exchange.response
        return response.headers.get("content-type", "") if response is not None else ""

    async def _take_whole(self, head: bytes) -> None:
        self._exchange.received += head
        while (chunk := await self._next()) is not None:
            self._exchange.received += chunk
            if len(self._exchange.received) > replies.JSON_CAP:
                raise failures.unreadable(self._exchange.answer(), "the answer is larger than 8 MB")
        reply = await self._exchange.value(self._exchange.answer())
        self._push(reply.value)
        self._over = self._complete = True

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Json:
        while not self._ready:
            if self._over or self._seconds is not None:
                raise StopAsyncIteration
            await self._more()
        return self._ready.popleft()

    async def _more(self) -> None:
        if not self._total.left:
            self._stop(_why(TimeoutError(), self._idle, self._total))
            return
        try:
            async with patience(min(self._idle, self._total.left)):
                chunk = await self._next()
        except TRANSPORT_ERRORS as error:
            self._stop(_why(error, self._idle, self._total))
            return
        try:
            if chunk is not None:
                self._feed(chunk)
            else:
                for event in self._events.close():
                    self._take(event, last=True)
                self._over = True
        except Failed as failed:
            self._fail(told(failed, change=True))
        except ProtocolError as error:
            self._refuse(error.message)

    def _feed(self, chunk: bytes) -> None:
        for event in self._events.feed(chunk):
            if self._over:
                return
            self._take(event)

    def _take(self, event: Event, *, last: bool = False) -> None:
        if event.data.strip() == END:
            self._over = self._complete = True
            return
        for value in self._values(event, last=last):
            refusal = value if event.name == "error" and isinstance(value, dict) else replies.refusal_in(value)
            if refusal is None:
                self._push(replies.unwrap(value))
                continue
            if not self._count:
                raise failures.refusal_of(self._exchange.answer(), refusal)
            self._stop(failures.clean(failures.words_of(refusal)) or "the cloud reported an error")
            return

    def _values(self, event: Event, *, last: bool) -> list[Json]:
        """Parse an event: as one value, else line by line (some servers leave out the blank lines between)."""
        texts = [event.data] if len(event.lines) == 1 else [event.data, *event.lines]
        found: list[Json] = []
        for number, text in enumerate(texts):
            if text.strip() == END:
                self._over = self._complete = True
                break
            try:
                found.append(replies.parse(text.encode("utf-8", "replace")))
            except ProtocolError:
                self._skipped += int(bool(text.strip()) and not last and (len(texts) == 1 or number > 0))
                continue
            if number == 0:
                break
        return found

    def _push(self, value: Json) -> None:
        if self._first is None:
            self._first = self._exchange.seconds
        self._count += 1
        self._ready.append(value)

    def _stop(self, why: str) -> None:
        self._over = True
        self._cut = why

    def _refuse(self, why: str) -> None:
        """End at something unreadable: a note when text had come, else nobody knows what was done."""
        self._stop(why)
        if not self._count:
            self._fail(Uncertain(f"It was sent, but {why}.", request_id=self._exchange.request_id))

    def _fail(self, error: ThetaError) -> NoReturn:
        self._over = True
        self._error = error
        raise error from None

    async def _next(self) -> bytes | None:
        if self._chunks is None:
            return None
        chunk = await anext(self._chunks, None)
        self._exchange.counted += len(chunk or b"")
        return chunk

    def ending(self, *, finished: bool) -> Ending:
        """Tell how the stream ended: complete only after `[DONE]`, a whole JSON answer, or `finished`."""
        complete = self._complete or finished
        notes = []
        if not complete or self._cut:
            reason = self._cut or ("the connection ended early" if self._over else "it was stopped before its end")
            notes.append(f"The answer was cut: {reason}." if not complete else f"After the answer: {reason}.")
        if self._skipped:
            notes.append(f"{self._skipped} unreadable line{'s' if self._skipped > 1 else ''} skipped.")
        return Ending(
            complete=complete,
            note=" ".join(notes) or None,
            request_id=self._exchange.request_id,
            seconds=self._exchange.seconds if self._seconds is None else self._seconds,
            first_seconds=self._first,
            status=self._exchange.status or 200,
            request=self._exchange.request,
        )

    async def aclose(self) -> None:
        """Close the connection, to the end even while cancelled, and write the try down. Once is enough."""
        if self._seconds is not None:
            return
        self._seconds = self._exchange.seconds
        self._record(self._exchange.attempt(self._error, self._cut or ""))
        await self._close()


def _may_be_field(head: bytes) -> bool:
    start = head.removeprefix(BOM).lstrip()
    return any(field.startswith(start[: len(field)]) for field in (b"data:", b"event:", b"id:", b"retry:"))


def _why(error: BaseException, idle: float, total: Deadline) -> str:
    if not isinstance(error, (TimeoutError, httpx.TimeoutException)):
        return "the connection broke"
    return f"nothing came for {idle:.3g} s" if total.left > 0 else "the time for the whole answer is over"


def failed_before(exchange: Exchange, error: BaseException, limit: float) -> Failed:
    """Tell an error before the first byte of an answer as a row of the table."""
    if isinstance(error, ProtocolError):
        return failures.unreadable(exchange.answer(), error.message)
    return exchange.lost(error, limit)
