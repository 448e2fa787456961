from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from tests.proofs import Prove
from theta_tui.sandbox.world import World

Start = Callable[..., Any]
Posts = Callable[[], list[str]]

PICTURE = ("run", "infer", "service=stable_diffusion_xl_turbo", 'input:={"prompt":"a lighthouse"}')
CONSOLE_READY = "Help"


def test_a_yes_typed_at_the_question_sends_the_request(terminal: Start, posts: Posts) -> None:
    program = terminal(*PICTURE)
    shown = program.until("Send it? [y/N]")
    assert "theta.ondemand.infer  [metered]" in shown
    assert "up to $0.01 (live catalogue)" in shown
    assert "a lighthouse" in shown
    assert posts() == []
    program.type("y\n")
    assert program.wait() == 0
    assert "state: success" in program.text
    assert posts() == ["/infer_request/stable_diffusion_xl_turbo"]


@pytest.mark.parametrize("answer", ["\n", "n\n", "maybe\n", "\x04"])
def test_anything_else_sends_nothing_and_exits_3(terminal: Start, posts: Posts, answer: str) -> None:
    program = terminal(*PICTURE)
    program.until("Send it? [y/N]")
    program.type(answer)
    assert program.wait() == 3
    assert "not applied (cancelled)" in program.text
    assert posts() == []


def test_destroying_wants_the_name_typed(terminal: Start, world: World, call: Callable[..., Any]) -> None:
    template = call("run", "theta.deployments.listStandard", "category=serving").json["templates"][0]["id"]
    words = (f"deployment_template_id={template}", "vm_id=vm_gt1", "name=demo-one")
    done = call("run", "theta.deployments.create", *words, "--yes")
    delete = ("run", "theta.deployments.delete", f"shard={done.json['Shard']}", f"suffix={done.json['Suffix']}")
    refused = terminal(*delete, "name=demo-one")
    refused.until("Type demo-one to confirm:")
    refused.type("y\n")
    assert (refused.wait(), len(world.deployments)) == (3, 1)
    agreed = terminal(*delete, "name=demo-one")
    agreed.until("Type demo-one to confirm:")
    agreed.type("demo-one\n")
    assert (agreed.wait(), len(world.deployments)) == (0, 0)


def test_ctrl_c_at_the_question_exits_130(terminal: Start, posts: Posts) -> None:
    program = terminal(*PICTURE)
    program.until("Send it? [y/N]")
    program.type("\x03")
    assert (program.wait(3), posts()) == (130, [])


def test_dry_run_asks_nothing_at_a_terminal(terminal: Start, posts: Posts) -> None:
    program = terminal(*PICTURE, THETA_DRY_RUN="1")
    assert (program.wait(), posts()) == (3, [])
    assert "DRY-RUN is on" in program.text
    assert "Send it?" not in program.text


def test_a_secret_is_asked_for_without_echo(terminal: Start) -> None:
    program = terminal("run", "theta.deployments.create", "vm_id=vm_gt1", "auth_password=-", "--dry-run")
    program.until("auth_password: ")
    program.type("planted-Secret-77\n")
    program.wait()
    assert "planted-Secret-77" not in program.text


def test_a_conversation_goes_on_line_by_line_after_one_allowance(terminal: Start, posts: Posts) -> None:
    program = terminal("chat")
    program.until("you> ")
    program.type("hi\n")
    program.until("[y/N/a]")
    program.type("a\n")
    program.until("Hello!")
    program.until("first token")
    program.type("hi again\n")
    program.seen.clear()
    program.until("first token")
    assert len(posts()) == 2
    program.type("\x04")
    assert program.wait() == 0


def test_the_console_leaves_the_terminal_as_it_found_it(terminal: Start, prove: Prove) -> None:
    program = terminal()
    program.until(CONSOLE_READY)
    program.until_quiet()
    program.type("\x11")
    assert program.wait() == 0
    program.is_restored()
    prove("I12", "Ctrl+Q")


def test_sigterm_ends_the_console_properly(terminal: Start, prove: Prove) -> None:
    program = terminal()
    program.until(CONSOLE_READY)
    program.until_quiet()
    os.kill(program.pid, signal.SIGTERM)
    assert program.wait(2) == 0
    program.is_restored()
    prove("I12", "SIGTERM")


def test_sigterm_while_the_skeleton_is_shown_puts_the_terminal_back(terminal: Start, prove: Prove) -> None:
    program = terminal()
    program.until("Starting…")
    os.kill(program.pid, signal.SIGTERM)
    assert program.wait(3) == 0
    program.is_restored()
    prove("I12", "SIGTERM at the skeleton")


@pytest.mark.parametrize("ignoring", [None, signal.SIGHUP])
def test_the_console_ends_within_two_seconds_of_its_terminal(terminal: Start, ignoring: int | None) -> None:
    program = terminal(ignoring=ignoring)
    program.until(CONSOLE_READY)
    program.until_quiet()
    program.hang_up()
    program.wait(2)


@pytest.mark.parametrize(
    "way", [(("4", "Readiness   "), ("x", "Dry run")), (("3", "Ask anything."), ("hello", "hello"), ("\r", "Dry run"))]
)
def test_a_review_that_waits_paints_nothing(terminal: Start, way: tuple[tuple[str, str], ...]) -> None:
    program = terminal("--demo", "--fresh")
    program.until("support-chat")
    for keys, words in way:
        program.type(keys)
        program.until(words)
    program.until_quiet()
    before = len(program.seen)
    assert not program._read(2.5), bytes(program.seen[before:])[:200]
