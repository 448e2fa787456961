"""Rows that are no objects, have no id, or share one: each is seen and can be reached, and nothing is done to it."""

from __future__ import annotations

from typing import Any

from tests.proofs import Prove
from tests.tui.conftest import Opens
from theta_tui.shapes.agents import AgentList
from theta_tui.tui.panes.agents.pages import PER_PAGE, every_agent
from theta_tui.tui.review import ReviewModal

LEAK = "zq-leak"


def good(name: str, suffix: str) -> dict[str, Any]:
    return {"Name": name, "Suffix": suffix, "Shard": "1", "EndpointStatus": "Running", "MachineType": "vm_gt1"}


ROWS = [
    None, LEAK, [LEAK], good("twin-a", "5555555555555555"), good("twin-b", "5555555555555555"), good("nobody", ""),
    good("good-one", "7777777777777777"), 7,
]  # fmt: skip


async def test_rows_in_doubt_are_seen_counted_and_left_alone(console: Opens, prove: Prove) -> None:
    async with console(pane="deployments") as it:
        rows = [{**row, "Name": ""} if isinstance(row, dict) and row["Name"] == "nobody" else row for row in ROWS]
        answer = {"kind": "json", "body": {"status": "success", "body": rows}, "match": {"path": "/deployment/list"}}
        it.world.faults.add({**answer, "times": None})
        it.pane.reload()
        table = it.pane.table
        await it.until(lambda: len(table.visible_rows) == len(ROWS))
        await it.until(lambda: "Deployments  8" in it.shown())
        assert LEAK not in it.shown()
        for words in (
            "null where an object belongs",
            "a text where an object belongs",
            "a list where an object belongs",
            "a number where an object belongs, at deployments[7]",
        ):
            await it.until(lambda words=words: words in it.shown())
        before = [call.path for call in it.world.calls if call.method != "GET"]
        for at in range(len(ROWS)):
            await it.press(*(["g"] + ["j"] * at))
            is_good = at == 6
            assert (it.pane.row is not None) is is_good
            assert (table.doubt(table.cursor_row) == "") is is_good
            if not is_good:
                await it.until(lambda: "In doubt" in it.shown() and "nothing can be done to it" in it.shown())
                for key in ("x", "d", "c", "v", "r", "o"):
                    await it.press(key)
                assert not isinstance(it.app.screen, ReviewModal)
                assert it.app.shell.current is it.pane
        assert any("so nothing is done to it" in text for _, _, text in it.app.messages)
        await it.press(*(["g"] + ["j"] * 6), "x")
        await it.until(lambda: isinstance(it.app.screen, ReviewModal))
        await it.press("escape")
        assert [call.path for call in it.world.calls if call.method != "GET"] == before
    prove("F30", "the console", len(ROWS))


async def test_pages_of_records_keep_what_cannot_be_told_apart(prove: Prove) -> None:
    rows = [None, {"id": "a"}, {"id": "a"}, 7, *({"id": f"x{at}"} for at in range(PER_PAGE - 4))]
    asked: list[int] = []

    async def ask(command: str, given: dict[str, Any]) -> Any:
        asked.append(given["page"])
        return AgentList.of({"chatbots": rows}, given["page"], PER_PAGE)  # the same page, whichever is asked for

    found = await every_agent(ask)
    assert len(found) == PER_PAGE
    assert [one.id for one in found[:4]] == ["", "a", "a", ""]
    assert asked == [0, 1]
    prove("F30", "theta.ai.agent.list, page by page")
