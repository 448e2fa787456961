"""Law 1 once more: with THETA_DRY_RUN on, however it is spelled, no door lets anything but reads through."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from pathlib import Path

import pytest
from mcp import Client

from tests.laws.conftest import Bench, MakeBench, known_arguments, leave_something_behind
from tests.proofs import Prove
from tests.stack import Person, begin_session
from tests.terminal import NO_KEYRING
from theta_tui.change import NotDone
from theta_tui.cli import main
from theta_tui.command import Command
from theta_tui.mcp.server import build_server
from theta_tui.registry import commands
from theta_tui.sandbox.demo import seed_demo
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World

CHANGING = [command for command in commands().values() if not command.is_read]
ON = ("1", "true", "TRUE", "yes", "On", " 1 ", "2", "-1", "perhaps", "0.0", "nein", "１")
"""Those of the settings, and what cannot be read and therefore counts as on."""
USUAL = ("1", "perhaps")


def _nothing_was_sent(world: World) -> None:
    assert [call.target for call in world.calls if call.method not in ("GET", "HEAD")] == []


@pytest.mark.parametrize("spelled", [one if one in USUAL else pytest.param(one, marks=pytest.mark.full) for one in ON])
async def test_a_reviewer_who_says_yes_and_an_mcp_client_who_confirms_send_nothing(
    spelled: str, make_bench: MakeBench, prove: Prove
) -> None:
    bench = await make_bench(THETA_DRY_RUN=spelled)
    mcp = await begin_session({**bench.environ, "THETA_TUI_HOME": bench.environ["THETA_TUI_HOME"] + "-mcp"}, face="mcp")
    async with Client(build_server(mcp, allow_writes=True)) as client:
        for command in CHANGING:
            outcome = await bench.session.submit(command.name, bench.arguments(command), reviewer=Person())
            assert isinstance(outcome, NotDone), command.name
            assert outcome.reason == "dry_run"
            await _call_and_confirm(client, command, bench)
            prove("I2", command.name, 3)
    await mcp.close()
    _nothing_was_sent(bench.world)


async def _call_and_confirm(client: Client, command: Command, bench: Bench) -> None:
    given = json.loads(json.dumps(bench.arguments(command)))
    shown = (await client.call_tool(command.name, given)).structured_content
    assert shown is not None
    assert shown.get("applied") is not True, (command.name, shown)
    key = shown.get("confirm", "a-guess")
    again = (await client.call_tool(command.name, {**given, "confirm": key})).structured_content
    assert again is not None
    assert again.get("applied") is not True, (command.name, again)


async def _something_is_left(environ: dict[str, str], world: World) -> None:
    session = await begin_session(environ)
    await leave_something_behind(session, world)
    await session.close()


@pytest.mark.parametrize(
    ("every", "spellings"),
    [(6, 1), pytest.param(1, len(ON), marks=pytest.mark.full)],
    ids=["some commands", "every command in every spelling"],
)
def test_the_command_line_with_yes_sends_nothing(
    every: int,
    spellings: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    prove: Prove,
) -> None:
    world = World(pace=0)
    seed_demo(world)
    bench = Bench(None, world, known_arguments(world), {})  # type: ignore[arg-type] no session is asked here
    monkeypatch.setenv(*next(iter(NO_KEYRING.items())))
    with SandboxServer(world) as server:
        environ = {**server.environment(), "THETA_TUI_HOME": str(tmp_path), "THETA_HTTP_MAX_RETRIES": "0"}
        asyncio.run(_something_is_left(environ, world))
        for at, command in enumerate(CHANGING[::every]):
            for number in range(at, at + spellings):
                monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(bench.arguments(command))))
                words = ["run", command.name, "--args", "-", "--yes"]
                assert main(words, {**environ, "THETA_DRY_RUN": ON[number % len(ON)]}) == 3, command.name
                assert json.loads(capsys.readouterr().out)["reason"] == "dry_run"
            prove("I2", command.name, spellings)
    _nothing_was_sent(world)
