from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from theta_tui.registry import aliases, commands
from theta_tui.sandbox.world import World

Call = Callable[..., Any]
Posts = Callable[[], list[str]]

PICTURE = ("run", "theta.ondemand.infer", "service=stable_diffusion_xl_turbo", 'input:={"prompt": "a lighthouse"}')
CREATE = ("run", "theta.deployments.create", "vm_id=vm_gt1", "name=demo-one")


def created(world: World, call: Call) -> tuple[str, str]:
    """Create a deployment; gives shard and suffix."""
    template = call("run", "theta.deployments.listStandard", "category=serving").json["templates"][0]["id"]
    done = call(*CREATE, f"deployment_template_id={template}", "--yes")
    assert done.code == 0, done.err
    return str(done.json["Shard"]), done.json["Suffix"]


def test_a_query_prints_the_clouds_own_object(call: Call) -> None:
    done = call("run", "theta.billing.balance")
    assert (done.code, done.err) == (0, "")
    assert done.json["usd"] == 34.21300894


def test_amounts_are_printed_with_exactly_their_digits(call: Call) -> None:
    assert '"balance": 3421.300894,' in call("run", "theta.billing.balance").out


def test_text_output_is_fields_and_a_table(call: Call) -> None:
    lines = call("run", "list_services", "category=text", "--output", "text").out.splitlines()
    assert lines[0] == "services:"
    assert lines[1].split()[:3] == ["id", "name", "alias"]
    assert any("qwen3" in line.split() for line in lines)


def test_every_alias_runs_the_command_it_stands_for(call: Call) -> None:
    assert {"list_services", "infer", "get_request_status", "get_upload_url"} <= set(aliases())
    assert call("run", "list_services").json == call("run", "theta.ondemand.listServices").json


def test_without_a_terminal_and_without_yes_the_preview_is_printed_and_nothing_is_sent(
    call: Call, posts: Posts
) -> None:
    done = call(*PICTURE)
    assert done.code == 3
    assert (done.json["applied"], done.json["reason"]) == (False, "preview")
    assert done.json["requests"][0]["headers"]["Authorization"] == "[redacted]"
    assert posts() == []


def test_a_preview_is_json_also_where_text_is_asked_for(call: Call) -> None:
    done = call(*PICTURE, "--output", "text")
    assert (done.code, done.json["reason"]) == (3, "preview")
    assert "not applied (preview)" in done.err


def test_yes_sends_exactly_one_request(call: Call, posts: Posts) -> None:
    done = call(*PICTURE, "--yes")
    assert (done.code, done.json["state"]) == (0, "success")
    assert posts() == ["/infer_request/stable_diffusion_xl_turbo"]


def test_dry_run_wins_over_yes_in_the_environment(call: Call, posts: Posts) -> None:
    done = call(*PICTURE, "--yes", THETA_DRY_RUN="1")
    assert (done.code, done.json["reason"]) == (3, "dry_run")
    assert posts() == []


def test_an_unreadable_dry_run_variable_counts_as_on(call: Call, posts: Posts) -> None:
    done = call(*PICTURE, "--yes", THETA_DRY_RUN="perhaps")
    assert (done.code, done.json["reason"], posts()) == (3, "dry_run", [])


def test_the_dry_run_option_shows_and_sends_nothing(call: Call, posts: Posts) -> None:
    done = call(*PICTURE, "--dry-run")
    assert (done.code, done.json["reason"], posts()) == (3, "dry_run", [])


@pytest.mark.parametrize("words", [("--read-only", *PICTURE), (*PICTURE, "--read-only")])
def test_read_only_refuses_before_and_after_the_subcommand(call: Call, posts: Posts, words: tuple[str, ...]) -> None:
    done = call(*words, "--yes")
    assert (done.code, done.json["reason"], posts()) == (3, "read_only", [])


def test_what_costs_more_than_allowed_is_not_sent(call: Call, posts: Posts) -> None:
    done = call(*PICTURE, "--yes", "--max-usd", "0.001")
    assert (done.code, done.json["reason"], posts()) == (3, "budget", [])


def test_the_cap_of_the_day_holds_over_several_calls(call: Call) -> None:
    codes = [call(*PICTURE, "--yes", THETA_MAX_BUDGET_USD="0.015").code for _ in range(2)]
    assert codes == [0, 3]


def test_words_may_stand_before_and_after_options(call: Call) -> None:
    done = call("run", "--yes", *PICTURE[1:3], "--max-usd", "1", PICTURE[3])
    assert (done.code, done.json["state"]) == (0, "success")


def test_arguments_come_from_standard_input(call: Call) -> None:
    given = {"service": "qwen3", "messages": [{"role": "user", "content": "hi"}]}
    done = call("run", "theta.ondemand.chat", "--args", "-", "--yes", stdin=json.dumps(given))
    assert done.code == 0
    assert done.json["text"].startswith("Hello!")
    assert set(done.json) == {
        *("text", "reasoning", "usage", "finish_reason", "complete", "model", "service", "request_id", "cost_usd"),
        *("seconds", "first_token_seconds", "notes"),
    }


