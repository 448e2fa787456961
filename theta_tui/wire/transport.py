"""Connections: one TLS context, shared pools for requests, one short-lived client per stream.

It knows nothing of requests, credentials or answers.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import certifi
import httpx

from theta_tui.errors import UsageError
from theta_tui.wire.hosts import is_loopback

CLOSE_SECONDS = 2.0
KEEPALIVE_SECONDS = 5.0
SLEPT_SECONDS = 1.0
"""How far the wall clock must have got ahead of the other one to tell of a sleep; a clock that is set looks alike."""


def lead() -> float:
    """Give how far the wall clock is ahead of the one that stands still while the machine sleeps, in seconds."""
    return time.time() - time.monotonic()


def tls_context(ca_bundle: str | None) -> ssl.SSLContext:
    """Build the only TLS context: certifi's roots and an extra CA file; UsageError if that cannot be read.

    It is a bare one, because `create_default_context` honours SSLKEYLOGFILE.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(certifi.where())
    if ca_bundle:
        try:
            context.load_verify_locations(ca_bundle)
        except (OSError, ssl.SSLError):
            raise UsageError("THETA_CA_BUNDLE must name a readable PEM file of CA certificates.") from None
    return context


def proxy_url(text: str | None) -> httpx.URL | None:
    """Read THETA_PROXY; UsageError, without echoing it, if it is not an http or https URL."""
    if not text or not text.strip():
        return None
    try:
        url = httpx.URL(text.strip())
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host or not re.fullmatch(r"[!-~]+", text.strip()):
        raise UsageError("THETA_PROXY must be an http or https URL.")
    return url


async def closed(work: Coroutine[Any, Any, None]) -> None:
    """Run a closing to its end, however often the caller is cancelled meanwhile; two seconds at most."""
    task = asyncio.ensure_future(_bounded(work))
    interrupted: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            interrupted = error
    if interrupted is not None:
        raise interrupted


async def _bounded(work: Coroutine[Any, Any, None]) -> None:
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await work
    except (TimeoutError, OSError, httpx.TransportError):
        return  # a connection that cannot be closed politely is gone all the same


class Pool(httpx.AsyncHTTPTransport):
    """A transport that can tell how many of its slots are taken."""

    @property
    def busy(self) -> int:
        """How many connections are neither idle nor closed; httpx 0.28 has no public word for it."""
        return sum(not (slot.is_idle() or slot.is_closed()) for slot in self._pool.connections)


@dataclass(slots=True)
class Line:
    """A client, its pool, and how many requests are using it."""

    client: httpx.AsyncClient
    pool: Pool
    active: int = 0
    retired: bool = False


class Transports:
    """Owner of every connection. httpx 0.28 may lose a pool slot to a cancel; a pool that did is replaced."""

    def __init__(self, *, ca_bundle: str | None = None, proxy: str | None = None, connections: int = 20) -> None:
        self._ca_bundle = ca_bundle
        self._proxy = proxy_url(proxy)
        self._connections = connections
        self._context: ssl.SSLContext | None = None
        self._making = asyncio.Lock()
        self._lines: dict[tuple[bool, bool, bool], Line] = {}
        self._open: set[httpx.AsyncClient] = set()
        self._lead = lead()

    @property
    def busy(self) -> int:
        """How many slots of the shared pools are taken."""
        return sum(line.pool.busy for line in self._lines.values())

    @asynccontextmanager
    async def shared(self, url: httpx.URL, *, bare: bool) -> AsyncIterator[httpx.AsyncClient]:
        """Lend the client of a pool; the bare one is for addresses that get no credentials."""
        key = (bare, url.scheme == "https", self._proxied(url))
        context = await self._tls(url)
        await self._wake()
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = self._line(context, proxied=self._proxied(url))
        line.active += 1
        try:
            yield line.client
        finally:
            line.active -= 1
            await self._watch(key, line)

    async def _wake(self) -> None:
        """Let go of idle connections after a sleep: the other end, or a router between, may have forgotten them."""
        before, self._lead = self._lead, lead()
        if abs(self._lead - before) < SLEPT_SECONDS:
            return
        lines, self._lines = list(self._lines.values()), {}
        for line in lines:
            line.retired = True
            if line.active == 0:
                await self._close(line.client)

    async def _watch(self, key: tuple[bool, bool, bool], line: Line) -> None:
        if line.pool.busy > line.active and self._lines.get(key) is line:
            del self._lines[key]
            line.retired = True
        if line.retired and line.active == 0:
            await self._close(line.client)

    async def own(self, url: httpx.URL) -> httpx.AsyncClient:
        """Make a client for one stream; give it back to `close`."""
        return self._line(await self._tls(url), proxied=self._proxied(url)).client

    async def close(self, client: httpx.AsyncClient, response: httpx.Response | None = None) -> None:
        """Close a stream's response and client, to the end even while cancelled."""

        async def both() -> None:
            try:
                if response is not None:
                    await response.aclose()
            finally:
                await client.aclose()

        self._open.discard(client)
        await closed(both())

    async def aclose(self) -> None:
        """Close everything."""
        self._lines.clear()
        for client in list(self._open):
            await self._close(client)

    async def _close(self, client: httpx.AsyncClient) -> None:
        await self.close(client)

    def _proxied(self, url: httpx.URL) -> bool:
        return self._proxy is not None and not is_loopback(url)

    def _line(self, context: ssl.SSLContext, *, proxied: bool) -> Line:
        limits = httpx.Limits(
            max_connections=self._connections,
            max_keepalive_connections=self._connections,
            keepalive_expiry=KEEPALIVE_SECONDS,
        )
        proxy = None
        if proxied and self._proxy is not None:
            proxy = httpx.Proxy(self._proxy, ssl_context=context if self._proxy.scheme == "https" else None)
        pool = Pool(verify=context, trust_env=False, limits=limits, proxy=proxy)
        client = httpx.AsyncClient(transport=pool, trust_env=False, follow_redirects=False)
        self._open.add(client)
        return Line(client, pool)

    async def _tls(self, url: httpx.URL) -> ssl.SSLContext:
        if url.scheme != "https":
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # no roots are loaded: cheap, and it trusts nobody
        async with self._making:
            if self._context is None:
                self._context = await asyncio.to_thread(tls_context, self._ca_bundle)
            return self._context
