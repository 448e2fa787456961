from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]

HELLO = 'messages:=[{"role":"user","content":"hi"}]'

WRONG = {
    "unknown command": (("run", "theta.ondemand.chta"), "Did you mean theta.ondemand.chat?"),
    "unknown subcommand": (("comands",), "Did you mean commands?"),
    "unknown option": (("run", "theta.health", "--bogus"), "--bogus"),
    "misspelt option": (("--profle", "x"), "Did you mean --profile?"),
    "no command": (("run",), "required: COMMAND."),
    "several missing": (("run", "theta.deployments.stop"), "Missing required fields: shard, suffix"),
    "misspelt key": (("auth", "set", "ondemand_tokn"), "Did you mean ondemand_token?"),
    "misspelt setting": (("config", "set", "budgt_usd", "5"), "Did you mean budget_usd?"),
    "unknown word": (("config", "show", "loudly"), "loudly"),
    "bad json": (("run", "theta.ondemand.chat", "--args", "{bad"), "--args: not JSON"),
    "no object": (("run", "theta.ondemand.chat", "--args", "[1]"), "JSON object"),
    "bad json word": (("run", "theta.ondemand.chat", "messages:=[oops"), "messages: not JSON"),
    "not a pair": (("run", "theta.ondemand.status", "infr_rqst_1"), "key=value"),
    "given twice": (("run", "theta.ondemand.status", "--args", '{"requestId":"a"}', "requestId=b"), "requestId"),
    "wrong type": (("run", "theta.ondemand.chat", HELLO, "max_tokens=many"), "max_tokens"),
    "missing field": (("run", "theta.ondemand.status"), "Missing required field: request_id"),
    "unknown field": (("run", "theta.ondemand.status", "reqestId=x"), "has no argument"),
    "empty message": (("run", "theta.ondemand.chat", 'messages:=[{"role":"user","content":""}]', "--yes"), "empty"),
    "no messages": (("run", "theta.ondemand.chat", "messages:=[]", "--yes"), "empty"),
    "endpoint argument": (("run", "theta.inference.models", "endpoint=https://evil.example"), "args.endpoint override"),
    "unknown service": (("run", "theta.ondemand.chat", HELLO, "service=qwen33", "--yes"), "qwen33"),
    "amount": (("run", "theta.health", "--max-usd", "lots"), "amount in USD"),
    "port": (("sandbox", "--port", "99999"), "port"),
    "profile": (("--profile", "../x", "run", "theta.health"), "name of a profile"),
    "variable not set": (("run", "theta.deployments.create", "auth_password=@env:NOT_SET_AT_ALL"), "NOT_SET_AT_ALL"),
    "log folder missing": (("--log", "/nonexistent/x/log", "run", "theta.health"), "--log"),
    "log of the console": (("--log", "/nonexistent/x/log", "--demo"), "--log"),
    "no verb": (("auth",), "required"),
    "no such key": (("auth", "forget", "my_key"), "no credential"),
    "nothing to ask": (("chat",), "empty"),
    "blank question": (("chat", "  "), "empty"),
    "yes and dry run": (("run", "theta.health", "--yes", "--dry-run"), "not allowed with"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_words_are_one_clear_line_and_exit_2(call: Call, posts: Callable[[], list[str]], name: str) -> None:
    words, expected = WRONG[name]
    done = call(*words)
    lines = done.err.strip().split("\n")
    assert (done.code, done.out, posts()) == (2, "", [])
    assert expected in done.err
    assert len(lines) <= 2
    assert "Traceback" not in done.err


@pytest.mark.parametrize("name", ["..", "a/b", "a?x", "a#x", "x" * 10_000, "\x1b[2J", "%2e%2e"])
def test_an_odd_id_reaches_no_other_path(call: Call, world: Any, name: str) -> None:
    done = call("run", "theta.ondemand.status", f"requestId={name}")
    assert done.code in (1, 2, 3)
    assert all(one.path.startswith("/infer_request/") for one in world.calls)
    assert "\x1b" not in done.err


def test_a_wrong_id_is_the_clouds_no(call: Call) -> None:
    done = call("run", "theta.ondemand.status", "requestId=infr_rqst_00000000000000000000000")
    assert (done.code, done.error["kind"]) == (1, "not_found")


def test_a_host_that_does_not_answer_is_one_clear_line(call: Call) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    done = call("run", "theta.billing.balance", THETA_PLATFORM_API_BASE_URL=f"http://127.0.0.1:{port}")
    assert (done.code, done.error["kind"]) == (1, "network")


def test_a_foreign_base_without_tls_is_refused(call: Call) -> None:
    done = call("run", "theta.billing.balance", THETA_PLATFORM_API_BASE_URL="http://example.com")
    assert done.code in (2, 3)
    assert "Traceback" not in done.err


def test_a_damaged_settings_file_is_told_and_fails_closed(call: Call, environment: dict[str, str]) -> None:
    folder = Path(environment["THETA_TUI_HOME"]) / "config"
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text("budget_usd = = 3\n")
    read = call("run", "theta.billing.balance")
    assert read.code == 0
    assert "settings.toml is not valid TOML" in read.err
    paid = call("run", "theta.ondemand.chat", HELLO, "--yes")
    assert (paid.code, paid.json["reason"]) == (3, "dry_run")


def test_a_damaged_journal_is_told_lets_reads_pass_and_blocks_what_costs(
    call: Call, environment: dict[str, str], posts: Callable[[], list[str]]
) -> None:
    folder = Path(environment["THETA_TUI_HOME"]) / "data"
    folder.mkdir(parents=True)
    (folder / "journal.sqlite3").write_bytes(b"this is no database" * 100)
    read = call("run", "theta.billing.balance")
    assert (read.code, "journal.sqlite3" in read.err) == (0, True)
    paid = call("run", "theta.ondemand.chat", HELLO, "--yes")
    assert (paid.code, paid.error["kind"], posts()) == (3, "policy", [])


def test_an_occupied_port_is_one_clear_line_and_exit_1(call: Call) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = call("sandbox", "--port", str(taken.getsockname()[1]))
    assert (done.code, done.out) == (1, "")
    assert "cannot be used" in done.err


def test_errors_are_text_where_text_is_asked_for(call: Call) -> None:
    done = call("run", "theta.helth", "--output", "text")
    assert done.err == "theta-tui: validation: Unknown command 'theta.helth'.\n  Did you mean theta.health?\n"
