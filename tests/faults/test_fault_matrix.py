"""Every fault of the catalogue against every command: what the client claims is compared with the truth at the door."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zlib import crc32

import pytest

from tests.faults.catalogue import FAULTS, Fault
from tests.faults.conftest import Prove
from tests.faults.rig import Rig, Verdict
from theta_tui.command import Command, Kind
from theta_tui.registry import commands

READS = [command for command in commands().values() if command.is_read and command.name != "theta.setup"]
CHANGES = [command for command in commands().values() if not command.is_read]

TELLS: Mapping[str, Callable[[Any], object]] = {
    "theta.auth.capabilities": lambda value: all(one.error or not one.verified for one in value.capabilities),
    "theta.ondemand.listServices": lambda value: value.fallback_reason,
    "theta.route": lambda value: value.warning or value.source != "live",
    "theta.deployments.routeProbe": lambda value: not any(route.works for route in value.routes),
    "theta.cleanup.reconcile": lambda value: all(one.outcome == "unknown" for one in value.changes),
    "theta.cleanup.pending": lambda value: all(item.listed is None for item in value.deployments),
}
"""Reads that answer all the same, and where they say that something is missing (letter P)."""

EXTENT = pytest.mark.parametrize("extent", [4, pytest.param(1_000, marks=pytest.mark.full)], ids=["some", "all"])
EVERY = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)


def some(every: Sequence[Command], fault: Fault, most: int) -> list[Command]:
    """Choose commands for a fault: others for each, so that all have their turn."""
    start = crc32(fault.id.encode()) % len(every)
    return [every[(start + at * 5) % len(every)] for at in range(min(most, len(every)))]


def is_well_told(rig: Rig, fault: Fault, verdict: Verdict) -> bool:
    """Whether an error is of the right kind, in words of ours with a next step, and without a secret."""
    error = verdict.error
    assert error is not None
    wide = fault.kinds | ({"uncertain"} if verdict.letter == "U" else set())
    raw = any(word in error.message for word in ("<html", "<script", "Traceback", "\x1b"))
    return (
        bool(error.kind in wide and error.message and error.hint is not None)
        and not raw
        and not rig.says_a_secret(verdict)
    )


@EXTENT
@EVERY
async def test_a_read_is_told_as_what_it_is(fault: Fault, extent: int, rig: Rig, prove: Prove) -> None:
    for command in some(READS, fault, extent):
        verdict = await rig.trial(command, fault)
        if command.name in TELLS:
            assert verdict.letter in "SR", (command.name, verdict)
            assert TELLS[command.name](verdict.value), (command.name, verdict.value)
        else:
            assert verdict.letter == "E", (command.name, verdict)
            assert is_well_told(rig, fault, verdict), (command.name, verdict)
        assert rig.other.connections == 0
        prove(fault.number, command.name)


@EXTENT
@pytest.mark.parametrize(
    "fault", [one for one in FAULTS if one.read == "R" and not one.at_the_door], ids=lambda one: one.id
)
async def test_a_read_succeeds_once_the_fault_has_passed(fault: Fault, extent: int, rig: Rig, prove: Prove) -> None:
    for command in some(READS, fault, extent):
        verdict = await rig.trial(command, fault, passes=True)
        assert verdict.letter == "R", (command.name, verdict)
        assert verdict.error is None
        prove(fault.number, command.name)


@EXTENT
@EVERY
async def test_a_change_is_done_once_or_not_at_all_and_told_so(
    fault: Fault, extent: int, rig: Rig, prove: Prove
) -> None:
    for command in some(CHANGES, fault, extent):
        verdict = await rig.trial(command, fault)
        prove("I1", command.name)
        prove("I9", command.name)
        assert len(verdict.truth.done) <= 1 or command.kind is Kind.WORKFLOW, (command.name, verdict)
        if verdict.error is None:
            _is_truly_done(command, verdict)
        elif fault.change == "U":
            assert verdict.letter == "U", (command.name, verdict)
            assert len(verdict.truth.tries) == (0 if fault.at_the_door else verdict.most), (command.name, verdict)
            assert "uncertain" in verdict.rows, (command.name, verdict)
        else:
            assert verdict.letter == "E", (command.name, verdict)
            assert verdict.truth.done == []
            assert verdict.rows == {"refused"}, (command.name, verdict)
        assert verdict.error is None or is_well_told(rig, fault, verdict), (command.name, verdict)
        assert rig.other.connections == 0
        prove(fault.number, command.name)
        if verdict.truth.done:
            await rig.renew()


def _is_truly_done(command: Command, verdict: Verdict) -> None:
    """A success is one that the cloud knows of, or a report that says what is left."""
    if command.name == "theta.cleanup.finish":
        assert verdict.value.left or verdict.value.deleted
        assert bool(verdict.value.deleted) <= bool(verdict.truth.done)
        return
    assert verdict.truth.done, (command.name, verdict)
    assert command.kind is Kind.WORKFLOW or "uncertain" not in verdict.rows


@EXTENT
@pytest.mark.parametrize("fault", [one for one in FAULTS if one.change == "R"], ids=lambda one: one.id)
async def test_a_documented_refusal_is_tried_again_and_done_once(
    fault: Fault, extent: int, rig: Rig, prove: Prove
) -> None:
    for command in some(CHANGES, fault, extent):
        if command.kind is Kind.WORKFLOW:
            continue
        verdict = await rig.trial(command, fault, passes=True)
        assert (verdict.letter, len(verdict.truth.tries), len(verdict.truth.done)) == ("R", 2, 1), (
            command.name,
            verdict,
        )
        prove(fault.number, command.name)
        prove("I1", command.name)
        await rig.renew()
