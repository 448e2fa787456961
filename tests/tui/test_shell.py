from __future__ import annotations

from typing import Any

import pytest
from textual.widgets import Input

from theta_tui.tui.panes import PANES, pane_entry
from theta_tui.tui.widgets.key_line import KeyLine
from theta_tui.tui.widgets.side_bar import SideBar
from theta_tui.tui.widgets.status_line import StatusLine


def status(it: Any) -> str:
    return it.shown().splitlines()[0]


async def test_digits_show_every_pane_there_is(console: Any) -> None:
    async with console() as it:
        for entry in PANES:
            await it.press(entry.digit)
            await it.until(lambda entry=entry: it.pane.id == entry.id and it.pane.display)
            others = [pane for pane in it.app.shell.panes if pane is not it.pane]
            assert not any(pane.display for pane in others)
            if entry.id == "chat":  # its composer has the focus, where digits are text
                await it.press("escape")


async def test_function_keys_show_panes_even_from_an_input(console: Any) -> None:
    async with console(pane="services") as it:
        await it.until(lambda: it.pane.section.loaded_at is not None)
        await it.press("slash")
        assert isinstance(it.app.focused, Input)
        await it.press("f4")
        await it.until(lambda: it.pane.id == "deployments")
        await it.press("f2")
        await it.until(lambda: it.pane.id == "services")


async def test_digits_typed_into_an_input_stay_there(console: Any) -> None:
    async with console(pane="services") as it:
        await it.until(lambda: it.pane.section.loaded_at is not None)
        await it.press("slash", "4", "0")
        assert it.pane.id == "services"
        assert it.app.focused.value == "40"


async def test_ctrl_g_then_a_digit_goes_there_from_an_input(console: Any) -> None:
    async with console(pane="services") as it:
        await it.until(lambda: it.pane.section.loaded_at is not None)
        await it.press("slash", "ctrl+g")
        await it.until(lambda: it.app.screen is not it.app.shell)
        await it.press("0")
        await it.until(lambda: it.pane.id == "activity")


async def test_a_pane_is_kept_as_it_was_while_another_is_shown(console: Any) -> None:
    async with console(pane="services") as it:
        await it.until(lambda: it.pane.section.loaded_at is not None)
        services = it.pane
        await it.press("down", "down", "1", "2")
        await it.until(lambda: it.pane is services)
        assert services.section.table.cursor_key == services.section.table.visible_rows[2].service.alias
        assert services.section.table.has_focus


@pytest.mark.parametrize("entry", PANES, ids=lambda entry: entry.id)
async def test_esc_never_quits_and_never_leaves_the_pane(console: Any, entry: Any) -> None:
    async with console(pane=entry.id) as it:
        await it.press(*["escape"] * 6)
        assert it.app.is_running
        assert it.app.return_code is None
        assert it.pane.id == entry.id


async def test_the_mode_is_always_in_words(console: Any) -> None:
    async with console(size=(140, 24)) as it:
        await it.until(lambda: "$34" in status(it))
        assert "DEMO" in status(it)
        assert "(simulated)" in status(it)
        assert "DRY-RUN" not in status(it)
        await it.press("ctrl+t")
        await it.until(lambda: "DRY-RUN" in status(it))
        await it.press("ctrl+r")
        await it.until(lambda: "READ-ONLY" in status(it))
        await it.press("p")
        await it.until(lambda: "PAUSED" in status(it))
        await it.press("ctrl+t", "ctrl+r", "p")
        await it.until(lambda: not {"DRY-RUN", "READ-ONLY", "PAUSED"} & set(status(it).split()))


async def test_dry_run_from_the_environment_cannot_be_switched_off(console: Any) -> None:
    async with console(THETA_DRY_RUN="1") as it:
        await it.until(lambda: "DRY-RUN" in status(it))
        await it.press("ctrl+t")
        await it.until(lambda: it.app.messages)
        assert it.app.session.dry_run


