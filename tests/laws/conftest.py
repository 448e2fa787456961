from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.stack import begin_session
from theta_tui.command import Command
from theta_tui.journal import Intent
from theta_tui.sandbox.chain import FIRST_HEIGHT, WALLET, digest
from theta_tui.sandbox.demo import seed_demo
from theta_tui.sandbox.footage import videos
from theta_tui.sandbox.knowledge import chatbots
from theta_tui.sandbox.livestreams import INGESTORS, streams
from theta_tui.sandbox.network import WALLET_PASSWORD
from theta_tui.sandbox.own_templates import templates_of
from theta_tui.sandbox.platform import members_of
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World
from theta_tui.session import Session
from theta_tui.shapes.upload_infer import DOT
from theta_tui.wire.hosts import READING_CALLS

OPTIONAL = (
    "deployment",
    "suffix",
    "shard",
    "system_prompt",
    "source_uri",
    "content",
    "annotations",
    "icon_url",
    "tfuelwei",
    "interval_ms",
    "ready_timeout_ms",
    "files",
)
"""Fields that are given although they are not required: these commands need one of several."""


@dataclasses.dataclass
class Bench:
    """A session on a seeded sandbox, and arguments that fit its world for every command."""

    session: Session
    world: World
    known: dict[str, Any]
    environ: dict[str, str]

    def arguments(self, command: Command) -> dict[str, Any]:
        """Give a command's example: required fields only, with ids that exist in this world."""
        given: dict[str, Any] = {}
        for name, field in command.params.model_fields.items():
            known = f"{command.name}.{name}" if f"{command.name}.{name}" in self.known else name
            if known in self.known and (field.is_required() or name in OPTIONAL):
                given[name] = self.known[known]
            elif field.is_required():
                given[name] = (field.examples or [None])[0]
        return given

    def changes_sent(self) -> list[Any]:
        """Give what reached the server and was no read."""
        return [call for call in self.world.calls if call.method not in ("GET", "HEAD") and not _only_asks(call.body)]


def _only_asks(body: bytes) -> bool:
    """Whether a body is a JSON-RPC call that reads."""
    try:
        called = json.loads(body)
    except ValueError:
        return False
    return isinstance(called, dict) and any(called.get("method") in reads for reads in READING_CALLS.values())


def known_arguments(world: World) -> dict[str, Any]:
    """Give arguments that name what exists in this world."""
    machines = world.deployments if isinstance(world.deployments, list) else list(world.deployments.values())
    machine = next(item for item in machines if item.name == "support-chat")
    agent = next(iter(chatbots(world).values()))
    return {
        "video_id": next(iter(videos(world))),
        "stream_id": next(iter(streams(world))),
        "tva_stream": next(iter(streams(world))),
        "ingestor_id": INGESTORS[0]["id"],
        "source_uri": "https://files.example.com/clip.mp4",
        "content": {"filename": "clip.mp4", "content": "AAAAGGZ0eXBpc29t", "encoding": "base64"},
        "chatbot_id": agent.id,
        "document_id": next(iter(agent.documents)),
        "system_prompt": "Answer from the documents.",
        "suffix": machine.suffix,
        "deployment": machine.suffix,
        "shard": str(machine.shard),
        "deployment_template_id": machine.template.id,
        "template_id": next(iter(templates_of(world))),
        "annotations": {"nickname": "bench"},
        "icon_url": "https://assets.example.com/bench.png",
        "theta.project.disableMember.user_id": next(iter(members_of(world))),
        "theta.project.enableMember.user_id": next(iter(members_of(world))),
        "theta.chain.block.hash": digest("block", FIRST_HEIGHT),
        "theta.chain.broadcastAsync.tx_bytes": "02f902f90103",
        "address": WALLET[0],
        "theta.keys.lock.address": WALLET[1],
        "sender": WALLET[0],
        "tfuelwei": "1",
        "password": WALLET_PASSWORD,
        "files": {"input_img": {"filename": "dot.png", "content": DOT}},
        "theta.deployments.validateDisposable.interval_ms": 500,
        "theta.deployments.validateDisposable.ready_timeout_ms": 1000,
    }


async def leave_something_behind(session: Session, world: World) -> None:
    """Write down a validation whose deployment was not deleted and a change without an answer, for who sees to them."""
    machine = next(item for item in world.deployments.values() if item.name == "oss-trial")
    ids = {"deployment.name": machine.name, "deployment.base_id": machine.base_id, "project.id": world.project_id}
    plan = await session.journal.begin_plan(session.settings.profile, "theta.deployments.validateDisposable", "Try it")
    await session.journal.plan_step(plan, "create", "done", ids)
    await session.journal.finish_plan(plan, clean=False)
    lost = Intent(
        profile=session.settings.profile,
        face="cli",
        command="theta.video.streamCreate",
        target_kind="livestream",
        target_name=next(iter(streams(world).values())).name,
    )
    await session.journal.mark(await session.journal.reserve(lost), "uncertain")


MakeBench = Callable[..., Any]


@pytest.fixture
async def make_bench(tmp_path: Path) -> AsyncIterator[MakeBench]:
    """Give a maker of benches: each with its own world, data folder and environment."""
    opened: list[tuple[Session, SandboxServer]] = []

    async def make(face: str = "console", **environ: str) -> Bench:
        world = World(pace=0)
        seed_demo(world)
        world.clock.advance(3600)
        server = SandboxServer(world)
        server.start()
        known = known_arguments(world)
        home = tmp_path / str(len(opened))
        variables = {
            **server.environment(),
            "THETA_TUI_HOME": str(home),
            "THETA_HTTP_RETRY_BACKOFF_MS": "25",
            **environ,
        }
        session = await begin_session(variables, face=face)
        opened.append((session, server))
        world.faults.add({"kind": "warm_up", "script": [[0, 404]], "times": None})
        await leave_something_behind(session, world)
        return Bench(session, world, known, variables)

    yield make
    for session, server in opened:
        await session.close()
        server.stop()
