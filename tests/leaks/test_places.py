"""Places where a secret could stay or turn up: chats, files of a killed program, keys that were set, reports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.test_crashes import ENDS, GOES_ON
from tests.leaks.canaries import CANARIES
from tests.leaks.conftest import Clean, are_private
from tests.leaks.haystack import found_in, found_in_files
from tests.terminal import command_line, on_a_terminal
from theta_tui.sandbox.world import World

ROOT = Path(__file__).resolve().parents[2]
KEY, TOKEN = CANARIES["THETA_EC_API_KEY"], CANARIES["THETA_ONDEMAND_API_TOKEN"]
GIVEN = CANARIES["GIVEN_AS_AN_ARGUMENT"]


def _run(environ: dict[str, str], *words: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command_line(words, None), env={**environ, **more}, input=stdin.encode(), capture_output=True, timeout=60,
        umask=0,
    )  # fmt: skip


def test_a_key_typed_into_a_chat_or_said_by_an_answer_is_not_kept(
    environ: dict[str, str], world: World, home: Path, is_clean: Clean
) -> None:
    said = {"choices": [{"message": {"content": f"Your key is {TOKEN}."}, "finish_reason": "stop"}]}
    world.faults.add({"kind": "json", "body": said, "match": {"method": "POST"}})
    first = _run(environ, "chat", f"My key is {KEY}, is it safe?", "--yes")
    assert b"Your key is [redacted]" in first.stdout
    second = _run(environ, "chat", "--continue", "And now?", "--yes")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    again = next(call.body for call in reversed(world.calls) if call.method == "POST")
    assert b"My key is [redacted]" in again, "the chat is kept, without the key"
    is_clean("requests that go on with a kept chat", again)
    is_clean("output of chats", first.stdout + first.stderr + second.stdout + second.stderr)
    is_clean("chat history", home)


def test_a_killed_program_leaves_no_secret_in_its_files(
    environ: dict[str, str], world: World, home: Path, is_clean: Clean
) -> None:
    world.faults.add({"kind": "hang", "match": {"method": "POST"}, "times": None})
    words = ("chat", f"My key is {KEY}", "--yes")
    process = subprocess.Popen(
        command_line(words, None), env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, umask=0
    )
    with process:
        while not any(call.method == "POST" for call in world.calls) and process.poll() is None:
            os.sched_yield()
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    left = [path.name for path in (home / "theta").rglob("journal*")]
    assert any(name.endswith("-wal") for name in left), left
    is_clean("files of a killed program, with -wal and -shm", home)
    assert are_private(home / "theta") == []


@pytest.mark.full
def test_what_is_set_shown_and_handed_on_is_never_in_clear(
    environ: dict[str, str], home: Path, tmp_path: Path, is_clean: Clean
) -> None:
    """Keys go into the encrypted file; the settings of MCP clients and completion scripts hold none."""
    kept = {"THETA_VAULT": "file", "THETA_VAULT_PASSPHRASE": f"open {CANARIES['TYPED_IN_THE_WIZARD']}"}
    dotenv = tmp_path / "theta.env"
    dotenv.write_text(f"THETA_EC_API_KEY='{KEY}'\nTHETA_ONDEMAND_API_TOKEN='{TOKEN}'\n")
    lines: tuple[tuple[str, ...], ...] = (
        ("auth", "set", "ec_api_key", "@env:THETA_EC_API_KEY"),
        ("auth", "set", "chatbot_token", "--no-check", "@env:GIVEN"),
        ("auth", "set", "ondemand_token", "--no-check", "-"),
        ("auth", "status"),
        ("auth", "reveal", "ec_api_key"),
        ("auth", "forget", "chatbot_token"),
        ("setup", "--from-env", str(dotenv), "--no-check"),
        ("mcp", "install", "--client", "cursor"),
        ("completion", "bash"),
        ("config", "set", "badge", GIVEN[-12:]),
    )
    for words in lines:
        done = _run(environ, *words, stdin=f"{TOKEN}\n", GIVEN=GIVEN, **kept)
        assert b"Traceback" not in done.stderr
        is_clean("output of commands about keys", (done.stdout + done.stderr).replace(GIVEN[-12:].encode(), b""))
    assert any((home / "theta").rglob("*keys*")), "no file of keys was written, so nothing was proved"
    settings = home / "theta" / "config" / "settings.toml"
    settings.write_text(settings.read_text().replace(GIVEN[-12:], "")) if settings.exists() else None
    is_clean("encrypted keys, settings, clients' settings", home)
    assert are_private(home / "theta") == []


@pytest.mark.parametrize(
    "spelled", ["plain", *(pytest.param(one, marks=pytest.mark.full) for one in ("escaped", "in an argument's name"))]
)
def test_mcp_errors_that_echo_a_key_say_none(
    spelled: str, environ: dict[str, str], world: World, home: Path, is_clean: Clean
) -> None:
    echoes = {"plain": KEY, "escaped": json.dumps(KEY), "in an argument's name": "bad"}
    world.faults.add({"kind": "status", "status": 403, "body": {"status": "error", "message": echoes[spelled]},
                      "times": None})  # fmt: skip
    arguments = {KEY: 1} if spelled == "in an argument's name" else {}
    client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    lines = [
        {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": client},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
         "params": {"name": "theta.deployments.list", "arguments": arguments}},
    ]  # fmt: skip
    process = subprocess.Popen(
        command_line(("mcp",), None), env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        answers = []
        for line in lines:
            process.stdin.write(json.dumps(line).encode() + b"\n")
            process.stdin.flush()
            answers += [process.stdout.readline()] if "id" in line else []
        rest, err = process.communicate(timeout=30)
    assert json.loads(answers[-1])["result"]["isError"]
    is_clean("MCP errors", b"".join(answers) + rest)
    is_clean("stderr of MCP", err)
    is_clean("files that MCP leaves", home)


FAILING = """
import os
from pathlib import Path

