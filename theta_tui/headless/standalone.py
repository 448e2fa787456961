"""`theta-tui sandbox`: the simulated cloud on its own, for any client, until it is told to stop."""

from __future__ import annotations

import shlex
import signal
import sys
import tempfile
import threading
from argparse import Namespace
from collections.abc import Mapping
from types import FrameType

from theta_tui.errors import ThetaError
from theta_tui.launch import DEMO_SPEED


class PortTaken(ThetaError):
    """The port cannot be listened on."""

    kind = "network"


def serve(options: Namespace, environ: Mapping[str, str]) -> int:
    """Print the URL and `export` lines, then serve. `--demo` fills the cloud with examples.

    The data folder it names is a fresh one and is deleted at the end.
    """
    from theta_tui.sandbox.demo import seed_demo
    from theta_tui.sandbox.server import SandboxServer
    from theta_tui.sandbox.world import World

    world = World(speed=options.speed or (DEMO_SPEED if options.demo else 1.0))
    if options.demo:
        seed_demo(world)
    server = SandboxServer(world, port=options.port)
    told = _stop_signals()
    try:
        server.start()
    except OSError as error:
        raise PortTaken(str(error.strerror or error), hint="Choose another with --port, or none for any.") from None
    try:
        with tempfile.TemporaryDirectory(prefix="theta-tui-sandbox-") as home:
            variables = {**server.environment(), "THETA_TUI_HOME": home}
            lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
            sys.stdout.write("\n".join([server.origin, *lines, ""]))
            sys.stdout.flush()
            told.wait()
    finally:
        server.stop()
    return 0


def _stop_signals() -> threading.Event:
    """Give an event that Ctrl-C and SIGTERM set."""
    told = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        told.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return told
