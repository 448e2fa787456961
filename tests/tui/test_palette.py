from __future__ import annotations

import threading

import pytest

from tests.tui.conftest import Console, Opens
from theta_tui import registry
from theta_tui.command import Command
from theta_tui.registry import commands
from theta_tui.tui.actions import SHELL
from theta_tui.tui.form_screen import CommandForm
from theta_tui.tui.palette import Palette, action_entries, command_entries
from theta_tui.tui.result import ResultScreen


async def search(it: Console, text: str) -> None:
    it.app.action_palette()
    await it.until(lambda: isinstance(it.app.screen, Palette))
    await it.type(text)
    await it.press("enter")


async def test_every_command_and_every_action_is_offered(console: Opens) -> None:
    async with console() as it:
        assert {entry.name for entry in command_entries(it.app)} == set(commands())
        offered = " ".join(entry.key for entry in action_entries(it.app)).split()
        assert {action.key_name for action in SHELL} <= set(offered)


async def test_an_action_runs_where_it_is_at_home(console: Opens) -> None:
    async with console() as it:
        await search(it, "Pause")
        await it.until(lambda: it.app.is_paused)
        await search(it, "go to activity")
        await it.until(lambda: it.pane.id == "activity")


async def test_a_query_without_arguments_runs_at_once(console: Opens) -> None:
    async with console() as it:
        await search(it, "billing.balance")
        await it.until(lambda: isinstance(it.app.screen, ResultScreen))


async def test_it_opens_before_the_commands_are_imported_and_enter_waits_for_them(
    console: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported, held, really = threading.Event(), threading.Event(), registry.commands

    def slowly() -> dict[str, Command]:
        if threading.current_thread() is threading.main_thread():
            assert imported.is_set()
            return really()
        held.wait(60)
        imported.set()
        return really()

    async with console() as it:
        monkeypatch.setattr(registry, "is_whole", lambda: False)
        monkeypatch.setattr(registry, "commands", slowly)
        await search(it, "billing.balance")
        assert isinstance(it.app.screen, Palette)
        held.set()
        await it.until(lambda: isinstance(it.app.screen, ResultScreen))


async def test_a_command_that_takes_arguments_opens_its_form(console: Opens) -> None:
    async with console() as it:
        await search(it, "deployments.stop")
        await it.until(lambda: isinstance(it.app.screen, CommandForm))
        assert "theta.deployments.stop" in it.shown()


async def test_a_theme_is_taken(console: Opens) -> None:
    async with console() as it:
        await search(it, "theta-light")
        await it.until(lambda: it.app.theme == "theta-light")
