"""A chat against a model of a known pace: how far the screen is behind, what it costs, and keys meanwhile."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

from tests.benchmarks.figures import Figure
from tests.benchmarks.model import HEADING, PACES, THE_END
from tests.benchmarks.probe import Probe, running

PROBE, PROBE_SECONDS = "~", 0.4


def measure() -> list[Figure]:
    """Ask once at each pace."""
    with _model() as base:
        return [figure for name in PACES for figure in _ask(base, name)]


@contextmanager
def _model() -> Iterator[str]:
    with subprocess.Popen([sys.executable, "-m", "tests.benchmarks.model"], stdout=subprocess.PIPE) as model:
        assert model.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(model.stdout.readline())}"
        finally:
            model.terminate()


def _ask(base: str, name: str) -> list[Figure]:
    variables = {"THETA_ONDEMAND_API_BASE_URL": base, "THETA_ONDEMAND_API_TOKEN": "benchmark"}
    pace, count = PACES[name]
    label = f"{pace:.0f} chunks a second" if pace else f"{count:,} chunks at once"
    with running(settings=f'chat_service = "{name}"\n', **variables) as probe:
        probe.until("Recent activity")
        probe.settle(1.0)
        probe.type("3")
        probe.until(f"sk {name}")  # the cursor stands on the first letter
        probe.type("go")
        probe.settle()  # what comes in one read is a paste, which sends nothing
        probe.type("\r")
        probe.until("METERED")
        probe.settle(0.5)
        mark, cpu, asked = probe.mark(), probe.cpu_seconds, probe.type("y")
        keys = _keys(probe, mark) if pace else []
        seen = probe.until(THE_END, mark)
        probe.settle(0.5)
        spent, ended = probe.cpu_seconds - cpu, json.load(urlopen(f"{base}/ended"))["body"]
        figures = [
            Figure(f"{label}: end of the answer shown after it was sent", "ms", [(seen - ended) * 1e3]),
            Figure(f"{label}: CPU", "ms per 1,000 chunks", [spent / count * 1e6]),
            Figure(f"{label}: key to paint meanwhile", "ms", keys),
            Figure(f"{label}: memory, most", "MB", [probe.peak_megabytes]),
        ]
        return figures if pace else [Figure(f"{label}: asked to shown", "ms", [(seen - asked) * 1e3]), *figures[1:]]


def _keys(probe: Probe, mark: int) -> list[float]:
    """Type into the input until the answer has ended; milliseconds until each letter is there."""
    spent: list[float] = []
    probe.until(HEADING, mark)
    end = time.monotonic() + 8.5
    while time.monotonic() < end:
        since = probe.mark()
        pressed = probe.type(PROBE)
        spent.append((probe.until(PROBE * (len(spent) + 1), since) - pressed) * 1e3)
        rest = time.monotonic() + PROBE_SECONDS
        while (left := rest - time.monotonic()) > 0:
            probe.read(left)
    return spent
