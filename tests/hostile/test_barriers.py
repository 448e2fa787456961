"""Each barrier alone: with the others taken away it still holds, and with all of them gone these tests see the harm."""

from __future__ import annotations

import pytest

from tests.hostile.conftest import Open
from tests.hostile.payloads import PAYLOADS
from tests.hostile.stage import ESCAPE, Stage, hostile_in

NO_SANITISER = """
import textual.content, theta_tui.safe_text as room
room._inert = lambda text, keep_newlines=False: text
textual.content.strip_control_codes = lambda text: text
"""
NO_FILTER = """
from theta_tui.tui.line_filter import InertFilter
InertFilter.apply = lambda self, segments, background: segments
"""
NO_LAST_FILTER = """
import theta_tui.safe_text
theta_tui.safe_text.filtered = str
"""
NO_LITERALS = """
from textual.content import Content
import theta_tui.tui.literal as room
room.content = lambda text, *, block=False, style=None: Content.from_markup(room.for_line(text))
"""
CONTROLS = {name: text for name, text in PAYLOADS.items() if name.startswith(("1 ", "5 ", "12", "16"))}
DETAILS_BEGIN = 22
"""The row of the screen from which on the details stand."""
QUITS = {"21": "[@click=app.quit_now]PRESS HERE NOW[/]"}


def _see_deployments(open_console: Open, script: str) -> bytes:
    stage, _ = open_console(CONTROLS, script)
    stage.press("4")
    stage.rest()
    stage.press("\r")
    stage.rest()
    return bytes(stage.terminal.seen)


@pytest.mark.parametrize("script", [NO_SANITISER, NO_FILTER], ids=["the line filter", "the sanitiser"])
def test_one_barrier_alone_keeps_control_codes_away(console: Open, script: str) -> None:
    written = _see_deployments(console, script)
    assert hostile_in(written) == []
    assert not [one for one in ESCAPE.findall(written) if one.startswith((b"\x1b]52", b"\x1b[3;3H"))]


def test_with_neither_they_reach_the_terminal_so_the_check_can_fail(console: Open) -> None:
    written = _see_deployments(console, NO_SANITISER + NO_FILTER)
    assert hostile_in(written) or b"\x1b]52" in written


def _in_details(stage: Stage) -> list[tuple[int, int]]:
    return [cell for cell in stage.cells_of("HERE") if cell[1] > DETAILS_BEGIN]


@pytest.mark.parametrize(
    ("script", "quits"),
    [(NO_LITERALS, False), (NO_FILTER, False), (NO_LITERALS + NO_FILTER, True)],
    ids=["the line filter", "literal types", "neither"],
)
def test_one_barrier_alone_keeps_a_click_from_acting(console: Open, script: str, quits: bool) -> None:
    stage, _ = console(QUITS, script, fields=("Name",))
    stage.press("4")
    stage.until(lambda: _in_details(stage))
    stage.rest()
    for column, row in _in_details(stage):
        stage.click(column, row)
    if quits:
        assert stage.terminal.wait() == 0
        return
    stage.press("?")
    stage.until("Search keys")


@pytest.mark.parametrize(
    ("script", "harms"), [(NO_FILTER, False), (NO_SANITISER, False), (NO_SANITISER + NO_LAST_FILTER, True)],
    ids=["without the line filter", "without the sanitiser", "nor the filter at the exit"],
)  # fmt: skip
def test_what_is_said_once_the_console_has_gone_is_inert(console: Open, script: str, harms: bool) -> None:
    # The line filter knows nothing of it: it is written when the app has ended.
    stage, house = console({"all": "\x1b]52;c;UFdORUQ=\x07\x9b2J\u202e\x00."}, script, fields=("Name",))
    assert house.world is not None
    unanswered = house.world.faults.add({"kind": "hang", "match": {"path": "stop"}})
    stage.press("4")
    stage.rest()
    stage.press("x")
    while not stage.rest().startswith("ReviewModal"):
        pass
    stage.press("y")
    stage.until(lambda: unanswered.taken)
    stage.press("\x11")
    stage.until("On its way")
    before = len(stage.terminal.seen)
    while stage.is_running:
        stage.press("q")
        stage.react()
    assert stage.terminal.wait() == 0
    said = bytes(stage.terminal.seen[before:])
    assert b"no answer came to: " in said
    assert (bool(hostile_in(said)), b"\x1b]52" in said) == (harms, harms)
