from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from theta_tui.cli import main
from theta_tui.headless.json_query import Query
from theta_tui.headless.output import records_of
from theta_tui.registry import commands
from theta_tui.sandbox.world import World

Call = Callable[..., Any]
Posts = Callable[[], list[str]]

PATIENCE_SECONDS = 20.0
CHAT = ("run", "theta.ondemand.chat", 'messages:=[{"role":"user","content":"hi"}]')
PICTURE = ("run", "theta.ondemand.infer", "service=stable_diffusion_xl_turbo", 'input:={"prompt": "a lighthouse"}')

BAD_QUERIES = {
    "unfinished": ("services[", "not a JMESPath expression"),
    "empty": ("", "not a JMESPath expression"),
    "unknown function": ("nope(@)", "no function nope()"),
    "too few arguments": ("services[].join(alias)", "join() takes 2 arguments, not 1"),
    "nested": ("(" * 3000, "nested too deeply"),
    "long": ("a" * 5000, "longer than"),
    "control characters": ("\x1b[2J", "not a JMESPath expression"),
}


def lines_of(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_json_lines_of_a_listing_are_its_records_one_each(call: Call) -> None:
    whole = call("run", "list_services").json
    done = call("run", "list_services", "--output", "jsonl")
    assert (done.code, lines_of(done.out)) == (0, whole["services"])


def test_json_lines_of_one_object_are_one_line(call: Call) -> None:
    done = call("run", "theta.billing.balance", "--output", "jsonl")
    assert lines_of(done.out) == [call("run", "theta.billing.balance").json]


def test_json_lines_of_the_commands_are_one_each(call: Call) -> None:
    rows = lines_of(call("commands", "--output", "jsonl").out)
    assert [row["name"] for row in rows] == list(commands())


def test_an_empty_listing_has_no_lines(call: Call) -> None:
    done = call("run", "theta.deployments.list", "--output", "jsonl")
    assert (done.code, done.out) == (0, "")


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        ([1, "a"], [1, "a"]),
        ({"rows": [{"a": 1}, {"a": 2}], "total": 2}, [{"a": 1}, {"a": 2}]),
        ({"rows": [], "total": 0}, []),
        ({"id": "x", "tags": []}, [{"id": "x", "tags": []}]),
        ({"id": "x", "tags": ["a"]}, [{"id": "x", "tags": ["a"]}]),
        ({"a": [{"b": 1}], "c": [{"d": 1}]}, [{"a": [{"b": 1}], "c": [{"d": 1}]}]),
        ("text", ["text"]),
        (None, [None]),
    ],
)
def test_only_what_is_a_list_of_records_is_taken_apart(value: object, lines: list[object]) -> None:
    assert list(records_of(value)) == lines


def test_a_stream_as_json_lines_is_its_pieces_and_then_the_whole_answer(call: Call) -> None:
    done = call(*CHAT, "--yes", "--output", "jsonl")
    *events, answer = lines_of(done.out)
    assert done.code == 0
    assert len(events) > 1
    assert "".join(event["text"] for event in events if event["kind"] == "text") == answer["text"]
    assert answer["complete"] is True


