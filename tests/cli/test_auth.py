"""`theta-tui auth` on the places of our own: the encrypted file and the credential command."""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from theta_tui.sandbox.world import World

Program = Callable[..., Any]
Start = Callable[..., Any]

PASSPHRASE = "correct horse battery"
FILE = {"THETA_VAULT": "file", "THETA_VAULT_PASSPHRASE": PASSPHRASE}
NO_KEYS = {"THETA_ONDEMAND_API_TOKEN": "", "THETA_EC_API_KEY": ""}
CONVERSATION = """\
{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},\
"clientInfo":{"name":"t","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"theta.setup","arguments":{}}}
"""
WRONG = "wr0ngkey1234567890abcdefghijklmn"


def sources(done: Any) -> dict[str, str]:
    return {row["name"]: row["source"] for row in done.json["keys"]}


def test_a_key_is_stored_used_rotated_and_forgotten_by_processes_of_their_own(program: Program, world: World) -> None:
    token = world.keys.ondemand_token
    stored = program("auth", "set", "ondemand_token", "@env:MINE", MINE=token, **FILE, **NO_KEYS)
    assert stored.json == {
        "stored": "ondemand_token",
        "in": "encrypted file",
        "profile": "default",
        "replaced": False,
        "check": "verified",
    }
    assert sources(program("auth", "status", **FILE, **NO_KEYS))["ondemand_token"] == "encrypted file"
    used = program("run", "theta.ondemand.getService", "service=flux", **FILE, **NO_KEYS)
    assert used.code == 0
    assert used.json["alias"] == "flux"
    refused = program("auth", "set", "ondemand_token", "-", stdin=WRONG, **FILE, **NO_KEYS)
    assert (refused.code, refused.error["kind"]) == (1, "auth")
    assert "what was there stays" in refused.error["message"]
    assert program("run", "theta.ondemand.getService", "service=flux", **FILE, **NO_KEYS).code == 0
    again = program("auth", "set", "ondemand_token", "-", stdin=token, **FILE, **NO_KEYS)
    assert again.json["replaced"] is True
    assert program("auth", "forget", "ondemand_token", **FILE, **NO_KEYS).json["forgotten"] == "ondemand_token"
    gone = program("run", "theta.ondemand.getService", "service=flux", **FILE, **NO_KEYS)
    assert (gone.code, gone.error["kind"]) == (4, "no_credentials")


def test_keys_kept_before_are_moved_along_and_the_way_to_do_it_is_told(program: Program, world: World) -> None:
    token = world.keys.ondemand_token
    program("auth", "set", "ondemand_token", "-", stdin=token, THETA_VAULT="plain", **NO_KEYS)
    program("config", "set", "vault", "plain")
    told = program("config", "set", "vault", "file")
    assert "theta-tui auth move plain" in told.err
    moved = program("auth", "move", "plain", **FILE, **NO_KEYS)
    assert (moved.json["moved"], moved.json["to"]) == (["ondemand_token"], "encrypted file")
    assert token not in moved.out + moved.err
    assert sources(program("auth", "status", **FILE, **NO_KEYS))["ondemand_token"] == "encrypted file"
    assert program("auth", "move", "plain", **FILE, **NO_KEYS).json["moved"] == []
    same = program("auth", "move", "file", **FILE, **NO_KEYS)
    assert (same.code, same.error["kind"]) == (2, "validation")


@pytest.mark.parametrize(
    ("words", "kind", "said"),
    [
        (("set", "ondemand_token", "plainly"), "validation", "is a secret and is not written out"),
        (("set", "ondemand_token", "@env:NOT_THERE"), "validation", "NOT_THERE is not set"),
        (("set", "no_such_thing"), "validation", "no credential 'no_such_thing'"),
        (("set", "inference_token", "@env:MINE"), "no_credentials", "THETA_INFERENCE_ENDPOINT"),
        (("forget",), "validation", "--all"),
        (("forget", "ondemand_token", "--all"), "validation", "--all"),
        (("reveal", "endpoint/abc"), "validation", "on a terminal only"),
    ],
)
def test_what_cannot_be_meant_is_told_in_one_line(call: Program, words: tuple[str, ...], kind: str, said: str) -> None:
    done = call("auth", *words, MINE="k3y0123456789", **FILE)
    assert done.code in (2, 4)
    assert kind in done.err
    assert said in done.err
    assert "plainly" not in done.err