def test_an_upload_url_is_usable_in_the_field_that_was_asked_for(call: Call) -> None:
    done = call("run", "get_upload_url", "service=whisper", "inputField=audio_filename", "--yes")
    assert "Signature=" in done.json["slots"][0]["presigned_url"]
    assert "[redacted]" not in done.out


def test_a_secret_written_out_on_the_command_line_is_refused_with_the_way_out(call: Call, posts: Posts) -> None:
    for word in ("auth_password=hunter2hunter2", "authPassword=hunter2hunter2", 'payload:={"auth_password":"hunter2"}'):
        done = call(*CREATE, "deployment_template_id=img_x", word, "--yes")
        assert (done.code, done.error["kind"]) == (2, "validation")
        assert "@env:NAME" in done.error["hint"]
        assert "hunter2" not in done.out + done.err
    assert posts() == []


@pytest.mark.parametrize("way", ["env", "file", "stdin", "args"])
def test_a_secret_is_taken_from_where_it_is_kept_and_shown_nowhere(
    call: Call, world: World, tmp_path: Path, way: str
) -> None:
    secret = "planted-Secret-77"
    (tmp_path / "secret").write_text(f"{secret}\n")
    template = call("run", "theta.deployments.listStandard", "category=serving").json["templates"][0]["id"]
    words = (*CREATE, f"deployment_template_id={template}", "auth_username=client", "--yes")
    given = {
        "env": ("auth_password=@env:MY_PASSWORD",),
        "file": (f"auth_password=@file:{tmp_path / 'secret'}",),
        "stdin": ("auth_password=-",),
        "args": ("--args", json.dumps({"auth_password": secret})),
    }[way]
    done = call(*words, *given, stdin=f"{secret}\n", MY_PASSWORD=secret)
    assert done.code == 0, done.err
    assert json.loads(world.calls[-1].body)["auth_password"] == secret
    assert secret not in done.out + done.err


def test_destroying_with_yes_deletes_and_says_so(call: Call, world: World) -> None:
    shard, suffix = created(world, call)
    done = call("run", "theta.deployments.delete", f"shard={shard}", f"suffix={suffix}", "--yes")
    assert (done.code, world.deployments) == (0, {})


def test_a_log_holds_every_request_without_secrets(call: Call, environment: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    call("--log", str(log), *PICTURE, "--yes")
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["method"] for line in lines if line["kind"] == "attempt"] == ["GET", "POST"]
    assert {line["command"] for line in lines} == {"theta.ondemand.infer"}
    assert log.stat().st_mode & 0o777 == 0o600
    assert environment["THETA_ONDEMAND_API_TOKEN"] not in log.read_text()


def test_the_journal_keeps_what_was_sent(call: Call, environment: dict[str, str]) -> None:
    call(*PICTURE, "--yes")
    assert (Path(environment["THETA_TUI_HOME"]) / "data" / "journal.sqlite3").exists()


def test_missing_credentials_exit_4_and_name_the_variable(call: Call) -> None:
    done = call(*PICTURE, "--yes", THETA_ONDEMAND_API_TOKEN="")
    assert (done.code, done.error["kind"]) == (4, "no_credentials")
    assert "THETA_ONDEMAND_API_TOKEN missing" in done.error["message"]


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [(401, "auth", 1), (403, "permission", 1), (404, "not_found", 1), (409, "conflict", 1), (502, "uncertain", 5)],
)
def test_a_refused_change_has_its_own_kind_and_exit_status(
    call: Call, world: World, status: int, kind: str, code: int
) -> None:
    body = {"status": "error", "message": "name is taken"}
    world.faults.add({"kind": "status", "status": status, "body": body, "match": {"method": "POST"}})
    done = call(*PICTURE, "--yes")
    assert (done.code, done.error["kind"], done.error.get("status")) == (code, kind, status)
    assert done.out == ""


def test_an_answer_lost_after_the_act_is_uncertain_and_not_repeated(call: Call, world: World, posts: Posts) -> None:
    world.faults.add({"kind": "reset", "match": {"method": "POST"}, "after": True})
    done = call(*PICTURE, "--yes", THETA_HTTP_MAX_RETRIES="2")
    assert (done.code, done.error["kind"], len(posts())) == (5, "uncertain", 1)


def test_a_cut_stream_keeps_its_text_and_does_not_count_as_success(call: Call, world: World) -> None:
    world.faults.add({"kind": "cut_stream"})
    done = call("run", "theta.ondemand.chat", 'messages:=[{"role":"user","content":"Tell me a story"}]', "--yes")
    assert (done.code, done.json["complete"]) == (1, False)
    assert done.json["text"]
    assert done.json["notes"]


def test_hostile_text_is_inert_in_both_forms(call: Call, world: World) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\u202eevil"
    answer = {"status": "success", "body": {"services": [{"alias": evil, "id": "srvc_1"}]}}
    for form in ("json", "text"):
        world.faults.add({"kind": "json", "body": answer})
        done = call("run", "theta.ondemand.listServices", "--output", form)
        assert done.code == 0
        assert not set("\x1b\x07\u202e") & set(done.out + done.err)
        assert "owned" in done.out


def test_every_command_refuses_an_argument_nobody_knows(call: Call) -> None:
    for name in commands():
        done = call("run", name, "no_such_argument=1")
        assert (done.code, done.error["kind"]) == (2, "validation"), name
