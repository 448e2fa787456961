from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from sqlite3 import Connection
from typing import Any

import pytest
from textual.widgets import Static

from theta_tui.errors import ThetaError
from theta_tui.journal import Entry, Intent
from theta_tui.registry import find
from theta_tui.review import Answer, Review, Verdict
from theta_tui.tui.panes.activity import again, change_row
from theta_tui.tui.panes.activity import listing as listing_module
from theta_tui.tui.panes.activity.listing import AT_ONCE, SHOWN, RequestList
from theta_tui.tui.panes.activity.settling import SettleQuestion
from theta_tui.tui.review import ReviewModal
from theta_tui.tui.widgets.banner import Banner
from theta_tui.tui.widgets.details import Details

PICTURE = {"service": "stable_diffusion_xl_turbo", "input": {"prompt": "a lighthouse"}}


class Says:
    def __init__(self, answer: Answer = Answer.CONFIRM) -> None:
        self.answer = answer

    async def review(self, review: Review) -> Verdict:
        return Verdict(self.answer)


async def followed(it: Any, count: int) -> None:
    listing = it.pane.listing
    await it.until(lambda: listing.loaded_at is not None and len(listing.table.visible_rows) == count)


def details(it: Any) -> str:
    return str(it.pane.listing.query_one(Details).query_one("#text", Static).content)


def journal(it: Any) -> Any:
    return it.app.session.journal


async def note(it: Any, state: str = "sent", **fields: Any) -> int:
    asked = {"command": "theta.deployments.create", "summary": "Create llama-9x", "target_kind": "deployment", **fields}
    row = int(await journal(it).reserve(Intent(profile="demo", face="cli", **asked)))
    await journal(it).mark(row, state)
    return row


async def test_an_empty_activity_teaches(console: Any) -> None:
    async with console(pane="activity") as it:
        await it.until(lambda: it.pane.listing.loaded_at is not None)
        assert "Nothing has been changed or paid for yet." in it.shown()


async def test_a_change_is_listed_with_result_cost_and_face(console: Any) -> None:
    async with console(pane="activity") as it:
        await it.app.session.submit("theta.ondemand.infer", PICTURE, reviewer=Says())
        await followed(it, 1)
        line = next(line for line in it.shown().splitlines() if "Run stable_diffusion" in line)
        assert "✓ done" in line
        assert "$0.0100" in line
        assert "console" in line


async def test_what_another_program_does_appears_without_a_key(console: Any) -> None:
    async with console(pane="activity") as it:
        await followed(it, 0)
        await note(it, summary="Create from the shell")
        await it.until(lambda: "Create from the shell" in it.shown())
        assert "◌ waiting" in it.shown()


async def test_an_uncertain_change_stands_out_and_says_what_to_do(console: Any) -> None:
    async with console(pane="activity", size=(80, 24)) as it:
        await note(it, "uncertain", worst_usd=Decimal("0.80"), usd_per_hour=Decimal("0.80"))
        await followed(it, 1)
        assert "? uncertain" in it.shown()
        assert "1 uncertain" in it.shown()
        await it.press("enter")
        await it.until(lambda: "before you repeat it" in details(it))
        assert "4 Deployments" in details(it)


async def test_the_preview_that_was_approved_is_kept_with_its_requests(console: Any) -> None:
    async with console(pane="activity") as it:
        await it.app.session.submit("theta.ondemand.infer", PICTURE, reviewer=Says())
        await followed(it, 1)
        await it.press("enter", "right")
        await it.until(lambda: "a lighthouse" in details(it))
        assert "POST" in details(it)
        assert "theta-tui run theta.ondemand.infer" in details(it)
        token = it.app.demo.environ["THETA_ONDEMAND_API_TOKEN"]
        assert token not in details(it)
        await it.press("right")
        await it.until(lambda: '"state": "confirmed"' in details(it))
        await it.press("right")
        await it.until(lambda: "/infer_request/stable_diffusion_xl_turbo" in details(it))


async def test_dot_shows_the_requests_with_status_and_time_and_dot_goes_back(console: Any) -> None:
    async with console(pane="activity") as it:
        await it.until(lambda: it.app.pulse is not None)
        await it.press(".")
        await it.until(lambda: "/balance" in it.shown())
        line = next(line for line in it.shown().splitlines() if "/balance" in line)
        assert "GET" in line
        assert "✓ 200" in line
        assert " s " in line
        assert "billing.balance" in line
        await it.press("comma")
        await it.until(lambda: "Nothing has been changed" in it.shown())


