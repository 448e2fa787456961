"""One command without a screen: its arguments, its session, its reviewer, its result and exit status."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from argparse import Namespace
from collections.abc import AsyncIterator, Coroutine, Mapping
from decimal import Decimal
from typing import Any

from theta_tui import settings
from theta_tui.change import Done, NotDone, Progress, Repeating, Sending, Stage, StreamChange, Waiting
from theta_tui.command import Command, Kind
from theta_tui.headless.attempt_log import AttemptLog
from theta_tui.headless.call import read_arguments
from theta_tui.headless.output import Output
from theta_tui.headless.passphrase import Passphrase
from theta_tui.headless.pieces import Pieces
from theta_tui.headless.reviewers import Logged, Preview, Prompt, Yes, can_ask
from theta_tui.launch import DEMO_SPEED
from theta_tui.registry import find
from theta_tui.review import Answer, Ask, Reviewer
from theta_tui.session import Session
from theta_tui.shapes.base import as_json

NOT_APPLIED = 3
CLEANING = "theta.cleanup."
_BEGIN_PROFILES = ("setup", "auth")
"""Subcommands that may name a profile which is not there yet."""
"""Commands that speak of what is left themselves."""
ASKED_FOR: Mapping[str, tuple[str, ...]] = {
    "theta_tui.shapes.on_demand.UploadSlots": ("presigned_url", "upload_url"),
    "theta_tui.shapes.video.Upload": ("presigned_url", "presigned_url_expiration"),
}
"""Results that are about a secret, by their class: its fields are shown there and nowhere else (wire 16).

