from __future__ import annotations

import dataclasses
import json
import webbrowser
from typing import Any

import pytest
from textual.widgets import Input, Select

from theta_tui.shapes.deployments import Template, VmType
from theta_tui.tui.panes.deployments.draft import Draft, fallbacks
from theta_tui.tui.panes.deployments.new_deployment import NewDeployment
from theta_tui.tui.panes.deployments.readiness import Watch, watch_content
from theta_tui.tui.panes.desk import Desk
from theta_tui.tui.review import ReviewModal
from theta_tui.tui.widgets.banner import Banner
from theta_tui.tui.widgets.details import Details


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Desk, "pause", 0.02)
    monkeypatch.setattr(Watch, "pause", property(lambda _: 0.05))


async def _rows(it: Any) -> None:
    await it.until(lambda: it.pane.loaded_at is not None and it.pane.table.visible_rows)
    await it.until(lambda: it.pane.row is not None and it.pane.row.vm is not None)


async def _cursor_on(it: Any, name: str) -> None:
    key = next(row.key for row in it.pane.table.visible_rows if row.name == name)
    assert it.pane.table.move_to(key)


async def _in_review(it: Any) -> ReviewModal:
    await it.until(lambda: isinstance(it.app.screen, ReviewModal) and it.app.screen.armed)
    return it.app.screen


async def _in_wizard(it: Any, step: str) -> NewDeployment:
    def is_there() -> bool:
        wizard = it.app.screen
        if not isinstance(wizard, NewDeployment) or wizard.step != step:
            return False
        return wizard.focused is not None and (step == "options" or bool(wizard.focused.visible_rows))

    await it.until(is_there)
    return it.app.screen


async def _at_options(it: Any, template: str = "Llama 3 8B") -> NewDeployment:
    """Press `n`, choose a template by search, take the suggested machine."""
    await it.press("n")
    wizard = await _in_wizard(it, "template")
    await it.press("slash")
    await it.type(template.lower())
    await it.until(lambda: wizard.query_one("#template").table.cursor_row.name == template)
    await it.press("enter", "enter")
    await _in_wizard(it, "machine")
    await it.press("enter")
    return await _in_wizard(it, "options")


def _says(it: Any, words: str) -> bool:
    return any(words in text for _, _, text in it.app.messages)


def _banner(it: Any) -> str:
    error = it.pane.query_one(Banner).error
    return f"{error.kind}: {error.message} {error.hint}" if error else ""


def _details(it: Any) -> str:
    return str(it.pane.query_one("#text").content)


async def test_the_list_shows_status_in_words_and_what_runs_costs(console: Any) -> None:
    async with console(pane="deployments") as it:
        await _rows(it)
        await it.until(lambda: "support-chat" in it.shown())
        screen = it.shown()
        assert "● Running" in screen
        assert "◌ Pending" in screen
        assert "○ Stopped" in screen
        lines = {
            row.name: it.pane.table.copy_row() for row in it.pane.table.visible_rows if it.pane.table.move_to(row.key)
        }
        assert "\t0.95\t" in lines["support-chat"]
        assert "\t–\t" in lines["render-node"]
        assert "\t1/1\t" in lines["support-chat"]


async def test_unknown_prices_say_unknown_and_the_list_still_stands(console: Any) -> None:
    async with console(pane="overview") as it:
        it.world.faults.add({"kind": "status", "status": 500, "times": None, "match": {"path": "/resource/vm/list"}})
        await it.press("4")
        await it.until(lambda: it.pane.loaded_at is not None and it.pane.table.visible_rows)
        assert "\tunknown\t" in it.pane.table.copy_row()
        assert _banner(it) == ""


async def test_a_filter_by_status_leaves_only_those(console: Any) -> None:
    async with console(pane="deployments") as it:
        await _rows(it)
        await it.press("slash")
        await it.type("status:stop")
        await it.until(lambda: {row.name for row in it.pane.table.visible_rows} == {"research-notes", "render-node"})


async def test_no_deployments_teach_how_to_make_one(console: Any) -> None:
    async with console(pane="overview") as it:
        it.world.deployments.clear()
        await it.press("4")
        await it.until(lambda: "Press n to create one" in " ".join(it.shown().split()))