async def test_a_click_on_requests_shows_them_and_the_way_back_is_right(console: Any) -> None:
    async with console(pane="activity") as it:
        await it.until(lambda: it.app.pulse is not None)
        for word, wanted in (("Requests", "/balance"), ("Changes", "Nothing has been changed")):
            line = it.pane.query_one("TabLine")
            at = it.shown().splitlines()[line.region.y].index(word, line.region.x)
            await it.pilot.click(line, offset=(at - line.region.x, 0))
            await it.until(lambda wanted=wanted: wanted in it.shown())


async def test_a_failed_request_is_listed_with_its_kind_and_attempts(console: Any) -> None:
    async with console(pane="activity", THETA_HTTP_RETRY_BACKOFF_MS="25") as it:
        it.world.faults.add({"kind": "status", "status": 500, "match": {"path": "^/resource/vm"}, "times": None})
        with pytest.raises(ThetaError):
            await it.app.session.ask("theta.deployments.listVm")
        await it.press(".")
        await it.press("slash")
        await it.type("vm/list")
        await it.press("enter")
        await it.until(lambda: len(it.pane.listing.table.visible_rows) >= 3)
        assert {row.number for row in it.pane.listing.table.visible_rows} >= {1, 2, 3}
        assert "✗ 500 upstream" in it.shown()


async def test_the_filter_and_the_cursor_stay_while_the_list_follows(console: Any) -> None:
    async with console(pane="activity") as it:
        for name in ("one", "two", "three"):
            await note(it, summary=f"Create {name}")
        await followed(it, 3)
        it.pane.listing.table.move_to("1")
        await note(it, summary="Create four")
        await followed(it, 4)
        assert it.pane.listing.row.summary == "Create one"


def many_requests(count: int) -> Callable[[Connection], None]:
    columns = (
        "profile, face, command, method, url, family, started, seconds, number, message, sent, bytes_out, bytes_in"
    )
    rows = (("demo", "cli", "theta.x.y", "GET", f"https://x.example/n{at}", "ai", 1.0, 0.1, 1, "", 1, 9, 9)
            for at in range(count))  # fmt: skip

    def write(connection: Connection) -> None:
        connection.executemany(f"INSERT INTO requests ({columns}) VALUES ({', '.join('?' * 13)})", rows)

    return write


