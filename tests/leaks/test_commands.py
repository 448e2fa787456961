"""Every command of the command line: what it prints, logs, keeps, sends, and is started with."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.leaks.canaries import CANARIES
from tests.leaks.conftest import Clean, are_private
from tests.leaks.haystack import found_in
from tests.terminal import command_line
from theta_tui.cli import HANDLERS
from theta_tui.sandbox.world import World

KEY = CANARIES["THETA_EC_API_KEY"]
HELLO = 'messages:=[{"role":"user","content":"hi"}]'
LINES: tuple[tuple[str, ...], ...] = (
    ("--help",),
    *((name, "--help") for name in HANDLERS),
    ("doctor",),
    ("doctor", "--output", "text"),
    ("config", "show"),
    ("config", "validate"),
    ("config", "profiles"),
    ("auth", "status"),
    ("auth", "status", "--output", "text"),
    ("commands",),
    ("run", "theta.health"),
    ("run", "theta.auth.capabilities"),
    ("run", "theta.deployments.list"),
    ("run", "theta.deployments.list", "--output", "text"),
    ("run", "theta.video.streamList"),
    ("run", "theta.ai.agent.list"),
    ("run", "theta.ondemand.chat", HELLO),
    ("run", "theta.ondemand.chat", HELLO, "--yes"),
    ("run", "theta.deployments.create", "deployment_template_id=img_1", "vm_id=vm_gt1", "auth_username=me",
     "auth_password=@env:SECRET", "--dry-run"),
    ("chat", "hi", "--yes"),
    ("run", "no.such.command", f"key={KEY}"),
    ("run", "theta.deployments.list", f"no_such={KEY}"),
    ("run", "theta.deployments.create", "vm_id=vm_gt1", f"auth_password={KEY}"),
    (f"--{KEY}",),
)  # fmt: skip
"""The last four are mistakes of a user who types a key where none belongs."""


def _run(environ: dict[str, str], *words: str, stdin: str = "") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command_line(words, None), env={**environ, "SECRET": CANARIES["GIVEN_AS_AN_ARGUMENT"]}, input=stdin.encode(),
        capture_output=True, timeout=60, umask=0,
    )  # fmt: skip


@pytest.mark.parametrize("words", LINES, ids=lambda words: " ".join(words)[:50])
def test_no_command_prints_or_keeps_a_secret(
    words: tuple[str, ...], environ: dict[str, str], home: Path, tmp_path: Path, is_clean: Clean
) -> None:
    log = tmp_path / "log.jsonl"
    done = _run(environ, "--log", str(log), *words)
    assert b"Traceback" not in done.stderr
    name = " ".join(words)[:30].replace(KEY, "KEY")
    is_clean(f"stdout of {name}", done.stdout)
    is_clean(f"stderr of {name}", done.stderr)
    is_clean("files that commands leave", home)
    if log.exists():
        is_clean("--log", log.read_bytes())
        assert log.stat().st_mode & 0o777 == 0o600
    assert are_private(home / "theta") == [] if (home / "theta").exists() else True


ECHOES = {
    "plain": KEY,
    "base64": base64.b64encode(KEY.encode()).decode(),
    "URL-encoded": quote(KEY, safe=""),
    "escaped": json.dumps(KEY),
    "hex": KEY.encode().hex(),
    "split by a newline": f"{KEY[:11]}\n{KEY[11:]}",
    "cut": f"…{KEY[-12:]}",
}


@pytest.mark.parametrize("spelling", ECHOES)
@pytest.mark.parametrize("status", [200, 401, 500])
def test_a_cloud_that_says_the_key_back_is_not_quoted(
    spelling: str, status: int, environ: dict[str, str], world: World, home: Path, tmp_path: Path, is_clean: Clean
) -> None:
    body = {"status": "error", "message": f"bad key {ECHOES[spelling]} given"}
    world.faults.add({"kind": "status", "status": status, "body": body, "times": None})
    log = tmp_path / "log.jsonl"
    done = _run(environ, "--log", str(log), "run", "theta.deployments.list")
    assert done.returncode == 1
    is_clean("errors that echo the key", done.stdout + done.stderr + log.read_bytes())
    is_clean("files after such an error", home)


LOGGING = """
import logging, sys
handler = logging.FileHandler(sys.argv.pop(1))
logging.basicConfig(level=logging.DEBUG, handlers=[handler])
for name in ("httpx", "httpcore", "asyncio", "textual", "keyring", "mcp"):
    logging.getLogger(name).setLevel(logging.DEBUG)
