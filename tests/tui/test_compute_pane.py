from __future__ import annotations

import json
import webbrowser
from typing import Any

import pytest
from textual.widgets import Input

from theta_tui.shapes.compute import Volume
from theta_tui.shapes.deployments import Deployment
from theta_tui.tui.panes.compute.access import ssh_line, ssh_words
from theta_tui.tui.panes.compute.looks import status_cell
from theta_tui.tui.panes.compute.volumes import VolumeRow
from theta_tui.tui.panes.deployments.new_deployment import NewDeployment
from theta_tui.tui.panes.desk import Desk
from theta_tui.tui.review import ReviewModal
from theta_tui.tui.widgets.banner import Banner


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Desk, "pause", 0.02)


async def _at(it: Any, word: str) -> Any:
    """Press `.` until a list is shown, and wait for its answer."""
    for _ in range(6):
        if it.pane._tabs.current == word:
            break
        await it.press(".")
    section = it.pane.section_of(word)
    await it.until(lambda: it.pane.section is section and section.loaded_at is not None)
    return section


def _details(section: Any) -> str:
    return " ".join(str(section.query_one("#text").content).split())


def _bodies(it: Any, path: str) -> list[dict[str, Any]]:
    return [json.loads(call.body) for call in it.world.calls if call.method == "POST" and call.path == path]


async def _confirm(it: Any, name: str = "") -> None:
    await it.until(lambda: isinstance(it.app.screen, ReviewModal) and it.app.screen.armed)
    review = it.app.screen
    await it.press("y")  # with a name to type, this goes to its field
    if not name:
        return
    await it.type(name)
    await it.until(lambda: not review.query_one("#confirm").disabled)
    await it.press("enter", "tab", "tab", "enter")


async def _in_wizard(it: Any, step: str) -> NewDeployment:
    """Wait until a list of the wizard is there."""

    def is_there() -> bool:
        wizard = it.app.screen
        return isinstance(wizard, NewDeployment) and bool(wizard.query_one(f"#{step}").table.visible_rows)

    await it.until(is_there)
    assert it.app.screen.step == step
    return it.app.screen  # type: ignore[no-any-return]


async def _choose(it: Any, wizard: NewDeployment, then: str) -> None:
    """Press Enter and wait for the next step."""
    await it.press("enter")
    await it.until(lambda: wizard.step == then and wizard.focused is not None)


async def _in_review(it: Any) -> None:
    await it.until(lambda: isinstance(it.app.screen, ReviewModal) and it.app.screen.armed)


async def test_every_list_shows_what_the_cloud_has_with_its_price(console: Any) -> None:
    async with console(pane="compute") as it:
        machines = await _at(it, "machines")
        await it.until(lambda: "1 billed, 1 stopped" in _details(machines))
        line = next(line for line in it.shown().splitlines() if "vm_gh100x2" in line)
        assert {"4.58", "109.92", "52"} <= set(line.split())
        assert "AVAILABLE" in it.shown()
        assert "unknown: the list does not tell" in _details(machines)

        nodes = await _at(it, "nodes")
        await it.until(lambda: "ssh root@127.0.0.1" in _details(nodes))
        assert "○ Stopped" in it.shown()
        assert "not billed now; $0.80/h · $19.20/day when it runs" in _details(nodes)

        clusters = await _at(it, "clusters")
        await it.until(lambda: "$9.16/h · $219.84/day, by the price of 2 × G-H100_80GB-x2" in _details(clusters))

        community = await _at(it, "community")
        await it.until(lambda: "listed as 1800; taken as 1/10,000 USD per hour" in _details(community))
        assert "✗ taken" in it.shown()

        volumes = await _at(it, "volumes")
        await it.until(lambda: "Attached to research-notes" in _details(volumes))
        assert [row.attached_to for row in volumes.table.visible_rows] == ["research-notes", ""]


async def test_a_node_is_started_stopped_and_deleted_as_previewed(console: Any) -> None:
    async with console(pane="compute") as it:
        nodes = await _at(it, "nodes")
        await it.press("x")
        await it.until(lambda: any("is stopped already" in text for _, _, text in it.app.messages))
        await it.press("S")
        await _in_review(it)
        assert "$0.80 per hour" in it.shown()
        await it.press("y")
        await it.until(lambda: nodes.row is not None and nodes.row.deployment.is_billed)
        await it.until(lambda: not nodes.desk.busy_words)
        await it.press("d")
        await _confirm(it, "render-node")
        await it.until(lambda: nodes.table.visible_rows == [])
        assert len(it.sent("PUT", "/start")) == 1
        assert len(it.sent("DELETE")) == 1
        await it.until(lambda: "Press n to create one" in " ".join(it.shown().split()))


