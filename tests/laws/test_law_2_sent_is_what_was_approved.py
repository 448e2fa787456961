"""Law 2: every request sent is, byte for byte, an element of what was approved, in order."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from theta_tui.change import Approved, Request
from theta_tui.errors import ThetaError
from theta_tui.registry import commands
from theta_tui.review import Review
from theta_tui.sandbox.world import Call
from theta_tui.wire.address import url_of
from theta_tui.wire.signer import body_bytes

from .conftest import Bench, MakeBench, Person

CHANGING = [command for command in commands().values() if not command.is_read]


def _as_sent(bench: Bench, request: Request) -> tuple[str, str, bytes]:
    url = url_of(request, bench.session.hosts, {})
    return request.method, url.raw_path.decode("ascii"), body_bytes(request.body) or b""


def _as_seen(call: Call) -> tuple[str, str, bytes]:
    return call.method, call.target, call.body


def _is_in_order(sent: list[Any], approved: list[Any]) -> bool:
    remaining = iter(approved)
    return all(any(item == candidate for candidate in remaining) for item in sent)


async def _sent_and_approved(bench: Bench, command: Any) -> tuple[list[Any], list[Any]]:
    person, before = Person(), len(bench.changes_sent())
    with contextlib.suppress(ThetaError):  # whatever the answer was, the requests were what was approved
        await bench.session.submit(command.name, bench.arguments(command), reviewer=person)
    review: Review = person.shown[0]
    approved = [_as_sent(bench, request) for request in review.act.requests]
    return [_as_seen(call) for call in bench.changes_sent()[before:]], approved


async def test_every_change_is_sent_exactly_as_approved(make_bench: MakeBench) -> None:
    bench = await make_bench()
    for command in CHANGING:
        sent, approved = await _sent_and_approved(bench, command)
        assert sent, command.name
        assert _is_in_order(sent, approved), (command.name, sent, approved)


async def test_alternatives_are_sent_as_approved_and_in_order(make_bench: MakeBench) -> None:
    bench = await make_bench()
    bench.world.faults.add({"kind": "plural_routes", "times": None})
    opened = 0
    for command in CHANGING:
        sent, approved = await _sent_and_approved(bench, command)
        assert _is_in_order(sent, approved), (command.name, sent, approved)
        opened += len(sent) > 1
    assert opened >= 2, "the plural routes are reached by alternatives"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 500, 502, 503, 504])
async def test_no_answer_makes_another_request_be_sent(status: int, make_bench: MakeBench) -> None:
    bench = await make_bench(THETA_HTTP_MAX_RETRIES="0")
    for command in CHANGING:
        bench.world.faults.add(
            {"kind": "status", "status": status, "match": {"method": "POST|PUT|DELETE"}, "times": None}
        )
        sent, approved = await _sent_and_approved(bench, command)
        bench.world.faults.clear()
        assert sent, command.name
        assert all(item in approved for item in sent), command.name
        assert _is_in_order(list(dict.fromkeys(sent)), approved), command.name


async def test_an_approval_is_good_for_one_sending(make_bench: MakeBench) -> None:
    bench = await make_bench()
    person = Person()
    await bench.session.submit(
        "theta.deployments.stop", bench.arguments(commands()["theta.deployments.stop"]), reviewer=person
    )
    approved = Approved(person.shown[0].act)
    approved.use()
    with pytest.raises(ThetaError, match="already used"):
        approved.use()
