"""The line filter alone keeps control codes, links and actions of content from a real terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import textwrap
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.color import Color
from textual.filter import LineFilter
from textual.widgets import DataTable, OptionList, Static

from tests.tui.conftest import Opens
from theta_tui.safe_text import HOSTILE
from theta_tui.tui.line_filter import InertFilter

BLACK = Color(0, 0, 0)
PAYLOADS = {
    "clear": "\x1b[2J\x1b[3;3H",
    "title": "\x1b]0;PWNED\x07",
    "clipboard": "\x1b]52;c;UFdORUQ=\x07",
    "link": "\x1b]8;;http://evil.example\x1b\\label\x1b]8;;\x1b\\",
    "file": "\x1b]1337;File=inline=1:UFdO\x07",
    "device control": "\x1bP+q544e\x1b\\",
    "graphics": "\x1b_Ga=T;UFdO\x1b\\",
    "eight-bit": "\x9b2J\x9d0;PWNED\x9c",
    "shift out": "\x0e\x7f\x00",
    "direction": "\u202epay\u2066load\u200f",
    "hidden": "a\u200b\u2028\ufeff\U000e0041b",
}
CHILD = textwrap.dedent(
    """
    import sys
    from textual.app import App
    from textual.content import Content
    from textual.widgets import Static

    class Tiny(App):
        def compose(self):
            yield Static(Content(payload, strip_control_codes=False))
            yield Static(Content.styled("linked", linked))
            yield Static("MARK-END")

        def get_line_filters(self):
            if "filter" not in sys.argv:
                return super().get_line_filters()
            from theta_tui.tui.line_filter import InertFilter
            return [*super().get_line_filters(), InertFilter()]

    payload = sys.argv[1].encode().decode("unicode_escape")
    linked = "link='http://evil.example/label'"
    Tiny().run()
    """
)


def run_on_a_terminal(payload: str, *arguments: str) -> bytes:
    """All bytes which the tiny app writes to its terminal until its last line is drawn."""
    main, child_end = pty.openpty()
    argv = [sys.executable, "-c", CHILD, payload.encode("unicode_escape").decode(), *arguments]
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "COLUMNS": "80", "LINES": "24"}
    child = subprocess.Popen(argv, stdin=child_end, stdout=child_end, stderr=child_end, env=environment)
    os.close(child_end)
    written = b""
    deadline = time.monotonic() + 30
    try:
        while b"MARK-END" not in written and time.monotonic() < deadline:
            if select.select([main], [], [], 0.2)[0]:
                written += os.read(main, 65_536)
    finally:
        child.kill()
        child.wait()
        os.close(main)
    assert b"MARK-END" in written
    return written


ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[^\[\]PX^_])")


LINE_START = re.compile(r"\x1b\[\d+;1H")


def escapes(written: bytes) -> set[str]:
    """Every escape sequence; which lines are repainted depends on the machine, so line starts count as one."""
    return {LINE_START.sub("line start", found) for found in ESCAPE.findall(written.decode("utf-8", "replace"))}


def hostile_text(written: bytes) -> list[str]:
    """Forbidden characters outside escape sequences; a drawn screen has line ends of its own."""
    text = ESCAPE.sub("", written.decode("utf-8", "replace"))
    return HOSTILE.findall(text.replace("\r", "").replace("\n", ""))


@pytest.fixture(scope="module")
def payload() -> str:
    return "".join(PAYLOADS.values())


@pytest.fixture(scope="module")
def clean(payload: str) -> bytes:
    """What the same app writes for the payload's harmless characters: the escapes which are its own."""
    return run_on_a_terminal(HOSTILE.sub("", payload), "filter")


def test_without_the_filter_content_reaches_the_terminal_so_the_check_can_fail(payload: str, clean: bytes) -> None:
    written = run_on_a_terminal(payload)
    foreign = escapes(written) - escapes(clean)
    assert {"\x1b[2J", "\x1b[3;3H", "\x1b]8;;\x1b\\"} <= foreign
    assert any(sequence.startswith("\x1b]52") for sequence in foreign)
    assert {"\x9b", "\u202e", "\u200b"} <= set(hostile_text(written))
    assert b"http://evil.example/label" in written