async def test_details_tell_ids_cost_and_where_credentials_live(console: Any) -> None:
    async with console(pane="deployments") as it:
        await _rows(it)
        machine = next(one for one in it.world.deployments.values() if one.name == "support-chat")
        await it.until(lambda: "$0.95/h · $22.80/day" in _details(it))
        assert machine.base_id in _details(it)
        assert machine.suffix in _details(it)
        assert "none kept here" in _details(it)


async def test_a_dry_run_from_the_wizard_sends_nothing_and_keeps_what_was_typed(console: Any) -> None:
    async with console(pane="deployments", size=(80, 24)) as it:
        await _rows(it)
        wizard = await _at_options(it)
        name = wizard.query_one("#name", Input).value
        assert name.startswith("llama-3-8b-")
        assert len(name) == len("llama-3-8b-") + 4
        await it.press("enter")
        await _in_review(it)
        await it.press("d")
        await it.until(lambda: it.app.screen is wizard and not wizard.is_sending)
        assert it.sent("POST") == []
        assert wizard.query_one("#name", Input).value == name


async def test_confirm_creates_what_was_shown_then_watches_it_become_ready(console: Any) -> None:
    async with console(pane="deployments", speed=0) as it:
        await _rows(it)
        await _at_options(it, "DeepSeek R1 Distill-Qwen-7B")
        await it.press("ctrl+n")
        review = await _in_review(it)
        shown = dict(review._review.preview["requests"][0]["body"])
        await it.press("y")
        await it.until(lambda: it.app.screen is it.app.shell and it.pane.row and it.pane.row.name == shown["name"])
        posts = [call for call in it.world.calls if call.method == "POST"]
        assert [call.path for call in posts] == ["/deployment"]
        body = json.loads(posts[0].body)
        secret = body["auth_password"]
        assert {**body, "auth_username": "[redacted]", "auth_password": "[redacted]"} == shown
        await it.until(lambda: it.pane.query_one(Details).tab_name == "Readiness")
        await it.until(lambda: "404" in _details(it) and "…" in _details(it))
        assert any("404" in words for words in it.app.busy.values())
        it.world.clock.advance(20)
        await it.until(lambda: "404 → 503" in _details(it))
        it.world.clock.advance(40)
        await it.until(lambda: "404 → 503 → 200" in _details(it))
        assert "is ready after" in _details(it)
        assert _says(it, "is ready after")
        assert it.app.busy == {}
        it.pane.query_one(Details).select("Describe")
        await it.until(lambda: f"kept in the vault as endpoint/{it.pane.row.key}" in _details(it))
        assert secret not in it.shown()
        assert all(secret not in text for _, text in it.pane.copy_choices())
        await it.press("x")
        await _in_review(it)
        await it.press("y")
        await it.until(lambda: _says(it, "is stopped: it is billed no longer"))
        await it.until(lambda: "it is stopped: S starts it" in _details(it))
        it.pane.query_one(Details).select("Readiness")
        await it.until(lambda: "It is stopped and answers nothing" in _details(it))


async def test_back_keeps_what_was_typed_and_leaving_keeps_the_draft(console: Any) -> None:
    async with console(pane="deployments", size=(80, 24)) as it:
        await _rows(it)
        wizard = await _at_options(it)
        await it.press("tab", "backspace", "3")
        await it.press("escape")
        await _in_wizard(it, "machine")
        await it.press("escape")
        await _in_wizard(it, "template")
        await it.press("escape", "escape")
        await it.until(lambda: it.app.screen is it.app.shell)
        await it.press("n")
        await _in_wizard(it, "template")
        await it.press("enter")
        await _in_wizard(it, "machine")
        await it.press("enter")
        again = await _in_wizard(it, "options")
        assert again is not wizard
        assert again.query_one("#replicas", Input).value == "3"
        assert "$1.20/h" in it.shown()