async def test_older_requests_are_read_as_the_cursor_nears_the_end_and_all_when_something_is_searched(
    console: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console() as it:
        await journal(it)._store.write(many_requests(6_000))
        limits: list[int] = []
        read = RequestList.read

        def reading(listing: RequestList, limit: int, before: int | None) -> Any:
            limits.append(limit)
            return read(listing, limit, before)

        monkeypatch.setattr(RequestList, "read", reading)
        monkeypatch.setattr(RequestList, "poll_seconds", 3600.0)
        await it.press("0", ".")
        listing = it.pane.listing
        await it.until(lambda: listing.loaded_at is not None and len(listing.table.visible_rows) == SHOWN)
        assert f"{SHOWN}+" in it.shown()
        assert set(limits) == {SHOWN}
        taken: list[int] = []
        take = type(listing.table).set_rows
        monkeypatch.setattr(type(listing.table), "set_rows", lambda table, rows: taken.append(1) or take(table, rows))
        found = None
        while found is not listing._found:  # until nothing that was asked at the start is still being written down
            found = listing._found
            taken.clear()
            await listing.refresh_data()
        assert taken == []
        await it.press("G")
        await it.until(lambda: len(listing.table.visible_rows) == SHOWN + AT_ONCE)
        assert limits.count(AT_ONCE) == 1
        await it.press("/")
        await it.type("path:n17")
        await it.until(lambda: "https://x.example/n17" in [row.url for row in listing.table.visible_rows])
        await it.until(lambda: " of 60" in listing.count_words and "+" not in listing.count_words)
        found = {row.url for row in listing.table.visible_rows}
        assert {f"https://x.example/n{at}" for at in (17, 170, 1799)} <= found


async def test_what_was_read_of_old_stays_right_while_the_list_follows(
    console: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing_module, "SHOWN", 4)
    monkeypatch.setattr(listing_module, "NEAR", 1)
    monkeypatch.setattr(listing_module, "AT_ONCE", 3)
    async with console(pane="activity") as it:
        first = await note(it, "uncertain", summary="Create one")
        for name in ("two", "three", "four", "five", "six"):
            await note(it, "confirmed", summary=f"Create {name}")
        listing = it.pane.listing
        await followed(it, 4)
        await it.press("G")
        await followed(it, 6)
        await note(it, "confirmed", summary="Create seven")
        await journal(it).settle(first, happened=True, note="seen")
        await it.until(lambda: [row.state for row in listing.table.visible_rows] == ["confirmed"] * 6 + ["reconciled"])
        assert listing.row.summary == "Create three"
        for number in range(9):
            await note(it, "confirmed", summary=f"More {number}")
        await it.until(lambda: listing.table.visible_rows[0].summary == "More 8")
        numbers = [row.id for row in listing.table.visible_rows]
        assert numbers == list(range(numbers[0], numbers[-1] - 1, -1))


async def test_repeat_asks_again_and_sends_nothing_without_a_yes(console: Any) -> None:
    async with console(pane="activity") as it:
        await it.app.session.submit("theta.ondemand.infer", PICTURE, reviewer=Says())
        await followed(it, 1)
        sent = len(it.sent())
        await it.press("r")
        await it.until(lambda: isinstance(it.app.screen, ReviewModal))
        await it.until(lambda: "stable_diffusion_xl_turbo" in it.shown())
        await it.press("escape")
        await it.until(lambda: not isinstance(it.app.screen, ReviewModal))
        assert len(it.sent()) == sent


async def test_what_was_not_kept_whole_cannot_be_repeated(console: Any) -> None:
    async with console(pane="activity") as it:
        await note(it)
        await followed(it, 1)
        await it.press("r")
        await it.until(lambda: it.pane.listing.query(Banner).first().error is not None)
        assert not it.sent()


async def test_esc_leaves_details_then_filter_and_never_the_pane(console: Any) -> None:
    async with console(pane="activity", size=(80, 24)) as it:
        await note(it)
        await followed(it, 1)
        await it.press("slash")
        await it.type("llama")
        await it.press("enter", "enter")
        await it.until(lambda: it.pane.listing.has_class("-detail"))
        await it.press("escape")
        assert not it.pane.listing.has_class("-detail")
        await it.press("escape")
        assert it.pane.listing.table.filter_state.text == ""
        await it.press("escape", "escape")
        assert it.pane.id == "activity"


async def test_copies_hold_the_command_line_and_no_secret(console: Any) -> None:
    async with console(pane="activity") as it:
        await it.app.session.submit("theta.ondemand.infer", PICTURE, reviewer=Says())
        await followed(it, 1)
        offered = dict(it.pane.copy_choices())
        assert json.loads(offered["CLI line"].partition("--args ")[2].strip("'"))["service"] == PICTURE["service"]
        assert "$CREDENTIAL" in offered["curl"]
        token = it.app.demo.environ["THETA_ONDEMAND_API_TOKEN"]
        assert all(token not in text for text in offered.values())


async def done(it: Any, command: str, arguments: dict[str, Any]) -> Entry:
    await it.app.session.submit(command, arguments, reviewer=Says())
    return (await journal(it).ledger(1))[0]


async def test_arguments_are_kept_with_what_was_approved(console: Any) -> None:
    async with console(pane="activity") as it:
        session = it.app.session
        hello = {"messages": [{"role": "user", "content": "hi"}], "service": "qwen3", "max_tokens": 20}
        first = (await session.ask("theta.deployments.list")).deployments[0]
        where = {"shard": first.shard, "suffix": first.suffix, "name": first.name}
        for command, arguments in (
            ("theta.ondemand.chat", hello),
            ("theta.ondemand.infer", PICTURE),
            ("theta.deployments.stop", where),
            ("theta.deployments.delete", {**where, "deployment_id": first.base_id}),
            ("theta.ai.agent.create", {"name": "Helpdesk", "temperature": "0.5"}),
        ):
            row = await done(it, command, arguments)
            ((name, kept),) = again.calls_of(row)
            assert (name, find(command).given(kept)) == (command, find(command).given(arguments))
            assert (again.command_line(row) or "").startswith(f"theta-tui run {command} ")


async def test_each_of_several_marked_rows_is_repeated_by_itself(console: Any) -> None:
    async with console(pane="deployments") as it:
        await it.until(lambda: "shelf-finder" in it.shown())
        await it.press("space", "space", "x")
        await it.until(lambda: isinstance(it.app.screen, ReviewModal) and it.app.screen.armed)
        await it.press("y")
        await it.until(lambda: len(it.sent("PUT", "/stop")) == 2)
        await it.press("0")
        await followed(it, 2)
        names = {row.target_name for row in it.pane.listing.table.visible_rows}
        assert names == {"support-chat", "shelf-finder"}
        for row in it.pane.listing.table.visible_rows:
            ((name, kept),) = again.calls_of(row)
            assert (name, kept["name"]) == ("theta.deployments.stop", row.target_name)
            assert kept["suffix"] in (again.curl_of_change(row) or "")


async def test_a_dry_run_of_several_is_repeated_as_one(console: Any) -> None:
    async with console(pane="deployments") as it:
        await it.until(lambda: "shelf-finder" in it.shown())
        await it.press("space", "space", "x")
        await it.until(lambda: isinstance(it.app.screen, ReviewModal) and it.app.screen.armed)
        await it.press("d")
        await it.until(lambda: it.app.screen is it.app.shell)
        await it.press("0")
        await followed(it, 1)
        assert len((again.command_line(it.pane.listing.row) or "").splitlines()) == 2
        await it.press("r")
        await it.until(lambda: isinstance(it.app.screen, ReviewModal) and it.app.screen.armed)
        assert "support-chat, shelf-finder" in it.shown()
        await it.press("y")
        await it.until(lambda: len(it.sent("PUT", "/stop")) == 2)


async def test_a_change_with_a_masked_secret_is_not_offered_again(console: Any) -> None:
    async with console(pane="activity") as it:
        templates = (await it.app.session.ask("theta.deployments.listStandard", {"category": "serving"})).templates
        order = {"deployment_template_id": templates[0].id, "vm_id": "vm_gt1"}
        plain = await done(it, "theta.deployments.create", order)
        assert again.calls_of(plain)
        assert again.calls_of(await done(it, "theta.deployments.create", {**order, "generate_auth": True}))
        secret = {"auth_username": "owner", "auth_password": "correct-horse-battery"}
        row = await done(it, "theta.deployments.create", {**order, **secret})
        assert "correct-horse" not in row.preview_json
        assert again.calls_of(row) == ()


def entry(**fields: Any) -> Entry:
    values = dict.fromkeys(Entry.__slots__) | {
        "state": "confirmed", "worst_usd": Decimal(0), "estimate": False, "command": "theta.ondemand.infer",
        "preview_json": "{}", "summary": "", "created": 0.0,
    }  # fmt: skip
    return Entry(**{**values, **fields})


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"cost_usd": Decimal("0.01")}, "$0.0100"),
        ({"cost_usd": Decimal("0.01"), "estimate": True}, "≈$0.0100"),
        ({"worst_usd": Decimal("0.5")}, "≤$0.5000"),
        ({"worst_usd": Decimal("0.8"), "usd_per_hour": Decimal("0.8")}, "$0.80/h"),
        ({"item": "service/flux"}, "unknown"),
        ({}, "$0.00"),
        ({"worst_usd": Decimal("0.5"), "state": "refused"}, "$0.00"),
    ],
)
def test_costs_say_whether_they_are_known(fields: dict[str, Any], expected: str) -> None:
    assert change_row.cost_words(entry(**fields)) == expected


