"""Connections: TLS, proxy, environment, and that no cancel costs a slot for good."""

from __future__ import annotations

import asyncio
import ssl

import httpx
import pytest

from theta_tui.change import Family
from theta_tui.errors import NetworkError, ThetaError, UsageError
from theta_tui.wire.hosts import Hosts
from theta_tui.wire.knobs import Knobs
from theta_tui.wire.transport import Transports, closed, proxy_url, tls_context


def test_tls_is_verified_and_its_keys_are_never_logged(monkeypatch, tmp_path):
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    context = tls_context(None)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.keylog_filename is None
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert not (tmp_path / "keys").exists()


def test_ssl_cert_file_is_ignored(monkeypatch, tmp_path):
    usual = len(tls_context(None).get_ca_certs())
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    monkeypatch.setenv("SSL_CERT_FILE", str(empty))
    assert len(tls_context(None).get_ca_certs()) == usual > 50


@pytest.mark.parametrize("content", [None, "not a certificate"])
def test_a_ca_bundle_that_cannot_be_read_names_its_variable(tmp_path, content):
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UsageError, match="THETA_CA_BUNDLE"):
        tls_context(str(path))


@pytest.mark.parametrize("text", ["socks5://127.0.0.1:1", "proxy.example.org:3128", "http://", "http://a b"])
def test_a_bad_proxy_names_its_variable(text):
    with pytest.raises(UsageError, match="THETA_PROXY"):
        proxy_url(text)


def test_no_proxy_is_none():
    assert proxy_url(None) is proxy_url(" ") is None


async def test_a_server_that_speaks_no_tls_is_not_tried_again_and_got_nothing(bench, server):
    server.then(server.json({}))
    secure = server.url.replace("http://", "https://")
    bench.use(hosts=Hosts({Family.CONTROLLER: secure}))
    server.greet(server.send(b"HTTP/1.1 400 Bad Request\r\n\r\n"), server.close)
    with pytest.raises(NetworkError, match="TLS"):
        await bench.writer.send(bench.approved())
    assert server.connections == 1
    assert server.requests == []
    assert not bench.log.attempts[0].sent


async def test_a_tls_handshake_that_stalls_is_not_sent(bench, server):
    server.greet(server.hang)
    bench.use(Knobs(0.1, 0, 0.001), Hosts({Family.CONTROLLER: server.url.replace("http://", "https://")}))
    with pytest.raises(NetworkError, match=r"within 0\.1 s"):
        await bench.writer.send(bench.approved())
    assert not bench.log.attempts[0].sent


async def test_a_proxy_is_used_for_the_cloud_gets_no_key_and_does_not_count_as_sent(bench, server):
    server.then(server.answer(502))
    bench.use(Knobs(0.5, 0, 0.001), Hosts(), proxy=server.url)
    with pytest.raises(NetworkError):
        await bench.writer.send(bench.approved())
    assert server.methods == ["CONNECT controller.thetaedgecloud.com:443"]
    assert "project-key-0001" not in str(server.requests)
    assert not bench.log.attempts[0].sent


async def test_a_proxy_is_never_used_for_loopback(bench, server, other):
    server.then(server.json([]))
    bench.use(proxy=other.url)
    await bench.reader.fetch(bench.get())
    assert len(server.requests) == 1
    assert other.connections == 0


async def test_proxy_variables_of_the_environment_are_ignored(bench, server, other, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, other.url)
    server.then(server.json([]))
    bench.use()
    await bench.reader.fetch(bench.get())
    assert other.connections == 0


async def test_connections_are_kept_and_used_again(bench, server):
    server.then(server.json([]))
    for _ in range(5):
        await bench.reader.fetch(bench.get())
    assert server.connections == 1


async def test_an_idle_connection_closed_by_the_server_costs_no_change(bench, server):
    server.then(server.json([]), server.close).then(server.json({"ok": True}))
    await bench.reader.fetch(bench.get())
    reply = await bench.writer.send(bench.approved())
    assert reply.value == {"ok": True}


async def cancelled(task: asyncio.Task[object], times: int) -> None:
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_cancelled_reads_leave_no_busy_slot_and_the_pool_usable(bench, server, times):
    server.then(server.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), server.hang)
    bench.use(Knobs(5.0, 0, 0.001), connections=3)
    for _ in range(12):
        server.arrived.clear()
        task = asyncio.ensure_future(bench.reader.fetch(bench.get()))
        await asyncio.wait_for(server.arrived.wait(), 30)
        await cancelled(task, times)
        assert bench.wire.busy_slots == 0
    server.only(server.json([7]))
    assert (await bench.reader.fetch(bench.get())).value == [7]


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("turns", range(0, 12, 2))
async def test_reads_cancelled_while_connecting_leave_no_busy_slot(bench, server, times, turns):
    server.then(server.hang)
    bench.use(Knobs(5.0, 0, 0.001), connections=3)
    for _ in range(8):
        task = asyncio.ensure_future(bench.reader.fetch(bench.get()))
        for _ in range(turns):
            await asyncio.sleep(0)
        await cancelled(task, times)
    assert bench.wire.busy_slots == 0


async def test_a_pool_that_lost_a_slot_is_replaced_once_its_requests_are_over(bench, server):
    server.then(server.json([]))
    transports = Transports(connections=2)
    url = httpx.URL(server.url)
    async with transports.shared(url, bare=False) as client:
        stuck = await client.send(httpx.Request("GET", url, extensions={"timeout": {}}), stream=True)
    assert transports.busy == 0
    async with transports.shared(url, bare=False) as fresh:
        assert fresh is not client
    assert client.is_closed
    await stuck.aclose()
    await transports.aclose()


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_cancelled_streams_close_their_connection_however_often_they_are_cancelled(bench, server, times):
    server.then(server.sse(), server.send(b'data: {"a": 1}\n\n'), server.hang)
    bench.use(Knobs(5.0, 0, 0.001))
    seen = asyncio.Event()

    async def listen():
        async with bench.writer.open(bench.approved()) as stream:
            async for _ in stream:
                seen.set()

    for _ in range(5):
        seen.clear()
        task = asyncio.ensure_future(listen())
        await asyncio.wait_for(seen.wait(), 30)
        await cancelled(task, times)
    assert bench.wire._transports._open == set()
    assert len(bench.log.attempts) == 5
    assert len(server.requests) == 5


async def test_a_closing_runs_to_its_end_although_its_caller_is_cancelled():
    begun, go, ended = asyncio.Event(), asyncio.Event(), []

    async def work():
        begun.set()
        await go.wait()
        ended.append(True)

    task = asyncio.ensure_future(closed(work()))
    await begun.wait()
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
    assert not task.done()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == [True]


async def test_after_the_wire_is_closed_no_client_is_left(bench, server):
    server.then(server.json([]))
    await bench.reader.fetch(bench.get())
    await bench.wire.aclose()
    assert bench.wire._transports._open == set()
    await server.stop()
    with pytest.raises(ThetaError):
        await bench.reader.fetch(bench.get())