By name, because importing both takes longer than most commands.
"""


def run_command(options: Namespace, environ: Mapping[str, str]) -> int:
    """`theta-tui run`: give the exit status."""
    output = Output(options.output, options.query)
    command = find(options.command)
    params = command.parse(read_arguments(command, options.args, options.pairs, environ))
    return run(_perform(command, params, options, environ, output))


async def _perform(
    command: Command, params: Any, options: Namespace, environ: Mapping[str, str], output: Output
) -> int:
    async with opened(options, environ, output) as session:
        if not command.name.startswith(CLEANING):
            await warn_of_leftovers(session, output)
        if command.is_read:
            value = await session.ask(command.name, params)
        else:
            reviewer = reviewer_for(options, output)
            try:
                ask = Ask(
                    command.name,
                    reviewer,
                    options.max_usd,
                    progress=progress(output, command.name),
                    arguments=command.given(params),
                )
                done = await _send(session, command, params, ask, output)
            except asyncio.CancelledError:
                if command.kind is Kind.WORKFLOW:
                    await warn_of_leftovers(session, output)
                raise
            if isinstance(done, NotDone):
                return tell_not_done(done, reviewer, output)
            if done.note:
                output.say(f"theta-tui: {done.note}")
            value = done.value
        output.result(as_json(value), asked_for=asked_for(value), whole=command.streams)
        return 1 if getattr(value, "complete", True) is False else 0


def asked_for(value: object) -> tuple[str, ...]:
    """Name the fields of a result that the person asked for although they are secret."""
    kind = type(value)
    return ASKED_FOR.get(f"{kind.__module__}.{kind.__qualname__}", ())


async def _send(session: Session, command: Command, params: Any, ask: Ask, output: Output) -> Done[Any] | NotDone:
    """Have a change reviewed and performed; as JSON lines the pieces of a stream are printed as they arrive."""
    command, act = await session.build(command.name, params)
    if not (output.is_lines and isinstance(act, StreamChange)):
        return await session.perform(command, act, ask)
    async with session.gate.open(ask, act) as run:
        if run.not_done is not None:
            return run.not_done
        pieces = Pieces()
        try:
            async for event in run:
                for piece in pieces.take(event.kind, event.text):
                    output.event(*piece)
        finally:
            for piece in pieces.rest():
                output.event(*piece)
    if act.verify:
        act.verify(run.result)
    return Done(run.result)


@contextlib.asynccontextmanager
async def opened(
    options: Namespace, environ: Mapping[str, str], output: Output, *, face: str = "cli"
) -> AsyncIterator[Session]:
    """Open the session a command line asks for, the embedded cloud included; problems are told on stderr."""
    async with contextlib.AsyncExitStack() as stack:
        if options.demo:
            session = await _demo(stack, options, environ, face)
        else:
            loaded = settings.load(options.profile, environ)
            if options.subcommand not in _BEGIN_PROFILES:
                settings.refuse_misspelt(loaded)
            session = await Session.begin(loaded, environ, face=face, data_dir=settings.data_dir(environ))
        stack.push_async_callback(session.close)
        session.read_only = session.read_only or options.read_only
        if options.log is not None:
            log = AttemptLog(options.log)
            stack.callback(log.close)
            session.on_attempt(log.write)
            output.log = log
        if face == "cli" and can_ask():
            session.vault.ask_with(Passphrase(output.say).ask)
        for problem in (*session.settings.problems, session.journal.problem):
            if problem:
                output.warn(problem)
        yield session


async def _demo(stack: contextlib.AsyncExitStack, options: Namespace, environ: Mapping[str, str], face: str) -> Session:
    from theta_tui.demo import Demo

    demo = await asyncio.to_thread(Demo.start, environ, speed=options.speed or DEMO_SPEED, fresh=options.fresh)
    stack.callback(demo.stop)
    return await Session.begin(demo.settings, demo.environ, face=face, data_dir=demo.data_dir, vault=demo.vault())


async def warn_of_leftovers(session: Session, output: Output) -> None:
    """Say which deployments an interrupted run may have left running, and how many changes had no answer."""
    left = await session.account.leftovers()
    if left:
        names = ", ".join(one.made for one in left)
        output.warn(
            f"An interrupted run may have left {names} running and costing money; "
            "`theta-tui run theta.cleanup.finish` deletes it."
        )
    if lost := await session.account.unsettled():
        what = "One earlier change has" if len(lost) == 1 else f"{len(lost)} earlier changes have"
        output.warn(
            f"{what} no known outcome and counts as spent ({lost[0].summary or lost[0].command}); "
            "`theta-tui run theta.cleanup.reconcile` looks what became of it."
        )


def reviewer_for(
    options: Namespace, output: Output, *, allow_usd: Decimal | None = None, brief: bool = False
) -> Reviewer:
    """Choose who answers: `--dry-run`, `--yes`, the person at the terminal, or nobody."""
    reviewer: Reviewer
    if options.dry_run:
        reviewer = Preview(Answer.DRY_RUN)
    elif options.yes:
        reviewer = Yes(options.confirm)
    else:
        reviewer = Prompt(output.say, allow_usd=allow_usd, brief=brief) if can_ask() else Preview()
    return Logged(reviewer, output.log) if output.log is not None else reviewer


def tell_not_done(done: NotDone, reviewer: Reviewer, output: Output) -> int:
    """Print why nothing was sent: the preview as JSON, or one line for a person who has just seen it."""
    asked = reviewer.inner if isinstance(reviewer, Logged) else reviewer
    if output.is_json or not isinstance(asked, Prompt):
        output.preview(done.preview)
    if not output.is_json:
        output.say(f"theta-tui: not applied ({done.reason}): {done.message}")
    return NOT_APPLIED


def progress(output: Output, command: str) -> Progress | None:
    """Give what tells a person, and the log, why it takes longer; nothing for programs."""
    tell = _teller(output) if sys.stderr.isatty() else None
    log = output.log
    if log is None:
        return tell

    def note(waiting: Waiting) -> None:
        if not isinstance(waiting, (Sending, Stage)):
            log.wait(command, waiting)
        if tell is not None:
            tell(waiting)

    return note


def _teller(output: Output) -> Progress:
    told = -1

    def tell(waiting: Waiting) -> None:
        nonlocal told
        if isinstance(waiting, Sending):
            # A line for each tenth of a file, so that a log of it stays short.
            tenth = waiting.sent * 10 // waiting.total
            if tenth != told:
                told = tenth
                output.say(f"theta-tui: {waiting.message}: {tenth * 10} %, {waiting.seconds:.0f} s left")
            return
        if isinstance(waiting, Stage):
            if waiting.state in ("begins", "failed"):
                words = f" failed: {waiting.message}" if waiting.state == "failed" else ""
                output.say(f"theta-tui: step {waiting.attempt} of {waiting.attempts}, {waiting.step}{words}")
            return
        if isinstance(waiting, Repeating):
            output.say(f"theta-tui: {waiting.message}")
            return
        again = f"again in {waiting.seconds:.0f} s (try {waiting.attempt} of {waiting.attempts})"
        output.say(f"theta-tui: {waiting.error}: {waiting.message}; {again}")

    return tell


def run(work: Coroutine[Any, Any, int]) -> int:
    """Run to the end; when interrupted the ledger is settled first. Raises KeyboardInterrupt then."""
    return asyncio.run(_stoppable(work))


async def _stoppable(work: Coroutine[Any, Any, int]) -> int:
    """End as for Ctrl-C when told to by SIGTERM, or by SIGHUP unless that was ignored (nohup)."""
    task, told = asyncio.ensure_future(work), list[int]()

    def stop(number: int) -> None:
        told.append(number)
        task.cancel()

    if sys.platform != "win32":
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                asyncio.get_running_loop().add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        if told:
            return 128 + told[0]
        raise
