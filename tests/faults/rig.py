"""A session whose whole cloud stands behind the front door, and one trial of one fault on one command.

A trial is judged by comparing what the client claims with the truth at the door.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.faults.catalogue import Fault
from tests.faults.front import Front, Truth, is_change, is_read
from tests.faults.scripted import Received, ScriptedServer
from tests.laws.conftest import Bench, known_arguments, leave_something_behind
from tests.stack import Person, begin_session
from theta_tui import settings
from theta_tui.change import Done, Plan
from theta_tui.command import Command
from theta_tui.errors import CloudError, PolicyRefused, ThetaError, Uncertain
from theta_tui.review import Ask
from theta_tui.sandbox.chain import WALLET
from theta_tui.sandbox.demo import seed_demo
from theta_tui.sandbox.platform import members_of
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World
from theta_tui.session import Session
from theta_tui.wire.knobs import Knobs

QUICK = Knobs(timeout_seconds=0.6, retries=1, backoff_seconds=0.002)
IMPATIENCE_SECONDS = QUICK.timeout_seconds / 2
MOST_SECONDS = 12.0
"""One trial at the most: two tries, their waits, a look afterwards, and a busy machine."""


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What became of a trial. Letters as in the catalogue, S for success at the first try, B for not sent at all.

    `rows` are the states of the ledger rows that the trial wrote; `most` is how often a change may be sent when its
    answer is lost.
    """

    letter: str
    truth: Truth
    seconds: float
    rows: frozenset[str]
    error: ThetaError | None = None
    value: Any = None
    most: int = 1


class Rig:
    """Session, cloud, front door, and a second origin that must never be asked."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._count = 0

    async def start(self) -> None:
        self.other = ScriptedServer().only(ScriptedServer.json({"stolen": True}))
        await self.other.start()
        await self._open()

    async def _open(self) -> None:
        self._count += 1
        world = World(pace=0)
        seed_demo(world)
        world.clock.advance(3600)
        self._cloud = SandboxServer(world)
        origin = self._cloud.start()
        self.front = Front(("127.0.0.1", int(origin.rpartition(":")[2])))
        await self.front.start()
        world.origin = self.front.url
        self.environ = {
            **{name: value.replace(origin, self.front.url) for name, value in self._cloud.environment().items()},
            "THETA_TUI_HOME": str(self._home / str(self._count)),
        }
        session = await begin_session(self.environ)
        self._allow = make_impatient(session)
        self.bench = Bench(session, world, known_arguments(world), self.environ)
        idle = next(machine for machine in world.deployments.values() if machine.name == "render-node")
        picture = {"service": "stable_diffusion_xl_turbo", "input": {"prompt": "a lighthouse"}}
        job = (await session.submit("theta.ondemand.infer", picture, reviewer=Person())).value  # type: ignore[union-attr]
        start = {"theta.deployments.start.suffix": idle.suffix, "theta.deployments.start.shard": str(idle.shard)}
        locked_out = list(members_of(world).values())[-1]
        locked_out["disabled"] = True
        takes_effect = {"theta.keys.lock.address": WALLET[0], "theta.project.enableMember.user_id": locked_out["id"]}
        self.bench.known |= {**start, **takes_effect, "request_id": job.id}
        world.faults.add({"kind": "warm_up", "script": [[0, 404]], "times": None})
        await leave_something_behind(session, world)

    async def renew(self) -> None:
        """Begin again with a fresh cloud and an empty journal."""
        await self._close()
        await self._open()

    async def _close(self) -> None:
        session = self.bench.session
        assert session._wire.busy_slots == 0
        await session.close()
        await self.front.stop()
        self._cloud.stop()
        assert self.bench.world.problems == []

    async def stop(self) -> None:
        await self._close()
        await self.other.stop()

    async def trial(self, command: Command, *faults: Fault, passes: bool = False) -> Verdict:
        """Let faults, one after the other, meet every request of a read, or the changing requests of a change.

        The last one stays, unless it `passes`.
        """
        session, arguments = self.bench.session, self.bench.arguments(command)
        act = None if command.is_read else (await session.build(command.name, arguments))[1]
        known = {entry.id for entry in await session.journal.ledger()}
        self._arm(faults, is_read if command.is_read else is_change, passes)
        is_waiting = any("timeout" in fault.kinds for fault in faults)
        self._allow(IMPATIENCE_SECONDS if is_waiting else MOST_SECONDS / 4)
        started = time.monotonic()
        error, value = None, None
        try:
            async with asyncio.timeout(MOST_SECONDS):
                if act is None:
                    value = await session.ask(command.name, arguments)
                else:
                    done = await session.perform(command, act, Ask(command.name, Person()))
                    assert isinstance(done, Done), done
                    value = done.value
        except ThetaError as raised:
            error = raised
        self.front.disarm()
        seconds, truth = time.monotonic() - started, self.front.truth
        rows = [entry.state for entry in await session.journal.ledger() if entry.id not in known]
        letter = ("R" if len(truth.tries) > 1 else "S") if error is None else _letter(error)
        return Verdict(letter, truth, seconds, frozenset(rows), error, value, most=1 + is_idempotent(act))

    def _arm(self, faults: tuple[Fault, ...], at: Callable[[Received], bool], passes: bool) -> None:
        made = [fault.make(self.front, self.other.url) for fault in faults]
        self.front.aim(*made, at=at, stays=not passes)
        if faults and faults[0].at_the_door:
            self.front.greet(*made[0])

    def says_a_secret(self, verdict: Verdict) -> bool:
        """Whether a credential is in what the client said."""
        names = [name for name in settings.secret_variables() if name != "THETA_VIDEO_SA_ID" and name in self.environ]
        said = json.dumps(verdict.error.as_dict()) if verdict.error else ""
        return any(self.environ[name] in said for name in names)


def is_idempotent(act: Any) -> bool:
    """Whether an act may be sent a second time: its Change says so."""
    return any(change.idempotent for change in (act.changes if isinstance(act, Plan) else (act,)) if change)


def make_impatient(session: Session, seconds: float = IMPATIENCE_SECONDS) -> Callable[[float], None]:
    """Shorten every deadline of a session, those of single requests too; nothing else changes.

    It gives what sets them anew: a fault that answers at once must not become a time-out on a busy machine.
    """
    wire = session._wire
    answer, listen = wire.answer, wire.listen

    def allow(another: float) -> None:
        nonlocal seconds
        seconds = another
        wire.knobs = dataclasses.replace(QUICK, timeout_seconds=2 * another)

    def short(requests: tuple[Any, ...]) -> list[Any]:
        return [dataclasses.replace(request, deadline=None, first_byte=None) for request in requests]

    async def answer_soon(*requests: Any, **more: Any) -> Any:
        hurried = short(requests)
        reply = await answer(*hurried, **more)
        answered = next(at for at, request in enumerate(hurried) if request is reply.request)
        return dataclasses.replace(reply, request=requests[answered])

    async def listen_briefly(*requests: Any, **more: Any) -> Any:
        return await listen(*short(requests), **{**more, "first_byte": seconds, "idle": seconds, "total": 7 * seconds})

    wire.answer, wire.listen = answer_soon, listen_briefly  # type: ignore[method-assign]
    allow(seconds)
    return allow


def _letter(error: ThetaError) -> str:
    if isinstance(error, Uncertain):
        return "U"
    if isinstance(error, PolicyRefused):
        return "B"
    return "E" if isinstance(error, CloudError) else "?"
