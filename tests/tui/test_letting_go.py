"""What was drawn for a screen that is gone leaves memory with it."""

from __future__ import annotations

import gc
import weakref

from tests.tui.conftest import Opens


async def test_a_closed_modal_leaves_no_drawn_lines_behind(console: Opens) -> None:
    async with console() as it:
        await it.press("ctrl+g")
        await it.until(lambda: "digit or name" in it.shown())
        drawn = weakref.WeakSet(widget._styles_cache for widget in it.app.screen.walk_children(with_self=True))
        assert len(drawn) > 2
        await it.press("escape")
        await it.until(lambda: gc.collect() >= 0 and not drawn)
