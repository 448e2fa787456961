"""`python -m tests.soak [--minutes N]`: the console used for hours in minutes; fails when anything grows."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.soak.person import SPEED, Person, at_the_console
from tests.soak.trend import FEWEST, Sample, complaints, fitted, hours, warm

SHOWN = ("rss_mb", "fds", "threads", "tasks", "lost_slots", "state_mb", "blocks")
EVERY_HOURS = 5.0


def used_for(person: Person, seconds: float, *, least: int = 0) -> list[Sample]:
    """Use the console for so long, with one sample at rest after each lap, `least` of them after the first hour."""
    end, samples = time.monotonic() + seconds, [person.sample()]
    while time.monotonic() < end or len(warm(samples, SPEED)) < least:
        person.lap()
        samples.append(person.sample())
    return samples


def told(samples: list[Sample], person: Person) -> str:
    """The figures as a table: first, then every few hours of the cloud, and what a line after the first hour gains."""
    late = warm(samples, SPEED)
    when, shown = hours(samples, SPEED), [samples[0]]
    for one, hour in zip(samples, when, strict=True):
        if hour >= (1.0 if len(shown) == 1 else (len(shown) - 1) * EVERY_HOURS):
            shown.append(one)
    shown.append(samples[-1])
    lines = [f"{when[-1]:.1f} hours at ×{SPEED:.0f}: {person.laps} laps, {person.chats} chats, {person.sleeps} sleeps"]
    heads = (f"{(one['at'] - samples[0]['at']) * SPEED / 3600:.1f} h" for one in shown)
    lines.append(f"{'':<12}" + "".join(f"{head:>9}" for head in heads) + f"{'gain in an hour':>20}")
    for name in SHOWN:
        line = fitted(hours(late, SPEED), [one[name] for one in late])
        values = "".join(f"{one[name]:>9.2f}" for one in shown)
        lines.append(f"{name:<12}{values}{f'{line.per_hour:+.3f} ± {line.error:.3f}':>20}")
    return "\n".join(lines)


def main() -> int:
    """Run, print the figures and what is wrong with them."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--figures", type=Path, help="a file for every sample, as JSON lines")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, at_the_console(Path(folder)) as person:
        samples = used_for(person, options.minutes * 60, least=FEWEST)
        status = person.leave()
    if options.figures:
        options.figures.write_text("".join(json.dumps(one) + "\n" for one in samples))
    sys.stdout.write(told(samples, person) + "\n")
    wrong = complaints(samples, SPEED) + ([f"it left with status {status}"] if status else [])
    sys.stdout.write("\n".join([f"wrong: {one}" for one in wrong] or ["nothing grows"]) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
