"""Streams that stall, break, lie or never end: the text is kept, never called complete, and nothing is resent."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.faults.conftest import Prove
from tests.faults.front import Front, is_change
from tests.faults.rig import Rig
from tests.faults.scripted import Step
from tests.stack import Person
from theta_tui.change import Done
from theta_tui.errors import EmptyOutput

CHATS = ("theta.ondemand.chat", "theta.inference.chat", "theta.ai.agent.chat")


def said(text: str = "", finish: str | None = None, **delta: str) -> bytes:
    """One event of a stream."""
    choice = {"index": 0, "delta": {"content": text, **delta}, "finish_reason": finish}
    return b"data: " + json.dumps({"id": "chatcmpl-1", "choices": [choice]}).encode() + b"\n\n"


def partial(front: Front, case: str) -> tuple[Step, ...]:
    start = (front.commit, front.sse(), front.send(said("Once ") + said("upon")))
    endless = (front.commit, front.sse(), front.send(said("Once upon") + b"data: "), front.flood(b"x" * 65_536, 40))
    return {
        "F32 stall": (*start, front.hang),
        "F33 cut between events": (*start, front.close),
        "F33 cut inside an event": (*start, front.send(said(" a time")[:40]), front.close),
        "F33 reset": (*start, front.reset),
        "F34 error event": (
            *start,
            front.send(b'data: {"error": {"message": "overloaded", "code": 500}}\n\n'),
            front.hang,
        ),
        "F34 keep-alives only after text": (*start, front.drip(b": still here\n\n" * 400, 0.01, 14)),
        "F35 endless line": (*endless, front.hang),
    }[case]


PARTIAL = (
    "F32 stall",
    "F33 cut between events",
    "F33 cut inside an event",
    "F33 reset",
    "F34 error event",
    "F34 keep-alives only after text",
    "F35 endless line",
)


@pytest.mark.parametrize("case", PARTIAL)
async def test_what_came_is_kept_and_called_cut(case: str, rig: Rig, prove: Prove) -> None:
    for name in CHATS:
        rig.front.aim(partial(rig.front, case), at=is_change)
        session = rig.bench.session
        arguments: dict[str, Any] = {**rig.bench.arguments(_command(name)), "stream": True}
        started = time.monotonic()
        done = await session.submit(name, arguments, reviewer=Person())
        answer = done.value  # type: ignore[union-attr]
        assert time.monotonic() - started < 10
        assert answer.text.startswith("Once upon"), (name, answer)
        assert not answer.complete
        assert "cut" in " ".join(answer.notes), answer.notes
        assert len(rig.front.truth.tries) == 1
        entry = (await session.journal.ledger(1))[0]
        assert entry.state == "confirmed"
        assert name != CHATS[0] or (entry.cost_usd and entry.estimate)  # tokens of a cut answer are an estimate
        number = case.split()[0]
        prove(number, name)
        prove("I9", name)
    assert rig.bench.session._wire.busy_slots == 0


@pytest.mark.parametrize("name", CHATS)
async def test_keep_alives_alone_are_no_answer(name: str, rig: Rig, prove: Prove) -> None:
    front = rig.front
    front.aim((front.commit, front.sse(), front.drip(b": still here\n\n" * 400, 0.01, 14)), at=is_change)
    arguments = {**rig.bench.arguments(_command(name)), "stream": True}
    done = await rig.bench.session.submit(name, arguments, reviewer=Person())
    assert isinstance(done, Done)
    assert (done.value.text, done.value.complete) == ("", False)
    assert done.value.notes
    assert len(front.truth.tries) == 1
    prove("F34", name)


@pytest.mark.parametrize("name", CHATS)
async def test_an_answer_that_is_all_thinking_is_its_own_error(name: str, rig: Rig, prove: Prove) -> None:
    front = rig.front
    thought = said(reasoning="I wonder. ") * 3 + said(finish="length") + b"data: [DONE]\n\n"
    front.aim((front.commit, front.sse(), front.send(thought), front.close), at=is_change)
    arguments = {**rig.bench.arguments(_command(name)), "stream": True}
    with pytest.raises(EmptyOutput) as told:
        await rig.bench.session.submit(name, arguments, reviewer=Person())
    assert "max_tokens" in told.value.hint
    prove("F36", name)


@pytest.mark.parametrize("name", CHATS)
async def test_one_json_answer_for_a_stream_is_read_all_the_same(name: str, rig: Rig, prove: Prove) -> None:
    front = rig.front
    whole = {"choices": [{"message": {"content": "All at once."}, "finish_reason": "stop"}]}
    front.aim((front.commit, front.json(whole), front.close), at=is_change)
    arguments = {**rig.bench.arguments(_command(name)), "stream": True}
    done = await rig.bench.session.submit(name, arguments, reviewer=Person())
    answer = done.value  # type: ignore[union-attr]
    assert (answer.text, answer.complete) == ("All at once.", True)
    prove("F34", name)


def _command(name: str) -> Any:
    from theta_tui.registry import commands

    return commands()[name]
