"""A whole session of the console: what it draws, copies, starts, keeps, sends, and says of its crashes."""

from __future__ import annotations

import base64
import json
import os
import re
from pathlib import Path

import pytest

from tests.leaks.canaries import CANARIES
from tests.leaks.conftest import Clean, are_private
from tests.proofs import Prove
from tests.terminal import Terminal, command_line, on_a_terminal
from theta_tui.launch import Launch
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World
from theta_tui.tui.app import ThetaApp

TYPED = CANARIES["TYPED_IN_THE_WIZARD"]
ENTER, ESC, RIGHT = "\r", "\x1b", "\x1b[C"
WALK = (
    "1", "2", ENTER, RIGHT, RIGHT, ESC, "e", RIGHT, "c", ESC, "y", ENTER,
    "4", ENTER, RIGHT, RIGHT, RIGHT, ESC, "e", RIGHT, "c", RIGHT, "c", ESC, "y", ENTER, "x", "c", ESC,
    "5", ".", ".", "6", ".", "7", ENTER, ESC, "e", RIGHT, "c", ESC, "8", ".", ENTER, RIGHT, ESC, "y", ENTER,
    "9", ".", "0", ENTER, RIGHT, ESC, "y", ENTER, "O", ESC, "P", ESC, "!", ESC, "?", ESC,
)  # fmt: skip
"""Through every pane: details, JSON, curl and Python of it, copied; reviews, settings, profiles, messages."""


def _say(program: Terminal, keys: str) -> None:
    program.type(keys)
    program._read(1.0)  # a crowded machine takes a moment to begin
    program.until_quiet(0.2)


def test_a_session_shows_copies_sends_and_leaves_no_secret(
    environ: dict[str, str], world: World, home: Path, tmp_path: Path, is_clean: Clean
) -> None:
    log = tmp_path / "log.jsonl"
    program = on_a_terminal(command_line(("--log", str(log)), None), environ, size=(140, 40))
    try:
        program.until("Credentials")
        program.until_quiet()
        is_clean("/proc/PID/cmdline", Path(f"/proc/{program.pid}/cmdline").read_bytes())
        for keys in WALK:
            _say(program, keys)
        _say(program, ":")
        _say(program, "setup")
        _say(program, ENTER)
        program.until("What is it for?")
        _say(program, f"\x1b[200~{TYPED}\x1b[201~")
        program.until("refused: 401")
        for keys in ("\x01", "\x03", "\x18", "\t", ESC, ESC):  # all of it, copy, cut
            _say(program, keys)
        program.type("\x11")
        assert program.wait() == 0
    finally:
        program.end()
    assert world.calls
    is_clean("addresses that were asked", "\n".join(call.target for call in world.calls))
    is_clean("terminal, titles, toasts, OSC 52", bytes(program.seen))
    is_clean("what other programs were given", tmp_path / "taken")
    assert list((tmp_path / "taken").glob("wl-copy-*-input")), "nothing was copied, so nothing was proved"
    is_clean("files that a session leaves", home)
    is_clean("--log", log.read_bytes())
    assert are_private(home / "theta") == []


ECHO = "bad keys: " + " | ".join((CANARIES["THETA_EC_API_KEY"], json.dumps(CANARIES["THETA_VIDEO_SA_SECRET"])))