async def test_a_notebook_is_made_by_the_wizard_from_its_second_step(console: Any) -> None:
    async with console(pane="compute", size=(80, 24)) as it:
        books = await _at(it, "notebooks")
        await it.press("n")
        wizard = await _in_wizard(it, "machine")
        assert "New Jupyter Notebook" in it.shown()
        await it.press("escape")
        await it.until(lambda: it.app.screen is not wizard)
        await it.press("n")
        wizard = await _in_wizard(it, "machine")
        await _choose(it, wizard, "options")
        name = wizard.query_one("#name", Input).value
        wizard.query_one("#notebook_password", Input).focus()
        await it.type("swordfish")
        await it.press("enter")
        await _in_review(it)
        assert "swordfish" not in it.shown()
        await it.press("y")
        await it.until(lambda: books.row is not None and books.row.name == name)
        assert [body["password"] for body in _bodies(it, "/deployment")] == ["swordfish"]


async def test_a_machine_type_leads_to_the_wizard_and_to_what_runs_on_it(console: Any) -> None:
    async with console(pane="compute") as it:
        machines = await _at(it, "machines")
        assert machines.table.move_to("vm_gv1")
        await it.press("n")
        wizard = await _in_wizard(it, "template")
        assert "New deployment on G-V100_16GB-x1" in it.shown()
        await _choose(it, wizard, "machine")
        assert wizard.query_one("#machine").table.cursor_row.id == "vm_gv1"
        await it.press("escape", "escape")
        await it.until(lambda: it.app.screen is it.app.shell and it.pane.id == "deployments")
        await it.press("5", "o")
        await it.until(lambda: it.pane.id == "deployments" and it.pane.loaded_at is not None)
        await it.until(lambda: {row.name for row in it.pane.table.visible_rows} == {"support-chat"})


async def test_a_community_node_is_rented_in_its_place_at_its_listed_price(console: Any) -> None:
    async with console(pane="compute", size=(80, 24)) as it:
        await _at(it, "community")
        await it.press("n")
        wizard = await _in_wizard(it, "template")
        await _choose(it, wizard, "machine")
        assert [vm.id for vm in wizard.query_one("#machine").table.visible_rows] == ["vm_c1"]
        await _choose(it, wizard, "options")
        await it.press("enter")
        await _in_review(it)
        assert "$0.18 per hour" in it.shown()
        await it.press("y")
        await it.until(lambda: _bodies(it, "/deployment"))
        body = _bodies(it, "/deployment")[0]
        assert (body["vm_id"], body["price_hr"], body["shard"]) == ("vm_c1", "1800", "3")
        await it.until(lambda: it.pane.row is not None and it.pane.row.deployment.vm_id == "vm_c1")


async def test_empty_lists_teach_and_a_failure_stays_until_the_next_answer(console: Any) -> None:
    async with console(pane="overview", size=(80, 24)) as it:
        it.world.deployments.clear()
        it.world.records["compute"].clear()
        await it.press("5", "plus")
        for word, words in (
            ("nodes", "reached by ssh, billed by the hour. Press n"),
            ("clusters", "made, changed and deleted in the dashboard"),
            ("notebooks", "opens in the browser, billed by the hour. Press n"),
            ("volumes", "made, attached and deleted in the dashboard"),
        ):
            await _at(it, word)
            await it.until(lambda words=words: words in " ".join(it.shown().split()))
        await it.press("n")
        await it.until(lambda: any("Volumes are made" in text for _, _, text in it.app.messages))
        it.world.faults.add({"kind": "status", "status": 403, "times": 1, "match": {"path": "/volume/claim"}})
        await it.press("R")
        banner = it.pane.section.query_one(Banner)
        await it.until(lambda: banner.error is not None)
        await it.press("R")
        await it.until(lambda: banner.error is None)


async def test_the_way_in_can_be_copied_and_a_notebook_opened(console: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    class Browser(webbrowser.BaseBrowser):
        def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
            opened.append(url)
            return True

    monkeypatch.setattr(webbrowser, "get", lambda using=None: Browser())
    async with console(pane="compute") as it:
        nodes = await _at(it, "nodes")
        offered = dict(it.pane.copy_choices())
        assert offered["SSH line"] == "ssh root@127.0.0.1"
        assert offered["URL"] == nodes.row.deployment.endpoint
        books = await _at(it, "notebooks")
        await it.press("o")
        await it.until(lambda: opened == [books.row.deployment.endpoint])


def test_the_ssh_line_takes_what_the_cloud_tells_and_quotes_it() -> None:
    told = Deployment.read({"SshHost": "n1.example.com", "SSHPort": 2222, "ssh_user": "me; rm -rf ~"})
    assert ssh_line(told) == "ssh -p 2222 'me; rm -rf ~@n1.example.com'"
    assert "assumed" not in ssh_words(told)
    assert ssh_line(Deployment.read({"SshHost": "-oProxyCommand=x"})) == ""
    assert ssh_words(Deployment()) == "no host yet"
    assert "host and user assumed" in ssh_words(Deployment(endpoint="https://a.tec-s1.onthetaedgecloud.com"))


def test_what_is_not_told_of_a_volume_is_unknown_and_not_nothing() -> None:
    assert VolumeRow(Volume.read({"id": "a"})).attached_to is None
    assert VolumeRow(Volume.read({"id": "a", "AttachedTo": None})).attached_to == ""
    assert VolumeRow(Volume.read({"id": "a", "used_by": ["x", "y"]})).attached_to == "x, y"
    assert status_cell("") == ("? unknown", "muted")
