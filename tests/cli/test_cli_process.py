from __future__ import annotations

import contextlib
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from theta_tui import __version__
from theta_tui.sandbox.world import World

Program = Callable[..., Any]
Background = Callable[..., "subprocess.Popen[str]"]

HEAVY = ("textual", "httpx", "pydantic", "rich", "importlib.metadata", "asyncio", "keyring", "sqlite3", "starlette")
HELLO = 'messages:=[{"role":"user","content":"hi"}]'


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["run", "--help"], ["--profile", "x", "--version"]])
def test_version_and_help_load_nothing_heavy(words: list[str]) -> None:
    script = (
        "import sys\nfrom theta_tui.__main__ import main\n"
        f"code = main({words!r})\nsys.stderr.write(f'{{code}} ' + ' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True)
    code, *modules = done.stderr.split(" ")
    assert code == "0"
    assert not set(HEAVY) & set(modules)
    assert __version__ in done.stdout or "usage: theta-tui" in done.stdout


def test_help_has_examples_and_the_exit_statuses(program: Program) -> None:
    out = program("--help").out
    assert "examples:" in out
    assert "5 outcome uncertain" in out


def test_the_console_without_a_terminal_is_one_line_and_exit_2(program: Program) -> None:
    for words in ((), ("--demo",), ("setup",)):
        done = program(*words)
        assert (done.code, done.out) == (2, "")
        assert re.fullmatch(r"theta-tui: the console needs a terminal; .*\n", done.err)


def test_planted_secrets_appear_in_no_output(program: Program, world: World, tmp_path: Path) -> None:
    planted = {
        "THETA_EC_API_KEY": "planted-ec-key-0123456789",
        "THETA_ONDEMAND_API_TOKEN": "planted-token-0123456789",
        "THETA_VIDEO_SA_SECRET": "planted-video-0123456789",
        "THETA_PROXY": "http://user:planted-proxy-01@127.0.0.1:9",
    }
    world.faults.add({"kind": "status", "status": 401, "times": None, "match": {"path": "deployment"},
                      "body": {"status": "error", "message": "bad key planted-ec-key-0123456789"}})  # fmt: skip
    said = ""
    for words in (
        ("config", "show"),
        ("auth", "status"),
        ("run", "theta.deployments.list"),
        ("--log", str(tmp_path / "log"), "run", "theta.ondemand.chat", HELLO, "--yes"),
    ):
        done = program(*words, **planted)
        said += done.out + done.err
    assert "Traceback" not in said
    assert "planted-" not in said + (tmp_path / "log").read_text()


def test_a_reader_that_leaves_ends_the_program_quietly(background: Background) -> None:
    process = background("commands", "--output", "json")
    assert process.stdout is not None
    process.stdout.close()
    assert (process.wait(30), _rest(process.stderr)) == (141, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_result_that_cannot_be_written_is_said_and_exits_1(background: Background) -> None:
    script = "import os, sys\nos.dup2(os.open('/dev/full', os.O_WRONLY), 1)\nfrom theta_tui.__main__ import main\n"
    process = background("config", "path", "--output", "text", script=script + "sys.exit(main())")
    assert (process.wait(30), process.stdout.read() if process.stdout else "") == (1, "")
    assert _rest(process.stderr).startswith("theta-tui: protocol: The result could not be written: No space left")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_being_interrupted_settles_the_ledger_first(
    background: Background, environment: Mapping[str, str], world: World, number: int, code: int
) -> None:
    world.faults.add({"kind": "hang", "match": {"method": "POST"}})
    process = background("run", "theta.ondemand.chat", HELLO, "--yes")
    _wait_for(lambda: any(one.method == "POST" for one in world.calls), process)
    process.send_signal(number)
    assert process.wait(10) == code
    assert "Traceback" not in _rest(process.stderr)
    assert _states(environment) == ["uncertain"]


def test_the_sandbox_tells_its_url_and_variables_and_serves_until_told_to_stop(
    background: Background, program: Program
) -> None:
    process = background("sandbox")
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    exported: dict[str, str] = {}
    while "THETA_TUI_HOME" not in exported:
        name, _, value = process.stdout.readline().strip().removeprefix("export ").partition("=")
        assert name.startswith("THETA_")
        exported[name] = value
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
    assert exported["THETA_ONDEMAND_API_BASE_URL"] == url
    assert Path(exported["THETA_TUI_HOME"]).is_dir()
    assert program("run", "theta.billing.balance", **exported).json["usd"] > 0
    process.terminate()
    assert process.wait(10) == 0
    assert not Path(exported["THETA_TUI_HOME"]).exists()


def test_a_mistake_of_our_own_is_one_line_and_a_private_file_without_values(background: Background) -> None:
    script = """
import sys
import theta_tui.headless.preferences as rooms
from theta_tui.__main__ import main
from theta_tui.redact import redactor

def broken(options, environ):
    local = environ["THETA_EC_API_KEY"]
    redactor.learn(local)
    raise KeyError(local)

rooms.config = broken
sys.exit(main(["config", "path"]))
"""
    process = background(script=script, THETA_EC_API_KEY="planted-key-0123456789")
    assert process.wait(30) == 1
    said = _rest(process.stderr)
    found = re.fullmatch(r"theta-tui: stopped by a mistake of its own \(KeyError\); the details are in (.*)\n", said)
    assert found is not None, said
    file = Path(found[1])
    assert file.stat().st_mode & 0o777 == 0o600
    assert "KeyError" in file.read_text()
    assert "planted-" not in file.read_text()


def _wait_for(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until something is so, as long as the program lives."""
    for _ in range(300):
        if condition():
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
            break
    raise AssertionError(f"it ended or never came: {process.poll()}")


def _rest(stream: Any) -> str:
    text: str = stream.read()
    return text


def _states(environment: Mapping[str, str]) -> list[str]:
    path = Path(environment["THETA_TUI_HOME"]) / "data" / "journal.sqlite3"
    with contextlib.closing(sqlite3.connect(path)) as journal:
        return [row[0] for row in journal.execute("SELECT state FROM intents")]
