"""`theta-tui doctor`: looks at everything that can be wrong, all at once, and says how to mend it. Never hangs."""

from __future__ import annotations

import asyncio
import threading
from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from theta_tui import settings
from theta_tui.environment import process_environment
from theta_tui.errors import ThetaError
from theta_tui.headless import cloud_checks, machine_checks
from theta_tui.headless.findings import Finding, State, failed, lines
from theta_tui.headless.output import Output
from theta_tui.headless.running import opened, run
from theta_tui.session import Session

T = TypeVar("T")

LIMIT_SECONDS = 4.4
"""For all checks together; closing and printing come on top."""
CLOSE_SECONDS = 0.3

CLOUD: Mapping[str, Callable[[Session], Awaitable[list[Finding]]]] = {
    "settings": cloud_checks.own,
    "keys": cloud_checks.keys,
    "keyring": cloud_checks.keyring,
    "hosts": cloud_checks.hosts,
    "keyboard": lambda session: in_background(lambda: list(machine_checks.keyboard(session.settings.keys))),
}
"""What needs a session, in the order of the report."""


class _Muted(Output):
    """Its warnings are findings here."""

    def warn(self, words: str) -> None:
        """Say nothing."""


def doctor(options: Namespace, environ: Mapping[str, str]) -> int:
    """Give the exit status: 0 if nothing failed, else 1."""
    output = Output(options.output)

    async def work() -> int:
        findings = await examine(options, environ)
        is_well = all(finding.state is not State.FAILED for finding in findings)
        if output.is_json:
            output.own({"ok": is_well, "findings": [finding.as_json() for finding in findings]})
        else:
            output.text("\n".join([*lines(findings), ""]))
        return 0 if is_well else 1

    return run(work())


async def examine(options: Namespace, environ: Mapping[str, str]) -> list[Finding]:
    """Do every check at the same time; what takes too long has failed."""
    everything = {**process_environment(), **environ}
    checks: dict[str, Awaitable[list[Finding]]] = {
        "cloud": _with_session(options, environ),
        "disk": in_background(lambda: _folders(environ)),
        "terminal": in_background(lambda: list(machine_checks.terminal(everything))),
        "clipboard": in_background(lambda: list(machine_checks.clipboard(everything))),
        "variables": in_background(lambda: list(machine_checks.variables(options.ignored, everything))),
    }
    return await _all_of(checks, LIMIT_SECONDS)


async def _with_session(options: Namespace, environ: Mapping[str, str]) -> list[Finding]:
    """Do the checks that need a session, or say why there can be none."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + LIMIT_SECONDS - CLOSE_SECONDS
    try:
        async with opened(options, environ, _Muted(options.output)) as session:
            checks = {area: check(session) for area, check in CLOUD.items()}
            return await _all_of(checks, max(ends - loop.time(), 0.1))
    except ThetaError as error:
        return [failed("settings", error)]


async def _all_of(checks: Mapping[str, Awaitable[list[Finding]]], seconds: float) -> list[Finding]:
    """Wait for the checks, at most so many seconds; give their findings in order."""
    tasks = {area: asyncio.ensure_future(check) for area, check in checks.items()}
    await asyncio.wait(tasks.values(), timeout=seconds)
    found: list[Finding] = []
    for area, task in tasks.items():
        if not task.done():
            task.cancel()
            found.append(
                Finding(
                    area,
                    State.FAILED,
                    f"no answer within {seconds:.1f} s",
                    "Run it again; with `--log FILE` every request is kept.",
                )
            )
            continue
        try:
            found += task.result()
        except ThetaError as error:
            found.append(failed(area, error))
    return found


def _folders(environ: Mapping[str, str]) -> list[Finding]:
    folders = {"data": settings.data_dir(environ), "settings": settings.config_dir(environ)}
    return [machine_checks.folder(what, path) for what, path in folders.items()]


async def in_background(work: Callable[[], T]) -> T:
    """Do blocking work in a thread that cannot keep the program from ending, such as a look at a dead network disk."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def settle(give: Callable[[], None]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(lambda: None if answer.done() else give())

    def do() -> None:
        try:
            result = work()
        except OSError as error:
            settle(lambda failure=error: answer.set_exception(failure))  # type: ignore[misc]
        else:
            settle(lambda: answer.set_result(result))

    threading.Thread(target=do, name="check", daemon=True).start()
    return await answer