def test_the_filter_alone_lets_no_control_code_and_no_link_of_content_through(payload: str, clean: bytes) -> None:
    written = run_on_a_terminal(payload, "filter")
    assert escapes(written) - escapes(clean) == set()
    assert hostile_text(written) == []
    assert b"evil.example/label" not in written


class Links(App[None]):
    """Content that tries to run actions; rows and options that must stay clickable."""

    def __init__(self, *filters: LineFilter) -> None:
        super().__init__()
        self.filters = filters
        self.acts: list[str] = []

    def compose(self) -> ComposeResult:
        yield Static("[@click=app.pwn]press me please[/]")
        yield OptionList("first", "second")
        yield DataTable()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns("one", "two")
        table.add_rows([("a", "b"), ("c", "d")])

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), *self.filters]

    def action_pwn(self) -> None:
        self.acts.append("pwn")


@pytest.mark.parametrize(("filters", "acts"), [((), ["pwn"]), ((InertFilter(),), [])], ids=["nothing", "the filter"])
async def test_a_click_action_of_content_is_dead_behind_it(filters: Sequence[LineFilter], acts: list[str]) -> None:
    app = Links(*filters)
    async with app.run_test() as pilot:
        await pilot.click(Static, offset=(3, 0))
        assert app.acts == acts


async def test_rows_and_options_stay_clickable_behind_the_filter() -> None:
    app = Links(InertFilter())
    async with app.run_test() as pilot:
        await pilot.click(OptionList, offset=(4, 2))
        assert app.query_one(OptionList).highlighted == 1
        await pilot.click(DataTable, offset=(6, 2))
        assert app.query_one(DataTable).cursor_coordinate == (1, 1)


@given(
    st.lists(st.one_of(st.sampled_from([*PAYLOADS.values(), "👩\u200d👧", "❤\ufe0f", "日本"]), st.text()), max_size=5)
)
def test_a_filtered_line_is_inert_and_as_wide_as_before(pieces: list[str]) -> None:
    segments = [Segment(piece) for piece in pieces]
    filtered = InertFilter().apply(segments, BLACK)
    assert [cell_len(after.text) for after in filtered] == [cell_len(before.text) for before in segments]
    assert all(HOSTILE.search(segment.text) is None for segment in filtered)


def test_a_raw_control_segment_is_dropped() -> None:
    raw = Segment("\x1b[2J", None, [(2,)])  # type: ignore[list-item]
    assert InertFilter().apply([raw, Segment("a")], BLACK) == [Segment("a")]


def test_colours_and_harmless_entries_of_a_style_stay() -> None:
    loaded = Style(color="red", link="http://evil.example") + Style.from_meta({"@click": "app.quit", "row": 3})
    (segment,) = InertFilter().apply([Segment("x", loaded)], BLACK)
    assert segment.style is not None
    assert (segment.style.color, segment.style.link, segment.style.meta) == (loaded.color, None, {"row": 3})


def test_an_ordinary_line_is_rewritten_only_once() -> None:
    plain = [Segment("┃ naïve ┃", Style(bold=True)), Segment("plain")]
    first, second = InertFilter().apply(plain, BLACK), InertFilter().apply(plain, BLACK)
    assert first == second == plain
    assert [a.text is b.text for a, b in zip(first, second, strict=True)] == [True, True]


@pytest.mark.parametrize("no_color", ["", "1"], ids=["in colour", "without"])
async def test_every_line_is_kept_once_and_not_once_for_each_filter(
    console: Opens, monkeypatch: pytest.MonkeyPatch, no_color: str
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    async with console() as it:
        assert len(it.app.get_line_filters()) == 1
        assert it.app.get_line_filters()[0] is it.app.get_line_filters()[0]
        assert it.app.is_colourless == bool(no_color)
