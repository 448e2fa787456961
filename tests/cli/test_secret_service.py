"""A real Secret Service (gnome-keyring on a bus of its own): kept, read back, forgotten; and a planted key's traces."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from theta_tui.sandbox.world import World

from .conftest import Outcome
from .test_setting_up import NO_KEYS as BARE

Program = Callable[..., Any]
Service = Callable[[str], dict[str, str]]
NO_KEYS = {"THETA_ONDEMAND_API_TOKEN": "", "THETA_EC_API_KEY": ""}
CTRL_Q, CTRL_S = "\x11", "\x13"

missing = [name for name in ("dbus-run-session", "gnome-keyring-daemon") if not shutil.which(name)]
pytestmark = pytest.mark.skipif(
    bool(missing),
    reason=f"no Secret Service can be started: {', '.join(missing)} not installed (.ci/run does that on Debian)",
)

SERVICE = """
import os, subprocess, sys, time
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

words = ["gnome-keyring-daemon", "--foreground", "--components=secrets"]
locked = sys.argv[1] == "locked"
daemon = subprocess.Popen(words + ([] if locked else ["--unlock"]), stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL)
if not locked:
    daemon.stdin.write(b"password of the login keyring")
daemon.stdin.close()
connection = open_dbus_connection(bus="SESSION")
for _ in range(500):
    if connection.send_and_get_reply(message_bus.NameHasOwner("org.freedesktop.secrets")).body[0]:
        break
    time.sleep(0.02)
print(os.environ["DBUS_SESSION_BUS_ADDRESS"], flush=True)
sys.stdin.read()
daemon.terminate()
daemon.wait()
"""


@pytest.fixture
def secret_service(tmp_path: Path) -> Iterator[Callable[[str], dict[str, str]]]:
    """Start gnome-keyring on a bus of its own, `open` or `locked`; gives the variables that lead to it."""
    started: list[subprocess.Popen[str]] = []
    runtime, data = tmp_path / "runtime", tmp_path / "data"
    runtime.mkdir(mode=0o700)

    def start(state: str) -> dict[str, str]:
        stop()
        home = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(runtime), "XDG_DATA_HOME": str(data)}
        process = subprocess.Popen(
            ["dbus-run-session", "--", sys.executable, "-c", SERVICE, state],
            env={**os.environ, **home},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("unix:"), "the Secret Service did not start"
        chosen = {"PYTHON_KEYRING_BACKEND": "keyring.backends.SecretService.Keyring"}
        return {**home, **chosen, "DBUS_SESSION_BUS_ADDRESS": address}

    def stop() -> None:
        while started:
            with started.pop() as process:
                assert process.stdin is not None
                process.stdin.close()
                process.wait(20)

    yield start
    stop()


def test_a_real_secret_service_keeps_a_key_from_process_to_process(
    program: Program, secret_service: Service, world: World, tmp_path: Path
) -> None:
    service = secret_service("open")
    planted = world.keys.ondemand_token
    words = Commands(program)
    with words.watched(tmp_path):
        stored = words("auth", "set", "ondemand_token", "-", stdin=planted, **service, **NO_KEYS)
        assert (stored.json["in"], stored.json["check"]) == ("keyring", "verified")
        status = words("auth", "status", **service, **NO_KEYS)
        assert (status.json["keyring"], source(status)) == ("SecretService", "keyring")
        asked = ("run", "theta.ondemand.getService", "service=flux", "--log", str(tmp_path / "log"))
        assert words(*asked, **service, **NO_KEYS).code == 0
        words("doctor", **service, **NO_KEYS)
        words("run", "theta.ondemand.getService", "service=nothing", **service, **NO_KEYS)
    assert_nowhere(planted, words.said, tmp_path)
    assert words("auth", "forget", "ondemand_token", **service, **NO_KEYS).code == 0
    assert source(words("auth", "status", **service, **NO_KEYS)) == "missing"


def test_a_locked_secret_service_is_named_in_time_and_the_environment_goes_on(
    program: Program, secret_service: Service, world: World
) -> None:
    store, token = ("auth", "set", "ondemand_token", "-"), world.keys.ondemand_token
    stored = program(*store, stdin=token, **secret_service("open"), **NO_KEYS)
    assert stored.code == 0, stored.err
    locked = secret_service("locked")
    done = program("auth", "status", **locked)
    assert "not used: " in done.json["keyring"]
    assert source(done) == "THETA_ONDEMAND_API_TOKEN"
    refused = program(*store, stdin=token, **locked)
    assert (refused.code, refused.error["kind"]) == (4, "no_credentials")


def test_the_wizard_keeps_a_key_in_a_real_keyring_and_it_is_found_nowhere_else(
    terminal: Program, program: Program, secret_service: Service, world: World, tmp_path: Path
) -> None:
    service = secret_service("open")
    planted, fresh = world.keys.project_api_key, {**service, **BARE}
    words = Commands(program)
    with words.watched(tmp_path):
        console = terminal("--log", str(tmp_path / "log"), **fresh)
        console.until("What is it for?")
        console.type(pasted(planted))
        console.until("not checked yet")
        console.type(pasted(f"https://www.thetaedgecloud.com/dashboard/{world.project_id}/x"))
        console.seen_since("verified · project")
        console.type(CTRL_S)
        console.seen_since("Try next")
        console.type("\r")
        console.until_quiet()
        console.type(CTRL_Q)
        assert console.wait() == 0
        found = words("run", "theta.project.get", **fresh)  # another process reads it
        assert (found.code, found.json["name"]) == (0, "Sandbox"), found.err
        rotated = words("auth", "set", "ec_api_key", "-", stdin=planted, **fresh)
        assert (rotated.json["replaced"], rotated.json["in"]) == (True, "keyring")
        words("doctor", **fresh)
    said = [*words.said, console.text, *copied(console.text)]
    assert_nowhere(planted, said, tmp_path)
    assert words("auth", "forget", "ec_api_key", **fresh).code == 0
    assert words("run", "theta.project.get", **fresh).error["kind"] == "no_credentials"


@pytest.mark.parametrize(("state", "said"), [("locked", "locked"), ("none", "no keyring service")])
def test_the_wizard_names_a_keyring_that_cannot_be_used_and_keeps_nothing_by_itself(
    terminal: Program, program: Program, secret_service: Service, world: World, tmp_path: Path, state: str, said: str
) -> None:
    if state == "locked":  # a keyring that holds something can be locked
        keys = {**secret_service("open"), **NO_KEYS}
        assert program("auth", "set", "ondemand_token", "-", "--no-check", stdin="k3y", **keys).code == 0
        service = secret_service("locked")
    else:
        service = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    console = terminal(**{**service, **BARE})
    console.until("What is it for?")
    console.type(pasted(world.keys.project_api_key))
    console.until("not checked yet")
    console.type(CTRL_S)
    console.until("Choose where to keep the keys")
    assert said in console.text
    console.type(CTRL_Q)
    assert console.wait() == 0
    assert not list(tmp_path.rglob("keys.*"))


def source(status: Outcome) -> str:
    """Where the on-demand token comes from."""
    return next(str(row["source"]) for row in status.json["keys"] if row["name"] == "ondemand_token")


class Commands:
    """Runs programs, keeps what they said, and watches what stands in process lists meanwhile."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self.said: list[str] = []

    def __call__(self, *words: str, **more: Any) -> Outcome:
        done: Outcome = self._program(*words, **more)
        self.said += [done.out, done.err]
        return done

    def watched(self, home: Path) -> _Watch:
        return _Watch(self.said, home)


