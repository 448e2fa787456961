"""`:settings`: found, changed and saved by keys, comments kept, in force at once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from textual.widgets import Input

from theta_tui.settings import FILE_NAME
from theta_tui.tui.key_presets import PresetPicker
from theta_tui.tui.preferences import SettingsList
from theta_tui.tui.setting_edit import EditSetting

from .test_profiles import Live, live

__all__ = ["live"]
Opens = Callable[..., AbstractAsyncContextManager[Live]]


async def edit(it: Live, name: str) -> EditSetting:
    await it.press("O") if not isinstance(it.app.screen, SettingsList) else None
    await it.until(lambda: isinstance(it.app.screen, SettingsList))
    it.app.screen.query_one("#search", Input).value = name
    await it.pilot.pause()
    await it.press("enter")
    await it.until(lambda: isinstance(it.app.screen, EditSetting))
    assert isinstance(it.app.screen, EditSetting)
    return it.app.screen


async def listed(it: Live) -> None:
    await it.until(lambda: isinstance(it.app.screen, SettingsList))


async def test_a_setting_is_changed_for_the_profile_and_in_force_at_once(live: Opens, tmp_path: Path) -> None:
    async with live() as it:
        path = tmp_path / "config" / FILE_NAME
        path.write_text("# my own words\n" + path.read_text())
        await edit(it, "budget_usd")
        await it.type("lots")
        await it.press("enter")
        await it.until(lambda: "must be a plain number such as 2.50" in it.shown())
        await it.press(*["backspace"] * 4)
        await it.type("3.50")
        await it.press("enter")
        await listed(it)
        assert it.app.session is not None
        assert it.app.session.policy().cap_usd == 3.5
        assert path.read_text().startswith("# my own words\n")
        assert 'budget_usd = "3.50"' in path.read_text()
        await it.until(lambda: "3.50" in it.shown() and f"{FILE_NAME} line" in it.shown())


async def test_a_switch_is_chosen_for_every_profile_and_taken_back(live: Opens, tmp_path: Path) -> None:
    async with live() as it:
        path = tmp_path / "config" / FILE_NAME
        await edit(it, "dry_run")
        await it.press("right", "tab", "right", "enter")
        await listed(it)
        assert path.read_text().lstrip().startswith("dry_run = true")
        await it.press("escape")
        await it.until(lambda: "DRY-RUN" in it.status)
        await edit(it, "dry_run")
        await it.press("left", "tab", "right", "enter")
        await listed(it)
        assert "dry_run" not in path.read_text()


async def test_a_variable_that_goes_before_is_named(live: Opens) -> None:
    async with live(THETA_MAX_BUDGET_USD="1") as it:
        await edit(it, "budget_usd")
        await it.until(lambda: "THETA_MAX_BUDGET_USD goes before what is saved here." in it.shown())
        await it.press("escape")
        await listed(it)


@pytest.mark.parametrize("columns", [60, 140])
async def test_every_setting_stands_there_with_its_source(live: Opens, columns: int) -> None:
    async with live(THETA_DRY_RUN="1") as it:
        await it.pilot.resize_terminal(columns, 24)
        await it.press("O")
        await listed(it)
        await it.until(lambda: "Project" in it.shown() and "Safety" in it.shown())
        assert "THETA_DRY_RUN" in it.shown()
        assert "protection" in it.shown()


async def test_the_setting_at_hand_is_explained_with_what_goes_before_it(live: Opens) -> None:
    async with live() as it:
        await it.press("O")
        await listed(it)
        await it.type("budget_usd")
        await it.until(lambda: "Most that may be spent in one local day" in it.shown())
        await it.until(lambda: "THETA_MAX_BUDGET_USD goes before the file" in it.shown())
        assert "Write a plain number such as 2.50." in " ".join(it.shown().replace("│", " ").split())


async def test_a_preset_of_keys_is_chosen_and_in_force_at_once(live: Opens, tmp_path: Path) -> None:
    async with live() as it:
        await it.press("O")
        await listed(it)
        await it.type("preset")
        await it.press("enter")
        await it.until(lambda: isinstance(it.app.screen, PresetPicker))
        await it.type("vim")
        await it.press("enter")
        await listed(it)
        assert it.app.keymap is not None
        assert it.app.keymap.keys["shell.back"] == "H,left_square_bracket"
        assert 'preset = "vim"' in (tmp_path / "config" / FILE_NAME).read_text()
