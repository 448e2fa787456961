"""Disposable validation and its clean-up on the real stack: nothing is left behind, whatever happens on the way."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.stack import Begin, Person
from theta_tui.change import Done, NotDone, Stage
from theta_tui.errors import CapacityError, ThetaError, Uncertain, UsageError
from theta_tui.review import Answer
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.world import World
from theta_tui.session import Session
from theta_tui.shapes.base import as_json

from .conftest import written

TEMPLATE = "img_sandbox0qwen3b80000000000000"
GRADIO = "img_qqu31asazaig666jtzp7gjd4pway"
VALIDATE = "theta.deployments.validateDisposable"
QUICK = {"payload": {"deployment_template_id": TEMPLATE, "vm_id": "vm_gt1"}, "intervalMs": 500, "readyTimeoutMs": 1000}


MATCHES = {"plural_routes": {"method": "DELETE"}}


def warm(world: World, *script: tuple[float, int]) -> None:
    """Let new machines answer their probe so: simulated seconds and statuses, then 200."""
    world.faults.add({"kind": "warm_up", "script": [[0, 404], *map(list, script)], "times": None})


def sent(world: World) -> list[str]:
    """Give what was sent and no read: method and first parts of the path."""
    return [f"{call.method} /{call.path.split('/')[1]}" for call in world.calls if call.method != "GET"]


def left(world: World) -> list[str]:
    """Name the machines that were not there at the start."""
    return [one.name for one in world.deployments.values() if one.name.startswith(("theta-check-", "try-"))]


async def validate(session: Session, reviewer: Person | None = None, **more: Any) -> Any:
    return await session.submit(VALIDATE, {**QUICK, **more}, reviewer=reviewer or Person())


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


async def test_one_review_covers_create_readiness_chat_and_deletion(cloud: Session, world: World) -> None:
    warm(world)
    reviewer = Person()
    done = await validate(cloud, reviewer)
    assert isinstance(done, Done)
    report = done.value
    assert report.complete, as_json(report)
    assert report.chat.text
    assert sent(world) == ["POST /deployment", "POST /endpoint", "DELETE /deployment"]
    assert left(world) == []
    [review] = reviewer.shown
    assert [step["step"] for step in review.preview["steps"]] == [
        *("balance before", "create", "ready", "chat", "identify", "delete", "gone"),
        *("delete again", "gone for good", "balance after"),
    ]
    assert review.preview["steps"][3]["requests"][0]["url"] == "{deployment.endpoint}/v1/chat/completions"
    assert "{deployment.base_id}" in review.preview["steps"][5]["requests"][0]["url"]
    shown = as_json(report)
    assert shown["timeline"] == "200"
    assert shown["cleanup"] == "cleanup verified"
    assert shown["cost"]["usd"] == shown["cost"]["cents"] / 100


async def test_the_machine_gets_credentials_made_for_it_which_are_used_and_shown_nowhere(
    cloud: Session, world: World, tmp_path: Path
) -> None:
    warm(world)
    done = await validate(cloud)
    body = json.loads(next(call for call in world.calls if call.method == "POST").body)
    user, password = body["auth_username"], body["auth_password"]
    assert user.removeprefix("theta_") != user
    assert (len(user.removeprefix("theta_")), len(password)) == (8, 24)
    assert password not in json.dumps(as_json(done.value), default=str)
    await cloud.journal.close()
    assert password.encode() not in written(tmp_path)


async def test_given_credentials_are_used_and_a_keyring_is_not_needed_for_made_up_ones(
    on_demo: Begin, world: World
) -> None:
    warm(world)
    session = await on_demo()
    payload = {**QUICK["payload"], "auth_username": "client", "auth_password": "planted-Pass-77"}
    done = await validate(session, payload=payload)
    assert done.value.complete
    assert await session.vault.names() == ("endpoint/" + done.value.suffix + "/password",
                                           "endpoint/" + done.value.suffix + "/username")  # fmt: skip


async def test_the_worst_case_counts_the_horizon_or_the_time_it_may_take(on_demo: Begin) -> None:
    session = await on_demo()
    reviewer = Person(Answer.CANCEL)
    await validate(session, reviewer)
    assert reviewer.shown[0].worst_usd == Decimal("0.4")
    session.settings = dataclasses.replace(session.settings, budget_horizon_hours=Decimal("0.1"))
    await validate(session, reviewer, readyTimeoutMs=1_800_000)
    assert reviewer.shown[1].worst_usd == Decimal("0.2")


async def test_refused_or_over_budget_nothing_is_made(on_demo: Begin, world: World) -> None:
    assert isinstance(await validate(await on_demo(), Person(Answer.CANCEL)), NotDone)
    over = await validate(await on_demo(THETA_MAX_BUDGET_USD="0.39"))
    assert (over.reason, sent(world)) == ("budget", [])


async def test_a_machine_that_never_becomes_ready_is_deleted_and_the_report_says_so(
    cloud: Session, world: World
) -> None:
    world.faults.add({"kind": "never_ready"})
    done = await validate(cloud)
    report = done.value
    assert (report.ready, report.complete, report.cleanup_verified) == (False, False, True)
    assert [failure.step for failure in report.failures] == ["ready"]
    assert report.failures[0].kind == "timeout"
    assert left(world) == []
    assert await cloud.account.leftovers() == ()


async def test_the_probe_follows_the_warm_up_and_shows_its_statuses(cloud: Session, world: World) -> None:
    warm(world, (1.0, 404), (2.0, 503), (3.0, 401))
    world.clock.speed = 2
    done = await validate(cloud, readyTimeoutMs=10_000)
    assert done.value.complete, as_json(done.value)
    assert done.value.timeline == "404 → 503 → 401 → 200"


async def test_a_gradio_machine_is_probed_and_not_asked(cloud: Session, world: World) -> None:
    warm(world)
    done = await validate(cloud, payload={"deployment_template_id": GRADIO, "vm_id": "vm_gt1"}, probe="gradio")
    assert done.value.complete
    assert sent(world) == ["POST /deployment", "DELETE /deployment"]


async def test_every_step_is_told_as_it_begins_and_ends(cloud: Session, world: World) -> None:
    world.faults.add({"kind": "never_ready"})
    told: list[Any] = []
    await cloud.submit(VALIDATE, QUICK, reviewer=Person(), progress=told.append)
    states = [(one.step, one.state) for one in told if isinstance(one, Stage)]
    assert states[:6] == [
        *(("balance before", "begins"), ("balance before", "done"), ("create", "begins"), ("create", "done")),
        *(("ready", "begins"), ("ready", "failed")),
    ]
    assert ("chat", "skipped") in states
    assert states[-1] == ("balance after", "done")
    assert {(one.attempts, one.cleanup) for one in told if one.step == "gone"} == {(10, True)}


async def test_a_failing_chat_still_deletes(cloud: Session, world: World) -> None:
    warm(world)
    world.faults.add({"kind": "status", "status": 400, "match": {"method": "POST", "path": "/v1/chat"}})
    done = await validate(cloud)
    assert [(one.step, one.kind) for one in done.value.failures] == [("chat", "validation")]
    assert not done.value.complete
    assert left(world) == []


async def test_a_foreign_endpoint_is_never_called_and_the_machine_is_deleted(cloud: Session, world: World) -> None:
    body = {"status": "success", "body": {"BaseID": "ab12cd34", "Shard": 1, "Suffix": "0123456789abcdef",
                                          "Endpoint": "https://evil.example.com"}}  # fmt: skip
    world.faults.add({"kind": "json", "after": True, "body": body, "match": {"method": "POST", "path": "/deployment$"}})
    done = await validate(cloud)
    assert done.value.failures[0].kind == "policy"
    assert "DELETE /deployment" in sent(world)


async def test_no_capacity_raises_and_leaves_nothing_pending(cloud: Session, world: World) -> None:
    world.faults.add({"kind": "vm_capacity", "times": None})
    with pytest.raises(CapacityError):
        await validate(cloud, payload={**QUICK["payload"], "fallback_vms": ["vm_gt2"]})
    assert sent(world) == ["POST /deployment"] * 4
    assert await cloud.account.leftovers() == ()


async def test_the_next_machine_type_is_taken_when_one_has_no_capacity(cloud: Session, world: World) -> None:
    warm(world)
    world.faults.add({"kind": "vm_capacity", "vm_id": "vm_gt1", "times": None})
    done = await validate(cloud, payload={**QUICK["payload"], "fallback_vms": ["vm_gt2"]})
    assert done.value.complete
    assert left(world) == []


@pytest.mark.parametrize("fault", ["string_create", "no_base_id", "plural_routes", "sticky_delete"])
async def test_it_is_deleted_however_the_cloud_speaks(cloud: Session, world: World, fault: str) -> None:
    warm(world)
    world.faults.add({"kind": fault, "match": MATCHES.get(fault, {}), "times": None if fault in MATCHES else 1})
    done = await validate(cloud)
    assert done.value.cleanup_verified, as_json(done.value)
    assert left(world) == []
    assert await cloud.account.leftovers() == ()


@pytest.mark.parametrize("status", [404, 500])
async def test_a_deletion_that_fails_is_tried_a_second_time(cloud: Session, world: World, status: int) -> None:
    warm(world)
    times = 4 if status == 404 else 1
    world.faults.add({"kind": "status", "status": status, "match": {"method": "DELETE"}, "times": times})
    done = await validate(cloud)
    assert done.value.complete, as_json(done.value)
    assert left(world) == []


async def test_a_deletion_that_cannot_be_done_is_a_loud_warning_with_the_ids(cloud: Session, world: World) -> None:
    warm(world)
    world.faults.add({"kind": "status", "status": 403, "match": {"method": "DELETE"}, "times": None})
    done = await validate(cloud)
    report = done.value
    assert not report.complete
    [warning] = report.warnings
    assert "NOT CLEANED UP" in warning
    assert report.base_id in warning
    assert report.suffix in warning
    [pending] = (await cloud.ask("theta.cleanup.pending")).deployments
    assert (pending.name, pending.listed) == (report.name, True)


async def test_a_create_whose_answer_is_lost_is_found_by_its_name_and_deleted(cloud: Session, world: World) -> None:
    warm(world)
    world.faults.add({"kind": "reset", "after": True, "match": {"method": "POST", "path": "/deployment$"}})
    done = await validate(cloud)
    assert done.value.complete, as_json(done.value)
    assert left(world) == []


async def test_a_create_that_stays_uncertain_is_raised_and_pending(cloud: Session, world: World) -> None:
    world.faults.add({"kind": "status", "status": 502, "match": {"method": "POST", "path": "/deployment$"}})
    with pytest.raises(Uncertain):
        await validate(cloud)
    [pending] = (await cloud.ask("theta.cleanup.pending")).deployments
    assert pending.listed is False


async def test_a_cancel_in_the_middle_of_the_wait_deletes(cloud: Session, world: World) -> None:
    world.faults.add({"kind": "never_ready"})
    work = asyncio.create_task(validate(cloud, readyTimeoutMs=60_000))
    await until(lambda: any("/v1/models" in call.path for call in world.calls))
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert left(world) == []
    assert await cloud.account.leftovers() == ()


async def test_a_cancel_while_the_create_is_under_way_waits_for_its_answer_and_deletes(
    cloud: Session, world: World
) -> None:
    warm(world)
    world.faults.add({"kind": "slow", "seconds": 0.4, "match": {"method": "POST", "path": "/deployment$"}})
    work = asyncio.create_task(validate(cloud))
    await until(lambda: any(call.method == "POST" for call in world.calls))
    for _ in range(5):
        work.cancel()
        await asyncio.sleep(0.02)
    with pytest.raises(asyncio.CancelledError):
        await work
    assert sent(world) == ["POST /deployment", "DELETE /deployment"]
    assert left(world) == []


async def test_a_cancel_before_the_create_makes_nothing(cloud: Session, world: World) -> None:
    world.faults.add({"kind": "slow", "seconds": 0.4, "match": {"path": "/balance"}})
    work = asyncio.create_task(validate(cloud))
    await until(lambda: any(call.path == "/balance" for call in world.calls))
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert sent(world) == []
    assert await cloud.account.leftovers() == ()


async def test_a_name_that_is_taken_is_refused_since_it_would_be_deleted(cloud: Session, world: World) -> None:
    with pytest.raises(UsageError, match="already"):
        await validate(cloud, payload={**QUICK["payload"], "name": "support-chat"})
    assert sent(world) == []


async def test_the_ledger_stops_counting_the_machine_when_it_is_gone(cloud: Session, world: World) -> None:
    warm(world)
    await validate(cloud)
    rows = await cloud.journal.ledger(20)
    [machine] = [row for row in rows if row.usd_per_hour is not None]
    assert machine.ended is not None
    assert {row.state for row in rows} <= {"confirmed", "refused"}


CHILD = """
import asyncio, os
from pathlib import Path
from theta_tui import settings
from theta_tui.review import Answer, Verdict
from theta_tui.session import Session
from theta_tui.vault import MemoryBackend, Vault