class _Watch:
    """Reads the arguments of every process with this home again and again, in a thread."""

    def __init__(self, said: list[str], home: Path) -> None:
        self._said = said
        self._home = f"HOME={home}\0".encode()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        seen: set[str] = set()
        while not self._over.wait(0.02):
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    if self._home in (process / "environ").read_bytes():
                        seen.add((process / "cmdline").read_bytes().decode("utf-8", "replace"))
                except OSError:
                    continue
        self._said += seen


def assert_nowhere(planted: str, said: list[str], folder: Path) -> None:
    """The planted key stands in nothing that was said and in no file but the keyring's own (which is encrypted)."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.name.startswith("journal") for path in files)
    assert any(path.name == "log" for path in files)
    assert any("theta_tui" in text for text in said), "the process lists were not seen"
    for text in [*said, *(path.read_bytes().decode("latin-1") for path in files)]:
        for part in spellings(planted):
            assert part not in text


def pasted(text: str) -> str:
    """Write a text as terminals do when it is pasted."""
    return f"\x1b[200~{text}\x1b[201~"


def copied(written: str) -> list[str]:
    """Give what was written to the clipboard through the terminal (OSC 52)."""
    return [
        base64.b64decode(found).decode("utf-8", "replace") for found in re.findall(r"\x1b\]52;c;([\w+/=]*)", written)
    ]


def spellings(secret: str) -> set[str]:
    """Give the ways in which a secret may stand somewhere, and its ends."""
    raw = secret.encode()
    whole = {secret, secret[::-1], raw.hex(), base64.b64encode(raw).decode().rstrip("=")}
    return whole | {secret[:12], secret[-12:], secret.encode("utf-16-le").decode("latin-1")}
