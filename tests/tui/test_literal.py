"""Markup in data is shown as typed, and clicking it runs nothing, in every kind of widget."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.text import Text
from textual.app import App, ComposeResult
from textual.content import Content
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import DataTable, Input, Label, OptionList, RichLog, Static, Tree

from theta_tui.safe_text import HOSTILE
from theta_tui.tui import literal

HOSTILE_MARKUP = [
    "[@click=app.pwn('hi')]press[/]",
    "[ @click=app.pwn(1)]press",
    "[\n@click=app.pwn]press",
    "[@click=app.x('[')]press[/]",
    "see [/etc/passwd] now",
    "[/",
    "[0]",
    "[type=x, v={'a[0]'}]",
    "[link=http://evil.example]safe[/link]",
    "[b]bold[/b] [red",
    "\\[b]back\\slash\\",
    "\x1b]8;;http://evil.example\x07safe\x1b]8;;\x07",
    "\x1b[2J\u202e\ud800",
]
HOSTILE_TEXT = st.lists(st.one_of(st.sampled_from(HOSTILE_MARKUP), st.text(max_size=8)), max_size=6).map("".join)


def table(text: str) -> Widget:
    shown: DataTable[Text] = DataTable()
    shown.add_column(literal.rich(text), width=50)
    shown.add_row(literal.rich(text), label=literal.rich(text))
    return shown


def titled(text: str) -> Widget:
    shown = Static("body")
    shown.styles.border = ("round", "white")
    shown.border_title = literal.content(text)
    shown.border_subtitle = literal.content(text)
    return shown


def tree(text: str) -> Widget:
    shown: Tree[None] = Tree(literal.rich(text))
    shown.root.expand().add_leaf(literal.rich(text))
    return shown


def log(text: str) -> Widget:
    shown = RichLog(markup=True)
    shown.write(literal.rich(text))
    return shown


WIDGETS: dict[str, Callable[[str], Widget]] = {
    "static": lambda text: Static(literal.content(text)),
    "block": lambda text: Static(literal.content(text, block=True, style="bold")),
    "label": lambda text: Label(literal.content(text)),
    "options": lambda text: OptionList(literal.content(text)),
    "table": table,
    "tree": tree,
    "title": titled,
    "log": log,
    "input": lambda text: Input(value=literal.plain(text), placeholder=literal.plain(text)),
}


class OneWidget(App[None]):
    """Shows one widget and records what content made it do."""

    def __init__(self, make: Callable[[str], Widget], text: str = "") -> None:
        super().__init__()
        self.make = make
        self.text = text
        self.acts: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.make(self.text)

    async def show(self, text: str) -> None:
        await self.screen.remove_children()
        await self.mount(self.make(text))

    def action_pwn(self, *_args: object) -> None:
        self.acts.append("pwn")

    def action_x(self, *_args: object) -> None:
        self.acts.append("x")

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        self.acts.append(url)


def screen_text(app: App[None]) -> str:
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


async def appears(pilot: Pilot[None], line: str) -> bool:
    for _ in range(200):
        if line in screen_text(pilot.app):
            return True
        await pilot.pause(0.01)
    return False


async def click_everywhere(pilot: Pilot[None]) -> None:
    region = pilot.app.screen.children[0].region
    for y in range(region.y, min(region.bottom, region.y + 3)):
        for x in range(region.x + 4, min(region.right, region.x + 24), 5):
            await pilot.click(offset=(x, y))


@pytest.mark.parametrize("kind", WIDGETS)
async def test_markup_is_shown_as_typed_in(kind: str) -> None:
    app = OneWidget(WIDGETS[kind])
    async with app.run_test(size=(120, 20)) as pilot:
        for text in HOSTILE_MARKUP:
            await app.show(text)
            lines = literal.content(text, block=True).plain.split("\n") if kind == "block" else [literal.plain(text)]
            for line in lines:
                assert await appears(pilot, line), text


@pytest.mark.parametrize("kind", WIDGETS)
async def test_a_click_anywhere_on_data_runs_nothing_in(kind: str) -> None:
    app = OneWidget(WIDGETS[kind], " ".join(HOSTILE_MARKUP[:3]))
    async with app.run_test(size=(120, 20)) as pilot:
        await click_everywhere(pilot)
        assert app.acts == []
        assert app.is_running


def bare_title(text: str) -> Widget:
    shown = Static("body")
    shown.styles.border = ("round", "white")
    shown.border_title = text
    return shown


BARE: dict[str, Callable[[str], Widget]] = {"static": Static, "options": OptionList, "tree": Tree, "title": bare_title}


@pytest.mark.parametrize("kind", BARE)
async def test_the_same_clicks_on_a_bare_string_do_run_so_the_check_can_fail(kind: str) -> None:
    app = OneWidget(BARE[kind], "[@click=app.pwn('hi')]press here, please do[/]")
    async with app.run_test(size=(120, 20)) as pilot:
        await click_everywhere(pilot)
        assert "pwn" in app.acts


@pytest.mark.parametrize("text", HOSTILE_MARKUP)
async def test_a_toast_is_literal_and_a_click_on_it_runs_nothing(text: str) -> None:
    app = OneWidget(Static, "under")
    async with app.run_test(size=(120, 30), notifications=True, tooltips=True) as pilot:
        literal.toast(app, text, title=text, severity="error")
        await pilot.pause()
        toast = app.screen.query("Toast").first()
        shown = screen_text(app)
        assert HOSTILE.search(shown.replace("\n", "")) is None
        for word in re.findall(r"\w{4,}", literal.plain(text)):
            assert shown.count(word) >= 2  # in the body and in the title
        await pilot.click(toast, offset=(4, 2))
        assert app.acts == []


async def test_a_tooltip_is_literal() -> None:
    app = OneWidget(Static, "under")
    app.TOOLTIP_DELAY = 0.01
    async with app.run_test(size=(120, 20), tooltips=True) as pilot:
        under = app.query_one(Static)
        under.tooltip = literal.content("see [/etc] [@click=app.x]y[/]")
        await pilot.hover(under, offset=(2, 0))
        assert await appears(pilot, "see [/etc] [@click=app.x]y[/]")


@given(HOSTILE_TEXT)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_keeps_its_letters_and_gets_no_span(text: str) -> None:
    content, rich = literal.content(text), literal.rich(text)
    assert content.plain == rich.plain == literal.plain(text)
    assert content.spans == rich.spans == []
    assert HOSTILE.search(content.plain) is None
    assert HOSTILE.search(literal.content(text, block=True).plain.replace("\n", "")) is None


def test_a_style_of_ours_covers_the_whole_text() -> None:
    styled = literal.content("a [b]", style="bold")
    assert isinstance(styled, Content)
    assert [(span.start, span.end, span.style) for span in styled.spans] == [(0, 5, "bold")]
    assert str(literal.rich("a [b]", style="bold").style) == "bold"