@pytest.mark.parametrize(
    ("template", "field", "typed", "words"),
    [
        ("Llama 3 8B", "name", "Not A Name", "Lower-case letters, digits and dashes only"),
        ("Llama 3 8B", "name", "a" * 36, "At most 34 characters"),
        ("Llama 3 8B", "replicas", "many", "A whole number from 1 to 100"),
        ("Gemma 3 12B", "env", "", "needs a value for HUGGING_FACE_HUB_TOKEN"),
        ("Llama 3 8B", "env", "what", "Line 1 has no ="),
    ],
)
async def test_bad_input_is_named_at_its_field_and_nothing_is_reviewed(
    console: Any, template: str, field: str, typed: str, words: str
) -> None:
    async with console(pane="deployments", size=(80, 24)) as it:
        await _rows(it)
        wizard = await _at_options(it, template)
        control = wizard.query_one(f"#{field}")
        control.focus()
        if isinstance(control, Input):
            control.clear()
        await it.type(typed)
        await it.press("ctrl+n")
        await it.until(lambda: words in it.shown())
        assert it.app.screen is wizard
        assert wizard.focused is control


async def test_own_credentials_go_to_the_cloud_and_the_vault_but_not_on_the_screen(console: Any) -> None:
    async with console(pane="deployments", speed=0) as it:
        await _rows(it)
        wizard = await _at_options(it)
        wizard.query_one("#protection", Select).focus()
        await it.press("enter", "down", "enter")
        await it.until(lambda: wizard.query_one("#field-password").display)
        wizard.query_one("#username").focus()
        await it.type("robot")
        await it.press("tab")
        await it.type("hunter-two-22")
        for keys in (("ctrl+shift+a", "ctrl+c"), ("ctrl+shift+a", "ctrl+x"), ("home", "shift+end", "super+c")):
            await it.press(*keys)
        assert it.app.clipboard == ""
        await it.press("enter")
        await _in_review(it)
        assert "hunter-two-22" not in it.shown()
        await it.press("y")
        await it.until(lambda: it.sent("POST") == ["/deployment"])
        body = json.loads(next(call for call in it.world.calls if call.method == "POST").body)
        assert (body["auth_username"], body["auth_password"]) == ("robot", "hunter-two-22")
        await it.until(lambda: it.pane.row.name == body["name"])
        assert await it.app.session.keeper.find(f"endpoint/{it.pane.row.key}") is not None


async def test_without_capacity_the_chosen_fallback_is_tried_in_order(console: Any) -> None:
    async with console(pane="deployments", speed=0) as it:
        await _rows(it)
        it.world.faults.add({"kind": "vm_capacity", "vm_id": "vm_gt1", "times": None})
        wizard = await _at_options(it)
        wizard.query_one("#fallback", Select).focus()
        await it.press("enter", "down", "enter")
        await it.until(lambda: "at most $1.90/h on another machine" in it.shown())
        await it.press("ctrl+n")
        await _in_review(it)
        await it.press("y")
        await it.until(lambda: it.app.screen is it.app.shell and it.pane.row.deployment.vm_id == "vm_gt2")
        assert len(it.sent("POST")) == 2


async def test_a_refused_create_stays_in_the_wizard_with_the_clouds_words(console: Any) -> None:
    async with console(pane="deployments", size=(80, 24)) as it:
        await _rows(it)
        it.world.faults.add(
            {"kind": "status", "status": 402, "message": "Insufficient balance", "match": {"method": "POST"}}
        )
        wizard = await _at_options(it)
        await it.press("ctrl+n")
        await _in_review(it)
        await it.press("y")
        await it.until(lambda: wizard.query_one(Banner).error is not None)
        assert "billing" in it.shown()
        assert it.app.screen is wizard
        assert wizard.query_one("#name", Input).value.startswith("llama-3-8b-")


async def _lose_the_answer_of_a_create(it: Any, *, after: bool) -> str:
    fault = {"kind": "reset", "after": after, "match": {"method": "POST", "path": "^/deployment$"}}
    it.world.faults.add(fault)
    wizard = await _at_options(it)
    name = wizard.query_one("#name", Input).value
    await it.press("ctrl+n")
    await _in_review(it)
    return name


