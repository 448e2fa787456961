"""What is put together from the front looks as Textual would paint it, and asks nobody for what is hidden."""

from __future__ import annotations

from typing import Any

import pytest
from textual._compositor import Compositor
from textual.containers import Container

from tests.tui.conftest import Console, Opens
from theta_tui.tui.front_first import FrontFirst


def whole(it: Console, compositor: type[Compositor]) -> list[str]:
    """Give every line of the screen as this compositor paints it, with its styles."""
    mine = it.app.screen._compositor
    chops = compositor._render_chops(mine, mine.size.region, lambda y: True)
    return [repr([list(strip) for strip in line.values()]) for line in chops]


async def test_the_picture_is_the_one_that_textual_paints(console: Opens) -> None:
    async with console() as it:
        await it.until(lambda: it.pane.loaded_at is not None)
        for keys in ((), ("4",), ("question_mark",), ("escape", "ctrl+p")):
            await it.press(*keys)
            assert isinstance(it.app.screen._compositor, FrontFirst)
            assert whole(it, FrontFirst) == whole(it, Compositor)


async def test_what_is_hidden_is_asked_for_nothing(console: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    async with console() as it:
        await it.until(lambda: it.pane.loaded_at is not None)
        asked: list[Any] = []
        draw = Container.render_lines
        monkeypatch.setattr(Container, "render_lines", lambda self, crop: asked.append(self) or draw(self, crop))
        it.app.shell.query_one("#money").refresh()
        await it.pilot.pause()
        assert asked == []
