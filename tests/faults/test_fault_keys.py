"""Keys that cannot be keys, and a key that is revoked while it is used: the source is named, the value never."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest

from tests.faults.conftest import Prove
from tests.faults.rig import Rig
from tests.stack import Person, begin_session
from tests.tui.conftest import Opens, console  # noqa: F401 a fixture
from theta_tui import settings
from theta_tui.errors import AuthError, CloudError, NoCredentials, PolicyRefused, ThetaError, UsageError
from theta_tui.registry import commands
from theta_tui.sandbox.demo import seed_demo
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import Keys, World
from theta_tui.session import Session
from theta_tui.tui.panes.record_pane import RecordPane
from theta_tui.tui.widgets.banner import Banner
from theta_tui.vault import ITEMS, MemoryBackend, Vault
from theta_tui.vault.items import checked

ODD = {
    "newline within": "zq7a\nzq7b",
    "carriage return": "zq7a\r\nX-Evil: zq7b",
    "space": "zq7a zq7b",
    "NUL": "zq7a\x00zq7b",
    "smart quotes": "“zq7azq7b”",
    "not ASCII": "zq7aézq7b",
    "hidden": "zq7a\u200bzq7b",
    "escape": "zq7a\x1b[2Jzq7b",
    "nothing but spaces": "   ",
    "far too long": "zq7" * 4_000,
}
USES = {
    "ec_api_key": ("theta.deployments.list", {}, "theta.deployments.create",
                   {"deployment_template_id": "img_1", "vm_id": "vm_gt1"}),
    "ondemand_token": ("theta.ondemand.status", {"request_id": "r_1"}, "theta.ondemand.infer",
                       {"service": "flux", "input": {"prompt": "x"}}),
    "video_sa_secret": ("theta.video.list", {}, "theta.video.streamCreate", {"name": "Demo"}),
}  # fmt: skip
"""A read and a change that need an item."""


@pytest.fixture
def world() -> World:
    made = World(pace=0)
    seed_demo(made)
    return made


async def _refused(session: Session, item: str) -> list[str]:
    """Ask and change with an odd key; give what was said."""
    read, given, change, params = USES[item]
    said = []
    with pytest.raises(ThetaError) as told:
        await session.ask(read, given)
    said.append(told.value)
    with pytest.raises(ThetaError) as told:
        await session.submit(change, params, reviewer=Person())
    said.append(told.value)
    return [f"{one!r} {one} {json.dumps(one.as_dict())} {one.__cause__!r}" for one in said]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("item", USES)
@pytest.mark.parametrize("source", ["environment", "keyring"])
async def test_an_odd_key_is_refused_by_its_source_and_sends_nothing(
    world: World, tmp_path: Path, prove: Prove, source: str, item: str, odd: str
) -> None:
    variable = ITEMS[item].env[0]
    with SandboxServer(world) as server:
        environ = {**server.environment(), "THETA_TUI_HOME": str(tmp_path)}
        backend = MemoryBackend()
        if source == "environment":
            environ[variable] = ODD[odd]
        else:
            del environ[variable]
            backend.set_password("theta-tui/default", f"{item}@{server.origin}", ODD[odd])
        loaded = settings.load(None, environ)
        vault = Vault(loaded.profile, environ, backend=backend)
        session = await Session.begin(loaded, environ, face="cli", data_dir=tmp_path / "data", vault=vault)
        before = len(world.calls)
        said = await _refused(session, item)
        await session.close()
    assert not any("zq7" in words for words in said), said
    named = (variable, item, ITEMS[item].label)
    assert all(any(name in words for name in named) for words in said), said
    assert all(call.method == "GET" for call in world.calls[before:])
    prove("F54", f"{item} from the {source}")


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_a_pasted_key_is_refused_without_being_repeated(text: str, prove: Prove) -> None:
    with pytest.raises(UsageError) as told:
        checked(text, "The project API key")
    assert "zq7" not in f"{told.value} {told.value.hint}"
    prove("F54", "a paste")


INJECTED = "zq7a\r\nX-Evil: zq7b\r\n\r\nGET /stolen HTTP/1.1\r\nX-Evil: zq7c"
WRITTEN = (
    "THETA_EC_PROJECT_ID", "THETA_INFERENCE_ENDPOINT", "THETA_CHATBOT_TOKEN", "THETA_VIDEO_SA_ID", "THETA_ORG_ID",
    "THETA_INFERENCE_AUTH_USER", "THETA_INFERENCE_AUTH_PASS", "THETA_INFERENCE_MODEL", "THETA_INFERENCE_AUTH_TOKEN",
    "THETA_ONDEMAND_API_BASE_URL", "THETA_CONTROLLER_API_BASE_URL", "THETA_AI_API_BASE_URL", "THETA_CHAIN_RPC_URL",
    "THETA_PROXY", "THETA_CA_BUNDLE", "THETA_HTTP_TIMEOUT_MS", "THETA_PROFILE",
)  # fmt: skip
"""Variables whose values come near a request."""


@pytest.mark.parametrize(
    "variable", [*WRITTEN[:3], *(pytest.param(one, marks=pytest.mark.full) for one in WRITTEN[3:])]
)
async def test_no_value_of_the_environment_becomes_a_header_or_a_request(
    variable: str, rig: Rig, tmp_path: Path, prove: Prove
) -> None:
    """Whatever is refused or percent-encoded: what arrives is whole requests without a header of somebody else's."""
    machine = f"{rig.front.url}/endpoint/{rig.bench.known['suffix']}"
    environ = {**rig.environ, "THETA_INFERENCE_ENDPOINT": machine, "THETA_TUI_HOME": str(tmp_path / "odd")}
    if variable in ("THETA_INFERENCE_AUTH_USER", "THETA_INFERENCE_AUTH_PASS"):
        environ |= {"THETA_INFERENCE_AUTH_USER": "me", "THETA_INFERENCE_AUTH_PASS": "zq8zq8zq8"}
    before = environ.get(variable, "")
    said = []
    try:
        session = await begin_session({**environ, variable: f"{before}{INJECTED}"})
    except UsageError as error:
        said.append(f"{error!r} {error.hint}")
    else:
        for command in commands().values():
            arguments = rig.bench.arguments(command)
            with contextlib.suppress(CloudError):  # a cloud that does not know such a name says so in its own words
                try:
                    if command.is_read:
                        await session.ask(command.name, arguments)
                    else:
                        await session.submit(command.name, arguments, reviewer=Person())
                except (UsageError, PolicyRefused, NoCredentials) as error:
                    said.append(f"{error!r} {error.hint}")
        await session.close()
    assert not any("zq7" in words for words in said), said
    assert rig.front.requests
    for one in rig.front.requests:
        assert "x-evil" not in one.headers
        assert one.target != "/stolen"
        assert b"\nx-evil" not in one.raw.lower().partition(b"\r\n\r\n")[0]
    prove("F54", f"header injection by {variable}", len(commands()))


