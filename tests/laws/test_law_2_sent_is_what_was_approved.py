"""Law 2: every request sent is, byte for byte, an element of what was approved, in order."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from typing import Any

import pytest

from tests.proofs import Prove
from tests.stack import Person
from theta_tui.change import Approved, Family, HoleKind, Request, holes_in
from theta_tui.errors import ThetaError
from theta_tui.registry import commands
from theta_tui.review import Review
from theta_tui.sandbox.world import Call
from theta_tui.wire.address import url_of
from theta_tui.wire.signer import body_bytes

from .conftest import Bench, MakeBench

CHANGING = [command for command in commands().values() if not command.is_read]


GAP = "zzGAPzz"
"""Stands in for a hole of a Plan; whatever fills it is cut out of the comparison."""


@dataclasses.dataclass(frozen=True)
class Allowed:
    """One approved request as bytes: method, target and body, holes open."""

    method: str
    target: re.Pattern[str]
    body: re.Pattern[bytes]

    def fits(self, sent: tuple[str, str, bytes]) -> bool:
        method, target, body = sent
        return method == self.method and bool(self.target.fullmatch(target)) and bool(self.body.fullmatch(body))


def _approved(bench: Bench, request: Request) -> Allowed:
    holes = {
        hole.name: f"{bench.session.hosts.origin(Family.ONDEMAND)}/{GAP}" if hole.kind is HoleKind.URL else GAP
        for hole in holes_in((request,))
    }
    target = url_of(request, bench.session.hosts, holes).raw_path.decode("ascii")
    body = body_bytes(request.body, holes) or b""
    return Allowed(
        request.method,
        re.compile(re.escape(target).replace(GAP, ".*")),
        re.compile(re.escape(body).replace(GAP.encode(), b".*"), re.DOTALL),
    )


def _as_seen(call: Call) -> tuple[str, str, bytes]:
    return call.method, call.target, call.body


def _is_in_order(sent: list[Any], approved: list[Allowed]) -> bool:
    remaining = iter(approved)
    return all(any(candidate.fits(item) for candidate in remaining) for item in sent)


async def _sent_and_approved(bench: Bench, command: Any) -> tuple[list[Any], list[Allowed]]:
    person, before = Person(), len(bench.changes_sent())
    with contextlib.suppress(ThetaError):  # whatever the answer was, the requests were what was approved
        await bench.session.submit(command.name, bench.arguments(command), reviewer=person)
    review: Review = person.shown[0]
    approved = [_approved(bench, request) for request in review.act.requests]
    return [_as_seen(call) for call in bench.changes_sent()[before:]], approved


async def test_every_change_is_sent_exactly_as_approved(make_bench: MakeBench, prove: Prove) -> None:
    bench = await make_bench()
    for command in CHANGING:
        sent, approved = await _sent_and_approved(bench, command)
        assert sent, command.name
        assert _is_in_order(sent, approved), (command.name, sent, approved)
        prove("I3", command.name, len(sent))


async def test_alternatives_are_sent_as_approved_and_in_order(make_bench: MakeBench, prove: Prove) -> None:
    bench = await make_bench()
    bench.world.faults.add({"kind": "plural_routes", "times": None})
    opened = 0
    for command in CHANGING:
        sent, approved = await _sent_and_approved(bench, command)
        assert _is_in_order(sent, approved), (command.name, sent, approved)
        opened += len(sent) > 1
        prove("I3", command.name, len(sent))
    assert opened >= 2, "the plural routes are reached by alternatives"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 500, 502, 503, 504])
async def test_no_answer_makes_another_request_be_sent(status: int, make_bench: MakeBench, prove: Prove) -> None:
    bench = await make_bench(THETA_HTTP_MAX_RETRIES="0")
    for command in CHANGING:
        for method in ("POST", "PUT", "DELETE"):
            bench.world.faults.add({"kind": "status", "status": status, "match": {"method": method}, "times": None})
        sent, approved = await _sent_and_approved(bench, command)
        bench.world.faults.clear()
        assert sent, command.name
        assert {call.status for call in bench.changes_sent()} == {status}
        assert all(any(candidate.fits(item) for candidate in approved) for item in sent), command.name
        assert _is_in_order(list(dict.fromkeys(sent)), approved), command.name
        prove("I3", command.name, len(sent))


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
