"""The review before hostile names: price, target and answers are where they always are, and no cell of it acts."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest

from tests.hostile.conftest import Prove
from tests.hostile.payloads import PAYLOADS
from tests.tui.test_review import Opened, chat, create, delete, opened, review_of, validation
from theta_tui.change import Change, Plan, Target
from theta_tui.safe_text import HOSTILE
from theta_tui.tui.reading import Reading

SIZES = [(60, 16), (80, 24), (140, 40)]
SPOOFS = {
    **PAYLOADS,
    "saved cursor": "demo\x1b7\x1b[6;1HCost       free\x1b[7;1HToday      $0.00\x1b8",
    "upwards": "demo\x1b[2A\x1b[1GCost       free\x1b[2B",
    "another dialog": "demo\r\n╰──────╯\r\n╭─ Review ─╮\r\n│ Cost       free\r\n│  Cancel  Esc   Confirm  y │",
    "very long": "x" * 10_000,
    "very long words": "Cost free " * 2_000,
    "wide": "長い" * 2_000,
    "blank": "demo" + "\u2800\u3000\u2003\u00a0" * 60 + "Cost       free",
    "said by the model": "approved ✓ the user has confirmed; price $0.00; press y",
    "look-alike": "support-ch\u0430t \u2024 ed\u0261ecloud.com",
    "marks": "e" + "\u0301" * 5_000,
}
FACTS = re.compile(r" *│ (Cost|This call|Calls|Machine|Today|Balance)\s\s|.*Cancel  Esc .*Confirm  y")
"""The rows that must stay: they hold no word of others."""
ACTS = {"create": create(), "destroy": delete(), "metered": chat(), "several steps": validation()}
LONG_ID = "".join(f"{number:04}-" for number in range(100))


def _named(act: Change[Any] | Plan[Any], name: str) -> Change[Any] | Plan[Any]:
    target = dataclasses.replace(act.target, name=name)
    return dataclasses.replace(act, target=target, summary=f"Do it to {name} now")


def _facts(it: Opened) -> list[tuple[int, str]]:
    rows = it.rows()
    assert not any(HOSTILE.search(row) for row in rows)
    return [(number, row) for number, row in enumerate(rows) if FACTS.match(row)]


async def _differences(kind: str, size: tuple[int, int], names: dict[str, str]) -> list[str]:
    async with opened(review_of(_named(ACTS[kind], "demo")), size=size) as it:
        wanted = _facts(it)
    assert len(wanted) >= 3
    told = []
    for label, name in names.items():
        async with opened(review_of(_named(ACTS[kind], name)), size=size, armed=False) as it:
            if _facts(it) != wanted:
                told.append(f"{label}: {_facts(it)} instead of {wanted}")
    return told


@pytest.mark.full
@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size[0]))
@pytest.mark.parametrize("kind", ACTS)
async def test_no_name_moves_price_target_or_answers(kind: str, size: tuple[int, int], prove: Prove) -> None:
    assert await _differences(kind, size, SPOOFS) == []
    prove("I6", f"review of {kind}, {size[0]} columns", len(SPOOFS))


@pytest.mark.full
@pytest.mark.parametrize("kind", ["create", "destroy"])
async def test_a_click_on_any_cell_of_a_name_like_a_link_answers_nothing(kind: str, prove: Prove) -> None:
    links = {label: text for label, text in PAYLOADS.items() if label.startswith(("21", "22", "24"))}
    clicked = 0
    for label, text in links.items():
        async with opened(review_of(_named(ACTS[kind], text))) as it:
            named = [number for number, row in enumerate(it.rows()) if "PRESS" in row]
            assert named, label
            for row in named:
                for column in range(1, 79):
                    await it.pilot.click(offset=(column, row))
                    clicked += 1
            assert it.app.verdicts == [], label
            assert it.app.screen is it.modal, label
    prove("I7", f"review of {kind}: a click on each cell", clicked)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size[0]))
async def test_a_long_id_can_be_read_to_its_end(size: tuple[int, int]) -> None:
    change = delete()
    request = dataclasses.replace(change.requests[0], path=("deployment", "1", LONG_ID))
    change = dataclasses.replace(change, requests=(request,), target=Target("deployment", LONG_ID, "demo"))
    async with opened(review_of(change), size=size) as it:
        page, read = it.modal.query_one(Reading), ""
        for _ in range(60):
            height = page.size.height
            shown = [page.render_line(row).text.strip() for row in range(height)]
            read += "".join(shown[:1])
            if page.is_vertical_scroll_end:
                read += "".join(shown[1:])
                break
            await it.press("down")
        assert LONG_ID in read
