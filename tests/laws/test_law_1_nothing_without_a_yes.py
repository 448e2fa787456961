"""Law 1: refused, previewed or dry-run, nothing but reads reaches the wire, for every mutation and workflow."""

from __future__ import annotations

import pytest

from tests.proofs import Prove
from tests.stack import Person
from theta_tui.change import NotDone
from theta_tui.registry import commands
from theta_tui.review import Answer

from .conftest import MakeBench

CHANGING = [command for command in commands().values() if not command.is_read]

REFUSALS = {
    "previewed": (Answer.PREVIEW, {}, "preview"),
    "cancelled": (Answer.CANCEL, {}, "cancelled"),
    "dry run chosen": (Answer.DRY_RUN, {}, "dry_run"),
    "dry run demanded": (Answer.CONFIRM, {"THETA_DRY_RUN": "1"}, "dry_run"),
    "dry run unreadable": (Answer.CONFIRM, {"THETA_DRY_RUN": "perhaps"}, "dry_run"),
    "read only": (Answer.CONFIRM, {"THETA_READ_ONLY": "yes"}, "read_only"),
}


def test_there_are_commands_that_change_something() -> None:
    assert len(CHANGING) >= 8


@pytest.mark.parametrize("case", REFUSALS)
async def test_nothing_is_sent_without_a_yes(case: str, make_bench: MakeBench, prove: Prove) -> None:
    answer, environ, reason = REFUSALS[case]
    bench = await make_bench(**environ)
    for command in CHANGING:
        person = Person(answer)
        outcome = await bench.session.submit(command.name, bench.arguments(command), reviewer=person)
        assert isinstance(outcome, NotDone), command.name
        assert outcome.reason == reason, command.name
        assert outcome.preview["applied"] is False
        assert outcome.preview["requests"], command.name
        assert len(person.shown) == 1
        prove("I2", command.name)
    assert bench.changes_sent() == []
    assert bench.world.counts.get("creates", 0) == 0


async def test_nothing_paid_is_sent_over_the_budget(make_bench: MakeBench, prove: Prove) -> None:
    bench = await make_bench(THETA_MAX_BUDGET_USD="0.0000001")
    for command in CHANGING:
        person = Person(Answer.CONFIRM)
        before = len(bench.changes_sent())
        outcome = await bench.session.submit(command.name, bench.arguments(command), reviewer=person)
        if person.shown[0].worst_usd:
            assert isinstance(outcome, NotDone), command.name
            assert outcome.reason == "budget"
            assert len(bench.changes_sent()) == before
            prove("I4", command.name)
    assert bench.world.counts.get("creates", 0) == 0


async def test_a_streamed_command_sends_nothing_without_a_yes(make_bench: MakeBench, prove: Prove) -> None:
    bench = await make_bench()
    for command in CHANGING:
        if not command.streams:
            continue
        run = await bench.session.open(command.name, bench.arguments(command), reviewer=Person(Answer.CANCEL))
        async with run:
            events = [event async for event in run]
        assert events == []
        assert run.not_done is not None
        assert run.result is None
        prove("I2", command.name)
    assert bench.changes_sent() == []