@pytest.mark.full
def test_banners_toasts_titles_exports_and_copies_through_the_terminal_hold_no_secret(
    environ: dict[str, str], world: World, home: Path, tmp_path: Path, is_clean: Clean
) -> None:
    """No program takes a copy here, so that it goes to the terminal, as OSC 52; the cloud says keys back."""
    bare = {name: value for name, value in environ.items() if name != "WAYLAND_DISPLAY"}
    program = on_a_terminal(command_line((), None), {**bare, "PATH": os.environ["PATH"]}, size=(140, 40))
    written = home / "shown.csv"
    try:
        program.until("Credentials")
        program.until_quiet()
        for keys in ("4", ENTER, "y", ENTER, ESC, "w", "\x15", str(written), ENTER):
            _say(program, keys)
        world.faults.add({"kind": "status", "status": 403, "body": {"message": ECHO}, "times": None})
        for keys in ("5", "6", "8", "7"):
            _say(program, keys)
        program.until("bad keys")
        world.faults.clear()
        for keys in ("4", ESC, ":", "setup", ENTER):
            _say(program, keys)
        program.until("What is it for?")
        for keys in (f"\x1b[200~{TYPED}\x1b[201~", "\x01", "\x03", "\x18", ESC, ESC):
            _say(program, keys)
        program.type("\x11")
        assert program.wait() == 0
    finally:
        program.end()
    seen = bytes(program.seen)
    copied, titles = re.findall(rb"\x1b\]52;[^\x07\x1b]*", seen), re.findall(rb"\x1b\][012];[^\x07\x1b]*", seen)
    assert copied, "nothing was copied, so nothing was proved"
    is_clean("OSC 52", b"\n".join(base64.b64decode(one.rpartition(b";")[2]) for one in copied))
    is_clean("window titles", b"\n".join(titles))
    is_clean("terminal with banners and toasts that echo keys", seen)
    assert written.exists(), "nothing was exported, so nothing was proved"
    is_clean("exports and other files", home)
    assert written.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("variable", ["TEXTUAL", "TEXTUAL_LOG", "TEXTUAL_PRESS", "TEXTUAL_DRIVER"])
def test_textuals_own_variables_do_nothing(
    variable: str, environ: dict[str, str], home: Path, tmp_path: Path, prove: Prove
) -> None:
    values = {
        "TEXTUAL_LOG": str(tmp_path / "textual.log"), "TEXTUAL_PRESS": "4,d",
        "TEXTUAL_DRIVER": "nowhere:Driver", "TEXTUAL": "devtools,debug",
    }  # fmt: skip
    more = {"TEXTUAL_SCREENSHOT": "1", "TEXTUAL_SCREENSHOT_LOCATION": str(tmp_path), variable: values[variable]}
    program = on_a_terminal(command_line((), None), {**environ, **more}, size=(120, 36))
    try:
        program.until("Credentials")
        program.until_quiet()
        assert "Review ·" not in program.text
        program.type("\x11")
        assert program.wait() == 0
    finally:
        program.end()
    assert not (tmp_path / "textual.log").exists()
    assert list(tmp_path.rglob("*.svg")) == []
    prove("F57", variable)


async def test_a_screenshot_of_the_wizard_holds_no_secret(
    cloud: SandboxServer, environ: dict[str, str], is_clean: Clean
) -> None:
    app = ThetaApp(Launch(environ={name: value for name, value in environ.items() if name.startswith("THETA_")}))
    async with app.run_test(size=(140, 40)) as pilot:
        while app.session is None or app.shell.current is None:
            await pilot.pause(0.01)
        app.action_setup()
        await pilot.pause(0.2)
        await pilot.press(*("a" if letter in '&=+"/' else letter for letter in TYPED))
        is_clean("screenshot of the wizard", app.export_screenshot())
        await pilot.press("escape")
        for digit in "1245678":
            await pilot.press(digit)
            await pilot.pause(0.1)
            is_clean("screenshots of panes", app.export_screenshot())


CRASH = """
import sys
from theta_tui.__main__ import main
from theta_tui.tui import app

def broken(self):
    key = self.launch.environ["THETA_EC_API_KEY"]
    headers = {"x-api-key": key}
    raise ValueError(f"Illegal header value {key.encode()!r} {headers}")

app.ThetaApp.{site} = broken
sys.exit(main([]))
"""


@pytest.mark.parametrize("site", ["first_frame_shown", "on_mount", "refresh_pulse", "show_standing"])
def test_a_crash_that_holds_keys_says_none(site: str, environ: dict[str, str], home: Path, is_clean: Clean) -> None:
    program = on_a_terminal(command_line((), CRASH.replace("{site}", site)), environ, size=(120, 36))
    try:
        assert program.wait() == 1
    finally:
        program.end()
    assert re.search(r"details are in \S+", program.text)
    is_clean("terminal after a crash", bytes(program.seen))
    is_clean("crash files", home)
    assert are_private(home / "theta") == []
