"""Law 4: every command has a name, help, described fields with examples, and a sandbox route that answers them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.stack import Person
from theta_tui.command import Command
from theta_tui.errors import ThetaError
from theta_tui.registry import aliases, commands

from .conftest import Bench, MakeBench

EVERY = list(commands().values())
LOCAL = {"theta.setup"}
"""Commands that tell of this machine and ask no cloud."""
NAME = re.compile(r"theta(\.[a-z][A-Za-z]*)+")


@pytest.mark.parametrize("command", EVERY, ids=lambda command: command.name)
def test_a_command_explains_itself(command: Command) -> None:
    assert NAME.fullmatch(command.name)
    assert re.fullmatch(r"[A-Z][^\n]*[^.]\.", command.help), command.help
    for name, field in command.params.model_fields.items():
        assert field.description, f"{command.name} {name} is not described"
        assert field.examples is not None or field.annotation is bool or "bool" in str(field.annotation), (
            f"{command.name} {name} has no example"
        )


@pytest.mark.parametrize("command", EVERY, ids=lambda command: command.name)
def test_a_commands_examples_fit_its_own_params(command: Command) -> None:
    fields = command.params.model_fields
    example = {name: field.examples[0] for name, field in fields.items() if field.examples}
    parsed = command.parse(example)
    assert command.parse(parsed) is parsed


def test_the_names_of_the_original_skill_are_known() -> None:
    expected = {"list_services", "infer", "get_request_status", "get_upload_url"}
    assert expected <= aliases().keys()
    assert {aliases()[name] for name in expected} <= commands().keys()


async def _make_ready(bench: Bench, command: Command) -> None:
    """Bring the world into the state that the command's example speaks of."""

    async def submit(name: str) -> Any:
        return await bench.session.submit(name, bench.arguments(commands()[name]), reviewer=Person())

    if "request_id" in command.params.model_fields:
        bench.known["request_id"] = (await submit("theta.ondemand.infer")).value.id
    if command.name == "theta.deployments.start":
        await submit("theta.deployments.stop")


async def test_the_sandbox_has_a_route_for_every_command(make_bench: MakeBench) -> None:
    for command in EVERY:
        bench = await make_bench()
        await _make_ready(bench, command)
        seen = len(bench.world.calls)
        try:
            if command.is_read:
                await bench.session.ask(command.name, bench.arguments(command))
            else:
                await bench.session.submit(command.name, bench.arguments(command), reviewer=Person())
        except ThetaError as error:
            pytest.fail(f"{command.name}: {error.kind}: {error.message}")
        calls = bench.world.calls[seen:]
        assert bool(calls) is (command.name not in LOCAL), command.name
        assert all(call.domain for call in calls), command.name
