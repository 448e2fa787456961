"""The console as it is, polling faster, and one line of figures about this process whenever SIGUSR1 asks for them.

They are cheap, and the garbage is left to the console itself: what is measured is what its user has.
`python -m tests.soak.watched FIGURES TIMES` runs on a terminal; it is started by `tests.soak.person`.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from theta_tui import settings
from theta_tui.__main__ import main
from theta_tui.tui import app as console
from theta_tui.tui.panes import base

PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1_000_000


def figures(app: console.ThetaApp) -> dict[str, float]:
    """What may grow, and whether it is at rest."""
    session = app.session
    lines = session._wire._transports._lines.values() if session is not None else ()
    state = settings.data_dir(app.launch.environ)
    return {
        "at": time.monotonic(),
        "rss_mb": int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_MB,
        "fds": len(os.listdir("/proc/self/fd")),
        "threads": threading.active_count(),
        "tasks": len(asyncio.all_tasks()),
        "lost_slots": sum(max(line.pool.busy - line.active, 0) for line in lines),
        "state_mb": sum(file.stat().st_size for file in state.rglob("*") if file.is_file()) / 1_000_000,
        "blocks": sys.getallocatedblocks() / 1000,  # no list of objects: that breaks what threads are just making
        "screens": len(app.screen_stack),
        "at_work": len(app.busy) + len(app.screen_stack) - 1 + (session is None or app.pulse is None),
    }


class Watched(console.ThetaApp):
    """The console, which answers SIGUSR1."""

    def on_mount(self) -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self._tell)

    def _tell(self) -> None:
        with FIGURES.open("a") as file:
            file.write(json.dumps(figures(self)) + "\n")


def poll_faster(times: float) -> None:
    """Divide every wait between two polls."""

    def uniform(low: float, high: float) -> float:
        return random.uniform(low, high) / times

    hurried: Any = SimpleNamespace(uniform=uniform)
    base.random = hurried
    console.PULSE_SECONDS /= times


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # until there is somebody to answer
    FIGURES = Path(sys.argv[1])
    poll_faster(float(sys.argv[2]))
    console.ThetaApp = Watched  # type: ignore[misc]
    sys.exit(main([]))
