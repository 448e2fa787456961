"""Trying a template before renting it, own templates, all options, list routes: by keys against the demo."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.tui.test_deployments_pane import _at_options, _impatient, _in_review, _in_wizard, _rows, _says
from theta_tui.tui.form_screen import CommandForm
from theta_tui.tui.panes.deployments.trials import TrialReport

__all__ = ["_impatient"]


async def test_a_template_is_tried_from_the_wizard_and_leaves_nothing_behind(console: Any) -> None:
    async with console(pane="deployments", speed=600.0) as it:
        await _rows(it)
        names = {row.name for row in it.pane.table.visible_rows}
        wizard = await _at_options(it)
        wizard.query_one("#try").focus()
        await it.press("enter")
        modal = await _in_review(it)
        assert "deleted" in it.shown() or "delete" in it.shown()
        assert it.sent("POST", "/deployment") == []
        modal.focus()
        await it.press("y")
        await it.until(lambda: isinstance(it.app.screen, TrialReport) and "✓ Ready" in it.shown())
        shown = it.shown()
        assert "✓ Answer" in shown
        assert "✓ Clean-up" in shown
        assert len(it.sent("POST", "/deployment")) == 1
        assert len(it.sent("DELETE", "/deployment")) == 1
        await it.press("escape")
        await it.press("R")
        await it.until(lambda: {row.name for row in it.pane.table.visible_rows} == names)


async def test_v_on_a_row_asks_first_and_a_cancel_leaves_no_work(console: Any) -> None:
    async with console(pane="deployments") as it:
        await _rows(it)
        await it.press("v")
        await _in_review(it)
        assert len(it.app.works.at_work) == 1
        await it.press("escape")
        await it.until(lambda: not it.app.works.at_work)
        assert it.sent("POST") == []


async def test_own_templates_are_made_changed_and_deleted_in_the_wizard(console: Any) -> None:
    async with console(pane="deployments") as it:
        await _rows(it)
        await it.press("n")
        wizard = await _in_wizard(it, "template")
        step = wizard.query_one("#template")
        await it.press("t", "t")
        await it.until(lambda: step.category == "own" and "Own" in it.shown())
        known = len(step.table.visible_rows)
        await it.press("N")
        await it.until(lambda: isinstance(it.app.screen, CommandForm) and it.app.focused is not None)
        it.app.screen.form.fill({"name": "Triage", "container_image": "example.com/triage:1"})
        await it.press("ctrl+s")
        await _in_review(it)
        await it.press("y")
        await it.until(lambda: it.app.screen is wizard and len(step.table.visible_rows) == known + 1)
        made = [call for call in it.world.calls if call.method == "POST" and call.path == "/deployment_template"]
        assert len(made) == 1
        row = next(one for one in step.table.visible_rows if one.name == "Triage")
        step.table.move_to(row.id)
        await it.press("D")
        await it.until(lambda: "for good" in it.shown())
        assert it.sent("DELETE") == []
        await it.press("escape")
        await it.until(lambda: it.app.screen is wizard)


async def test_all_options_are_one_form_and_what_the_wizard_knows_is_in_it(console: Any) -> None:
    async with console(pane="deployments") as it:
        await _rows(it)
        wizard = await _at_options(it)
        wizard.query_one("#all").focus()
        await it.press("enter")
        await it.until(lambda: isinstance(it.app.screen, CommandForm) and it.app.focused is not None)
        it.app.screen.form.fill({"annotations": {"nickname": "night", "tags": "test"}, "max_replicas": 2})
        await it.press("ctrl+s")
        await _in_review(it)
        await it.press("y")
        await it.until(lambda: it.app.screen is it.app.shell)
        body = json.loads(next(call.body for call in it.world.calls if call.method == "POST"))
        assert body["annotations"] == {"nickname": "night", "tags": "test"}
        assert body["max_replicas"] == 2
        assert body["vm_id"]


@pytest.mark.parametrize("size", [(80, 24)])
async def test_the_routes_of_the_project_are_told(console: Any, size: tuple[int, int]) -> None:
    async with console(pane="deployments", size=size) as it:
        await _rows(it)
        await it.press("P")
        await it.until(lambda: _says(it, "works, ") and _says(it, "The console uses"))


async def test_the_dearest_deployment_is_found_and_stopped_by_keys_alone(console: Any) -> None:
    async with console(pane="deployments") as it:
        await _rows(it)
        while it.pane.table.current_column.key != "cost":
            await it.press("right")
        await it.press("s", "s", "g")
        dearest = max(
            (row for row in it.pane.table.visible_rows if row.running_usd is not None and row.deployment.is_billed),
            key=lambda row: row.running_usd,
        )
        await it.until(lambda: it.pane.row.key == dearest.key)
        await it.press("x")
        await _in_review(it)
        await it.press("y")
        await it.until(lambda: _says(it, f"{dearest.name} is stopped"))
        assert len(it.sent("PUT", "/stop")) == 1
