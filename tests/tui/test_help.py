from __future__ import annotations

from tests.tui.conftest import Opens
from theta_tui.tui.help import Help, help_entries


async def test_help_lists_the_keys_of_the_pane_and_everywhere(console: Opens) -> None:
    async with console(pane="deployments") as it:
        await it.until(lambda: it.pane.loaded_at)
        groups = list(dict.fromkeys(entry.group for entry in help_entries(it.app)))
        assert groups == [it.pane.title, "In this table", "Everywhere"]
        mine = {entry.key for entry in help_entries(it.app) if entry.group == it.pane.title}
        assert {action.key_name for action in it.pane.actions} <= set(" ".join(mine).split())


async def test_help_lists_no_key_of_a_widget_that_does_not_work_in_it(console: Opens) -> None:
    async with console(pane="chat") as it:
        await it.until(lambda: it.pane.loaded_at)
        await it.press("escape")
        mine = [entry.name for entry in help_entries(it.app) if entry.group == "In this conversation"]
        assert "Show or hide thinking" in mine
        assert "Scroll Up" not in mine
        assert len(set(mine)) == len(mine)


async def test_enter_does_what_the_key_does(console: Opens) -> None:
    async with console() as it:
        it.app.action_help()
        await it.until(lambda: isinstance(it.app.screen, Help))
        await it.type("pause")
        assert "Pause" in it.shown()
        await it.press("enter")
        await it.until(lambda: it.app.is_paused)


async def test_escape_closes_help(console: Opens) -> None:
    async with console(size=(60, 16)) as it:
        it.app.action_help()
        await it.until(lambda: isinstance(it.app.screen, Help))
        await it.press("escape")
        assert it.app.screen is it.app.shell
