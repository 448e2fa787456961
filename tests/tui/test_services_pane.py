from __future__ import annotations

from typing import Any

import pytest
from textual.widgets import Static

from theta_tui.shapes.on_demand import Price, Service
from theta_tui.tui.panes.services import words
from theta_tui.tui.panes.services.row import ServiceRow, price_words, tokens_words
from theta_tui.tui.widgets.banner import Banner
from theta_tui.tui.widgets.details import Details
from theta_tui.tui.widgets.tab_line import Tab, TabLine

WIDE = (140, 40)


async def listed(it: Any) -> None:
    await it.until(lambda: it.pane.section.loaded_at is not None and it.pane.section.table.visible_rows)


def aliases(it: Any) -> list[str]:
    return [row.service.alias for row in it.pane.section.table.visible_rows]


def details(it: Any) -> str:
    return str(it.pane.section.query_one(Details).query_one("#text", Static).content)


async def test_the_list_shows_alias_price_context_and_that_it_is_live(console: Any) -> None:
    async with console(pane="services") as it:
        await listed(it)
        line = next(line for line in it.shown().splitlines() if "qwen3" in line)
        assert "$0.20 / $0.40 per M tokens" in line
        assert "33k" in line
        assert "● live" in line
        assert "123,456" in line


async def test_dot_and_comma_walk_through_the_kinds_and_wrap_around(console: Any) -> None:
    async with console(pane="services") as it:
        await listed(it)
        everything = len(aliases(it))
        await it.press("greater_than_sign")
        await it.until(lambda: "qwen3" in aliases(it) and "flux" not in aliases(it))
        await it.press("greater_than_sign")
        await it.until(lambda: "flux" in aliases(it) and "qwen3" not in aliases(it))
        await it.press("less_than_sign", "less_than_sign")
        await it.until(lambda: len(aliases(it)) == everything)
        await it.press("less_than_sign")
        await it.until(lambda: aliases(it) == [])
        assert "No service of this kind" in it.shown()


async def test_a_click_chooses_a_kind(console: Any) -> None:
    async with console(pane="services") as it:
        await listed(it)
        line = it.pane.section.query_one("#kinds")
        at = it.shown().splitlines()[line.region.y].index("audio")
        await it.pilot.click(line, offset=(at - line.region.x, 0))
        await it.until(lambda: "whisper" in aliases(it) and "qwen3" not in aliases(it))


async def test_enter_shows_price_caveat_and_every_input_in_a_table(console: Any) -> None:
    async with console(pane="services", size=(80, 24)) as it:
        await listed(it)
        it.pane.section.table.move_to("flux")
        await it.press("enter")
        await it.until(lambda: "guidance" in details(it))
        shown = details(it)
        assert "$0.01 / image" in shown
        assert "read as US cents" in shown
        assert "unknown until a call answers" in shown
        rows = [line.split() for line in shown.splitlines()]
        assert any(row[:3] == ["prompt", "string", "yes"] for row in rows)
        assert any(row[:4] == ["num_steps", "integer", "no", "4"] for row in rows)
        assert "default, quantized" in shown
        await it.press("escape")
        await it.until(lambda: it.pane.section.table.has_focus)


async def test_json_and_activity_of_a_service_are_one_key_away(console: Any) -> None:
    async with console(pane="services", size=WIDE) as it:
        await listed(it)
        it.pane.section.table.move_to("qwen3")
        await it.press("enter", "right")
        await it.until(lambda: '"alias": "qwen3"' in details(it))
        await it.press("right")
        await it.until(lambda: "No request about it yet." in details(it))


async def test_the_built_in_catalogue_gives_its_reason(console: Any) -> None:
    async with console(pane="services") as it:
        await listed(it)
        it.world.faults.add({"kind": "status", "status": 403, "match": {"path": "^/service/list"}, "times": None})
        await it.press("R")
        await it.until(lambda: "built-in catalogue: permission" in it.shown())
        assert "○ catalogue" in it.shown()
        it.world.faults.clear()
        await it.press("R")
        await it.until(lambda: "built-in catalogue" not in it.shown() and "● live" in it.shown())


async def test_filter_and_cursor_survive_a_refresh(console: Any) -> None:
    async with console(pane="services") as it:
        await listed(it)
        await it.press("slash")
        await it.type("glm")
        await it.press("enter", "down")
        loaded = it.pane.section.loaded_at
        assert it.pane.section.row.service.alias == "glm_5_3_flash"
        await it.press("R")
        await it.until(lambda: it.pane.section.loaded_at != loaded)
        assert aliases(it) == ["glm_5_3", "glm_5_3_flash"]
        assert it.pane.section.row.service.alias == "glm_5_3_flash"


