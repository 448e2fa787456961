"""Tests run under watch: where they are is told while they run, and what each put on record is kept.

For `python -m tests.reliability` and `python -m tests.leaks`, whose runs take minutes.
"""

from __future__ import annotations

import contextlib
import io
import os
import resource
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import pytest

ROOT = Path(__file__).parent
WORD_EVERY_SECONDS = 15.0
STUCK_SECONDS = 900
"""One test at the most: what takes longer is ended, named and counted as failed."""
FULL_STUCK_SECONDS = 3600
SOME_FAILED = 1
"""pytest's exit status when all tests ran and some failed."""


@dataclass(frozen=True)
class Case:
    """One test: its address, how it ended (passed, failed, skipped), and what it put on record."""

    name: str
    outcome: str
    properties: tuple[tuple[str, Any], ...]


@dataclass
class Watch:
    """A pytest plugin: hears of every test, in whichever process it runs, and says how far it is."""

    places: Sequence[str]
    voice: TextIO
    began: float = field(default_factory=time.monotonic)
    cases: list[Case] = field(default_factory=list)
    awaited: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    under_way: dict[str, float] = field(default_factory=dict)
    _worse: dict[str, str] = field(default_factory=dict)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count what is to come, when the tests run in this process."""
        if session.items:
            self._expect([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Count what is to come, when workers run it; each of them collects the same."""
        self._expect(ids)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Remember when a test was handed out."""
        self.under_way[nodeid] = time.monotonic()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the worst of a test's three phases, and its record at the end."""
        if report.outcome != "passed":
            self._worse[report.nodeid] = report.outcome
        if report.outcome == "failed":
            self.say(f"FAILED {report.nodeid}")
        if report.when == "teardown":
            outcome = self._worse.pop(report.nodeid, "passed")
            self.cases.append(Case(report.nodeid, outcome, tuple(report.user_properties)))
            self._end(report.nodeid)

    def say(self, words: str) -> None:
        """Say something, with the seconds since the beginning."""
        self.voice.write(f"{time.monotonic() - self.began:6.0f} s  {words}\n")
        self.voice.flush()

    def how_far(self) -> str:
        """Say how far each place is that has begun and not ended, and which test has been under way longest."""
        if not self.awaited:
            return "collecting the tests"
        begun = [f"{place} {self.ended[place]}/{all_of_it}" for place, all_of_it in self.awaited.items()
                 if 0 < self.ended[place] < all_of_it]  # fmt: skip
        told = [f"{self.ended.total():,} of {self.awaited.total():,} tests", ", ".join(begun)]
        if self.under_way:
            since, name = min((at, name) for name, at in list(self.under_way.items()))
            told.append(f"{time.monotonic() - since:.0f} s on {name.removeprefix('tests/')[:90]}")
        return "; ".join(filter(None, told))

    def _expect(self, ids: Sequence[str]) -> None:
        if not self.awaited:
            self.awaited.update(self._place_of(one) for one in ids)
            self.say(f"{len(ids):,} tests in {len(self.awaited)} places")

    def _end(self, name: str) -> None:
        self.under_way.pop(name, None)
        place = self._place_of(name)
        self.ended[place] += 1
        if self.ended[place] == self.awaited[place]:
            self.say(f"{place}: all {self.awaited[place]:,} ended, {self.ended.total():,} of {self.awaited.total():,}")

    def _place_of(self, name: str) -> str:
        fits = [place for place in self.places if name.startswith(f"tests/{place}")]
        return max(fits, key=len, default="elsewhere")


def run(places: Sequence[str], *, full: bool) -> tuple[int, Watch]:
    """Run the tests of these places; gives pytest's exit status and what was seen.

    As in `.ci/run`, what fails on a crowded machine must pass alone, or it has failed; it is printed at the end.
    """
    with os.fdopen(os.dup(2), "w") as voice:
        watch = Watch(places, voice)
        begun = _cpu_seconds()
        status, said = _pytest([str(ROOT / place) for place in places], watch, full=full)
        if failed := [case.name for case in watch.cases if case.outcome == "failed"]:
            watch.say(f"{len(failed)} failed: once more, and alone")
            again = Watch(places, voice, watch.began)
            alone, said = _pytest([str(ROOT.parent / name) for name in failed], again, "-n", "1", full=full)
            status = alone if status == SOME_FAILED else status  # else not all of them were run
            watch.cases = [case for case in watch.cases if case.outcome != "failed"] + again.cases
        watch.say(f"{len(watch.cases):,} tests ended; {_cpu_seconds() - begun:,.0f} CPU seconds were used")
        if status:
            voice.write(said)
    return status, watch


def _pytest(which: Sequence[str], watch: Watch, *more: str, full: bool) -> tuple[int, str]:
    limit = FULL_STUCK_SECONDS if full else STUCK_SECONDS
    options = [
        # Tests of minutes stand side by side: who has nothing left to do takes some from who has.
        "--dist=worksteal", "--tb=short", f"--rootdir={ROOT.parent}",
        "-m", "not live" if full else "not live and not full",
        "-o", f"faulthandler_timeout={limit}", "-o", "faulthandler_exit_on_timeout=true",
    ]  # fmt: skip
    said, over = io.StringIO(), threading.Event()
    teller = threading.Thread(target=_tell, args=(watch, over), daemon=True)
    teller.start()
    with contextlib.redirect_stdout(said):
        status = pytest.main([*which, *options, *more], plugins=[watch])
    over.set()
    teller.join()
    return int(status), said.getvalue()


def _tell(watch: Watch, over: threading.Event) -> None:
    while not over.wait(WORD_EVERY_SECONDS):
        watch.say(watch.how_far())


def _cpu_seconds() -> float:
    """Give what this process and its ended children have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
