"""A change whose answer is lost (F43): an idempotent one is looked up and sent at most twice, any other once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.cli.conftest import Outcome, call, environment
from tests.faults.conftest import Prove
from tests.faults.front import is_change
from tests.faults.rig import Rig
from tests.faults.scripted import Step
from tests.stack import Begin, Person
from tests.tui.conftest import Opens, console
from theta_tui.change import FREE, Approved, Change, Cost, Done, Effect, Family, MachineEvent, Request
from theta_tui.errors import PolicyRefused, Uncertain
from theta_tui.registry import commands
from theta_tui.review import Ask
from theta_tui.sandbox.templates import STANDARD_TEMPLATES
from theta_tui.sandbox.world import World
from theta_tui.tui.review import ReviewModal
from theta_tui.tui.widgets.banner import Banner

__all__ = ["call", "console", "environment"]

IDEMPOTENT = (
    "theta.deployments.stop",
    "theta.deployments.delete",
    "theta.templates.delete",
    "theta.project.update",
    "theta.project.disableMember",
    "theta.project.enableMember",
    "theta.keys.lock",
)
CREATE = {"deployment_template_id": STANDARD_TEMPLATES[0].id, "vm_id": "vm_gt1", "name": "lost-one"}


async def lost(rig: Rig, name: str, *faults: tuple[Step, ...], stays: bool) -> Done[Any] | Uncertain:
    """Submit a command whose changing requests meet faults; give what its user is told."""
    bench = rig.bench
    command, act = await bench.session.build(name, bench.arguments(commands()[name]))
    rig.front.aim(*faults, at=is_change, stays=stays)
    try:
        done = await bench.session.perform(command, act, Ask(name, Person()))
    except Uncertain as error:
        return error
    assert isinstance(done, Done)
    return done


async def test_only_these_changes_are_sent_twice(rig: Rig) -> None:
    bench, found = rig.bench, list[str]()
    for command in commands().values():
        if not command.is_read:
            _, act = await bench.session.build(command.name, bench.arguments(command))
            found += [command.name] if getattr(act, "idempotent", False) else []
    assert sorted(found) == sorted(IDEMPOTENT)


@pytest.mark.parametrize("how", ["never done", "lost once", "lost after it was done", "refused the second time"])
@pytest.mark.parametrize("name", IDEMPOTENT)
async def test_a_lost_idempotent_change_is_sent_at_most_twice_and_told(
    name: str, how: str, rig: Rig, prove: Prove
) -> None:
    front, journal = rig.front, rig.bench.session.journal
    told = await {
        "never done": lambda: lost(rig, name, (front.hang,), stays=True),
        "lost once": lambda: lost(rig, name, (front.reset,), stays=False),
        "lost after it was done": lambda: lost(rig, name, (front.commit, front.hang), stays=False),
        "refused the second time": lambda: lost(rig, name, (front.reset,), (front.error(403, "No."),), stays=True),
    }[how]()
    tries, row = front.truth.tries, (await journal.ledger(1))[0]
    assert len({(one.method, one.target, one.body) for one in tries}) == 1, "what is sent again is what was approved"
    if how in ("lost once", "lost after it was done"):
        assert (len(tries), len(front.truth.done)) == (1 + (how == "lost once"), 1)
        assert isinstance(told, Done)
        assert ("sent once more" in told.note) is (how == "lost once")
        assert (row.state, row.note) == ("confirmed", told.note)
    else:
        assert (len(tries), len(front.truth.done)) == (2, 0)
        assert isinstance(told, Uncertain)
        assert "sent once more" in told.message
        assert (row.state, row.note) == ("uncertain", told.message)
    if name.startswith("theta.deployments."):
        looks = [one for one in front.requests[front.requests.index(tries[0]) :] if "/list" in one.target]
        assert len(looks) == {"lost once": 1, "lost after it was done": 1}.get(how, 2), "one look after each loss"
    prove("F43", name)
    prove("I9", name)


@pytest.mark.parametrize("how", ["no list", "no status", "no list at all"])
async def test_without_a_look_that_tells_nothing_is_sent_again_nor_called_done(
    how: str, rig: Rig, prove: Prove
) -> None:
    bench, name = rig.bench, "theta.deployments.stop"
    command, act = await bench.session.build(name, bench.arguments(commands()[name]))
    suffix = bench.known["suffix"]
    body = {"no list": {}, "no status": [{"Suffix": suffix, "Name": "support-chat"}], "no list at all": None}[how]
    answer = {"kind": "json", "body": body} if how == "no list at all" else {"kind": "json", "body": {"body": body}}
    person = Person(then=lambda: bench.world.faults.add({**answer, "match": {"path": "/list$"}, "times": None}))
    act = dataclasses.replace(act, recheck=None)  # type: ignore[type-var]
    rig.front.aim((rig.front.reset,), at=is_change)
    with pytest.raises(Uncertain) as told:
        await bench.session.perform(command, act, Ask(name, person))
    assert len(rig.front.truth.tries) == 1
    assert "sent once more" not in told.value.message
    prove("F43", f"{name}: {how}")


PAID = [name for name, one in commands().items() if one.effect in (Effect.CREATE, Effect.METERED)]


async def test_what_is_paid_is_sent_exactly_once_when_its_answer_is_lost(rig: Rig, prove: Prove) -> None:
    for name in (*PAID, "theta.deployments.start"):
        told = await lost(rig, name, (rig.front.reset,), stays=True)
        assert isinstance(told, Uncertain), name
        assert len(rig.front.truth.tries) == 1, name
        for number in ("F43", "I1"):
            prove(number, name)


async def test_dry_run_that_is_switched_on_meanwhile_keeps_it_from_being_sent_again(rig: Rig, prove: Prove) -> None:
    session = rig.bench.session

    async def reset_and_switch(connection: Any) -> None:
        session.dry_run = True
        await rig.front.reset(connection)

    told = await lost(rig, "theta.deployments.stop", (reset_and_switch,), stays=True)
    assert isinstance(told, Uncertain)
    assert "was not sent again: Dry run is on" in told.message
    assert len(rig.front.truth.tries) == 1
    assert (await session.journal.ledger(1))[0].state == "uncertain"
    prove("F43", "dry run")


def change(**fields: Any) -> Change[Any]:
    async def look() -> None:
        return None

    given = {"effect": Effect.UPDATE, "cost": FREE, "reconcile": look, "idempotent": True, **fields}
    return Change(summary="s", requests=(Request("PUT", Family.CONTROLLER),), read=lambda reply: reply, **given)


@pytest.mark.parametrize(
    "wrong",
    [
        {"effect": Effect.CREATE},
        {"effect": Effect.METERED},
        {"cost": Cost(usd=Decimal("0.01"))},
        {"cost": Cost()},
        {"machine": MachineEvent.STARTS},
        {"reconcile": None},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_nothing_paid_made_or_unseen_can_be_declared_idempotent(wrong: dict[str, Any]) -> None:
    assert change().idempotent
    with pytest.raises(ValueError, match="idempotent"):
        change(**wrong)


def test_a_yes_is_renewed_once_and_only_for_an_idempotent_change() -> None:
    approved = Approved(change())
    approved.use()
    approved.renew()
    approved.use()
    for refused in (approved.renew, approved.use, Approved(change(idempotent=False)).renew):
        with pytest.raises(PolicyRefused):
            refused()


# The faces


def test_the_command_line_tells_that_a_stop_was_sent_once_more(
    call: Callable[..., Outcome], world: World, prove: Prove
) -> None:
    given = [f"{name}={value}" for name, value in CREATE.items()]
    assert call("run", "theta.deployments.create", *given, "--yes").code == 0
    [machine] = world.deployments.values()
    stop = ("run", "theta.deployments.stop", f"shard={machine.shard}", f"suffix={machine.suffix}", "--yes")

    def puts() -> int:
        return sum(one.method == "PUT" for one in world.calls)

    world.faults.add({"kind": "reset", "match": {"method": "PUT"}, "times": None})
    never = call(*stop)
    assert (never.code, puts()) == (5, 2)
    assert "sent once more" in never.err
    world.faults.clear()
    world.faults.add({"kind": "reset", "match": {"method": "PUT"}})
    done = call(*stop)
    assert (done.code, puts()) == (0, 4)
    assert "No answer came and it was not done, so it was sent once more." in done.err
    world.faults.add({"kind": "reset", "match": {"method": "POST"}, "times": None})
    posts = sum(one.method == "POST" for one in world.calls)
    assert call("run", "theta.deployments.create", *given, "--yes").code == 5
    assert sum(one.method == "POST" for one in world.calls) == posts + 1
    prove("F43", "command line", 3)


async def test_the_console_tells_that_a_stop_was_sent_once_more_and_activity_keeps_it(
    console: Opens, prove: Prove
) -> None:
    async with console(pane="deployments") as it:
        await it.until(lambda: "support-chat" in it.shown())
        it.world.faults.add({"kind": "reset", "match": {"method": "PUT"}})
        await it.press("x")
        await it.until(lambda: isinstance(it.app.screen, ReviewModal) and it.app.screen.armed)
        await it.press("y")
        await it.until(lambda: "so it was sent once more. support-chat is stopped" in _told(it))
        assert len(it.sent("PUT")) == 2
        assert it.app.session is not None
        [row] = await it.app.session.journal.ledger(1)
        assert "sent once more" in (row.note or "")
        await it.press("0")
        await it.until(lambda: "Stop the deployment" in it.shown())
        await it.press("enter")
        await it.until(lambda: "sent once more" in it.shown())
    prove("F43", "console")


async def test_a_stop_that_is_lost_twice_stays_unknown_in_the_console_and_is_followed(
    console: Opens, prove: Prove
) -> None:
    async with console(pane="deployments") as it:
        await it.until(lambda: "support-chat" in it.shown())
        it.world.faults.add({"kind": "reset", "match": {"method": "PUT"}, "times": None})
        await it.press("x")
        await it.until(lambda: isinstance(it.app.screen, ReviewModal) and it.app.screen.armed)
        await it.press("y")
        await it.until(lambda: any(banner.error for banner in it.pane.query(Banner)))
        await it.until(lambda: "Nobody knows what became of" in _told(it))
        assert len(it.sent("PUT")) == 2
        assert _told(it).count("No answer came") == 0
    prove("F43", "console")


def _told(it: Any) -> str:
    return "\n".join(message.message for message in it.app._notifications)


async def test_a_machine_that_was_stopped_twice_stops_counting_once(begin: Begin, world: World, prove: Prove) -> None:
    session = await begin()
    made = (await session.submit("theta.deployments.create", CREATE, reviewer=Person())).value
    world.faults.add({"kind": "reset", "match": {"method": "PUT"}})
    place = {"shard": made.shard, "suffix": made.suffix}
    await session.submit("theta.deployments.stop", place, reviewer=Person())
    stop, create = await session.journal.ledger(2)
    assert (stop.state, create.ended is not None) == ("confirmed", True)
    assert sum(one.method == "PUT" for one in world.calls) == 2
    prove("I4", "theta.deployments.stop")