async def test_a_create_without_an_answer_that_the_list_shows_was_created(console: Any) -> None:
    async with console(pane="deployments", speed=0) as it:
        await _rows(it)
        name = await _lose_the_answer_of_a_create(it, after=True)
        await it.press("y")
        await it.until(lambda: it.pane.row.name == name)
        assert _says(it, f"No answer came, but the list shows {name}")
        assert len(it.sent("POST")) == 1


async def test_a_create_without_an_answer_is_uncertain_and_nothing_typed_is_lost(
    console: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Desk, "settle_seconds", 0.6)
    async with console(pane="deployments", speed=0) as it:
        await _rows(it)
        name = await _lose_the_answer_of_a_create(it, after=False)
        await it.press("y")
        await it.until(lambda: "uncertain" in _banner(it))
        assert "Do not repeat it blindly" in _banner(it)
        assert len(it.sent("POST")) == 1
        assert it.pane._draft.name == name


async def test_a_create_that_turns_up_late_is_found(console: Any) -> None:
    async with console(pane="deployments", speed=0) as it:
        await _rows(it)
        name = await _lose_the_answer_of_a_create(it, after=True)
        it.world.faults.add(
            {"kind": "status", "status": 500, "times": 3, "match": {"method": "GET", "path": "^/deployment/list$"}}
        )
        await it.press("y")
        await it.until(lambda: "uncertain" in _banner(it))
        await it.until(lambda: it.pane.row.name == name)
        assert _says(it, "it was created")
        assert len(it.sent("POST")) == 1


async def test_stop_is_told_when_the_list_shows_it(console: Any) -> None:
    async with console(pane="deployments") as it:
        await _rows(it)
        await it.press("x")
        await _in_review(it)
        await it.press("y")
        await it.until(lambda: _says(it, "support-chat is stopped"))
        await it.until(lambda: it.pane.row.deployment.endpoint_status == "Stopped" and not it.pane.row.note)
        assert len(it.sent("PUT", "/stop")) == 1


async def test_a_stop_without_an_answer_is_looked_for_in_the_list(console: Any) -> None:
    async with console(pane="deployments") as it:
        await _rows(it)
        it.world.faults.add({"kind": "reset", "after": True, "match": {"method": "PUT"}})
        await it.press("x")
        await _in_review(it)
        await it.press("y")
        await it.until(lambda: _says(it, "No answer came, but it was looked up: it was done. support-chat is stopped"))
        assert len(it.sent("PUT")) == 1


async def test_while_a_stop_is_on_its_way_the_row_says_so_and_takes_no_second_order(console: Any) -> None:
    async with console(pane="deployments") as it:
        await _rows(it)
        it.world.faults.add({"kind": "slow", "seconds": 2.5, "match": {"method": "PUT"}})
        await it.press("x")
        await _in_review(it)
        await it.until(lambda: it.pane.desk._orders[it.pane.row.key].was_reviewed)
        assert not it.pane.row.note
        await it.press("y")
        await it.until(lambda: "Stopping…" in it.shown())
        await it.press("d")
        await it.until(lambda: _says(it, "one thing at a time"))
        await it.until(lambda: _says(it, "support-chat is stopped"))
        assert len(it.sent("PUT")) == 1
        assert it.sent("DELETE") == []


async def test_stopping_what_is_stopped_is_answered_without_a_request(console: Any) -> None:
    async with console(pane="deployments") as it:
        await _rows(it)
        await _cursor_on(it, "render-node")
        await it.press("x")
        await it.until(lambda: _says(it, "is stopped already"))
        assert it.sent("PUT") == []


async def test_an_unknown_status_is_called_unknown_and_may_be_stopped(console: Any) -> None:
    async with console(pane="deployments") as it:
        await _rows(it)
        odd = it.pane.row.deployment.model_copy(update={"endpoint_status": ""})
        it.pane.show_rows([dataclasses.replace(it.pane.row, deployment=odd)])
        assert "\t? unknown\t1/1\tunknown\t" in it.pane.table.copy_row()
        await it.press("x")
        await _in_review(it)