def test_without_a_passphrase_the_file_is_named_as_locked_and_nothing_hangs(program: Program) -> None:
    done = program("auth", "status", THETA_VAULT="file", **NO_KEYS)
    assert "locked: it wants its passphrase (THETA_VAULT_PASSPHRASE)" in done.json["keyring"]


def test_the_passphrase_is_asked_for_on_a_terminal_and_never_shown(terminal: Start, world: World) -> None:
    start = {"THETA_VAULT": "file", **NO_KEYS}
    first = terminal("auth", "set", "ondemand_token", **start)
    first.until("ondemand_token: ")
    first.type(world.keys.ondemand_token + "\n")
    first.until("New passphrase: ")
    first.type(PASSPHRASE + "\n")
    first.until("Once more: ")
    first.type(PASSPHRASE + "\n")
    assert first.wait() == 0
    assert "check: verified" in first.text
    then = terminal("auth", "status", **start)
    then.until("Passphrase of the file of keys: ")
    then.type("something else\n")
    then.until("does not open the file of keys.\r\nPassphrase of the file of keys: ")
    then.type(PASSPHRASE + "\n")
    assert then.wait() == 0
    assert "encrypted file" in then.text
    for secret in (PASSPHRASE, world.keys.ondemand_token, "something else"):
        assert secret not in first.text + then.text
    assert then.modes_now[3] == then.modes[3]


def test_an_endpoints_login_is_shown_on_a_terminal_until_enter_and_account_keys_never(
    terminal: Start, call: Program
) -> None:
    for half, text in (("username", "operator"), ("password", "s3cret-of-endpoint")):
        done = call("auth", "set", f"endpoint/abc123/{half}", "@env:MINE", MINE=text, **FILE)
        assert done.code == 0, done.err
    assert call("auth", "status", **FILE).json["endpoints"] == [
        "endpoint/abc123/password",
        "endpoint/abc123/username",
    ]
    shown = terminal("auth", "reveal", "endpoint/abc123", **FILE)
    assert "password: s3cret-of-endpoint" in shown.until("Enter hides it.")
    shown.type("\n")
    assert shown.wait() == 0
    assert shown.text.endswith("\x1b[4A\x1b[J")
    never = terminal("auth", "reveal", "ondemand_token", **FILE)
    assert never.wait() == 2
    assert "never shown again" in never.text
    assert call("auth", "forget", "--all", **FILE).json["forgotten"] == [
        "endpoint/abc123/password",
        "endpoint/abc123/username",
    ]


def test_a_password_manager_gives_the_keys_but_not_to_the_mcp_face(
    program: Program, world: World, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    manager = tmp_path / "manager"
    manager.write_text(f'#!/bin/sh\n[ "$1" = get/ondemand_token ] && echo {world.keys.ondemand_token}\n')
    manager.chmod(stat.S_IRWXU)
    folder = Path(environment["THETA_TUI_HOME"]) / "config"
    folder.mkdir(parents=True)
    # The address of the sandbox is an overridden one: what is kept for it carries its origin.
    (folder / "settings.toml").write_text(f'vault = "command"\nvault_command = ["{manager}", "get/{{name}}"]\n')
    origin = environment["THETA_ONDEMAND_API_BASE_URL"]
    manager.write_text(manager.read_text().replace("get/ondemand_token", f"get/ondemand_token@{origin}"))
    assert sources(program("auth", "status", **NO_KEYS))["ondemand_token"] == "credential command"
    assert program("run", "theta.ondemand.getService", "service=flux", **NO_KEYS).code == 0
    manager.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\n")
    done = program("mcp", stdin=CONVERSATION, **NO_KEYS)
    assert done.code == 0, done.err
    assert not (tmp_path / "asked").exists()
