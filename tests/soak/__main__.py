"""`python -m tests.soak [--minutes N]`: the console used for hours in minutes; fails when anything grows."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.soak.person import SPEED, Person, Sample, at_the_console
from tests.soak.trend import WARM_UP, complaints, fitted

SHOWN = ("rss_mb", "fds", "threads", "tasks", "lost_slots", "state_mb", "objects")


def used_for(person: Person, seconds: float) -> list[Sample]:
    """Use the console for so long, with one sample at rest after each lap."""
    end, samples = time.monotonic() + seconds, [person.sample()]
    while time.monotonic() < end:
        person.lap()
        samples.append(person.sample())
    return samples


def told(samples: list[Sample], person: Person) -> str:
    """The figures as a table: first, last, and what a line through the second half gains in an hour."""
    late = samples[int(len(samples) * WARM_UP) :]
    hours = [(one["at"] - late[0]["at"]) * SPEED / 3600 for one in late]
    took = (samples[-1]["at"] - samples[0]["at"]) / 60
    lines = [f"{took:.1f} minutes at ×{SPEED:.0f}: {person.laps} laps, {person.chats} chats, {person.sleeps} sleeps"]
    lines.append(f"{'':<12}{'first':>10}{'warm':>10}{'last':>10}{'most':>10}{'in an hour':>20}")
    for name in SHOWN:
        values = [one[name] for one in samples]
        line = fitted(hours, [one[name] for one in late])
        gain = f"{line.per_hour:+.3f} ± {line.error:.3f}"
        lines.append(
            f"{name:<12}{values[0]:>10.2f}{late[0][name]:>10.2f}{values[-1]:>10.2f}{max(values):>10.2f}{gain:>20}"
        )
    return "\n".join(lines)


def main() -> int:
    """Run, print the figures and what is wrong with them."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--figures", type=Path, help="a file for every sample, as JSON lines")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, at_the_console(Path(folder)) as person:
        samples = used_for(person, options.minutes * 60)
        status = person.leave()
    if options.figures:
        options.figures.write_text("".join(json.dumps(one) + "\n" for one in samples))
    sys.stdout.write(told(samples, person) + "\n")
    wrong = complaints(samples, SPEED) + ([f"it left with status {status}"] if status else [])
    sys.stdout.write("\n".join([f"wrong: {one}" for one in wrong] or ["nothing grows"]) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
