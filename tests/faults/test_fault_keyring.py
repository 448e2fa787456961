"""Every way in which a keyring can be of no use: told in time, the environment named, nothing paid, the loop free."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import keyring.backends.fail
import keyring.backends.null
import keyring.errors
import pytest

from tests.core.test_vault import Mute, Raising
from tests.faults.conftest import Prove
from tests.stack import Person
from tests.terminal import whole_environment
from theta_tui import settings
from theta_tui.change import Done
from theta_tui.errors import NoCredentials
from theta_tui.sandbox.demo import seed_demo
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World
from theta_tui.session import Session
from theta_tui.vault import Backend, MemoryBackend, Vault

LIMIT = 0.3
"""Seconds a keyring may take here; 3 are usual."""
HELD_UP = 0.25

READS: dict[str, tuple[dict[str, Any], str]] = {
    "theta.deployments.list": ({}, "THETA_EC_API_KEY"),
    "theta.video.list": ({"service_account_id": "srvacc_1"}, "THETA_VIDEO_SA_SECRET"),
}
PAID: dict[str, tuple[dict[str, Any], str]] = {
    "theta.ondemand.infer": (
        {"service": "stable_diffusion_xl_turbo", "input": {"prompt": "x"}}, "THETA_ONDEMAND_API_TOKEN"
    ),
    "theta.deployments.create": ({"deployment_template_id": "img_1", "vm_id": "vm_gt1"}, "THETA_EC_API_KEY"),
    "theta.video.streamCreate": ({"name": "Demo"}, "THETA_VIDEO_SA_SECRET"),
}  # fmt: skip


class Giving(MemoryBackend):
    """A keyring that gives the same for everything."""

    def __init__(self, given: Any) -> None:
        super().__init__()
        self.given = given

    def get_password(self, service: str, username: str, /) -> Any:
        return self.given


KEYRINGS: dict[str, Callable[[], Backend]] = {
    "none": keyring.backends.fail.Keyring,
    "null": keyring.backends.null.Keyring,
    "mute": Mute,
    "locked": lambda: Raising(lambda: keyring.errors.KeyringLocked("zq-leak")),
    "dismissed": lambda: Raising(lambda: keyring.errors.InitError("zq-leak")),
    "not a keyring's error": lambda: Raising(lambda: RuntimeError("zq-leak")),
    "backend missing": lambda: Raising(lambda: ModuleNotFoundError("zq-leak")),
    "bytes": lambda: Giving(b"zq-leak"),
    "a number": lambda: Giving(7),
    "a list": lambda: Giving(["zq-leak"]),
}
EVERY = pytest.mark.parametrize("kind", KEYRINGS)


@contextlib.asynccontextmanager
async def opened(backend: Backend, tmp_path: Path, *, with_keys: bool) -> AsyncIterator[tuple[Session, World]]:
    world = World(pace=0)
    seed_demo(world)
    with SandboxServer(world) as server:
        environ = {**server.environment(), "THETA_TUI_HOME": str(tmp_path)}
        if not with_keys:
            environ = {
                name: value
                for name, value in environ.items()
                if name not in settings.secret_variables() or name == "THETA_VIDEO_SA_ID"
            }
        loaded = settings.load(None, environ)
        vault = Vault(loaded.profile, environ, backend=backend, limit=LIMIT)
        session = await Session.begin(loaded, environ, face="cli", data_dir=tmp_path / "data", vault=vault)
        yield session, world
        await session.close()
    if isinstance(backend, Mute):
        backend.may_answer.set()


async def longest_hold_up(work: asyncio.Task[Any]) -> float:
    """Give how long the loop was held up at the most while something was at work."""
    longest, before = 0.0, time.monotonic()
    while not work.done():
        await asyncio.sleep(0.01)
        now = time.monotonic()
        longest, before = max(longest, now - before), now
    return longest


def test_a_keyring_has_three_seconds() -> None:
    assert inspect.signature(Vault).parameters["limit"].default == 3.0


@EVERY
async def test_a_useless_keyring_is_told_in_time_and_nothing_is_paid(kind: str, tmp_path: Path, prove: Prove) -> None:
    async with opened(KEYRINGS[kind](), tmp_path, with_keys=False) as (session, world):
        started = time.monotonic()
        tried = [(name, session.ask(name, given), variable) for name, (given, variable) in READS.items()]
        tried += [
            (name, session.submit(name, arguments, reviewer=Person()), variable)
            for name, (arguments, variable) in PAID.items()
        ]
        for name, work, variable in tried:
            task = asyncio.ensure_future(work)
            assert await longest_hold_up(task) < HELD_UP
            with pytest.raises(NoCredentials) as told:
                await task
            said = f"{told.value.message} {told.value.hint}"
            assert variable in said
            assert "environment" in said
            assert "zq-leak" not in f"{said} {told.value!r} {told.value.__cause__!r}"
            prove("F53", f"{name}")
        assert time.monotonic() - started < 3  # all together: a keyring is waited for once
        assert all(call.method == "GET" for call in world.calls)
        assert {row.state for row in await session.journal.ledger()} == {"refused"}
        assert (await session.journal.spending(session.settings.profile)).total_usd == 0
        assert not (await session.vault.status()).usable


@EVERY
async def test_with_a_useless_keyring_the_environment_goes_on(kind: str, tmp_path: Path, prove: Prove) -> None:
    async with opened(KEYRINGS[kind](), tmp_path, with_keys=True) as (session, _):
        assert await session.ask("theta.deployments.list")
        done = await session.submit("theta.ondemand.infer", PAID["theta.ondemand.infer"][0], reviewer=Person())
        assert isinstance(done, Done)
        found = await session.vault.get("ec_api_key", origin="https://controller.thetaedgecloud.com")
        assert found is not None
        assert (found.source, bool(session.vault.trouble)) == ("THETA_EC_API_KEY", True)
        prove("F53", "the environment")


ENDING = """
import sys, threading
from theta_tui.vault import keyring_access
from theta_tui.vault.backend import MemoryBackend

class Mute(MemoryBackend):
    def get_password(self, service, username, /):
        threading.Event().wait()

keyring_access._choose = Mute
keyring_access.objection = lambda backend, given=False: None
from theta_tui.__main__ import main
sys.argv[1:] = ["run", "theta.deployments.list", "--output", "json"]
sys.exit(main())
"""


def test_the_program_ends_a_second_after_it_told_that_the_keyring_is_mute(tmp_path: Path, prove: Prove) -> None:
    started = subprocess.Popen(
        [sys.executable, "-c", ENDING],
        env=whole_environment({"THETA_TUI_HOME": str(tmp_path), "THETA_EC_PROJECT_ID": "prj_1"}, tmp_path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with started as process:
        assert process.stderr is not None
        told = process.stderr.readline()
        when = time.monotonic()
        assert process.wait(20) == NoCredentials.exit_code
        assert time.monotonic() - when < 1
    assert "no_credentials" in told
    assert "THETA_EC_API_KEY" in told
    prove("F53", "the end of the program")
