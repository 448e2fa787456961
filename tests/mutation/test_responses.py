"""Every command against its own valid answers, changed by grammar: one error of ours or a value, and never a false yes.

The answers are the simulated cloud's, on a tape; client, gate and ledger are real, over a socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from typing import Any
from zlib import crc32

import pytest

from tests.faults.conftest import Prove
from tests.faults.front import is_change
from tests.faults.rig import Rig
from tests.mutation.grammar import Mutation, mutations
from tests.mutation.tape import Key, Tape, key_of
from tests.stack import Person
from theta_tui.change import FREE, Done, Effect
from theta_tui.command import Command, Kind
from theta_tui.errors import ThetaError, Uncertain
from theta_tui.headless import exact_json, plain_text
from theta_tui.journal import Intent
from theta_tui.redact import redactor
from theta_tui.registry import commands

SLOW = frozenset(
    f"theta.{name}"
    for name in ("ondemand.pollUntilDone", "video.watch", "inference.ready", "auth.capabilities", "cleanup.reconcile")
)
MUTE = frozenset({"theta.project.disableMember"})
"""What is answered with nothing at all."""
COMMANDS = [command for command in commands().values() if command.name != "theta.setup"]
ROOMS = sorted({command.name.split(".")[1] for command in COMMANDS})
SOME, ALL = 24, 280
"""Changed answers for each command, in the usual run and in the full one."""
FEW = {SOME: 4, ALL: 60}
"""The same for commands that wait: workflows and polls."""


def is_json(body: bytes) -> bool:
    with contextlib.suppress(ValueError):
        return isinstance(json.loads(body), (dict, list))
    return False


def is_stream(body: bytes) -> bool:
    return any(is_json(event.partition(b"data:")[2]) for event in body.split(b"\n\n") if b"data:" in event)


async def taped(rig: Rig, command: Command) -> Tape:
    """Run a command once and keep what it was answered."""
    tape = Tape(rig.front)
    rig.front.aim((tape.record,), at=lambda _: True)
    await outcome(rig, command, Person())
    return tape


async def outcome(rig: Rig, command: Command, person: Person) -> Any:
    """Run a command; gives its value or the error of ours that it raised, and lets through what is not ours."""
    session, arguments = rig.bench.session, rig.bench.arguments(command)
    if "timeout_ms" in command.params.model_fields:
        arguments |= {"interval_ms": 500, "timeout_ms": 1000}
    try:
        async with asyncio.timeout(60):
            if command.is_read:
                return await session.ask(command.name, arguments)
            done = await session.submit(command.name, arguments, reviewer=person)
            assert isinstance(done, Done), done
            return done.value
    except ThetaError as error:
        return error


def said(value: Any) -> str:
    """All that a face would say of it."""
    if isinstance(value, ThetaError):
        return exact_json.dumps(value.as_dict())
    shown = redactor.answer(value)
    return exact_json.dumps(shown) + plain_text.readable(shown, 100)


async def judge(rig: Rig, command: Command, tape: Tape, key: Key, mutation: Mutation) -> None:
    """Play the tape with one answer changed, and compare what is claimed with what was answered."""
    tape.target, tape.body = key, mutation.body
    sent = len(rig.front.requests)
    person = Person()
    value = await outcome(rig, command, person)
    where = (command.name, key, mutation.name, value)
    changes = [request for request in rig.front.requests[sent:] if is_change(request)]
    assert not (command.is_read and changes), where
    again = len(changes) - len({(one.target, one.body) for one in changes})
    is_idempotent = bool(person.shown) and getattr(person.shown[-1].act, "idempotent", False)
    assert again <= is_idempotent or command.kind is Kind.WORKFLOW, where
    words = said(value)
    assert rig.environ["THETA_EC_API_KEY"] not in words, where
    assert "Traceback" not in words
    if not mutation.proves and any(key_of(one) == key for one in changes) and is_paid(command, person):
        assert isinstance(value, Uncertain), where
        assert (await rig.bench.session.journal.ledger(1))[0].state == "uncertain", where


def is_paid(command: Command, person: Person) -> bool:
    """Whether a single act was shown to cost something, or may. (A start may be answered by anything: wire 19.)"""
    if command.kind is not Kind.MUTATION or not person.shown:
        return False
    costs = command.effect is Effect.CREATE and person.shown[-1].cost != FREE
    return costs or command.effect is Effect.METERED


@pytest.mark.parametrize("room", ROOMS)
async def test_changed_answers(room: str, rig: Rig, prove: Prove) -> None:
    for command in COMMANDS:
        if command.name.split(".")[1] == room:
            await try_changed(command, SOME, rig, prove)


@pytest.mark.full
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
async def test_hundreds_of_changed_answers(command: Command, rig: Rig, prove: Prove) -> None:
    await try_changed(command, ALL, rig, prove)


async def try_changed(command: Command, extent: int, rig: Rig, prove: Prove) -> None:
    """Run a command on its own answers, each changed in turn."""
    tape = await taped(rig, command)
    answers, streams = tape.json_answers(is_json), tape.json_answers(is_stream)
    assert answers or streams or command.name in MUTE, command.name
    most = FEW[extent] if command.kind is Kind.WORKFLOW or command.name in SLOW else extent
    rig.front.aim((tape.play,), at=lambda _: True)
    tried, each = 0, max(most // max(len(answers) + len(streams), 1), 2)
    for key, body in (answers | streams).items():
        seed = crc32(f"{command.name}{key}".encode())
        changed = in_events if key in streams else mutations
        for mutation in changed(body, each, rig.environ["THETA_EC_API_KEY"], seed):
            if command.name == "theta.cleanup.reconcile":
                await lose_a_change(rig)
            await judge(rig, command, tape, key, mutation)
            tried += 1
    prove("F29", command.name, tried)
    prove("I9", command.name, tried)


async def lose_a_change(rig: Rig) -> None:
    """Leave one more change of unknown outcome to be looked up."""
    journal, profile = rig.bench.session.journal, rig.bench.session.settings.profile
    intent = Intent(profile=profile, face="cli", command="theta.video.streamCreate", target_kind="livestream",
                    target_name="nowhere")  # fmt: skip
    await journal.mark(await journal.reserve(intent), "uncertain")


def in_events(body: bytes, most: int, secret: str, seed: int) -> Iterator[Mutation]:
    """Give mutations of a few events of a stream, each between the others as they came."""
    events = body.split(b"\n\n")
    at = [number for number, event in enumerate(events) if is_json(event.partition(b"data:")[2])]
    chosen = sorted({at[0], at[len(at) // 2], at[-1]})
    for number in chosen:
        told = events[number].partition(b"data:")[2].strip()
        for one in mutations(told, most // len(chosen), secret, seed):
            event = b"data: " + one.body.replace(b"\n", b" ")
            whole = b"\n\n".join([*events[:number], event, *events[number + 1 :]])
            yield Mutation(f"event {number}: {one.name}", whole)


BAD_ROWS = (None, 3, "x", [], {}, {"id": None, "name": {"a": 1}, "state": 7, "created_at": [], "price_hr": "much"})
NO_LISTS = ("zq-leak", 3, True, {"zq-leak": 1})
LOOKED_UP = (
    ("theta.cleanup.pending", "/deployment/"),
    ("theta.route", "/service/"),
    ("theta.ai.dedicatedDeployments.list", "/deployment_template/"),
)
"""Reads that show nothing of a list they ask for: they look something up in it."""


def rows_of(value: Any) -> list[Any]:
    """The first list of two or more objects in an answer."""
    if isinstance(value, list) and len(value) > 1 and all(isinstance(item, dict) for item in value):
        return value
    inner = value.values() if isinstance(value, dict) else ()
    return next((found for item in inner if (found := rows_of(item))), [])


def without_rows(value: Any, instead: Any) -> Any:
    """The answer with something else in the place of that list."""
    if not isinstance(value, dict):
        return instead if rows_of(value) is value else value
    at = next((key for key, item in value.items() if rows_of(item)), None)
    return {key: without_rows(item, instead) if key == at else item for key, item in value.items()}


def names_of(row: Any) -> list[str]:
    return [value for key, value in row.items() if isinstance(value, str) and key.lower() in ("id", "name", "alias")]


async def test_one_bad_row_hides_no_good_one_and_is_told(rig: Rig, prove: Prove) -> None:
    for command in (command for command in COMMANDS if command.is_read and command.name not in SLOW):
        tape = await taped(rig, command)
        rig.front.aim((tape.play,), at=lambda _, tape=tape: True)
        for key, body in tape.json_answers(is_json).items():
            good = rows_of(json.loads(body))[1:]
            shown = said(await outcome(rig, command, Person())) if good else ""
            expected = [name for row in good for name in names_of(row) if json.dumps(name)[1:-1] in shown]
            is_shown = not any(command.name == name and key[1].startswith(path) for name, path in LOOKED_UP)
            for bad in BAD_ROWS if expected else ():
                answer = json.loads(body)
                rows_of(answer)[0] = bad
                tape.target, tape.body = key, json.dumps(answer).encode()
                value = await outcome(rig, command, Person())
                assert not isinstance(value, ThetaError), (command.name, bad, value)
                missing = [name for name in expected if json.dumps(name)[1:-1] not in said(value)]
                assert not missing, (command.name, bad, missing)
                is_told = "where an object belongs" in said(value)
                assert is_told is (is_shown and not isinstance(bad, dict)), (command.name, bad, said(value))
                prove("F30", command.name)
            for bad in NO_LISTS if expected and is_shown else ():
                tape.target, tape.body = key, json.dumps(without_rows(json.loads(body), bad)).encode()
                words = said(await outcome(rig, command, Person()))
                assert "where a list belongs" in words or "no list of" in words, (command.name, bad, words)
                assert "zq-leak" not in words
                prove("F30", command.name)
            tape.target = None
