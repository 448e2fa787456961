"""What an earlier run of the console left in its journal: chats, runs, templates, changes and requests with a text."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

from tests.stack import begin_session
from theta_tui.journal import Intent, Journal
from theta_tui.journal.runs import RunRecord
from theta_tui.journal.shelf import LONGEST_NAME

Say = Callable[[str], str]
"""The text for something stored, by what it is."""


def leave_behind(environ: Mapping[str, str], say: Say) -> None:
    """Write it into the home of these variables."""
    asyncio.run(_leave_behind(environ, say))


async def _leave_behind(environ: Mapping[str, str], say: Say) -> None:
    session = await begin_session(environ, face="console")
    await _chats(session.journal, say)
    await _runs(session.journal, say)
    await _changes(session.journal, say)
    await session.close()


async def _chats(journal: Journal, say: Say) -> None:
    chat = await journal.new_chat(
        profile="default", title=say("title"), service="qwen3", options={"system_prompt": say("system prompt")}
    )
    asked = await journal.add_message(chat, "user", say("question"))
    meta = {"model": say("model"), "request_id": say("request")}
    await journal.add_message(chat, "assistant", say("answer"), asked, reasoning=say("reasoning"), meta=meta)
    await journal.put_on_shelf("template", say("template name")[:LONGEST_NAME], f"{say('body')} {{{{name}}}}")


async def _runs(journal: Journal, say: Say) -> None:
    failed = RunRecord(0, "flux", "req_2", "error", {"prompt": say("other prompt")}, error=say("error"))
    done = RunRecord(0, "llama_3_1_70b", "req_1", "success", {"prompt": say("prompt")}, output={"text": say("output")})
    for run in (failed, done):
        await journal.add_run("default", run)


async def _changes(journal: Journal, say: Say) -> None:
    for number, state in enumerate(("confirmed", "uncertain")):
        intent = Intent(
            profile="default", face="console", command="theta.project.update", summary=say(f"summary {number}"),
            target_kind="project", target_id="prj_1", target_name=say(f"target {number}"),
        )  # fmt: skip
        row = await journal.reserve(intent)
        for word in ("sent", state):
            await journal.mark(row, word, note=say(f"note {number}"))
    journal.record(
        method="GET", url="https://controller.thetaedgecloud.com/x", family="controller", started=time.time(),
        seconds=0.1, status=500, error="upstream", message=say("message"), request_id=say("request"),
        command="theta.project.get",
    )  # fmt: skip
