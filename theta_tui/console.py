"""Opens the console: the skeleton first, then Textual. It knows the order of things and nothing else."""

from __future__ import annotations

import dataclasses
import sys
from types import FrameType
from typing import TYPE_CHECKING

from theta_tui.launch import DEMO_SPEED, Launch
from theta_tui.skeleton import Terminal, has_terminal
from theta_tui.tui.panes import PANES

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

NO_TERMINAL = "theta-tui: the console needs a terminal; `theta-tui run COMMAND` works without one (see --help)."


def launch_for(options: Namespace, environ: Mapping[str, str] | None = None, *, setup: bool = False) -> Launch:
    """Turn the options of a command line into what the console is opened with; UsageError for a log that cannot be."""
    if options.log is not None:
        from theta_tui.headless.attempt_log import AttemptLog

        AttemptLog(options.log).close()
    return Launch(
        environ=environ or {},
        profile=options.profile,
        demo=options.demo,
        fresh=options.fresh,
        speed=options.speed or DEMO_SPEED,
        read_only=options.read_only,
        log=options.log,
        setup=setup,
    )


def open_console(launch: Launch) -> int:
    """Show the console until it is left; gives its return code, 2 at once without a terminal."""
    if not has_terminal() or not sys.stderr.isatty():
        sys.stderr.write(NO_TERMINAL + "\n")
        return 2
    terminal = Terminal()
    _leave_properly()
    terminal.prepare()
    try:
        terminal.draw([(entry.digit, entry.title) for entry in PANES], "DEMO" if launch.demo else "")
        code, last_words = _run(launch, terminal)
    finally:
        terminal.restore()
    if last_words:
        sys.stderr.write(last_words + "\n")
    return code


def _run(launch: Launch, terminal: Terminal) -> tuple[int, str | None]:
    """Load what is heavy and run the app; gives its return code and what is to be said after a crash."""
    from theta_tui import crash, settings

    launch = dataclasses.replace(launch, environ=launch.environ or settings.take_environment())
    crash.install(settings.data_dir(launch.environ, demo=launch.demo))
    from theta_tui.tui import signals
    from theta_tui.tui.app import ThetaApp

    signals.at_last(terminal.restore)
    app = ThetaApp(launch)
    app.run()
    return app.return_code or 0, app.last_words


def _leave_properly() -> None:
    """Put the terminal back also when told to end before the app is there to hear it."""
    if sys.platform == "win32":
        return
    import signal

    def leave(number: int, frame: FrameType | None) -> None:
        sys.exit(0)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