async def test_c_talks_to_the_deployment_in_the_chat(console: Any) -> None:
    pytest.importorskip("theta_tui.tui.panes.chat")
    async with console(pane="deployments") as it:
        await _rows(it)
        key, name, asked = it.pane.row.key, it.pane.row.name, []
        await it.press("3", "f4")
        chat = next(pane for pane in it.app.shell.panes if pane.id == "chat")
        chat.use_deployment = lambda *given: asked.append(given)
        await it.press("c")
        await it.until(lambda: asked == [(key, name)])
        assert it.pane is chat


async def test_start_bills_again_and_watches_until_ready(console: Any) -> None:
    async with console(pane="deployments", speed=0) as it:
        await _rows(it)
        await it.press("x")
        await _in_review(it)
        await it.press("y")
        await it.until(lambda: _says(it, "support-chat is stopped") and not it.pane.row.note)
        await it.press("S")
        await _in_review(it)
        assert "$0.95" in it.shown()
        await it.press("y")
        await it.until(lambda: _says(it, "support-chat is started"))
        it.world.clock.advance(60)
        await it.until(lambda: _says(it, "support-chat is ready"))


async def test_delete_wants_the_name_typed_and_waits_until_it_is_gone(console: Any) -> None:
    async with console(pane="deployments") as it:
        await _rows(it)
        await _cursor_on(it, "shelf-finder")
        it.world.faults.add({"kind": "sticky_delete", "lists": 3})
        await it.press("d")
        review = await _in_review(it)
        await it.press("y")
        assert it.app.screen is review
        await it.type("shelf-finder")
        await it.until(lambda: not review.query_one("#confirm").disabled)
        await it.press("enter", "tab", "tab", "enter")
        await it.until(lambda: _says(it, "shelf-finder is deleted"))
        assert "shelf-finder" not in {row.name for row in it.pane.table.visible_rows}
        assert len(it.sent("DELETE")) == 1


async def test_what_was_accepted_and_did_not_happen_is_a_result_of_its_own(
    console: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Desk, "settle_seconds", 0.2)
    async with console(pane="deployments") as it:
        await _rows(it)
        it.world.faults.add({"kind": "json", "body": {"status": "success", "body": "ok"}, "match": {"method": "PUT"}})
        await it.press("x")
        await _in_review(it)
        await it.press("y")
        await it.until(lambda: "Accepted, unchanged after" in _banner(it))
        assert it.pane.row.deployment.is_running


async def test_plural_routes_answer_after_a_404(console: Any) -> None:
    async with console(pane="overview") as it:
        it.world.faults.add({"kind": "plural_routes", "times": None})
        await it.press("4")
        await _rows(it)
        await it.press("x")
        await _in_review(it)
        await it.press("y")
        await it.until(lambda: _says(it, "support-chat is stopped"))
        assert [path.split("/")[1] for path in it.sent("PUT")] == ["deployment", "deployments"]


async def test_r_stops_looking_and_says_what_that_means_for_the_bill(console: Any) -> None:
    async with console(pane="deployments", speed=0, size=(80, 24)) as it:
        await _rows(it)
        await _cursor_on(it, "oss-trial")
        await it.press("r")
        await it.until(lambda: "503" in _details(it))
        await it.until(lambda: "10 to 15 minutes" in it.shown())
        await it.press("r")
        await it.until(lambda: "Stopped looking after" in _details(it))
        assert "keeps billing $1.69/h" in " ".join(it.shown().split())
        assert it.app.busy == {}


async def test_a_watch_goes_on_while_another_pane_is_shown(console: Any) -> None:
    async with console(pane="deployments", speed=0) as it:
        await _rows(it)
        await _cursor_on(it, "oss-trial")
        await it.press("r")
        pane = it.pane
        await it.until(lambda: it.app.busy)
        await it.press("1")
        await it.until(lambda: it.pane is not pane)
        it.world.clock.advance(700)
        await it.until(lambda: _says(it, "oss-trial is ready"))


async def test_a_deployment_deleted_elsewhere_ends_its_watch(console: Any) -> None:
    async with console(pane="deployments", speed=0) as it:
        await _rows(it)
        await _cursor_on(it, "oss-trial")
        await it.press("r")
        await it.until(lambda: "503" in _details(it))
        machine = next(one for one in it.world.deployments.values() if one.name == "oss-trial")
        it.world.remove_deployment(machine)
        await it.until(lambda: _says(it, "no longer in the list"))


