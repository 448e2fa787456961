"""Opens the console: the skeleton first, then Textual. It knows the order of things and nothing else."""

from __future__ import annotations

import sys

from theta_tui.skeleton import Terminal, has_terminal
from theta_tui.tui.panes import PANES

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself, dataclasses and the rest wait until the frame is drawn
    from argparse import Namespace
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType

    from theta_tui.launch import Launch

NO_TERMINAL = "theta-tui: the console needs a terminal; `theta-tui run COMMAND` works without one (see --help)."


def launch_for(options: Namespace, environ: Mapping[str, str] | None = None, *, setup: bool = False) -> Launch:
    """Turn the options of a command line into what the console is opened with; UsageError for a log that cannot be."""
    if options.log is not None:
        from theta_tui.headless.attempt_log import AttemptLog

        AttemptLog(options.log).close()
    from theta_tui.launch import DEMO_SPEED, Launch

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
    return _show(lambda: launch, demo=launch.demo)


def open_at_once(flags: Sequence[str]) -> int:
    """Show the console for flags without a value, such as `--demo`: the frame is drawn before anything reads them."""

    def launch() -> Launch:
        from theta_tui.launch import Launch

        return Launch(demo="--demo" in flags, fresh="--fresh" in flags, read_only="--read-only" in flags)

    return _show(launch, demo="--demo" in flags)


def _show(launch: Callable[[], Launch], *, demo: bool) -> int:
    if not has_terminal() or not sys.stderr.isatty():
        sys.stderr.write(NO_TERMINAL + "\n")
        return 2
    terminal = Terminal()
    _leave_properly()
    terminal.prepare()
    try:
        terminal.draw([(entry.digit, entry.title) for entry in PANES], "DEMO" if demo else "")
        code, last_words = _run(launch(), terminal)
    finally:
        terminal.restore()
    from theta_tui.safe_text import filtered

    try:
        sys.stderr.write(filtered("".join(f"{line}\n" for line in last_words)))
    except OSError:
        return code  # the terminal is gone; the journal has it all
    return code


def _run(launch: Launch, terminal: Terminal) -> tuple[int, Sequence[str]]:
    """Load what is heavy and run the app; gives its return code and the lines to be said when it has gone."""
    import dataclasses
    import gc

    from theta_tui import crash, environment

    gc.disable()  # Importing makes no garbage; the app switches it on again once the session is there.
    launch = dataclasses.replace(launch, environ=launch.environ or environment.take_environment())
    crash.install(environment.data_dir(launch.environ, demo=launch.demo))
    from theta_tui.tui import signals
    from theta_tui.tui.app import ThetaApp

    signals.at_last(terminal)
    app = ThetaApp(launch)
    app.run()
    said = [app.last_words] if app.last_words else []
    return app.return_code or 0, [*said, *(f"theta-tui: {line}" for line in app.farewell)]


def _leave_properly() -> None:
    """Put the terminal back also when told to end before the app is there to hear it."""
    if sys.platform == "win32":
        return
    import signal

    def leave(number: int, frame: FrameType | None) -> None:
        sys.exit(0)

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT):
        signal.signal(number, leave)
