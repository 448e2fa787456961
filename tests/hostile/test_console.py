"""Hostile text in every field, through every view of the console on a real terminal: it stays text.

Two consoles get the same keys; what the hostile cloud's shows must look like what the harmless cloud's shows.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest

from tests.hostile.conftest import MakeTwins, Open, Twins
from tests.hostile.payloads import HUGE, PAYLOADS, UNLIKE
from tests.hostile.stage import hostile_in

ENTER, ESC, TAB, PALETTE = "\r", "\x1b", "\t", "\x10"


class Unlike(str):
    """A key after which both cannot look alike: JSON writes control characters as escapes, names get random ends."""


RIGHT = "\x1b[C"
JSON, COPY = Unlike(RIGHT), Unlike("y")
DETAILS = (ENTER, JSON, RIGHT, ESC)
SOME: Mapping[str, tuple[str, ...]] = {
    "overview": ("1", TAB),
    "services": ("2", *DETAILS, "e", ESC, COPY, ESC, "r", ESC),
    "deployments": ("4", *DETAILS, "/", "sup", ENTER, ESC),
    "review": ("4", "x", ESC, "d", ESC),
    "agents": ("7", *DETAILS, ENTER, ESC),
    "activity": ("0", ENTER, ESC),
}
MORE: Mapping[str, tuple[str, ...]] = {
    "runs": ("2", "."),
    "new deployment": ("4", "n", Unlike(ENTER), Unlike(ENTER), Unlike(ESC), Unlike(ESC), ESC),
    "deployment forms": ("4", "e", ESC, COPY, ESC),
    "machine types": ("5", *DETAILS),
    "nodes": ("5", ".", *DETAILS),
    "clusters": ("5", ".", *DETAILS),
    "community": ("5", ".", *DETAILS),
    "notebooks": ("5", ".", *DETAILS),
    "volumes": ("5", ".", *DETAILS),
    "billing": ("6", ".", ".", "."),
    "agent form": ("7", "E", ESC),
    "video": ("8", *DETAILS),
    "livestreams": ("8", ".", *DETAILS),
    "ingestors": ("8", ".", *DETAILS),
    "chain": ("9", *DETAILS),
    "edge client": ("9", ".", *DETAILS),
    "keys": ("9", ".", *DETAILS),
    "palette": (PALETTE, "list", ESC),
    "messages": ("!", ESC),
    "settings": ("O", ESC),
}
GROUPS = (("1 ", "2 ", "3 "), ("4 ", "5 ", "6 "), ("7 ", "8 ", "9 "), ("10", "11", "12"), ("13", "15", "35"),
          ("14", "18"), ("16", "17", "19", "20"), ("21",), ("22", "23"), ("24",))  # fmt: skip


def _walk(pair: Twins, views: Mapping[str, tuple[str, ...]], *, compares: bool = True) -> None:
    for name, keys in views.items():
        for key in keys:
            pair.press(key)
            if compares and not isinstance(key, Unlike):
                pair.look_alike()
            assert pair.hostile.is_running, (name, key, pair.hostile.terminal.text[-600:])
    pair.is_inert()


def _only(*starts: str) -> dict[str, str]:
    return {name: text for name, text in PAYLOADS.items() if name.startswith(starts)}


def test_hostile_text_looks_like_text_and_does_nothing(twins: MakeTwins) -> None:
    _walk(twins({name: text for name, text in PAYLOADS.items() if not name.startswith(UNLIKE)}), SOME)


@pytest.mark.full
@pytest.mark.parametrize("group", GROUPS, ids=" ".join)
def test_every_class_looks_like_text_in_every_view(twins: MakeTwins, group: tuple[str, ...]) -> None:
    _walk(twins(_only(*group)), {**SOME, **MORE}, compares=not set(group) & set(UNLIKE))


@pytest.mark.full
@pytest.mark.parametrize("start", [0, 5, 11, 17])
def test_hostile_ids_addresses_and_states_do_nothing_either(twins: MakeTwins, start: int) -> None:
    _walk(twins(PAYLOADS, start=start, everywhere=True), {**SOME, **MORE}, compares=False)


def test_a_hostile_answer_its_thoughts_and_its_tool_calls_are_text(twins: MakeTwins) -> None:
    said = "\n\n".join(text for name, text in PAYLOADS.items() if not name.startswith(UNLIKE))
    pair = twins({"all": said})
    pair.press("3")
    pair.until("Ask anything.")
    pair.press("hello")
    pair.until("❯ hello")
    pair.press(ENTER)
    pair.until("Review ·")
    for stage in pair.both:
        stage.settle(0.6)  # a key pressed before it is armed would be no answer
    pair.press("y")
    pair.until("to first token")
    for key in (ESC, "k", "k", ENTER, "g", "G", ESC):
        pair.press(key)
        pair.look_alike()
    pair.is_inert()


CLICKED = {"services": ("2", ENTER), "deployments": ("4",), "agents": ("7", ENTER)}
CLICKED_MORE = {"machines": ("5", ENTER), "video": ("8", ENTER), "review": ("4", "d"), "form": ("7", ESC, "E")}


@pytest.mark.parametrize(
    ("views", "each"), [(CLICKED, 4), pytest.param({**CLICKED, **CLICKED_MORE}, 1, marks=pytest.mark.full)],
    ids=["some", "every cell"],
)  # fmt: skip
def test_a_click_on_text_that_looks_like_a_link_does_nothing(
    console: Open, views: Mapping[str, tuple[str, ...]], each: int
) -> None:
    stage, house = console(_only("21", "22", "24"))
    clicked = 0
    for name, keys in views.items():
        for key in keys:
            stage.press(key)
            stage.react()
        cells = list(stage.cells_of("PRESS"))
        for column, row in cells[::each]:
            stage.hover(column, row)
            stage.click(column, row)
        stage.settle()
        clicked += len(cells[::each])
        assert stage.is_running, name
        stage.press(ESC)
        stage.settle()
    assert clicked > 8
    assert (house.started, house.foreign_files) == ("", [])


@pytest.mark.parametrize(
    "name", [*(pytest.param(one, marks=pytest.mark.full) for one in HUGE if one != "25 newlines"), "25 newlines"]
)
def test_a_huge_text_is_cut_before_it_costs_time(console: Open, name: str) -> None:
    stage, _ = console({name: HUGE[name]}, fields=("Name", "name"))
    for keys, words in (("4", "TEMPLATE"), ("7", "Agents  2"), ("e", "Explain"), (ESC, "Agents  2")):
        begun = time.monotonic()
        stage.press(keys)
        stage.until(words)
        assert time.monotonic() - begun < 5, keys
    stage.react()
    stage.press("?")
    stage.until("Search keys")
    assert hostile_in(bytes(stage.terminal.seen)) == []