async def test_o_opens_the_endpoint_and_no_foreign_host(console: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    class Desktop(webbrowser.BaseBrowser):
        def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
            opened.append(url)
            return True

    monkeypatch.setattr(webbrowser, "get", lambda: Desktop())
    async with console(pane="deployments") as it:
        await _rows(it)
        await it.press("o")
        await it.until(lambda: opened == [it.pane.row.deployment.endpoint])
        row = it.pane.row
        for url in (
            "https://evil.example/x", "file:///etc/passwd", "javascript:alert(1)", "smb://host/share", "zoommtg://x",
            "https://user:pw@a.onthetaedgecloud.com/", "data:text/html,<script>", "//a.onthetaedgecloud.com", "-rf",
            "https://a.onthetaedgecloud.com.evil.example/", "http://a.onthetaedgecloud.com/", "https://10.0.0.1/",
        ):  # fmt: skip
            evil = row.deployment.model_copy(update={"endpoint": url})
            it.pane.show_rows([dataclasses.replace(row, deployment=evil)])
            it.pane.clear_failure("action")
            await it.press("o")
            await it.until(lambda: "policy" in _banner(it))
            assert len(opened) == 1, url


async def test_what_can_be_copied_holds_ids_address_and_commands(console: Any) -> None:
    async with console(pane="deployments") as it:
        await _rows(it)
        choices = dict(it.pane.copy_choices())
        deployment = it.pane.row.deployment
        assert choices["Name"] == "support-chat"
        assert choices["Suffix"] == deployment.suffix
        assert choices["Base id"] == deployment.base_id
        assert choices["Endpoint"] == deployment.endpoint
        assert json.loads(choices["JSON"])["Name"] == "support-chat"
        assert choices["Models, as curl"].endswith(f"{deployment.endpoint}/v1/models")


async def test_a_hostile_name_is_only_text(console: Any) -> None:
    async with console(pane="overview") as it:
        machine = next(iter(it.world.deployments.values()))
        machine.name = "[@click=app.quit_now]x[/]\x1b[31m"
        await it.press("4")
        await it.until(lambda: "[@click=app.quit_now]x[/]" in it.shown())
        assert "\x1b" not in it.shown()
        await it.press("r")
        await it.until(lambda: it.app.busy or _says(it, "ready"))


async def test_quitting_is_warned_while_something_is_at_work(console: Any) -> None:
    async with console(pane="deployments", speed=0) as it:
        await _rows(it)
        await _cursor_on(it, "oss-trial")
        assert it.pane.busy_words is None
        await it.press("r")
        await it.until(lambda: it.pane.busy_words == "waiting for oss-trial to become ready")


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (100, 30), (140, 40), (200, 50)])
async def test_every_size_shows_name_status_and_the_wizards_way_on(console: Any, size: tuple[int, int]) -> None:
    async with console(pane="deployments", size=size) as it:
        await _rows(it)
        await it.until(lambda: "support-chat" in it.shown() and "● Running" in it.shown())
        wizard = await _at_options(it)
        screen = it.shown()
        assert "Review" in screen
        assert "$0.40/h" in screen
        assert "ctrl+n" in screen
        assert wizard.query_one("#name").region.height == 1


def test_refusals_soon_after_each_other_are_no_verdict_but_lasting_ones_are() -> None:
    watch = Watch(key="k", name="n")
    watch.add(503)
    for _ in range(5):
        watch.add(401)
    assert watch.is_on
    watch.started -= 15
    watch.add(401)
    watch.started -= 15
    watch.add(401)
    assert watch.verdict == "The endpoint refuses the credentials: they are wrong."


def test_a_timeline_joins_equal_answers_and_counts_looks() -> None:
    watch = Watch(key="k", name="n")
    for status in (404, 404, 503, 200):
        watch.add(status)
    text = watch_content(watch, cost="$0.40/h", is_running=True).plain
    assert "404 → 503 → 200" in text
    assert "×2" in text
    assert "4 looks" in text


