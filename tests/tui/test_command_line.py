from __future__ import annotations

import pytest
from textual import events
from textual.widgets import Input

from tests.tui.conftest import Console, Opens
from theta_tui.errors import UsageError
from theta_tui.tui import command_line
from theta_tui.tui.command_line import CommandLine, obey
from theta_tui.tui.completion import shared_start, suggestions
from theta_tui.tui.orders import read_order
from theta_tui.tui.reading import Reading
from theta_tui.tui.result import ResultScreen
from theta_tui.tui.review import ReviewModal


@pytest.fixture(autouse=True)
def _no_history() -> None:
    command_line._history.clear()


async def line_of(it: Console) -> Input:
    it.app.action_command_line()
    await it.until(lambda: isinstance(it.app.screen, CommandLine) and it.app.screen.query("#line"))
    return it.app.screen.query_one("#line", Input)


async def test_a_start_of_a_pane_goes_there_and_the_rest_filters_it(console: Opens) -> None:
    async with console() as it:
        await line_of(it)
        await it.type("dep status")
        await it.press("colon")
        await it.type("running\n")
        await it.until(lambda: it.pane.id == "deployments")
        assert it.pane.query_one("#pane-filter", Input).value == "status:running"


async def test_an_unknown_word_keeps_the_line_and_names_the_nearest(console: Opens) -> None:
    async with console() as it:
        line = await line_of(it)
        await it.type("deploymets\n")
        assert isinstance(it.app.screen, CommandLine)
        assert line.value == "deploymets"
        assert "Did you mean deployments?" in it.shown()


async def test_a_wrong_argument_is_told_before_anything_runs(console: Opens) -> None:
    async with console() as it:
        line = await line_of(it)
        await it.type("run theta.ondemand.getService servce=flux\n")
        assert isinstance(it.app.screen, CommandLine)
        assert line.value.endswith("servce=flux")
        assert "Did you mean service?" in it.shown()


async def test_a_query_shows_its_result(console: Opens) -> None:
    async with console() as it:
        await line_of(it)
        await it.type("run theta.deployments.listVm\n")
        await it.until(lambda: isinstance(it.app.screen, ResultScreen) and it.app.screen.query(Reading))
        assert '"vm_gt1"' in it.app.screen.query_one(Reading).text
        await it.press("escape")
        assert it.app.screen is it.app.shell


async def test_a_change_is_reviewed_first_and_a_cancel_sends_nothing(console: Opens) -> None:
    async with console() as it:
        await obey(it.app, "run theta.deployments.stop shard=1 suffix=9f3c1a7be0d24586")
        await it.until(lambda: isinstance(it.app.screen, ReviewModal))
        await it.press("escape")
        await it.until(lambda: it.app.screen is it.app.shell)
        await it.until(lambda: any("Nothing was sent" in words for _, _, words in it.app.messages))
        assert it.sent("PUT") == []


async def test_up_brings_back_earlier_lines_and_down_the_draft(console: Opens) -> None:
    async with console() as it:
        for order in ("overview", "refresh"):
            await line_of(it)
            await it.type(f"{order}\n")
            await it.until(lambda: it.app.screen is it.app.shell)
        line = await line_of(it)
        await it.type("th")
        await it.press("up")
        assert line.value == "refresh"
        await it.press("up")
        assert line.value == "overview"
        await it.press("down", "down")
        assert line.value == "th"


async def test_tab_completes_as_far_as_it_is_clear_then_cycles(console: Opens) -> None:
    async with console() as it:
        line = await line_of(it)
        await it.type("ref")
        await it.press("tab")
        assert line.value == "refresh "
        line.value = "run theta.deployments.list"
        await it.pilot.pause()
        await it.press("tab")
        first = line.value
        await it.press("tab")
        assert first.startswith("run theta.deployments.list")
        assert line.value != first


async def test_modes_and_themes_are_switched_by_word(console: Opens) -> None:
    async with console() as it:
        assert it.app.session is not None
        await obey(it.app, "dry-run on")
        await obey(it.app, "read-only on")
        await obey(it.app, "dry-run on")
        assert it.app.session.dry_run
        assert it.app.session.read_only
        await obey(it.app, "dry-run off")
        assert not it.app.session.dry_run
        await obey(it.app, "theme theta-light")
        assert it.app.theme == "theta-light"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("theme thta-light", "No theme"),
        ("dry-run maybe", "on or off"),
        ("refresh now", "Nothing may follow"),
        ("run", "needs a command"),
        ("run theta.nothing", "Unknown command"),
        ('run theta.x "open', "not closed"),
        ("run theta.deployments.create auth_password=hunter22", "is a secret"),
        ("", "Nothing to do"),
    ],
)
async def test_a_line_that_cannot_be_done_is_told_in_one_line(console: Opens, line: str, words: str) -> None:
    async with console() as it:
        with pytest.raises(UsageError) as caught:
            read_order(it.app, line)
        assert words in caught.value.message
        assert "hunter22" not in f"{caught.value.message}{caught.value.hint}"
        await obey(it.app, line)
        assert words in it.app.messages[-1][2]


def test_arguments_of_a_command_are_suggested_with_those_it_needs_first() -> None:
    found = suggestions("run theta.deployments.stop ", ())
    assert [each.line.rpartition(" ")[2] for each in found[:2]] == ["shard=", "suffix="]
    assert suggestions("run theta.deployments.create min", ())[0].line.endswith("min_replicas:=")


def test_a_piece_of_a_command_name_is_enough() -> None:
    assert [each.line for each in suggestions("run getServ", ())] == ["run theta.ondemand.getService"]


def test_themes_and_switches_are_suggested() -> None:
    assert [each.line for each in suggestions("theme theta-l", ("theta-dark", "theta-light"))] == ["theme theta-light"]
    assert [each.line for each in suggestions("dry-run o", ())] == ["dry-run on", "dry-run off"]
    assert shared_start([], "abc") == "abc"


async def test_who_types_ahead_of_the_line_loses_no_letter(console: Opens) -> None:
    async with console() as it:
        it.app.post_message(events.Key("colon", ":"))
        for letter in "deployments":
            it.app.post_message(events.Key(letter, letter))
        it.app.post_message(events.Key("enter", "\r"))
        await it.until(lambda: it.pane.id == "deployments")
        assert it.app.screen is it.app.shell
