"""What can go wrong before a byte is sent: names, connections, TLS. A change that was not sent is never uncertain."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.faults.conftest import Prove
from tests.faults.rig import MOST_SECONDS, make_impatient
from tests.faults.scripted import ScriptedServer
from tests.stack import Person
from theta_tui import settings
from theta_tui.errors import NetworkError, ProtocolError, ThetaError
from theta_tui.session import Session
from theta_tui.vault import MemoryBackend, Vault

NAME = "controller.thetaedgecloud.com"
FAMILIES = ("ONDEMAND", "CONTROLLER", "PLATFORM", "AI", "VIDEO")
KEYS = {
    "THETA_EC_API_KEY": "network-project-key-000001",
    "THETA_EC_PROJECT_ID": "prj_network",
    "THETA_ORG_ID": "org_network",
    "THETA_ONDEMAND_API_TOKEN": "network-ondemand-token-0001",
    "THETA_CHATBOT_TOKEN": "network-chatbot-token-00001",
    "THETA_VIDEO_SA_ID": "srvacc_network",
    "THETA_VIDEO_SA_SECRET": "network-video-secret-00001",
}
ASKED = ("theta.deployments.list", "theta.billing.balance", "theta.video.list")
SAID = [{"role": "user", "content": "hi"}]
CHANGED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("theta.ondemand.infer", {"service": "flux", "input": {"prompt": "x"}}),
    ("theta.ondemand.chat", {"service": "qwen3", "messages": SAID}),
    ("theta.ai.agent.chat", {"chatbot_id": "chatbot_1", "messages": SAID}),
    ("theta.deployments.create", {"deployment_template_id": "img_1", "vm_id": "vm_gt1"}),
    ("theta.video.streamCreate", {"name": "Demo"}),
)

Begin = Callable[..., Any]


@pytest.fixture
async def begin(tmp_path: Path) -> AsyncIterator[Begin]:
    """Give a maker of sessions whose whole cloud is at one address."""
    opened: list[Session] = []

    async def make(url: str, **more: str) -> Session:
        bases = {f"THETA_{family}_API_BASE_URL": url for family in FAMILIES}
        environ = {**KEYS, **bases, "THETA_TUI_HOME": str(tmp_path), **more}
        loaded = settings.load(None, environ)
        vault = Vault(loaded.profile, environ, backend=MemoryBackend())
        session = await Session.begin(
            loaded, environ, face="cli", data_dir=settings.data_dir(environ) / str(len(opened)), vault=vault
        )
        make_impatient(session)
        opened.append(session)
        return session

    yield make
    for session in opened:
        assert session._wire.busy_slots == 0
        await session.close()


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """The resolver as a stub: "here", "nowhere", or "silent"."""
    real, mood, leave = socket.getaddrinfo, ["here"], threading.Event()

    def lookup(host: Any, *rest: Any, **more: Any) -> Any:
        if host not in (NAME, NAME.encode()):
            return real(host, *rest, **more)
        if mood[0] == "nowhere":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if mood[0] == "silent":
            leave.wait(30)
        return real("127.0.0.1", *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    yield lambda how: mood.__setitem__(0, how)
    leave.set()


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    made = ScriptedServer().only(ScriptedServer.json({"status": "success", "body": {"id": "prj_network"}}))
    yield made
    with contextlib.suppress(AttributeError):
        await made.stop()


async def nothing_is_sent(session: Session, number: str, prove: Prove, words: str) -> None:
    """Every read is one clear network error; every change is refused, at no cost, and not uncertain."""
    for name in ASKED:
        async with asyncio.timeout(MOST_SECONDS):
            with pytest.raises(NetworkError, match=words):
                await session.ask(name)
        prove(number, name)
    for name, arguments in CHANGED:
        async with asyncio.timeout(MOST_SECONDS):
            with pytest.raises(NetworkError, match=words) as refused:
                await session.submit(name, arguments, reviewer=Person())
        assert not any(key in str(refused.value.as_dict()) for key in KEYS.values())
        prove(number, name)
        prove("I9", name)
    rows = await session.journal.ledger()
    assert [row.state for row in rows] == ["refused"] * len(CHANGED)
    assert (await session.journal.spending(session.settings.profile)).total_usd == 0


async def test_a_name_that_is_not_found(begin: Begin, resolve: Callable[[str], None], prove: Prove) -> None:
    resolve("nowhere")
    await nothing_is_sent(await begin(f"https://{NAME}:1"), "F1", prove, "was not reached")


async def test_a_resolver_that_does_not_answer(begin: Begin, resolve: Callable[[str], None], prove: Prove) -> None:
    resolve("silent")
    await nothing_is_sent(await begin(f"https://{NAME}:1"), "F2", prove, "was not reached within")


async def test_a_closed_port(begin: Begin, prove: Prove) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        await nothing_is_sent(await begin(f"http://127.0.0.1:{port}"), "F3", prove, "was not reached")


async def test_a_host_that_swallows_every_packet(begin: Begin, prove: Prove) -> None:
    with socket.socket() as hole, contextlib.ExitStack() as stack:
        hole.bind(("127.0.0.1", 0))
        hole.listen(0)
        for _ in range(4):  # a full queue of connections: the next SYN is dropped
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(hole.getsockname())
        url = f"http://127.0.0.1:{hole.getsockname()[1]}"
        await nothing_is_sent(await begin(url), "F4", prove, "was not reached within")


def context_of(leaf: trustme.LeafCert) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(made)
    return made


def certificate(kind: str, ours: trustme.CA) -> trustme.LeafCert:
    """Make a certificate that must not be believed; "good" is the control."""
    long_ago = datetime.datetime(2001, 1, 1, tzinfo=datetime.UTC)
    if kind == "expired":
        return ours.issue_cert(NAME, not_before=long_ago, not_after=long_ago + datetime.timedelta(days=9))
    if kind == "wrong name":
        return ours.issue_cert("controller.thetaedgecloud.com.evil.example")
    if kind == "unknown CA":
        return trustme.CA().issue_cert(NAME)
    return ours.issue_cert(NAME)


@pytest.mark.parametrize("kind", ["good", "expired", "wrong name", "unknown CA"])
async def test_a_host_that_cannot_prove_who_it_is(
    kind: str, begin: Begin, resolve: Callable[[str], None], server: ScriptedServer, tmp_path: Path, prove: Prove
) -> None:
    ours = trustme.CA()
    bundle = tmp_path / "ca.pem"
    ours.cert_pem.write_to_path(str(bundle))
    await server.start(context_of(certificate(kind, ours)))
    session = await begin(f"https://{NAME}:{server.port}", THETA_CA_BUNDLE=str(bundle))
    if kind == "good":
        with pytest.raises(ProtocolError):  # reached, although what it says is no project
            await session.ask("theta.project.get")
        assert server.requests[0].headers["x-api-key"] == KEYS["THETA_EC_API_KEY"]
        return
    await nothing_is_sent(session, "F5", prove, "did not prove who it is")
    assert server.requests == []
    assert server.connections <= 2 * len(ASKED) + 6 * len(CHANGED)  # never tried again for this reason


async def test_a_handshake_that_stalls(
    begin: Begin, resolve: Callable[[str], None], server: ScriptedServer, prove: Prove
) -> None:
    server.greet(server.hang)
    await server.start()
    await nothing_is_sent(await begin(f"https://{NAME}:{server.port}"), "F6", prove, "was not reached within")
    assert server.requests == []


BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
SABOTAGE = (
    "HTTPS_PROXY", "ALL_PROXY", "SSLKEYLOGFILE", "SSL_CERT_DIR", *BUNDLES, "https_proxy", "HTTP_PROXY", "all_proxy",
)  # fmt: skip


@pytest.mark.parametrize(
    "variable", [*SABOTAGE[:5], *(pytest.param(one, marks=pytest.mark.full) for one in SABOTAGE[5:])]
)
async def test_variables_of_the_environment_change_nothing(
    variable: str,
    begin: Begin,
    resolve: Callable[[str], None],
    server: ScriptedServer,
    tmp_path: Path,
    prove: Prove,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    foreign = trustme.CA()
    foreign.cert_pem.write_to_path(str(tmp_path / "foreign.pem"))
    proxy = ScriptedServer().only(ScriptedServer.json({}))
    await proxy.start()
    files = {**dict.fromkeys(BUNDLES, "foreign.pem"), "SSL_CERT_DIR": "", "SSLKEYLOGFILE": "keys"}
    monkeypatch.setenv(variable, str(tmp_path / files[variable]) if variable in files else proxy.url)
    await server.start(context_of(foreign.issue_cert(NAME)))
    session = await begin(f"https://{NAME}:{server.port}")
    with pytest.raises(ThetaError, match="did not prove who it is"):
        await session.ask("theta.deployments.list")
    for name, arguments in CHANGED:
        with pytest.raises(ThetaError, match="did not prove who it is"):
            await session.submit(name, arguments, reviewer=Person())
    await proxy.stop()
    assert (server.requests, proxy.connections) == ([], 0)
    assert not (tmp_path / "keys").exists()
    assert variable in settings.ignored_variables(), "doctor names it"
    prove("F57", variable, 1 + len(CHANGED))