def test_fallbacks_keep_the_recommended_order_and_leave_out_what_is_too_small() -> None:
    vms = [
        VmType(id="vm_gv1", gpu="NVIDIA V100", vram_gb=16),
        VmType(id="vm_ga1", gpu="NVIDIA A100", vram_gb=80),
        VmType(id="vm_gt2", gpu="NVIDIA T4", vram_gb=32),
        VmType(id="vm_gt1", gpu="NVIDIA T4", vram_gb=16),
    ]
    small, large = Template(min_vram=8), Template(min_vram=24)
    assert [vm.id for vm in fallbacks(vms[3], vms, small)] == ["vm_gt2", "vm_gv1"]
    assert [vm.id for vm in fallbacks(vms[1], vms, large)] == ["vm_gt2"]


def test_a_name_that_was_edited_survives_another_template() -> None:
    draft = Draft()
    draft.choose_template(Template(id="a", name="One"))
    made_up = draft.name
    draft.choose_template(Template(id="b", name="Two"))
    assert draft.name != made_up
    assert draft.name.startswith("two-")
    draft.name = "mine"
    draft.choose_template(Template(id="a", name="One"))
    assert draft.name == "mine"


async def _mark(it: Any, *names: str) -> None:
    for name in names:
        await _cursor_on(it, name)
        await it.press("space")


async def test_marked_rows_are_stopped_together_under_one_review(console: Any) -> None:
    async with console(pane="deployments") as it:
        await _rows(it)
        billed = [row.name for row in it.pane.table.visible_rows if row.deployment.is_billed]
        await _mark(it, *billed)
        await _cursor_on(it, "render-node")
        await it.press("x")
        review = await _in_review(it)
        assert all(name in it.shown() or name in str(review.command_line) for name in billed)
        assert review.command_line.count("theta.deployments.stop") == len(billed) > 1
        await it.press("y")
        await it.until(lambda: all(_says(it, f"{name} is stopped") for name in billed))
        assert len(it.sent("PUT", "/stop")) == len(billed)
        assert it.pane.table.marked == set()


async def test_of_several_one_that_fails_stops_none_of_the_others(console: Any) -> None:
    async with console(pane="deployments") as it:
        await _rows(it)
        billed = [row.name for row in it.pane.table.visible_rows if row.deployment.is_billed]
        await _mark(it, *billed)
        it.world.faults.add({"kind": "status", "status": 403, "times": 1, "match": {"method": "PUT"}})
        await it.press("x")
        await _in_review(it)
        await it.press("y")
        await it.until(lambda: all(_says(it, f"{name} is stopped") for name in billed[1:]))
        await it.until(lambda: _says(it, f"{billed[0]}: "))
        assert not _says(it, f"{billed[0]} is stopped")


async def test_deleting_several_wants_their_number_typed(console: Any) -> None:
    async with console(pane="deployments") as it:
        await _rows(it)
        await _mark(it, "render-node", "research-notes")
        await it.press("d")
        review = await _in_review(it)
        await it.press("y")
        assert it.app.screen is review
        await it.type("2 deployments")
        await it.press("enter", "y")
        await it.until(lambda: all(_says(it, f"{name} is deleted") for name in ("render-node", "research-notes")))
        assert len(it.sent("DELETE")) == 2


async def test_marks_that_make_no_sense_are_told_and_the_rest_is_done(console: Any) -> None:
    async with console(pane="deployments") as it:
        await _rows(it)
        await _mark(it, "render-node", "support-chat")
        await it.press("x")
        await it.until(lambda: _says(it, "render-node is stopped already"))
        await _in_review(it)
        await it.press("y")
        await it.until(lambda: _says(it, "support-chat is stopped"))
        assert len(it.sent("PUT", "/stop")) == 1


async def test_a_mark_that_a_filter_hides_is_left_alone(console: Any) -> None:
    async with console(pane="deployments") as it:
        await _rows(it)
        await _mark(it, "support-chat")
        await it.press("slash")
        await it.type("render")
        await it.until(lambda: [row.name for row in it.pane.table.visible_rows] == ["render-node"])
        await it.press("enter", "x")
        await it.until(lambda: _says(it, "render-node is stopped already"))
        assert it.sent("PUT") == []