class Yes:
    async def review(self, review):
        return Verdict(Answer.CONFIRM)

async def main():
    environ = dict(os.environ)
    loaded = settings.load(None, environ)
    session = await Session.begin(loaded, environ, face="cli", data_dir=Path(environ["THETA_TUI_HOME"]) / "data",
                                  vault=Vault(loaded.profile, environ, backend=MemoryBackend()))
    payload = {"deployment_template_id": "img_sandbox0qwen3b80000000000000", "vm_id": "vm_gt1"}
    await session.submit("theta.deployments.validateDisposable", {"payload": payload, "readyTimeoutMs": 60000,
                         "intervalMs": 500}, reviewer=Yes())

asyncio.run(main())
"""


async def killed(sandbox: SandboxServer, home: Path, moment: Callable[[], bool]) -> None:
    """Run a validation in a process of its own and kill it at a moment."""
    environ = {**os.environ, **sandbox.environment(), "THETA_TUI_HOME": str(home)}
    process = await asyncio.to_thread(
        subprocess.Popen, [sys.executable, "-c", CHILD], env=environ, stderr=subprocess.PIPE
    )
    with process:
        try:
            await until(lambda: moment() or process.poll() is not None)
            assert process.poll() is None, process.stderr.read().decode() if process.stderr else ""
        finally:
            process.send_signal(signal.SIGKILL)


async def test_after_a_kill_the_next_start_knows_what_was_made_and_finishes_it(
    on_demo: Begin, sandbox: SandboxServer, world: World, tmp_path: Path
) -> None:
    world.faults.add({"kind": "never_ready"})
    session = await on_demo()
    await killed(sandbox, tmp_path, lambda: any("/v1/models" in call.path for call in world.calls))
    [name] = left(world)
    [pending] = (await session.ask("theta.cleanup.pending")).deployments
    assert (pending.name, pending.listed) == (name, True)
    assert pending.base_id

    reviewer = Person()
    done = await session.submit("theta.cleanup.finish", {}, reviewer=reviewer)
    assert reviewer.shown[0].typed == name
    assert (done.value.deleted, done.value.left, done.value.complete) == ((name,), (), True)
    assert left(world) == []
    assert (await session.ask("theta.cleanup.pending")).deployments == ()
    with pytest.raises(UsageError, match="no clean-up"):
        await session.submit("theta.cleanup.finish", {}, reviewer=reviewer)


async def test_a_kill_before_the_creates_answer_leaves_the_name_to_finish_by(
    on_demo: Begin, sandbox: SandboxServer, world: World, tmp_path: Path
) -> None:
    world.faults.add({"kind": "slow", "after": True, "seconds": 5, "match": {"method": "POST", "path": "/deployment$"}})
    session = await on_demo()
    await killed(sandbox, tmp_path, lambda: bool(left(world)))
    [pending] = (await session.ask("theta.cleanup.pending")).deployments
    assert (pending.base_id, pending.listed) == ("", True)
    done = await session.submit("theta.cleanup.finish", {}, reviewer=Person())
    assert done.value.complete
    assert left(world) == []


async def test_what_was_deleted_elsewhere_is_crossed_off(
    on_demo: Begin, sandbox: SandboxServer, world: World, tmp_path: Path
) -> None:
    world.faults.add({"kind": "never_ready"})
    session = await on_demo()
    await killed(sandbox, tmp_path, lambda: any("/v1/models" in call.path for call in world.calls))
    machine = next(one for one in world.deployments.values() if one.name in left(world))
    world.remove_deployment(machine)
    before = len(sent(world))
    done = await session.submit("theta.cleanup.finish", {}, reviewer=Person())
    assert (done.value.gone, done.value.complete) == ((machine.name,), True)
    assert len(sent(world)) == before
    assert await session.account.leftovers() == ()


async def test_a_deletion_that_is_refused_stays_pending(
    on_demo: Begin, sandbox: SandboxServer, world: World, tmp_path: Path
) -> None:
    world.faults.add({"kind": "never_ready"})
    session = await on_demo()
    await killed(sandbox, tmp_path, lambda: any("/v1/models" in call.path for call in world.calls))
    world.faults.add({"kind": "status", "status": 403, "match": {"method": "DELETE"}, "times": None})
    done = await session.submit("theta.cleanup.finish", {}, reviewer=Person())
    assert not done.value.complete
    assert done.value.failures[0].kind == "permission"
    [pending] = (await session.ask("theta.cleanup.pending")).deployments
    assert pending.listed


async def test_dry_run_deletes_nothing_that_is_pending(
    on_demo: Begin, sandbox: SandboxServer, world: World, tmp_path: Path
) -> None:
    world.faults.add({"kind": "never_ready"})
    session = await on_demo(THETA_DRY_RUN="1")
    await killed(sandbox, tmp_path, lambda: any("/v1/models" in call.path for call in world.calls))
    outcome = await session.submit("theta.cleanup.finish", {}, reviewer=Person())
    assert (outcome.reason, len(left(world))) == ("dry_run", 1)


async def test_a_broken_journal_does_not_keep_a_machine_alive(cloud: Session, world: World) -> None:
    world.faults.add({"kind": "never_ready"})
    work = asyncio.create_task(validate(cloud, readyTimeoutMs=2000))
    await until(lambda: any("/v1/models" in call.path for call in world.calls))
    cloud.journal._store.problem = "The disk is full."
    try:
        await work
    except ThetaError as error:
        pytest.fail(f"the report is lost: {error.message}")
    assert left(world) == []