def test_each_piece_of_a_stream_is_written_as_a_whole_line_of_its_own(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []

    class Watched(io.StringIO):
        def write(self, text: str) -> int:
            written.append(text)
            return super().write(text)

    monkeypatch.setattr(sys, "stdout", Watched())
    assert main([*CHAT, "--yes", "--output", "jsonl"], environment) == 0
    assert len(written) > 2
    assert all(text.endswith("\n") and text.count("\n") == 1 for text in written)


def test_a_cut_stream_as_json_lines_ends_with_what_arrived_and_exit_1(call: Call, world: World) -> None:
    world.faults.add({"kind": "cut_stream"})
    done = call("run", "theta.ondemand.chat", 'messages:=[{"role":"user","content":"Tell me a story"}]',
                "--yes", "--output", "jsonl")  # fmt: skip
    *events, answer = lines_of(done.out)
    assert (done.code, answer["complete"]) == (1, False)
    assert "".join(event["text"] for event in events if event["kind"] == "text") == answer["text"] != ""


def test_a_stream_that_is_not_sent_prints_its_preview(call: Call, posts: Posts) -> None:
    done = call(*CHAT, "--output", "jsonl")
    assert (done.code, done.json["reason"], posts()) == (3, "preview", [])


def test_errors_are_json_where_json_lines_are_asked_for(call: Call) -> None:
    assert call("run", "theta.helth", "--output", "jsonl").error["kind"] == "validation"


def test_a_query_selects_what_is_printed(call: Call) -> None:
    aliases = [one["alias"] for one in call("run", "list_services").json["services"]]
    assert call("run", "list_services", "--query", "services[].alias").json == aliases
    lines = call("run", "list_services", "--query", "services[].alias", "--output", "jsonl").out
    assert lines_of(lines) == aliases
    assert call("commands", "--query", "[0].name").json == next(iter(commands()))


def test_a_query_keeps_every_digit_of_an_amount_and_sums_exactly(call: Call) -> None:
    assert call("run", "theta.billing.balance", "--query", "usd").out == "34.21300894\n"
    rows = {"rows": [{"usd": Decimal("0.10"), "n": "a"}, {"usd": Decimal("0.20"), "n": "b"}]}
    assert Query("sum(rows[].usd)").of(rows) == Decimal("0.30")
    assert Query("rows[?usd >= `0.2`].n").of(rows) == ["b"]
    assert Query("sort_by(rows, &usd)[-1].n").of(rows) == "b"


@pytest.mark.parametrize("name", BAD_QUERIES)
def test_a_bad_query_is_one_line_and_found_before_anything_is_sent(call: Call, world: World, name: str) -> None:
    expression, expected = BAD_QUERIES[name]
    done = call(*PICTURE, "--yes", "--query", expression)
    assert (done.code, done.out, world.calls) == (2, "", [])
    assert done.error["kind"] == "validation"
    assert expected in done.error["message"]
    assert "\x1b" not in done.err
    text = call(*PICTURE, "--yes", "--output", "text", "--query", expression).err
    assert len(text.splitlines()) == 2


def test_a_query_that_does_not_fit_prints_the_whole_result_and_says_so(call: Call) -> None:
    done = call("run", "theta.billing.balance", "--query", "sum(usd)")
    assert (done.code, done.json["usd"]) == (1, 34.21300894)
    assert "--query does not fit" in done.error["message"]
    assert "do not simply repeat" in done.error["hint"]


def test_no_query_gets_at_a_secret(call: Call, world: World, environment: dict[str, str]) -> None:
    token = environment["THETA_ONDEMAND_API_TOKEN"]
    planted = {"alias": f"x {token} y", "auth_password": "planted-77", "id": "srvc_1"}
    expressions = ("services[0].auth_password", "services[0].alias", "to_string(@)", "services[0].values(@)", "*[]",
                   "services[].*", "reverse(services[0].auth_password)", "reverse(services[0].alias)")  # fmt: skip
    for expression in expressions:
        world.faults.add({"kind": "json", "body": {"status": "success", "body": {"services": [planted]}}})
        done = call("run", "theta.ondemand.listServices", "--query", expression)
        assert done.code == 0, done.err
        for secret in (token, token[::-1], "planted-77", "77-detnalp"):
            assert secret not in done.out + done.err, expression
    preview = call(*PICTURE, "--query", "requests[0].headers").json
    assert preview["requests"][0]["headers"]["Authorization"] == "[redacted]"


def test_the_log_tells_what_was_shown_what_was_decided_and_what_was_sent(call: Call, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    call("--log", str(log), *PICTURE, "--yes")
    lines = lines_of(log.read_text())
    assert [line["kind"] for line in lines] == ["attempt", "review", "decision", "attempt"]
    _, review, decision, sent = lines
    for line in (review, decision):
        assert (line["command"], line["effect"]) == ("theta.ondemand.infer", "metered")
    assert review["cost"]["usd"] == review["cost"]["worst_usd"] == decision["cost"] > 0
    assert decision["reason"] == "confirm"
    assert sent["method"] == "POST"


@pytest.mark.parametrize(
    ("words", "variables", "reason"),
    [
        ((), {}, "preview"),
        (("--dry-run",), {}, "dry_run"),
        (("--yes",), {"THETA_DRY_RUN": "1"}, "dry_run"),
        (("--yes", "--read-only"), {}, "read_only"),
        (("--yes", "--max-usd", "0.000001"), {}, "budget"),
    ],
)
def test_the_log_tells_why_nothing_was_sent(
    call: Call, tmp_path: Path, words: tuple[str, ...], variables: dict[str, str], reason: str
) -> None:
    log = tmp_path / "log.jsonl"
    done = call("--log", str(log), *PICTURE, *words, **variables)
    decisions = [line["reason"] for line in lines_of(log.read_text()) if line["kind"] == "decision"]
    assert (done.code, done.json["reason"], decisions) == (3, reason, [reason])


def test_the_log_tells_each_wait_before_a_change_is_sent_again(
    call: Call, world: World, environment: dict[str, str], tmp_path: Path
) -> None:
    log, token = tmp_path / "log.jsonl", environment["THETA_ONDEMAND_API_TOKEN"]
    body = {"status": "error", "message": f"slow down, Bearer {token}"}
    world.faults.add({"kind": "status", "status": 429, "body": body, "match": {"method": "POST"}})
    done = call("--log", str(log), *PICTURE, "--yes", THETA_HTTP_MAX_RETRIES="1")
    waits = [line for line in lines_of(log.read_text()) if line["kind"] == "wait"]
    assert (done.code, len(waits)) == (0, 1)
    assert (waits[0]["command"], waits[0]["error"]) == ("theta.ondemand.infer", "rate_limit")
    assert (waits[0]["attempt"], waits[0]["attempts"]) == (1, 2)
    assert token not in log.read_text()


def test_the_log_of_a_chat_has_its_review_too(call: Call, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    assert call("chat", "hi", "--yes", "--log", str(log)).code == 0
    assert {"review", "decision", "attempt"} == {line["kind"] for line in lines_of(log.read_text())}


def test_the_query_library_is_loaded_only_when_a_query_is_asked_for() -> None:
    look = "import sys, theta_tui.headless.running, theta_tui.headless.command_list; print('jmespath' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "False\n"


def test_a_pipe_that_closes_early_ends_a_stream_of_lines_with_141(background: Call, posts: Posts) -> None:
    process = background(*CHAT, "--yes", "--output", "jsonl")
    process.stdout.close()
    assert process.wait(PATIENCE_SECONDS) == 141
    assert len(posts()) == 1


@pytest.mark.parametrize(("typed", "code", "reason"), [("y\n", 0, "confirm"), ("n\n", 3, "cancelled")])
def test_the_log_tells_what_a_person_answered(
    terminal: Call, tmp_path: Path, typed: str, code: int, reason: str
) -> None:
    log = tmp_path / "log.jsonl"
    program = terminal("--log", str(log), *PICTURE)
    program.until("Send it? [y/N]")
    assert [line["kind"] for line in lines_of(log.read_text())] == ["attempt", "review"]
    program.type(typed)
    assert program.wait() == code
    decisions = [line["reason"] for line in lines_of(log.read_text()) if line["kind"] == "decision"]
    assert decisions == [reason]
    assert '"applied"' not in program.text
