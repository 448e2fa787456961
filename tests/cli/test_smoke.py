"""`theta-tui smoke`: shown first, one yes for all, stopped before the cap, told in a table."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from theta_tui.headless import samples
from theta_tui.sandbox import media, sounds
from theta_tui.sandbox.world import World

Call = Callable[..., Any]
Posts = Callable[[], list[str]]


def rows(done: Any) -> dict[str, dict[str, Any]]:
    return {row["service"]: row for row in done.json["results"]}


def test_the_samples_are_a_real_picture_and_a_real_recording() -> None:
    photo = media.look(samples.picture())
    assert photo is not None
    assert (photo.width, photo.height, photo.canvas is not None) == (64, 64, True)
    assert sounds.wav_seconds(samples.recording()) == 1.0


def test_the_usual_round_succeeds_and_reports_states_and_costs(call: Call) -> None:
    done = call("smoke", "--yes", "--output", "json")
    assert done.code == 0, done.err
    found = rows(done)
    assert list(found) == ["qwen3", "stable_diffusion_xl_turbo", "blip", "whisper"]
    assert {row["state"] for row in found.values()} == {"success"}
    assert all(row["seconds"] >= 0 and row["cost_usd"] > 0 for row in found.values())
    assert done.json["cap_usd"] == 2.0
    total = sum(Decimal(str(row["cost_usd"])) for row in found.values())
    assert Decimal(str(done.json["spent_usd"])) == total


def test_text_output_is_a_table(call: Call) -> None:
    lines = call("smoke", "--yes", "--output", "text", SERVICES="blip").out.splitlines()
    assert lines[0] == "results:"
    assert lines[1].split()[:4] == ["service", "state", "seconds", "cost_usd"]
    assert lines[2].split()[:2] == ["blip", "success"]


@pytest.mark.parametrize(
    ("words", "more", "reason"),
    [
        ((), {}, "preview"),
        (("--dry-run",), {}, "dry_run"),
        (("--yes",), {"THETA_DRY_RUN": "1"}, "dry_run"),
        (("--yes", "--read-only"), {}, "read_only"),
    ],
)
def test_without_a_yes_the_plan_of_previews_is_printed_and_nothing_is_sent(
    call: Call, posts: Posts, words: tuple[str, ...], more: dict[str, str], reason: str
) -> None:
    done = call("smoke", *words, "--output", "json", **more)
    assert done.code == 3
    assert (done.json["applied"], done.json["reason"]) == (False, reason)
    assert [one["command"] for one in done.json["calls"]] == [
        "theta.ondemand.chat",
        "theta.ondemand.infer",
        "theta.ondemand.inferFiles",
        "theta.ondemand.inferFiles",
    ]
    assert done.json["usd_estimate"] > 0.03
    assert posts() == []


def test_it_stops_before_the_cap_would_be_passed(call: Call, posts: Posts) -> None:
    done = call("smoke", "--yes", "--output", "json", THETA_MAX_BUDGET_USD="0.025",
                SERVICES="stable_diffusion_xl_turbo,blip,whisper,llava")  # fmt: skip
    found = rows(done)
    assert done.code == 3
    assert [row["state"] for row in found.values()] == ["success", "success", "not run", "not run"]
    assert done.json["stopped"] == "budget"
    assert done.json["spent_usd"] <= 0.025
    assert not any("whisper" in path or "llava" in path for path in posts())


def test_what_was_spent_today_counts_against_the_cap(call: Call, posts: Posts) -> None:
    more = {"SERVICES": "blip", "THETA_MAX_BUDGET_USD": "0.015"}
    assert [call("smoke", "--yes", **more).code for _ in range(2)] == [0, 3]


def test_services_that_are_not_live_are_dropped_and_named(call: Call) -> None:
    done = call("smoke", "--yes", "--output", "json", SERVICES="blip,long_gone")
    assert rows(done)["long_gone"]["state"] == "not live"
    assert done.code == 0


def test_nothing_is_tried_when_the_live_list_cannot_be_had(call: Call, world: World, posts: Posts) -> None:
    world.faults.add({"kind": "status", "status": 400, "match": {"path": "/service/list"}})
    done = call("smoke", "--yes", "--output", "json")
    assert (done.code, posts()) == (1, [])


def test_an_unknown_price_is_left_out_unless_an_amount_is_allowed_for_it(call: Call, posts: Posts) -> None:
    done = call("smoke", "--yes", "--output", "json", SERVICES="kokoro_82m")
    assert rows(done)["kokoro_82m"]["state"] == "skipped"
    assert posts() == []
    assert rows(call("smoke", "--yes", "--output", "json", "--max-usd", "0.05", SERVICES="kokoro_82m"))[
        "kokoro_82m"
    ]["state"] == "success"  # fmt: skip


def test_a_service_that_fails_is_told_and_the_others_are_tried(call: Call, world: World) -> None:
    world.faults.add({"kind": "status", "status": 409, "body": {"status": "error", "message": "No instances available"},
                      "match": {"method": "POST", "path": "turbo"}, "times": None})  # fmt: skip
    done = call("smoke", "--yes", "--output", "json", SERVICES="stable_diffusion_xl_turbo,blip")
    assert done.code == 1
    assert {name: row["state"] for name, row in rows(done).items()} == {
        "stable_diffusion_xl_turbo": "no capacity",
        "blip": "success",
    }


def test_a_refused_token_stops_it_at_the_first_call(call: Call, posts: Posts) -> None:
    done = call("smoke", "--yes", "--output", "json", THETA_ONDEMAND_API_TOKEN="not-a-token-1")
    assert (done.code, len(posts())) == (1, 1)
    assert [row["state"] for row in rows(done).values()] == ["auth", *["not run"] * 3]


def test_a_missing_token_exits_4(call: Call) -> None:
    assert call("smoke", "--yes", "--output", "json", THETA_ONDEMAND_API_TOKEN="").code == 4


def test_pending_jobs_are_followed_or_left_as_the_variables_say(call: Call, world: World) -> None:
    services = {"SERVICES": "stable_diffusion_xl_turbo", "THETA_WAIT_SECONDS": "0"}
    done = call("smoke", "--yes", "--output", "json", THETA_POLL_INTERVAL_SECONDS="0.1", **services)
    assert rows(done)["stable_diffusion_xl_turbo"]["state"] == "success"
    done = call("smoke", "--yes", "--output", "json", THETA_POLL_UNTIL_DONE="off", **services)
    [row] = rows(done).values()
    assert (row["state"], done.code) == ("pending", 1)
    assert row["request_id"] in row["note"]
    submitted = [json.loads(one.body) for one in world.calls if one.method == "POST"]
    assert all("input" in body for body in submitted)
    assert ("wait", "0") in [pair for one in world.calls if one.method == "POST" for pair in one.query]


def test_a_person_is_shown_the_calls_and_asked_once(terminal: Callable[..., Any], posts: Posts) -> None:
    screen = terminal("smoke", SERVICES="blip,qwen3")
    shown = screen.until("[y/N]")
    assert "blip: theta.ondemand.inferFiles, up to $0.01" in shown
    screen.type("y\n")
    assert screen.wait(30) == 0
    assert len(posts()) == 4
    assert screen.text.count("[y/N]") == 1


def test_a_no_sends_nothing(terminal: Callable[..., Any], posts: Posts) -> None:
    screen = terminal("smoke", SERVICES="blip")
    screen.until("[y/N]")
    screen.type("n\n")
    assert (screen.wait(30), posts()) == (3, [])


def test_every_call_is_in_the_ledger(call: Call, environment: dict[str, str]) -> None:
    call("smoke", "--yes", SERVICES="blip")
    with sqlite3.connect(f"{environment['THETA_TUI_HOME']}/data/journal.sqlite3") as journal:
        states = journal.execute("SELECT command, state FROM intents").fetchall()
    journal.close()
    assert states == [("theta.ondemand.inferFiles", "confirmed")] * 3


def test_a_leftover_is_told_in_one_line_when_something_is_run(call: Call, world: World) -> None:
    world.faults.add({"kind": "status", "status": 403, "match": {"method": "DELETE"}, "times": None})
    world.faults.add({"kind": "warm_up", "script": [[0, 404]], "times": None})
    payload = json.dumps({"deployment_template_id": "img_sandbox0qwen3b80000000000000", "vm_id": "vm_gt1",
                          "auth_username": "client", "auth_password": "planted-pass-77"})  # fmt: skip
    given = json.dumps({"payload": json.loads(payload), "intervalMs": 500, "readyTimeoutMs": 1000})
    done = call("run", "theta.deployments.validateDisposable", "--args", given, "--yes")
    assert (done.code, done.json["cleanup"]) == (1, "NOT verified")
    assert "planted-pass" not in done.out + done.err
    name = done.json["deployment"]["name"]
    world.faults.clear()
    warned = call("run", "theta.health")
    assert name in json.loads(warned.err)["warning"]
    assert "theta.cleanup.finish" in warned.err
    finished = call("run", "theta.cleanup.finish", "--yes")
    assert (finished.code, finished.json["deleted"]) == (0, [name])
    assert call("run", "theta.health").err == ""


@pytest.mark.parametrize("number", [2, 15])
def test_an_interrupted_validation_deletes_before_it_ends(
    background: Callable[..., Any], world: World, number: int
) -> None:
    world.faults.add({"kind": "never_ready"})
    given = json.dumps({"deployment_template_id": "img_sandbox0qwen3b80000000000000", "vm_id": "vm_gt1",
                        "readyTimeoutMs": 60000, "intervalMs": 500})  # fmt: skip
    process = background("run", "theta.deployments.validateDisposable", "--args", given, "--yes")
    for _ in range(100):
        if any("/v1/models" in one.path for one in world.calls):
            break
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
    process.send_signal(number)
    assert process.wait(20) == {2: 130, 15: 143}[number]
    assert world.deployments == {}
