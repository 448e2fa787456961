"""What a moment of the console costs, counted: layers drawn, paints, queries, clocks. Times are `tests.benchmarks`'."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from textual._compositor import Compositor
from textual.geometry import Region
from textual.message_pump import MessagePump
from textual.widget import Widget

from tests.tui.conftest import Console, Opens
from theta_tui.journal.store import Store
from theta_tui.launch import Launch
from theta_tui.tui.app import ThetaApp
from theta_tui.tui.panes.overview.pane import OverviewPane
from theta_tui.tui.widgets.bare import Bare
from theta_tui.tui.widgets.tile import Tile


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count whole and partial paints of the screen, lines drawn by empty layers, reads and writes of the journal."""
    found: Counter[str] = Counter()

    def count(owner: type, method: str, name: str) -> None:
        really = getattr(owner, method)

        def counting(self: Any, *given: Any, **named: Any) -> Any:
            found[name] += 1
            return really(self, *given, **named)

        monkeypatch.setattr(owner, method, counting)

    count(Compositor, "render_full_update", "whole paints")
    count(Compositor, "render_partial_update", "partial paints")
    count(Store, "read", "reads")
    count(Store, "write", "writes")
    count(Tile, "render", "tiles drawn")
    count(Tile, "update_node_styles", "tiles styled")
    draw = Widget.render_line

    def drawing(self: Widget, y: int) -> Any:
        found["empty lines"] += isinstance(self, Bare)
        return draw(self, y)

    monkeypatch.setattr(Widget, "render_line", drawing)
    return found


async def still(it: Console) -> None:
    """Wait until the overview has all it asks for and nothing is at work."""
    await it.until(lambda: it.app.pulse is not None and it.pane.loaded_at is not None)
    await it.until(lambda: all("asking" not in str(tile.render()) for tile in it.app.shell.query("Tile")))
    await it.until(lambda: not [one for one in it.app.workers if not one.is_finished])
    await it.pilot.pause()


def clocks(it: Console) -> Counter[str]:
    """Count what ticks although nobody does anything, by its owner."""
    pumps: list[MessagePump] = [it.app, *it.app.screen_stack, *it.app.screen.query("*")]
    return Counter(type(pump).__name__ for pump in pumps for timer in pump._timers if timer._active.is_set())


async def test_the_first_frame_has_every_tile_drawn_once(
    counted: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str | None] = []
    draw = Tile.render
    monkeypatch.setattr(Tile, "render", lambda tile: drawn.append(tile.id) or draw(tile))

    class Stopped(ThetaApp):
        def first_frame_shown(self) -> None:
            self.first = (sorted(map(str, drawn)), counted["whole paints"])

    app = Stopped(Launch(demo=True))
    async with app.run_test(size=(140, 40)) as pilot:
        while not hasattr(app, "first"):
            await pilot.pause()
        tiles, paints = app.first
    assert tiles == sorted(name for name, *_ in OverviewPane.tiles)
    assert paints <= 2


async def test_an_empty_layer_draws_one_line_however_high_it_is(console: Opens, counted: Counter[str]) -> None:
    async with console() as it:
        await still(it)
        layers = [widget for widget in (it.app.shell, *it.app.shell.query("*")) if isinstance(widget, Bare)]
        counted.clear()
        it.app.shell.refresh(layout=True)
        for layer in layers:
            layer.refresh()
        await it.until(lambda: counted["empty lines"])
        await it.pilot.pause()
        assert len(layers) >= 5
        assert counted["empty lines"] <= 2 * len(layers)


async def test_another_focus_paints_two_frames_once(
    console: Opens, counted: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console() as it:
        await still(it)
        monkeypatch.setattr(it.app.shell.current, "_look", lambda: None)
        monkeypatch.setattr(it.app.shell.current, "show_age", lambda: None)
        edges: list[Region] = []
        paint = Compositor.render_partial_update

        def painting(compositor: Compositor) -> Any:
            edges.extend(compositor._dirty_regions)
            return paint(compositor)

        monkeypatch.setattr(Compositor, "render_partial_update", painting)
        await it.press("tab", "shift+tab")  # Now the frame of every tile that is met has been lit once.
        counted.clear()
        edges.clear()
        for key in ("down", "up", "tab", "shift+tab"):
            await it.press(key)
        assert counted["partial paints"] == 4
        assert counted["whole paints"] == counted["tiles drawn"] == counted["tiles styled"] == 0
        assert all(1 in (edge.width, edge.height) for edge in edges)
        assert len(edges) == 4 * 2 * 4


async def test_a_look_at_an_unchanged_journal_paints_nothing(console: Opens, counted: Counter[str]) -> None:
    async with console() as it:
        await still(it)
        pane = it.pane
        assert isinstance(pane, OverviewPane)
        await pane._show_own()
        await it.pilot.pause()
        counted.clear()
        await pane._show_own()
        await it.pilot.pause()
        assert counted == {"reads": 6}


async def test_a_still_screen_has_no_clock_but_the_pulse_and_those_of_the_overview(console: Opens) -> None:
    async with console() as it:
        await still(it)
        assert clocks(it) == {"ThetaApp": 1, "OverviewPane": 2}
        await it.press("3")
        await it.until(lambda: it.pane.id == "chat" and it.pane.loaded_at is not None)
        await it.until(lambda: not [one for one in it.app.workers if not one.is_finished])
        await it.until(lambda: clocks(it) == {"ThetaApp": 1})


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Begin as the program does: without looking for garbage."""
    gc.disable()
    yield
    gc.unfreeze()
    gc.enable()


async def test_garbage_is_looked_for_again_once_the_session_is_there(uncollected: None, console: Opens) -> None:
    async with console() as it:
        await it.until(gc.isenabled)
        assert gc.get_freeze_count() > 10_000
