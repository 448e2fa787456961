"""Chats outlive their program: killed in the middle of an answer, and two consoles at once on one journal."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.faults.test_fault_sleep import ASLEEP_SECONDS, sleep
from tests.hostile.stage import Drawn
from tests.proofs import Prove
from theta_tui.sandbox import prose
from theta_tui.sandbox.utterance import tokens
from theta_tui.sandbox.world import World

Start = Callable[..., Any]
Posts = Callable[[], list[str]]
Rows = Callable[[str], list[tuple[Any, ...]]]

LONG = "compare cats and dogs in detail"
SAID = prose.say([{"role": "user", "content": LONG}], "qwen3")
EARLY, LATE = "directions", "latency"
"""Two words of that answer; at the model's own pace the second comes more than a second after the first."""


@pytest.fixture
def rows(environment: Mapping[str, str]) -> Rows:
    """Read the journal from outside."""

    def read(query: str) -> list[tuple[Any, ...]]:
        path = Path(environment["THETA_TUI_HOME"]) / "data" / "journal.sqlite3"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as journal:
            return journal.execute(query).fetchall()

    return read


class Desk:
    """A console at its chat, on a terminal of its own."""

    def __init__(self, start: Start) -> None:
        self.program = start()
        self.stage = Drawn(self.program, 100, 30)
        self.stage.until("Help")
        self.stage.press("3")
        self.stage.until("ctrl+n New")

    def ask(self, question: str) -> None:
        """Write a question, send it, and say yes as soon as a yes is taken."""
        self.stage.press("\x15")
        self.stage.settle()
        self.stage.press(question)
        self.stage.until(f"❯ {question}")
        self.stage.press("\r")
        self.stage.until("Review ·")
        while "Review ·" in self.stage.shown:
            self.stage.press("y")
            self.stage.react()

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        os.kill(self.program.pid, signal.SIGKILL)
        assert self.program.wait() == -signal.SIGKILL

    def quit(self) -> None:
        """End it as a person does."""
        self.stage.press("\x11")
        assert self.program.wait() == 0


def is_kept_and_counted(rows: Rows, posts: Posts, world: World) -> None:
    """All but the last second is stored as it came, and the question was sent once.

    The worst case counts, until the cloud's own list tells what it came to.
    """
    (((text, state),)) = rows("SELECT text, state FROM messages WHERE role = 'assistant'")
    assert state == "cut"
    assert EARLY in text
    assert SAID.startswith(text)
    ((row, cost, worst),) = rows("SELECT state, cost_usd, worst_usd FROM intents")
    if row == "reconciled":
        assert Decimal(cost) == world.charged_cents / 100
    else:
        assert (row in ("sent", "uncertain"), cost, float(worst) > 0) == (True, None, True), row
    assert len(posts()) == 1


def test_a_console_that_slept_while_it_streamed_shows_the_whole_answer(
    terminal: Start, world: World, rows: Rows, posts: Posts, prove: Prove
) -> None:
    world.pace = 1
    desk = Desk(terminal)
    desk.ask(LONG)
    desk.stage.until(EARLY)
    sleep(desk.program.pid, ASLEEP_SECONDS)
    world.pace = 0.01
    desk.stage.until("The answer reached max_tokens")
    desk.quit()
    assert rows("SELECT text, state FROM messages WHERE role = 'assistant'") == [
        ("".join(tokens(SAID)[:500]), "complete")
    ]
    assert rows("SELECT state FROM intents") == [("confirmed",)]
    assert len(posts()) == 1
    prove("F44", "the console in the middle of an answer")


def test_a_console_killed_while_it_streams_keeps_what_came(
    terminal: Start, world: World, rows: Rows, posts: Posts
) -> None:
    assert len(tokens(SAID[SAID.index(EARLY) : SAID.index(LATE)])) > 50
    world.pace = 1
    desk = Desk(terminal)
    desk.ask(LONG)
    desk.stage.until(LATE)
    desk.kill()
    assert rows("SELECT state, cost_usd FROM intents") == [("sent", None)]
    again = Desk(terminal)
    again.stage.until("cut: the console ended before the answer did")
    assert f"┃ {LONG}" in again.stage.shown
    assert EARLY in again.stage.shown
    again.stage.settle()
    again.quit()
    is_kept_and_counted(rows, posts, world)


def test_a_conversation_in_lines_killed_while_it_streams_keeps_what_came(
    terminal: Start, world: World, rows: Rows, posts: Posts
) -> None:
    world.pace = 1
    talk = terminal("chat", "--yes")
    talk.until("you> ")
    talk.type(f"{LONG}\n")
    talk.until(LATE)
    os.kill(talk.pid, signal.SIGKILL)
    assert talk.wait() == -signal.SIGKILL
    again = terminal("chat", "--continue")
    again.until("you> ")
    again.type(":show\n")
    again.until(EARLY)
    again.until("(cut)")
    again.type(":quit\n")
    assert again.wait() == 0
    is_kept_and_counted(rows, posts, world)


def test_two_consoles_chat_at_once_and_lose_nothing(terminal: Start, world: World, rows: Rows, posts: Posts) -> None:
    world.faults.add({"kind": "stall_stream", "chunks": 5, "seconds": 8, "times": None})  # so that they overlap
    one, other = Desk(terminal), Desk(terminal)
    _ask_at_once((one, "first cats"), (other, "second dogs"))
    _open_the_chat_about(other, "first cats", not_about="second dogs")
    _ask_at_once((one, "third from one"), (other, "third from other"))
    for desk in (one, other):
        assert "not kept" not in desk.stage.shown
        assert "journal" not in desk.stage.shown
        desk.quit()
    assert len(posts()) == 4
    ends = rows("SELECT created, changed, state FROM intents ORDER BY id")
    for (begun, ended, _), (begun_too, ended_too, _) in (ends[:2], ends[2:]):
        assert begun < ended_too
        assert begun_too < ended
    assert [state for _, _, state in ends] == ["confirmed"] * 4
    stored = rows("SELECT chat_id, role, count(*) FROM messages WHERE state = 'complete' GROUP BY chat_id, role")
    assert sorted(stored) == [(1, "assistant", 3), (1, "user", 3), (2, "assistant", 1), (2, "user", 1)]
    again = Desk(terminal)
    again.stage.until("2/2")
    seen = again.stage.shown
    again.stage.press("\x1b")
    again.stage.settle()
    again.stage.press("<")
    again.stage.until("1/2")
    seen += again.stage.shown
    again.quit()
    for question in ("first cats", "third from one", "third from other"):
        assert f"┃ {question}" in seen


def _ask_at_once(*asked: tuple[Desk, str]) -> None:
    for desk, question in asked:
        desk.ask(question)
    for desk, question in asked:
        desk.stage.until(lambda desk=desk, q=question: "to first token" in desk.stage.shown.rpartition(f"┃ {q}")[2])


def _open_the_chat_about(desk: Desk, words: str, *, not_about: str) -> None:
    stage = desk.stage
    stage.press("\x0c")
    stage.until(words)
    stage.press("/")
    stage.settle()
    stage.press(words)
    stage.until(lambda: not_about not in stage.shown.split("TITLE")[-1])
    stage.press("\r")
    stage.settle()
    stage.press("\r")
    stage.until(f"┃ {words}")
