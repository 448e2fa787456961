"""Hostile text in every field, through every view of the console on a real terminal: it stays text.

Two consoles get the same keys; what the hostile cloud's shows must look like what the harmless cloud's shows.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

import pytest

from tests.hostile.conftest import MakeTwins, Open, Prove, Twins
from tests.hostile.payloads import HUGE, LONGER, PAYLOADS
from tests.hostile.stage import ESC, hostile_in
from tests.hostile.walk import (
    BY_HAND,
    CHATS,
    CLICKED,
    CLICKED_MORE,
    ENTER,
    EVERY,
    RIGHT,
    SOME,
    dialogs,
    pane_views,
)

GROUPS = (("1 ", "2 ", "3 "), ("4 ", "5 ", "6 "), ("7 ", "8 ", "9 "), ("10", "11", "12"), ("13", "15", "35"),
          ("14", "18"), ("16", "17", "19", "20"), ("21",), ("22", "23"), ("24",))  # fmt: skip
LEAST_VIEWS = 30
"""In so many views each class is to be seen, and not only drawn beyond the edge of a column."""
FROZEN_SECONDS = 1.0 if "PYTEST_XDIST_WORKER" in os.environ else 0.5
"""CPU time of one turn of the console's loop: while it lasts nothing is drawn and no key is heard. Beside other tests
on the same cores the same work takes up to twice as much of it."""


def _only(*starts: str) -> dict[str, str]:
    return {name: text for name, text in PAYLOADS.items() if name.startswith(starts)}


def _walk(pair: Twins, ways: Mapping[str, tuple[str, ...]], prove: Prove, *, compares: bool = True) -> None:
    for keys in ways.values():
        pair.go(keys, compares=compares)
    pair.is_inert()
    for name in pair.signs:
        prove("I6", f"console: {name}", sum(seen == name for seen, _ in pair.sightings))
    prove("I7", "console: keys in every view", pair.steps)


def test_hostile_text_looks_like_text_and_does_nothing(twins: MakeTwins, prove: Prove) -> None:
    _walk(twins(PAYLOADS), SOME, prove)


@pytest.mark.full
@pytest.mark.parametrize("group", GROUPS, ids=" ".join)
def test_every_class_looks_like_text_in_every_view(twins: MakeTwins, prove: Prove, group: tuple[str, ...]) -> None:
    pair = twins(_only(*group))
    _walk(pair, EVERY, prove)
    assert dialogs() - {view.split()[0] for view in pair.views} == BY_HAND.keys()
    assert pane_views() <= pair.views
    seen = {name: sum(seen == name for seen, _ in pair.sightings) for name in pair.signs}
    assert min(seen.values()) >= LEAST_VIEWS, seen


@pytest.mark.full
@pytest.mark.parametrize("start", [0, 5, 11, 17])
def test_hostile_ids_addresses_and_states_do_nothing_either(twins: MakeTwins, prove: Prove, start: int) -> None:
    _walk(twins(PAYLOADS, start=start, everywhere=True), EVERY, prove, compares=False)


def test_a_hostile_answer_its_thoughts_and_its_tool_calls_are_text(twins: MakeTwins) -> None:
    pair = twins({"all": "\n\n".join(PAYLOADS.values())})
    pair.go(("3", "hello", ENTER, "y", ESC, "k", "k", ENTER, "g", "G", ESC))
    pair.is_inert()


@pytest.mark.parametrize(
    ("ways", "each"), [(CLICKED, 4), pytest.param({**CLICKED, **CLICKED_MORE}, 1, marks=pytest.mark.full)],
    ids=["some", "every cell"],
)  # fmt: skip
def test_a_click_on_text_that_looks_like_a_link_does_nothing(
    console: Open, prove: Prove, ways: Mapping[str, tuple[str, ...]], each: int
) -> None:
    stage, house = console(_only("21", "22", "24"), has_past=each == 1)
    clicked = 0
    for name, keys in ways.items():
        for key in keys:
            stage.press(key)
            stage.rest()
        cells = list(stage.cells_of("PRESS"))[::each]
        for column, row in cells:
            stage.hover(column, row)
            stage.click(column, row)
        stage.rest()
        assert stage.is_running, name
        if name != "copy menu":  # the last: a click is a choice there
            assert house.started == "", name
        prove("I7", f"console: a click in {name}", len(cells))
        clicked += len(cells)
        stage.go_home()
    assert clicked > 8
    assert set(house.started.splitlines()) <= {"xclip -selection clipboard"}
    assert house.foreign_files == []


@pytest.mark.parametrize(
    "name", [*(pytest.param(one, marks=pytest.mark.full) for one in HUGE if one != "25 newlines"), "25 newlines"]
)
def test_a_huge_text_is_cut_before_it_costs_time(console: Open, prove: Prove, name: str) -> None:
    stage, _ = console({name: HUGE[name]}, fields=("Name", "name"))
    for key in ("4", ENTER, RIGHT, ESC, "y", ESC, "x", ESC, "e", ESC, "7", "i", RIGHT, ESC, "E", ESC):
        stage.press(key)
        stage.rest()
        assert stage.slowest < FROZEN_SECONDS, (key, stage.view, stage.slowest)
    stage.press("?")
    stage.until("Search keys")
    assert hostile_in(bytes(stage.terminal.seen)) == []
    prove("I6", f"console: {name}", 16)


@pytest.mark.full
@pytest.mark.parametrize("name", [*HUGE, "25 longer"])
def test_a_huge_answer_and_a_huge_stored_chat_freeze_nothing(console: Open, prove: Prove, name: str) -> None:
    stage, _ = console({name: HUGE.get(name, LONGER)}, fields=("content",), has_past=True)
    for key in ("3", CHATS, ENTER, ESC, "g", "G", "\x0e", "hello", ENTER, "y", ESC, "t", "g", "G", ESC):
        stage.press(key)
        stage.rest()
        assert stage.slowest < FROZEN_SECONDS, (key, stage.view, stage.slowest)
    assert hostile_in(bytes(stage.terminal.seen)) == []
    prove("I6", f"chat: {name}", 15)
