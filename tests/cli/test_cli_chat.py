from __future__ import annotations

import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from theta_tui.sandbox.world import World

Call = Callable[..., Any]


def test_a_question_streams_its_answer_to_stdout_and_the_rest_to_stderr(call: Call) -> None:
    done = call("chat", "hi", "--yes")
    assert done.code == 0
    assert done.out.startswith("Hello!")
    assert done.out.endswith("\n")
    assert "first token" in done.err
    assert "$" in done.err


def test_a_question_comes_from_a_pipe(call: Call) -> None:
    assert call("chat", "--yes", stdin="hi\n").out.startswith("Hello!")


def test_the_answer_as_json_is_the_final_object(call: Call) -> None:
    done = call("chat", "hi", "--yes", "--output", "json")
    assert (done.json["complete"], done.json["service"]) == (True, "qwen3")


def test_without_a_yes_nothing_is_asked_and_nothing_is_spent(call: Call, posts: Callable[[], list[str]]) -> None:
    done = call("chat", "hi")
    assert (done.code, done.json["reason"], posts()) == (3, "preview", [])


def test_a_cut_answer_keeps_its_text_and_is_no_success(call: Call, world: World) -> None:
    world.faults.add({"kind": "cut_stream"})
    done = call("chat", "Tell me a story", "--yes")
    assert done.code == 1
    assert done.out.strip()
    assert "incomplete" in done.err


def test_an_empty_answer_is_an_error(call: Call, world: World) -> None:
    world.faults.add({"kind": "null_output"})
    done = call("chat", "hi", "--yes")
    assert (done.code, done.out.strip()) == (1, "")
    assert "empty_output" in done.err


def test_question_and_answer_are_kept_in_the_journal(call: Call, environment: dict[str, str]) -> None:
    call("chat", "hi", "--yes")
    path = Path(environment["THETA_TUI_HOME"]) / "data" / "journal.sqlite3"
    with closing(sqlite3.connect(path)) as journal:
        rows = journal.execute("SELECT role, text, state FROM messages ORDER BY id").fetchall()
    assert [row[0] for row in rows] == ["user", "assistant"]
    assert rows[0][1] == "hi"
    assert rows[1][2] == "complete"


def test_another_model_is_taken_when_named(call: Call) -> None:
    assert (
        call("chat", "hi", "--service", "gpt_oss_120b", "--yes", "--output", "json").json["service"] == "gpt_oss_120b"
    )


def test_a_terminal_is_never_moved_by_an_answer(call: Call, world: World) -> None:
    chunk = {"choices": [{"message": {"content": "\x1b[2Jboo"}, "finish_reason": "stop"}]}
    world.faults.add({"kind": "json", "body": chunk, "match": {"method": "POST"}})
    done = call("chat", "hi", "--yes")
    assert "boo" in done.out
    assert "\x1b" not in done.out + done.err


def test_a_stopped_answer_keeps_what_has_arrived(
    background: Callable[..., Any], environment: dict[str, str], world: World
) -> None:
    world.faults.add({"kind": "stall_stream"})
    process = background("chat", "Tell me a story", "--yes")
    assert process.stdout.read(5)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130
    path = Path(environment["THETA_TUI_HOME"]) / "data" / "journal.sqlite3"
    with closing(sqlite3.connect(path)) as journal:
        role, text, state = journal.execute("SELECT role, text, state FROM messages ORDER BY id DESC").fetchone()
    assert (role, bool(text), state) == ("assistant", True, "cut")