@pytest.mark.parametrize("item", USES)
async def test_a_key_revoked_meanwhile_ends_reads_and_blocks_what_is_paid(item: str, rig: Rig, prove: Prove) -> None:
    session, world, variable = rig.bench.session, rig.bench.world, ITEMS[item].env[0]
    read, _, change, _ = USES[item]
    await session.ask(read, rig.bench.arguments(commands()[read]))
    spent = (await session.journal.spending(session.settings.profile)).total_usd
    world.keys = Keys(*("another".ljust(32, str(number)) for number in range(4)))
    for name in (read, change):
        before, arguments = len(rig.front.requests), rig.bench.arguments(commands()[name])
        with pytest.raises(AuthError) as told:
            await (session.ask(name, arguments) if name == read else
                   session.submit(name, arguments, reviewer=Person()))  # fmt: skip
        words = f"{told.value!r} {told.value.message} {told.value.hint}"
        assert variable in words
        assert rig.environ[variable] not in words
        sent = [(one.method, one.target) for one in rig.front.requests[before:]]
        assert sent.count(sent[-1]) == 1, "a 401 is not tried again"
        prove("F55", name)
    assert (await session.journal.spending(session.settings.profile)).total_usd == spent


async def test_a_key_revoked_meanwhile_is_one_message_everywhere(console: Opens, prove: Prove) -> None:  # noqa: F811
    async with console(pane="deployments") as it:
        await it.until(lambda: it.pane.loaded_at)
        it.world.keys = Keys(project_api_key="another".ljust(32, "0"))
        said = set()
        for digit in "45614":
            await it.press(digit)
            pane = it.pane
            await it.until(lambda pane=pane: pane.is_mounted)
            if isinstance(pane, RecordPane):
                pane.reload()
                banner = pane.query_one(Banner)
                await it.until(lambda banner=banner: banner.error is not None)
                said.add((banner.error.kind, banner.error.message, banner.error.hint))
        assert len(said) == 1
        ((kind, message, hint),) = said
        assert kind == "auth"
        assert "THETA_EC_API_KEY" in f"{message} {hint}"
        assert not it.app.messages
        assert it.world.keys.project_api_key not in it.shown()
    prove("F55", "the console")