from theta_tui.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def test_the_loggers_of_all_libraries_say_no_secret(environ: dict[str, str], tmp_path: Path, is_clean: Clean) -> None:
    log = tmp_path / "all.log"
    for words in (("run", "theta.deployments.list"), ("run", "theta.ondemand.chat", HELLO, "--yes")):
        argv = command_line((str(log), *words), LOGGING)
        done = subprocess.run(argv, env={**environ, "PYTHONASYNCIODEBUG": "1"}, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr
        is_clean("output with asyncio's debug mode on", done.stdout + done.stderr)
    is_clean("logs of all libraries at DEBUG", log.read_bytes())


def test_mcp_says_no_secret(environ: dict[str, str], world: World, home: Path, is_clean: Clean) -> None:
    client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    calls = [
        ("initialize", client),
        ("tools/list", {}),
        ("tools/call", {"name": "theta.deployments.list", "arguments": {}}),
        ("tools/call", {"name": "theta.auth.capabilities", "arguments": {}}),
        ("tools/call", {"name": "theta.deployments.list", "arguments": {"no_such": KEY}}),
        ("tools/call", {"name": KEY, "arguments": {}}),
        ("tools/call", {"name": "theta.video.streamList", "arguments": {}}),
    ]
    lines = [
        {"jsonrpc": "2.0", "id": at, "method": method, "params": given} for at, (method, given) in enumerate(calls)
    ]
    lines.insert(1, {"jsonrpc": "2.0", "method": "notifications/initialized"})
    done = _conversation(environ, lines)
    answers = [json.loads(line) for line in done[0].splitlines()]
    assert len(answers) >= len(calls) - 1
    is_clean("stdout of MCP", done[0])
    is_clean("stderr of MCP", done[1])
    is_clean("files that MCP leaves", home)


def _conversation(environ: dict[str, str], lines: list[dict[str, Any]]) -> tuple[bytes, bytes]:
    """Say these lines to the MCP server, each after the answer to the one before; give all it wrote."""
    process = subprocess.Popen(
        command_line(("mcp",), None), env=environ,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    answers = b""
    for line in lines:
        process.stdin.write(json.dumps(line).encode() + b"\n")
        process.stdin.flush()
        if "id" in line:
            answers += process.stdout.readline()
    out, err = process.communicate(timeout=30)
    return answers + out, err


def test_no_process_of_ours_is_started_with_a_secret(environ: dict[str, str], world: World, is_clean: Clean) -> None:
    world.faults.add({"kind": "hang", "times": None})
    process = subprocess.Popen(
        command_line(("run", "theta.deployments.list"), None),
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        is_clean("/proc/PID/cmdline", Path(f"/proc/{process.pid}/cmdline").read_bytes())
        process.kill()


def test_it_leaves_no_core_dump(environ: dict[str, str], tmp_path: Path) -> None:
    script = """
import resource, sys
import theta_tui.headless.preferences as rooms
from theta_tui.__main__ import main
most = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (most, most))
filtered = lambda: open("/proc/self/coredump_filter").read().strip()
rooms.config = lambda *_: print(most, resource.getrlimit(resource.RLIMIT_CORE)[0], filtered()) or 0
sys.exit(main(["config", "path"]))
"""
    done = subprocess.run(command_line((), script), env=environ, capture_output=True, text=True, timeout=60)
    most, left, kinds = done.stdout.split()
    assert (most != "0", left, int(kinds, 16)) == (True, "0", 0)


def test_the_user_who_types_a_key_into_the_line_is_found_so_the_check_can_fail() -> None:
    assert found_in(os.fsencode(" ".join(("run", f"key={KEY}"))))