async def test_a_balance_that_cannot_be_read_is_called_unknown(console: Any) -> None:
    async with console(THETA_HTTP_MAX_RETRIES="0") as it:
        await it.until(lambda: it.app.pulse is not None)
        it.world.faults.add({"kind": "status", "status": 500, "match": {"path": "^/balance"}, "times": None})
        await it.press("R")
        await it.until(lambda: "balance unknown" in status(it))


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (100, 30), (140, 40), (200, 50)])
async def test_mode_and_balance_are_seen_at_every_width(console: Any, size: tuple[int, int]) -> None:
    async with console(size=size) as it:
        await it.until(lambda: "$34" in status(it))
        assert "DEMO" in status(it)
        assert len(status(it).rstrip()) <= size[0]


async def test_the_side_bar_shrinks_to_digits_and_then_leaves(console: Any) -> None:
    async with console(size=(140, 30)) as it:
        bar = it.app.shell.query_one(SideBar)
        assert "Deployments" in it.shown()
        for width, shown, wide in ((99, True, False), (80, True, False), (79, False, False), (100, True, True)):
            await it.pilot.resize_terminal(width, 30)
            await it.until(lambda shown=shown: bar.display is shown)
            await it.until(lambda wide=wide, shown=shown: not shown or (bar.size.width > 10) is wide)


@pytest.mark.parametrize("size", [(59, 24), (80, 15)])
async def test_a_terminal_that_is_too_small_says_which_size_is_needed(console: Any, size: tuple[int, int]) -> None:
    async with console() as it:
        await it.pilot.resize_terminal(*size)
        await it.until(lambda: "needs 60×16" in it.shown())
        await it.pilot.resize_terminal(60, 16)
        await it.until(lambda: "needs 60×16" not in it.shown() and it.app.shell.query_one(StatusLine).region.height)


async def test_the_key_line_names_the_keys_of_the_pane_and_cuts_none(console: Any) -> None:
    async with console(pane="services", size=(60, 16)) as it:
        await it.until(lambda: it.pane.section.loaded_at is not None)
        line = it.shown().splitlines()[-1]
        assert "c Chat" in line
        offered = {f"{action.key_name} {action.title}" for action in it.app.shell.query_one(KeyLine)._actions}
        assert {part.strip() for part in line.split("   ") if part.strip()} <= offered


async def test_help_keeps_its_place_where_not_all_keys_have_room(console: Any) -> None:
    async with console(pane="deployments", size=(80, 24)) as it:
        await it.until(lambda: it.pane.loaded_at is not None)
        line = it.shown().splitlines()[-1]
        assert line.rstrip().endswith("? Help")
        assert "/ Filter" not in line


async def test_the_key_line_offers_no_letter_while_letters_are_typed(console: Any) -> None:
    async with console(pane="chat") as it:
        await it.until(lambda: it.pane.loaded_at is not None and "F1 Help" in it.shown())
        line = it.shown().splitlines()[-1]
        assert "ctrl+n New" in line
        assert "Write" not in line
        assert "/ Filter" not in line
        await it.press("escape")
        await it.until(lambda: "i Write" in it.shown().splitlines()[-1])
        assert it.shown().splitlines()[-1].rstrip().endswith("? Help")
        await it.press("i", "f1")
        await it.until(lambda: "Keys that work here" in it.shown())


async def test_plus_gives_the_pane_the_whole_width_and_back(console: Any) -> None:
    async with console(pane="services") as it:
        await it.until(lambda: it.pane.section.loaded_at is not None)
        bar = it.app.shell.query_one(SideBar)
        await it.press("plus")
        await it.until(lambda: not bar.display and it.pane.region.x == 0)
        await it.press("plus")
        await it.until(lambda: bar.display)


async def test_a_click_on_the_side_bar_goes_there(console: Any) -> None:
    async with console() as it:
        await it.pilot.click(SideBar, offset=(4, 2))
        await it.until(lambda: it.pane.id == "services")


@pytest.mark.parametrize(
    ("word", "found"),
    [("2", "services"), ("dep", "deployments"), ("Chat", "chat"), ("gpu", "compute"), ("zzz", None), ("", None)],
)
def test_panes_are_found_by_digit_name_or_beginning(word: str, found: str | None) -> None:
    entry = pane_entry(word)
    assert (entry.id if entry else None) == found
