from __future__ import annotations

from typing import Any

from theta_tui.tui.trail import Place, Trail


def test_going_somewhere_new_drops_what_lay_ahead() -> None:
    trail = Trail()
    for pane in ("overview", "chat", "chat", "activity"):
        trail.visit(Place(pane))
    assert trail.step(-1) == Place("chat")
    assert trail.step(-1) == Place("overview")
    assert trail.step(-1) is None
    trail.visit(Place("billing"))
    assert trail.step(1) is None
    assert trail.step(-1) == Place("overview")
    assert trail.last == Place("billing")


async def test_brackets_walk_through_panes_and_their_parts_and_minus_toggles(console: Any) -> None:
    async with console(pane="activity") as it:
        await it.press(".")
        await it.until(lambda: it.pane.part == "requests")
        await it.press("4")
        await it.until(lambda: it.pane.id == "deployments")
        await it.press("left_square_bracket")
        await it.until(lambda: (it.pane.id, it.pane.part) == ("activity", "requests"))
        await it.press("left_square_bracket")
        await it.until(lambda: (it.pane.id, it.pane.part) == ("activity", "changes"))
        await it.press("right_square_bracket", "right_square_bracket")
        await it.until(lambda: it.pane.id == "deployments")
        await it.press("minus")
        await it.until(lambda: (it.pane.id, it.pane.part) == ("activity", "requests"))
        await it.press("minus")
        await it.until(lambda: it.pane.id == "deployments")
