"""What every list of every pane must do: fit all widths, say when the network is lost, and come back by itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tui.conftest import Opens
from theta_tui.tui.panes import PANES
from theta_tui.tui.panes.base import Pane
from theta_tui.tui.panes.record_pane import ASKING, NO_ANSWER, RecordPane
from theta_tui.tui.panes.sections import SectionsPane
from theta_tui.tui.widgets.banner import Banner
from theta_tui.tui.widgets.key_line import KeyLine

SIZES = [
    *((60, 16), (80, 24), (140, 40)),
    *(pytest.param(size, marks=pytest.mark.full) for size in ((100, 30), (200, 50))),
]
LISTS = [entry.digit for entry in PANES if entry.id not in ("overview", "chat", "activity")]


async def _parts(it: Any, digit: str) -> list[Pane]:
    """Show a pane and give its parts, each loaded once."""
    await it.press("escape", digit)
    await it.until(lambda: it.pane.id == next(entry.id for entry in PANES if entry.digit == digit))
    pane = it.pane
    if not isinstance(pane, SectionsPane):
        await it.until(lambda: pane.loaded_at is not None)
        return [pane]
    for word, _ in pane.sections:
        pane.show_part(word)
        section = pane.section_of(word)
        await it.until(
            lambda section=section: pane.section is section and (section.loaded_at or not section.poll_seconds)
        )
    return [pane.section_of(word) for word, _ in pane.sections]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size[0]))
async def test_every_list_fits_every_width_and_hides_no_action(console: Opens, size: tuple[int, int]) -> None:
    async with console(size=size) as it:
        for entry in PANES:
            for part in await _parts(it, entry.digit):
                lines = it.shown().splitlines()
                assert len(lines) == size[1]
                assert all(len(line) <= size[0] + 2 for line in lines)
                key_line = it.app.shell.query_one(KeyLine)
                whole = {f"{action.key_name} {action.title}" for action in key_line._actions}
                assert {word.strip() for word in lines[-1].split("   ") if word.strip()} <= whole
                if isinstance(part, RecordPane) and part.table.visible_rows and part.display:
                    columns = part.table._records.columns
                    most = min(column.priority for column in columns)
                    shown = {place.column for place in part.table.lines.places}
                    assert {at for at, column in enumerate(columns) if column.priority == most} <= shown
        offered = {action.id for _, action in it.app.shell.all_actions()}
        assert {"shell.explain", "shell.copy", "shell.filter", "shell.palette"} <= offered


async def test_a_list_teaches_only_once_it_is_known_to_be_empty(console: Opens) -> None:
    async with console(THETA_HTTP_MAX_RETRIES="0") as it:
        it.world.faults.add({"kind": "hang", "times": None, "match": {"path": "/deployment"}})
        await it.press("4")
        await it.until(lambda: isinstance(it.pane, RecordPane))
        pane, lesson = it.pane, "No deployments."
        await it.until(lambda: ASKING in it.shown())
        assert lesson not in it.shown()
        it.world.faults.clear()
        it.world.faults.add({"kind": "reset", "times": None})
        pane.reload()
        await it.until(lambda: NO_ANSWER in it.shown())
        it.world.faults.clear()
        it.world.deployments.clear()
        pane.reload()
        await it.until(lambda: lesson in it.shown())
        assert ASKING not in it.shown()


async def test_when_the_network_is_lost_every_list_says_so_keeps_its_rows_and_comes_back(console: Opens) -> None:
    async with console(THETA_HTTP_MAX_RETRIES="0") as it:
        loaded = {digit: await _parts(it, digit) for digit in LISTS}
        it.world.faults.add({"kind": "reset", "times": None})
        lost = 0
        for digit, parts in loaded.items():
            await it.press(digit)
            for part in parts:
                if not isinstance(part, RecordPane) or part.title in _ANSWERED_HERE:
                    continue
                rows = part.count
                await _show(it, part)
                part.reload()
                await it.until(lambda part=part: "offline, showing last answer" in part.age_words)
                assert part.query_one(Banner).error is not None
                assert part.count == rows
                lost += 1
        assert lost >= 10
        it.world.faults.clear()
        for digit, parts in loaded.items():
            await it.press(digit)
            for part in parts:
                if isinstance(part, RecordPane) and part._failures:
                    await _show(it, part)
                    part._poll_now()
                    await it.until(lambda part=part: part.age_words.startswith("as of"))
                    assert part.query_one(Banner).error is None


_ANSWERED_HERE = ("Runs", "Balances", "Spending by day", "Spending by service", "Services")
"""Lists that the journal answers, and the catalogue, which has a built-in one to fall back on and says so."""


async def _show(it: Any, part: Pane) -> None:
    pane = it.pane
    if isinstance(pane, SectionsPane):
        pane.show_part(next(word for word, _ in pane.sections if pane.section_of(word) is part))
        await it.until(lambda: pane.section is part)
