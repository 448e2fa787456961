"""A create is killed after it was sent; the next start finds it again, in the console and on the command line."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.terminal import command_line, on_a_terminal, whole_environment
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.templates import STANDARD_TEMPLATES
from theta_tui.sandbox.world import World

POST = {"method": "POST", "path": "^/deployment$"}


@pytest.fixture
def environment(sandbox: SandboxServer, tmp_path: Path) -> dict[str, str]:
    variables = {**sandbox.environment(), "THETA_TUI_HOME": str(tmp_path / "home")}
    return whole_environment(variables, tmp_path)


@pytest.fixture
def lost(environment: dict[str, str], world: World) -> Iterator[Callable[[], None]]:
    """Begin a create in a process of its own, and kill that when the cloud has made it but not answered."""
    world.faults.add({"kind": "hang", "after": True, "match": POST, "seconds": 30})

    def act() -> None:
        given = (f"deployment_template_id={STANDARD_TEMPLATES[0].id}", "vm_id=vm_gt1", "name=lost-one")
        words = ("run", "theta.deployments.create", *given, "--yes")
        with subprocess.Popen(command_line(words, None), env=environment) as process:
            end = time.monotonic() + 30
            while world.counts["creates"] == 0 and time.monotonic() < end:
                time.sleep(0.01)
            process.kill()
        world.faults.clear()
        assert world.counts["creates"] == 1

    yield act
    assert world.counts["creates"] == 1  # nothing was sent again


def run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command_line(words, None), env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_command_line_says_so_and_settles_it_by_a_command(
    lost: Callable[[], None], environment: dict[str, str], prove: Any
) -> None:
    lost()
    hint = run(environment, "run", "theta.health")
    assert "One earlier change has no known outcome" in hint.stderr
    assert "theta.cleanup.reconcile" in hint.stderr
    told = run(environment, "doctor", "--output", "text").stdout
    assert "Create the deployment lost-one" in told
    found = json.loads(run(environment, "run", "theta.cleanup.reconcile", "--output", "json").stdout)
    [seen] = found["settled"]
    assert (seen["outcome"], seen["words"]) == ("happened", "lost-one is in the list: it was made.")
    assert run(environment, "run", "theta.health").stderr == ""
    prove("F39", "theta.deployments.create")
    prove("I1", "theta.deployments.create")


def test_the_console_finds_it_by_itself(lost: Callable[[], None], environment: dict[str, str], prove: Any) -> None:
    lost()
    terminal = on_a_terminal(command_line((), None), environment, size=(140, 40))
    try:
        terminal.until("it was made")
        terminal.type("0")
        terminal.until("settled")
        terminal.type("\x11")
        assert terminal.wait() == 0
    finally:
        terminal.end()
    prove("F39", "console")