async def test_c_on_a_text_model_goes_to_chat_with_it(console: Any) -> None:
    async with console(pane="services") as it:
        await listed(it)
        services = it.pane.section
        services.table.move_to("glm_5_3")
        await it.press("c")
        await it.until(lambda: it.app.shell.current is not services and it.pane.id == "chat")
        await it.until(lambda: "glm_5_3" in it.shown())


async def test_c_on_a_picture_model_says_that_it_does_not_chat(console: Any) -> None:
    async with console(pane="services") as it:
        await listed(it)
        it.pane.section.table.move_to("flux")
        await it.press("c")
        await it.until(lambda: it.pane.section.query_one(Banner).error is not None)
        assert "does not chat" in it.pane.section.query_one(Banner).error.message
        await it.press("escape")
        await it.until(lambda: it.pane.section.query_one(Banner).error is None)
        assert it.pane.id == "services"


async def test_what_is_offered_to_copy_calls_the_service_and_holds_no_secret(console: Any) -> None:
    async with console(pane="services") as it:
        await listed(it)
        it.pane.section.table.move_to("whisper")
        offered = dict(it.pane.section.copy_choices())
        assert offered["Alias"] == "whisper"
        assert offered["CLI line"].startswith("theta-tui run theta.ondemand.infer --args ")
        assert '"audio_filename"' in offered["CLI line"]
        assert "$THETA_ONDEMAND_API_TOKEN" in offered["curl"]
        token = it.app.demo.environ["THETA_ONDEMAND_API_TOKEN"]
        assert all(token not in text for text in offered.values())


@pytest.mark.parametrize(
    ("price", "kind", "expected"),
    [
        (Price(input_usd="0.0000002", output_usd="0.0000004"), "text", "$0.20 / $0.40 per M tokens"),
        (Price(input_usd="0.00000154", output_usd="0.00000484"), "text", "$1.54 / $4.84 per M tokens"),
        (Price(input_usd=0, output_usd="0.01"), "image", "$0.01 / image"),
        (Price(input_usd=0, output_usd="0.024"), "audio", "$0.024 / call"),
        (Price(input_usd="0.0001", output_usd=0, is_per_token=True), "audio", "$0.10 per 1,000 units"),
        (Price(), "text", "unknown"),
    ],
)
def test_prices_say_per_what(price: Price, kind: Any, expected: str) -> None:
    assert price_words(price, kind) == expected


@pytest.mark.parametrize(
    ("tokens", "expected"), [(None, "unknown"), (512, "512"), (131_072, "131k"), (1_048_576, "1.0M")]
)
def test_context_windows_are_short(tokens: int | None, expected: str) -> None:
    assert tokens_words(tokens) == expected


def test_a_service_that_says_nothing_is_unknown_everywhere() -> None:
    row = ServiceRow(Service.read({"alias": "mystery", "predictions": "nonsense", "workers": "many"}))
    facts = dict(words.facts(row, 80))
    assert str(facts["Price"]) == "unknown"
    assert str(facts["Inputs"]) == "unknown"
    assert facts["Gives"] == "unknown"
    assert "unknown, unknown" in str(facts["Workers, runs"])


def test_a_long_description_wraps_beside_its_column() -> None:
    spec = {"type": "string", "required": True, "description": "what the picture shows, in as many words as it takes"}
    row = ServiceRow(
        Service.read({"alias": "x", "default_prediction": "p", "predictions": {"p": {"input_vars": {"prompt": spec}}}})
    )
    lines = words.inputs_content(row.prediction.inputs, 60).plain.splitlines()
    start = lines[0].index("WHAT IT IS")
    assert len(lines) > 2
    assert all(len(line) <= 60 for line in lines)
    assert all(line[:start].strip() == "" for line in lines[2:])


def test_examples_give_the_required_inputs_only() -> None:
    spec = {"prompt": {"type": "string", "required": True}, "seed": {"type": "string"}}
    row = ServiceRow(
        Service.read({"alias": "x", "default_prediction": "p", "predictions": {"p": {"input_vars": spec}}})
    )
    assert words.example_inputs(row.prediction) == {"prompt": "a red lighthouse"}


def test_a_tab_line_gives_up_counts_before_it_gives_up_words() -> None:
    line = TabLine([Tab("all", "all", 13), Tab("text", "text", 4)])
    assert line._line(" │ ", counts=True).plain == "all 13 │ text 4"
    assert line._line(" ", counts=False).plain == "all text"
