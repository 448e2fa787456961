"""A mistake of our own, wherever it happens: one line, a private file without values, the terminal as it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.proofs import Prove

Start = Callable[..., Any]

SCRIPT = """
import asyncio, functools, logging, sys, threading
from theta_tui.__main__ import main
from theta_tui.redact import redactor
from theta_tui.tui import app, looks, signals

real = app.ThetaApp.first_frame_shown

def broken(*_):
    secret = "planted-local-value"
    redactor.learn("planted-known-value")
    raise ValueError("oops planted-known-value")

async def broken_soon():
    broken()

class Broken:
    def __del__(self):
        broken()

def at_first(do):
    def first_frame_shown(self):
        real(self)
        do(self)
    app.ThetaApp.first_frame_shown = first_frame_shown

kept = []
{patch}
sys.exit(main([]))
"""
ENDS = {
    "timer": "at_first(lambda self: self.set_timer(0.01, broken))",
    "interval": "at_first(lambda self: self.set_interval(0.01, broken))",
    "worker": "at_first(lambda self: self.run_worker(broken_soon()))",
    "thread worker": "at_first(lambda self: self.run_worker(broken, thread=True))",
    "message handler": "signals.install = broken",
    "drawing": "from theta_tui.tui.widgets.status_line import StatusLine; StatusLine.render = broken",
    "later call": "at_first(lambda self: self.call_later(broken))",
    "before the app": "looks.themes = broken",
}
GOES_ON = {
    "lost task": "at_first(lambda self: asyncio.get_running_loop().create_task(broken_soon()) and None)",
    "callback": "at_first(lambda self: asyncio.get_running_loop().call_soon(broken))",
    "thread": "at_first(lambda self: threading.Thread(target=broken).start())",
    "finaliser": "at_first(lambda self: Broken() and None)",
}


@pytest.mark.parametrize("site", ENDS)
def test_the_console_ends_with_one_line(terminal: Start, site: str, prove: Prove) -> None:
    program = terminal(script=SCRIPT.replace("{patch}", ENDS[site]))
    assert program.wait() == 1
    program.is_restored()
    said = program.text[program.text.rfind("theta-tui: stopped by") :]
    found = re.fullmatch(
        r"theta-tui: stopped by a mistake of its own \(ValueError\); the details are in (.*)\r\n", said
    )
    assert found is not None, said
    _is_private(Path(found[1]), program)
    for number in ("I11", "I12"):
        prove(number, f"the console, {site}")


@pytest.mark.parametrize("site", GOES_ON)
def test_the_console_goes_on_and_says_so(terminal: Start, tmp_path: Path, site: str, prove: Prove) -> None:
    program = terminal(script=SCRIPT.replace("{patch}", GOES_ON[site]))
    program.until("went on after a mistake of")
    program.until_quiet()
    program.type("\x11")
    assert program.wait() == 0
    program.is_restored()
    (file,) = tmp_path.rglob("crash-*.txt")
    _is_private(file, program)
    for number in ("I11", "I12"):
        prove(number, f"the console, {site}")


def test_what_a_library_logs_goes_to_the_file_and_not_to_the_screen(terminal: Start, tmp_path: Path) -> None:
    logs = "logging.getLogger('x').warning('odd: planted-known-value')"
    warns = f"redactor.learn('planted-known-value'); at_first(lambda self: {logs})"
    program = terminal(script=SCRIPT.replace("{patch}", warns))
    program.until("Credentials")
    program.until_quiet()
    assert "odd:" not in program.text
    (file,) = tmp_path.rglob("crash-*.txt")
    assert file.read_text() == "odd: [redacted]\n"


HEADLESS = """
import asyncio, sys, threading
import theta_tui.headless.preferences as rooms
from theta_tui.__main__ import main
from theta_tui.redact import redactor

def broken():
    secret = "planted-local-value"
    redactor.learn("planted-known-value")
    raise ValueError("oops planted-known-value")

async def broken_soon():
    broken()

async def lost():
    asyncio.get_running_loop().create_task(broken_soon())
    await asyncio.sleep(0)

class Broken:
    def __del__(self):
        broken()

def thread():
    one = threading.Thread(target=broken)
    one.start()
    one.join()

def config(options, environ):
    {site}
    return 0

rooms.config = config
sys.exit(main(["config", "path"]))
"""


@pytest.mark.parametrize(
    ("site", "code"), [("broken()", 1), ("asyncio.run(broken_soon())", 1), ("thread()", 0), ("Broken() and None", 0)]
)
def test_a_command_tells_one_line(background: Start, site: str, code: int, prove: Prove) -> None:
    process = background(script=HEADLESS.replace("{site}", site))
    out, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert re.fullmatch(r"theta-tui: .* a mistake of its own \(ValueError\); the details are in .*\n", err), err
    written = Path(err.strip().rpartition(" in ")[2]).read_text()
    assert "planted-" not in out + err + written
    prove("I11", f"a command, {site}")


def test_a_lost_task_of_a_command_is_written_down(background: Start, tmp_path: Path) -> None:
    process = background(script=HEADLESS.replace("{site}", "asyncio.run(lost())"))
    assert process.communicate(timeout=30)[1] == ""
    (file,) = tmp_path.rglob("crash-*.txt")
    assert "in broken" in file.read_text()
    assert "planted-" not in file.read_text()


def _is_private(file: Path, program: Any) -> None:
    assert "in broken" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert "planted-" not in program.text + file.read_text()
