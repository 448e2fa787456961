from __future__ import annotations

from tests.tui.conftest import Opens
from theta_tui.tui.copy_menu import CopyMenu, choices
from theta_tui.tui.json_lines import json_leaves


class WithLine:
    def copy_choices(self) -> list[tuple[str, str]]:
        return [("Id", "9f3c")]

    def cli_line(self) -> str:
        return "theta-tui run theta.deployments.list"


def test_a_pane_offers_its_choices_and_its_command_line() -> None:
    assert [label for label, _ in choices(WithLine())] == ["Id", "As a command line"]
    assert choices(object()) == []
    assert choices(None) == []


async def test_what_is_chosen_is_copied_and_a_toast_says_where(console: Opens) -> None:
    async with console(pane="deployments") as it:
        await it.until(lambda: choices(it.pane))
        it.app.action_copy_menu()
        await it.until(lambda: isinstance(it.app.screen, CopyMenu))
        await it.type("id\n")
        await it.until(lambda: it.app.clipboard)
        assert it.app.clipboard == dict(choices(it.pane))["Id"]
        await it.until(lambda: "Sent to the terminal" in it.shown())


async def test_a_pane_with_nothing_to_copy_says_so(console: Opens) -> None:
    async with console(pane="network") as it:
        await it.press("comma")
        await it.until(lambda: it.pane.part == "keys" and it.pane.section.loaded_at is not None)
        await it.press("slash", *"zzz", "enter")
        await it.until(lambda: it.pane.section.row is None)
        it.app.action_copy_menu()
        assert it.app.messages[-1][2] == "Nothing to copy here."


async def test_while_the_json_is_looked_at_its_fields_are_found_and_copied(console: Opens) -> None:
    async with console(pane="deployments", size=(80, 24)) as it:
        await it.until(lambda: it.pane.row is not None and it.pane.row.vm is not None)
        wanted = it.pane.row.deployment.vm_id
        await it.press("enter", "right", "y")
        await it.until(lambda: isinstance(it.app.screen, CopyMenu))
        await it.type("vm")
        await it.until(lambda: wanted in it.shown())
        await it.press("enter")
        await it.until(lambda: it.app.clipboard)
        assert wanted in it.app.clipboard


def test_leaves_have_paths_and_secrets_stay_masked() -> None:
    found = dict(json_leaves({"a": [{"b": 1}, None], "auth_password": "geheim", "c": "x"}))
    assert found["a.0.b"] == "1"
    assert found["a.1"] == "null"
    assert "geheim" not in str(found)