def test_a_state_of_tomorrow_is_shown_as_it_is() -> None:
    assert change_row.state_cell(entry(state="paused")) == ("· paused", "muted")


@pytest.mark.parametrize(
    "preview",
    ["", "[]", "{}", '{"requests": [null]}', '{"calls": 5, "requests": [{"body": "text"}]}', '{"calls": ["x"]}'],
)
def test_a_damaged_preview_offers_nothing(preview: str) -> None:
    damaged = entry(preview_json=preview)
    assert again.calls_of(damaged) == ()
    assert again.curl_of_change(damaged) is None


@pytest.mark.parametrize(("key", "word", "counts"), [("h", "It happened", "0.30"), ("n", "It did not happen", "0")])
async def test_what_no_list_tells_is_settled_by_the_users_word(key: str, word: str, counts: str, console: Any) -> None:
    async with console(pane="activity") as it:
        asked = {"command": "theta.ondemand.chat", "summary": "Ask qwen3", "target_kind": "service"}
        await note(it, "uncertain", **asked, target_id="qwen3", worst_usd=Decimal("0.30"))
        await followed(it, 1)
        await it.press("u")
        await it.until(lambda: isinstance(it.app.screen, SettleQuestion))
        assert "does not tell what became of it" in it.shown()
        await it.press("escape")
        await it.until(lambda: it.app.screen is it.app.shell)
        assert (await journal(it).ledger())[0].state == "uncertain"
        await it.press("u")
        await it.until(lambda: isinstance(it.app.screen, SettleQuestion))
        await it.press(key)
        await it.until(lambda: "✓ settled" in it.shown())
        entry = (await journal(it).ledger())[0]
        assert entry.note == f"{word}, as the user said."
        assert (await journal(it).spending("demo")).total_usd == Decimal(counts)
        assert it.sent() == []


async def test_a_change_that_is_settled_is_left_alone(console: Any) -> None:
    async with console(pane="activity") as it:
        await note(it, "confirmed")
        await followed(it, 1)
        await it.press("u")
        await it.until(lambda: any("Only a change of unknown outcome" in words for _, _, words in it.app.messages))