from theta_tui import settings
from theta_tui.change import Family
from theta_tui.redact import redactor
from theta_tui.session import Session
from theta_tui.vault import MemoryBackend, Vault


async def test_that_fails_with_everything_in_hand(tmp_path: Path) -> None:
    session = await Session.begin(
        settings.load(None, os.environ), os.environ, face="cli", data_dir=tmp_path,
        vault=Vault("default", os.environ, backend=MemoryBackend()),
    )
    vault, wire, loaded, gate = session.vault, session._wire, session.settings, session.gate
    signer, transports, account = wire._signer, wire._transports, session.account
    secret = await session.keys.find(Family.CONTROLLER, "ec_api_key")
    learner, kept = redactor, vars(session)
    await session.close()
    raise RuntimeError("now show what you hold")
"""


def test_a_report_that_shows_locals_shows_no_secret(environ: dict[str, str], tmp_path: Path, is_clean: Clean) -> None:
    (tmp_path / "test_failing.py").write_text(FAILING)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--showlocals", "-vv", "-n", "0", "-p", "no:cacheprovider", "-c",
         str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), str(tmp_path / "test_failing.py")],
        env=environ, cwd=ROOT, capture_output=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout[-2000:] + done.stderr
    assert b"now show what you hold" in done.stdout
    assert b"vault      = " in done.stdout
    is_clean("pytest --showlocals", done.stdout + done.stderr)


CRASH = """
import asyncio, functools, logging, sys, threading
from theta_tui.__main__ import main
from theta_tui.tui import app, looks, signals

real, launched = app.ThetaApp.first_frame_shown, []
begun = app.ThetaApp.__init__

def begin(self, launch, *given, **more):
    launched.append(launch)
    begun(self, launch, *given, **more)

app.ThetaApp.__init__ = begin

def broken(*_):
    key = launched[-1].environ["THETA_EC_API_KEY"] if launched else {early!r}
    headers = {{"x-api-key": key, "authorization": f"Bearer {{key}}"}}
    raise ValueError(f"Illegal header value {{key.encode()!r}} {{headers}}")

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

{patch}
sys.exit(main([]))
"""


@pytest.mark.full
@pytest.mark.parametrize("site", [*ENDS, *GOES_ON])
def test_no_crash_anywhere_says_a_key_that_it_held(
    site: str, environ: dict[str, str], home: Path, is_clean: Clean
) -> None:
    script = CRASH.format(early=KEY, patch={**ENDS, **GOES_ON}[site])
    program = on_a_terminal(command_line((), script), environ, size=(120, 36))
    try:
        program.until("a mistake of")
        if site in GOES_ON:
            program.until_quiet()
            program.type("\x11")
        program.wait()
    finally:
        program.end()
    assert list((home / "theta").rglob("crash-*.txt"))
    is_clean("terminal after a crash", bytes(program.seen))
    is_clean("crash files of every site", home)
    assert are_private(home / "theta") == []


@pytest.mark.full
def test_wheel_and_source_package_hold_nothing_of_the_machine_they_were_built_on(
    environ: dict[str, str], tmp_path: Path, is_clean: Clean
) -> None:
    built = tmp_path / "built"
    done = subprocess.run(
        [sys.executable, "-m", "build", "--outdir", str(built), str(ROOT)],
        env=environ, capture_output=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    packages = sorted(path.suffix for path in built.iterdir())
    assert packages == [".gz", ".whl"]
    is_clean("wheel and source package", built)
    is_clean("what the build says", done.stdout + done.stderr)
    for path in built.iterdir():
        assert str(ROOT).encode() not in path.read_bytes()


def test_a_package_that_was_built_with_a_dotenv_file_is_found(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    import tarfile

    (tmp_path / ".env").write_text(f"THETA_EC_API_KEY={KEY}\n")
    with tarfile.open(tmp_path / "theta_tui-1.tar.gz", "w:gz") as package:
        package.add(tmp_path / ".env", "theta_tui-1/.env")
    (tmp_path / ".env").unlink()
    assert found_in_files(tmp_path)
    record_property("control", "source package")


LEAKS = {
    "pytest --showlocals": f"E   RuntimeError\nenviron    = {{'THETA_EC_API_KEY': {KEY!r}}}",
    "chat history": f"INSERT INTO messages VALUES (1, 'user', 'My key is {KEY}')",
    "MCP error": json.dumps({"result": {"isError": True, "content": [{"text": json.dumps({"message": KEY})}]}}),
    "file of keys": json.dumps({"ec_api_key": KEY}),
}


@pytest.mark.parametrize("place", LEAKS)
def test_a_leak_planted_in_such_a_place_is_found(place: str, record_property: Callable[[str, object], None]) -> None:
    assert found_in(LEAKS[place].encode())
    record_property("control", place)
