"""A program to be killed: it does real commands of the product, and says which rows of the ledger it was told of.

Started once, it forks a victim for every job that it reads (a line of JSON), so that a kill costs no start of Python. A
job may name a point: before its step with that number, on the disk or on the wire, the victim kills itself.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from theta_tui import settings
from theta_tui.errors import ThetaError
from theta_tui.journal import files, store
from theta_tui.review import Answer, Review, Verdict
from theta_tui.session import Session
from theta_tui.shapes.upload_infer import DOT
from theta_tui.vault import MemoryBackend, Vault

COMMANDS = ("create", "chat", "upload", "stop", "delete")


class Yes:
    async def review(self, review: Review) -> Verdict:
        return Verdict(Answer.CONFIRM, named=review.typed)


def kill_before(point: int) -> None:
    """Die before the step with this number: a statement of SQL, or a piece sent to or received from the cloud."""
    opened, count = files.open_database, itertools.count(1)

    def step(*_: Any) -> None:
        if next(count) == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def watched(*given: Any) -> Any:
        connection = opened(*given)
        connection.set_trace_callback(step)
        return connection

    def stepping(act: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *given: (step(), act(*given))[1]

    store.files.open_database = watched  # type: ignore[attr-defined]
    for name in ("send", "recv", "recv_into"):
        setattr(socket.socket, name, stepping(getattr(socket.socket, name)))


def tell_of_rows(session: Session, say: Callable[[str], None]) -> None:
    """Say of each row when its writing was acknowledged: after that it must never be lost."""
    journal: Any = session.journal
    reserve, mark = journal.reserve, journal.mark

    async def reserving(intent: Any) -> int:
        row: int = await reserve(intent)
        say(f"{row} reserved")
        return row

    async def marking(row: int, state: str, **news: Any) -> None:
        await mark(row, state, **news)
        say(f"{row} {state}")

    journal.reserve, journal.mark = reserving, marking


async def act(session: Session, command: str, name: str, template: str, made: list[Any]) -> None:
    if command == "create":
        create = {"deployment_template_id": template, "vm_id": "vm_gt1", "name": name}
        made.append((await session.submit("theta.deployments.create", create, reviewer=Yes())).value)  # type: ignore[union-attr]
    elif command == "chat":
        said = [{"role": "user", "content": name}]
        chat = {"service": "gpt_oss_120b", "messages": said, "stream": True}
        async with await session.open("theta.ondemand.chat", chat, reviewer=Yes()) as run:
            async for _ in run:
                pass
    elif command == "upload":
        file = {"input_img": {"filename": f"{name}.png", "content": DOT}}
        await session.submit("theta.ondemand.inferFiles", {"service": "blip", "files": file}, reviewer=Yes())
    elif made:
        place = {"shard": made[-1].shard, "suffix": made[-1].suffix, "name": made[-1].name}
        await session.submit(f"theta.deployments.{command}", place, reviewer=Yes())


async def live(job: dict[str, Any]) -> None:
    """Do the commands of a job again and again, or once if it names a point to die at."""
    environ = job["environ"]
    loaded = settings.load(None, environ)
    vault = Vault(loaded.profile, environ, backend=MemoryBackend())
    session = await Session.begin(loaded, environ, face="cli", data_dir=Path(job["folder"]), vault=vault)
    told = os.open(job["told"], os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    tell_of_rows(session, lambda line: os.write(told, f"{line}\n".encode()) and None)
    os.write(told, b"-1 begun\n")
    made: list[Any] = []
    for turn in itertools.count():
        for command in job["commands"]:
            try:
                await act(session, command, f"{job['name']}-{turn}", job["template"], made)
            except ThetaError as error:
                os.write(told, f"0 {error.kind}: {error.message}\n".encode())
        if job.get("point") is not None:
            break
    await session.close()


def main() -> None:
    for line in sys.stdin:
        job = json.loads(line)
        pid = os.fork()
        if pid == 0:
            if job.get("point") is not None:
                kill_before(job["point"])
            asyncio.run(live(job))
            os._exit(0)
        say(pid)
        say(os.waitpid(pid, 0)[1])


def say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
