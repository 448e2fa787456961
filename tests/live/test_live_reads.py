"""The answers of the real cloud against the documented shapes: reads only, and only where keys are given.

Run it with `THETA_LIVE=1 pytest -m live -n 0 -s tests/live` and the usual THETA_* variables; `-s` shows the report.
The same comparison runs against the sandbox in every test run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from theta_tui import settings
from theta_tui.change import Attempt, Family
from theta_tui.registry import commands
from theta_tui.sandbox.demo import seed_demo
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World
from theta_tui.session import Session
from theta_tui.vault import MemoryBackend, Vault

from .drift import READS, Drift, compare_all

ENVIRON = {name: value for name, value in os.environ.items() if name.startswith("THETA_")}
"""Taken when tests are collected: a later test may let the program drop what is secret."""
CONFIGURED = ENVIRON.get("THETA_LIVE") == "1" and any(
    ENVIRON.get(name) for name in ("THETA_EC_API_KEY", "THETA_ONDEMAND_API_TOKEN", "THETA_VIDEO_SA_ID")
)
RPC = (Family.CHAIN, Family.THETACLI, Family.EDGE_CLIENT)
"""Here a read is a POST as well."""
GUARDS = {"THETA_READ_ONLY": "1", "THETA_DRY_RUN": "1"}

Open = Callable[[Mapping[str, str]], AbstractAsyncContextManager[tuple[Session, list[Attempt]]]]


@pytest.fixture
def open_session(tmp_path: Path) -> Open:
    """Give a maker of sessions that refuse every change, with the attempts they make."""

    @asynccontextmanager
    async def make(environ: Mapping[str, str]) -> AsyncIterator[tuple[Session, list[Attempt]]]:
        variables = {**environ, **GUARDS, "THETA_TUI_HOME": str(tmp_path)}
        loaded = settings.load(None, variables)
        assert loaded.read_only
        assert loaded.dry_run
        vault = Vault(loaded.profile, variables, backend=MemoryBackend())
        session = await Session.begin(loaded, variables, face="cli", data_dir=tmp_path / "data", vault=vault)
        attempts: list[Attempt] = []
        session.on_attempt(attempts.append)
        try:
            yield session, attempts
        finally:
            await session.close()

    return make


def report(drifts: list[Drift]) -> str:
    return "\n".join(line for drift in drifts for line in drift.lines())


def only_reads(attempts: list[Attempt]) -> bool:
    return all(one.method == "GET" or one.family in RPC for one in attempts)


def test_the_table_holds_queries_alone() -> None:
    assert all(commands()[read.command].is_read for read in READS)


@pytest.mark.live
@pytest.mark.skipif(not CONFIGURED, reason="needs THETA_LIVE=1 and the keys of an account")
async def test_the_real_cloud_answers_as_documented(open_session: Open) -> None:
    async with open_session(ENVIRON) as (session, attempts):
        drifts = await compare_all(session, READS)
    sys.stdout.write(f"\n{report(drifts)}\n")
    assert only_reads(attempts)
    assert any(drift.records for drift in drifts), report(drifts)
    assert not [drift for drift in drifts if drift.lacking], report(drifts)


async def test_the_sandbox_answers_as_documented(open_session: Open, sandbox: SandboxServer, world: World) -> None:
    seed_demo(world)
    async with open_session(sandbox.environment()) as (session, attempts):
        drifts = await compare_all(session, READS)
    assert len(attempts) >= len(READS)
    assert only_reads(attempts)
    assert not [drift for drift in drifts if drift.lacking or drift.missing or drift.types], report(drifts)
    assert not [drift.not_read for drift in drifts if drift.not_read]
    empty = {drift.command for drift in drifts if not drift.records}
    assert empty <= {"theta.ondemand.listRequests"}


async def test_new_keys_and_other_types_are_reported_and_are_no_failure(
    open_session: Open, sandbox: SandboxServer, world: World
) -> None:
    seed_demo(world)
    world.faults.add({"kind": "extra_fields", "strings": True, "times": None})
    async with open_session(sandbox.environment()) as (session, _):
        drifts = await compare_all(session, [read for read in READS if not read.what])
    found = {drift.command: drift for drift in drifts}
    assert all("sandbox_unknown" in drift.unknown for drift in drifts if drift.records), report(drifts)
    assert "progress is text, not number" in found["theta.video.list"].types
    assert not [drift for drift in drifts if drift.lacking], report(drifts)


async def test_a_missing_required_key_is_told_without_any_value(
    open_session: Open, sandbox: SandboxServer, world: World
) -> None:
    answer = {"status": "success", "body": {"videos": [{"id": "video_1", "file_name": "private name", "state": None}]}}
    world.faults.add({"kind": "json", "match": {"path": "/video/.*/list"}, "body": answer, "times": None})
    async with open_session(sandbox.environment()) as (session, _):
        drifts = await compare_all(session, [read for read in READS if read.command == "theta.video.list"])
    assert drifts[0].lacking == {"state"}
    assert "playback_uri" in drifts[0].missing
    assert "private name" not in report(drifts)


async def test_without_keys_everything_is_skipped_but_what_is_public(
    open_session: Open, sandbox: SandboxServer, world: World
) -> None:
    addresses = {name: value for name, value in sandbox.environment().items() if name.endswith("_BASE_URL")}
    async with open_session(addresses) as (session, _):
        drifts = await compare_all(session, READS)
    read = {drift.command.split(" ")[0] for drift in drifts if not drift.not_read}
    assert read == {"theta.ondemand.listServices", "theta.deployments.listVm"}
    assert {call.path for call in world.calls} == {"/service/list", "/resource/vm/list"}
