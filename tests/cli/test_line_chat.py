"""A conversation in plain lines, at a terminal and through a pipe, in the same store as the console's chats."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.terminal import command_line, whole_environment
from theta_tui.sandbox.world import World

Call = Callable[..., Any]
Posts = Callable[[], list[str]]
Start = Callable[..., Any]


@pytest.fixture
def rows(environment: dict[str, str]) -> Callable[[str], list[tuple[Any, ...]]]:
    """Read the journal."""

    def read(query: str) -> list[tuple[Any, ...]]:
        path = Path(environment["THETA_TUI_HOME"]) / "data" / "journal.sqlite3"
        with closing(sqlite3.connect(path)) as journal:
            return journal.execute(query).fetchall()

    return read


def said(world: World) -> list[list[dict[str, Any]]]:
    """What the cloud was told, question by question."""
    bodies = [json.loads(one.body) for one in world.calls if one.method == "POST"]
    return [body.get("messages") or body["input"]["messages"] for body in bodies]


# Through a pipe


def test_lines_of_a_pipe_are_one_conversation_in_one_chat(program: Call, world: World, rows: Any) -> None:
    done = program("chat", "--lines", "--yes", stdin="hi\n\nand why\n")
    assert (done.code, done.out.count("\n")) == (0, 2)
    assert [message["content"] for message in said(world)[1]] == ["hi", done.out.split("\n")[0], "and why"]
    messages = rows("SELECT id, parent_id, role, state FROM messages ORDER BY id")
    assert [row[2] for row in messages] == ["user", "assistant"] * 2
    assert [row[1] for row in messages] == [None, 1, 2, 3]
    assert rows("SELECT title, service FROM chats") == [("hi", "qwen3")]


def test_lines_as_json_are_a_line_for_each_answer(program: Call) -> None:
    done = program("chat", "--lines", "--yes", "--output", "json", stdin="hi\nand why")
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert [answer["complete"] for answer in answers] == [True, True]


def test_without_a_yes_the_first_line_is_previewed_and_nothing_is_kept(program: Call, posts: Posts, rows: Any) -> None:
    done = program("chat", "--lines", stdin="hi\nand why\n")
    assert (done.code, done.json["reason"], posts()) == (3, "preview", [])
    assert rows("SELECT count(*) FROM chats") == [(0,)]


def test_max_usd_is_for_the_whole_conversation(program: Call, posts: Posts, rows: Any) -> None:
    worst = program("chat", "hi", "--dry-run").json["cost"]["usd_estimate"]
    done = program("chat", "--lines", "--yes", "--max-usd", f"{worst * 1.01:.8f}", stdin="hi\nhi again\n")
    assert (done.code, len(posts())) == (3, 1)
    assert "more than the" in done.err
    assert rows("SELECT count(*) FROM messages") == [(2,)]


def test_a_failed_line_is_told_and_the_next_one_is_asked(program: Call, world: World, rows: Any) -> None:
    world.faults.add(
        {"kind": "status", "status": 400, "body": {"error": {"message": "no"}}, "match": {"method": "POST"}}
    )
    done = program("chat", "--lines", "--yes", stdin="the bad one\nhi\n")
    assert done.code == 1
    assert "answered 400: no" in done.err
    assert done.out.startswith("Hello!")
    assert [message["content"] for message in said(world)[1]] == ["hi"]
    assert [row[0] for row in rows("SELECT state FROM messages WHERE role = 'assistant'")] == ["failed", "complete"]


def test_a_slow_writer_is_answered_line_by_line(environment: dict[str, str], tmp_path: Path) -> None:
    process = subprocess.Popen(
        command_line(("chat", "--lines", "--yes"), None),
        env=whole_environment(environment, tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        for question in ("hi\n", "and why\n"):
            process.stdin.write(question)
            process.stdin.flush()
            assert process.stdout.readline().strip()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130


def test_system_prompt_model_and_file_go_with_the_question(call: Call, world: World, tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text("Foxes ```are``` red.\n")
    done = call("chat", "sum up", "--model", "gpt_oss_120b", "--system", "Be brief.", "--file", str(notes), "--yes")
    assert done.code == 0
    system, question = said(world)[0]
    assert system == {"role": "system", "content": "Be brief."}
    assert question["content"] == "sum up\n\nnotes.md:\n````\nFoxes ```are``` red.\n````"


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\xff\xfe", "neither text"), (b"a\0b", "neither text"), (b"x" * 200_001, "a text may have 200,000")],
)
def test_a_file_that_is_no_text_is_refused_before_anything_is_asked(
    call: Call, posts: Posts, tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "some.bin"
    file.write_bytes(content)
    done = call("chat", "hi", "--file", str(file), "--yes")
    assert (done.code, posts()) == (2, [])
    assert words in done.err


def test_a_conversation_goes_on_where_it_was_left(call: Call, program: Call, world: World) -> None:
    call("chat", "about foxes", "--model", "glm_5_3", "--system", "Be brief.", "--yes")
    call("chat", "about bears", "--yes")
    call("chat", "and cubs", "--continue", "--yes")
    program("chat", "--lines", "--chat", "1", "--yes", stdin="and tails\n")
    bears, foxes = said(world)[2:]
    assert [message["content"] for message in bears if message["role"] == "user"] == ["about bears", "and cubs"]
    assert [message["role"] for message in foxes] == ["system", "user", "assistant", "user"]
    assert world.calls[-1].path == "/infer_request/chat/completions"
    assert call("chat", "hi", "--chat", "77").code == 2


def test_commands_work_in_a_pipe_and_speak_on_stderr(program: Call, world: World, tmp_path: Path, rows: Any) -> None:
    lines = [
        ":system Be brief.",
        ":params max_tokens=640 temperature=0.2",
        "hi",
        ":retry gpt_oss_120b",
        ":edit hi, who are you",
        "::not a command",
        f":save md {tmp_path / 'chat.md'}",
        f":save json {tmp_path / 'chat.json'}",
        ":cost",
        ":list",
        ":search who are you",
        ":search neverSaid",
        ":model",
        ":new",
        "hi",
        ":chat 1",
        ":show",
    ]
    done = program("chat", "--lines", "--yes", stdin="\n".join(lines))
    assert done.code == 0
    asked = said(world)
    assert [messages[-1]["content"] for messages in asked] == ["hi", "hi", "hi, who are you", ":not a command", "hi"]
    assert all(messages[0] == {"role": "system", "content": "Be brief."} for messages in asked)
    assert world.calls[-1].path == "/infer_request/chat/completions"
    branches = rows("SELECT role, parent_id FROM messages WHERE chat_id = 1 ORDER BY id")
    assert branches[:5] == [("user", None), ("assistant", 1), ("assistant", 1), ("user", None), ("assistant", 4)]
    exported = json.loads((tmp_path / "chat.json").read_text())
    assert [message["role"] for message in exported["messages"]] == [role for role, _ in branches]
    assert float(exported["messages"][1]["cost_usd"]) > 0
    markdown = (tmp_path / "chat.md").read_text()
    assert markdown.startswith("# hi\n\n**You**\n\nhi, who are you\n\n**gpt_oss_120b · ")
    assert (tmp_path / "chat.md").stat().st_mode & 0o777 == 0o600
    for words in (
        "Today: $0.00",
        "1, ",
        "gpt_oss_120b: hi",
        "where it says: hi, who are you",
        "Nothing is said of 'neverSaid'",
        "per million tokens",
    ):
        assert words in done.err
    assert "You: hi, who are you\n" in done.out


def test_what_cannot_be_done_is_one_line_with_what_would_be_right(program: Call, posts: Posts) -> None:
    lines = [":parms", ":params temperature=9", ":params colour=red", ":model a/b/c", ":chat x", ":save pdf /tmp/x"]
    done = program("chat", "--lines", "--yes", stdin="\n".join([*lines, ":retry"]))
    assert (done.code, posts()) == (2, [])
    told = [line for line in done.err.splitlines() if line.startswith("theta-tui: validation: ")]
    assert len(told) == len(lines) + 1
    for words in ("Did you mean :params?", "from 0 to 2", "names are temperature", "names nobody", ":list", "md FILE"):
        assert words in done.err


def test_a_free_machine_and_an_agent_are_talked_to_by_name(program: Call, world: World) -> None:
    done = program("chat", "--lines", "--yes", "--model", "deployment/nobody", stdin="hi\n:model endpoint\nhi\n")
    assert done.code == 1
    assert "No deployment 'nobody'" in done.err
    assert "THETA_INFERENCE_ENDPOINT" in done.err


# At a terminal


def test_ctrl_c_stops_an_answer_keeps_its_part_and_the_conversation(terminal: Start, world: World, rows: Any) -> None:
    world.faults.add({"kind": "stall_stream", "chunks": 12})
    talk = terminal("chat")
    talk.until("you> ")
    talk.type("write a python script\n")
    talk.until("[y/N/a]")
    talk.type("a\n")
    talk.until("small")
    talk.type("\x03")
    talk.until("Stopped; what came is kept.")
    ((text, state),) = rows("SELECT text, state FROM messages WHERE role = 'assistant'")
    assert "small" in text
    assert state == "stopped"
    talk.seen.clear()
    talk.type("hi\n")
    talk.until("first token")
    talk.seen.clear()
    talk.type("\x03")
    talk.until("Ctrl-C again leaves")
    talk.until("you> ")
    talk.type("\x03")
    assert talk.wait() == 130
    assert [message["content"] for message in said(world)[1]][1] == text


def test_several_lines_pasted_at_once_are_one_message(terminal: Start, world: World) -> None:
    talk = terminal("chat", "--yes")
    talk.until("you> ")
    talk.type("one\ntwo\nthree\n")
    talk.until("first token")
    talk.type(":quit\n")
    assert talk.wait() == 0
    assert said(world)[0][-1]["content"] == "one\ntwo\nthree"


def test_an_answer_moves_no_cursor_and_says_what_is_reasoning(terminal: Start) -> None:
    talk = terminal("chat", "--yes", "--model", "gpt_oss_120b")
    talk.until("you> ")
    talk.type("hi\n")
    talk.until("first token")
    assert "\x1b" not in talk.text
    assert talk.text.index("Thinking:") < talk.text.index("Answer:") < talk.text.index("Hello!")
    talk.type(":edit\n")
    talk.until("edit> ")
    talk.type("hello\n")
    talk.until("Hello! I am gpt_oss_120b, simulated by the theta-tui sandbox.")
    os.kill(talk.pid, signal.SIGTERM)
    assert talk.wait(5) == 143


def test_a_refused_question_leaves_no_trace_and_asks_again(terminal: Start, posts: Posts, rows: Any) -> None:
    talk = terminal("chat")
    talk.until("you> ")
    talk.type("hi\n")
    talk.until("[y/N/a]")
    talk.type("n\n")
    talk.until("not applied (cancelled)")
    talk.until("you> ", times=2)
    talk.type("hi\n")
    talk.until("[y/N/a]", times=2)
    talk.type("\x03")
    talk.until("Stopped.")
    talk.type(":quit\n")
    assert (talk.wait(), posts()) == (0, [])
    assert rows("SELECT count(*) FROM messages") == [(0,)]


def test_ctrl_c_before_the_review_leaves_no_trace_of_the_question(
    terminal: Start, world: World, posts: Posts, rows: Any
) -> None:
    world.faults.add({"kind": "hang", "match": {"method": "GET"}})
    talk = terminal("chat")
    talk.until("you> ")
    talk.type("hi\n")
    talk.until_so(lambda: any(call.method == "GET" for call in world.calls), "no price was asked for")
    talk.type("\x03")
    talk.until("Stopped.")
    talk.type(":quit\n")
    assert (talk.wait(), posts()) == (0, [])
    assert rows("SELECT count(*) FROM messages") == [(0,)]


def test_a_busy_model_names_the_next_of_the_list(terminal: Start, world: World, environment: dict[str, str]) -> None:
    settings = Path(environment["THETA_TUI_HOME"]) / "config"
    settings.mkdir(parents=True)
    (settings / "settings.toml").write_text('chat_fallbacks = ["gpt_oss_120b"]\n')
    busy = {"status": "error", "message": "No instances available"}
    world.faults.add({"kind": "status", "status": 409, "body": busy, "match": {"method": "POST"}})
    talk = terminal("chat", "--yes")
    talk.until("you> ")
    talk.type("hi\n")
    talk.until(":retry gpt_oss_120b asks gpt_oss_120b instead")
    talk.type(":retry gpt_oss_120b\n")
    talk.until("Hello! I am gpt_oss_120b")
    talk.type("\x04")
    assert talk.wait() == 0
