"""From nothing to an answer out of a table: an agent, a CSV document, a question; by keys against the demo."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.tui.test_agents_pane import _listed
from theta_tui.tui.form_screen import CommandForm
from theta_tui.tui.panes.agents.agent_form import AgentChange
from theta_tui.tui.panes.agents.document_form import DocumentForm
from theta_tui.tui.panes.agents.document_source import DocumentSource
from theta_tui.tui.review import ReviewModal

PRICES = "sku,price,in_stock\nLAMP-7,49.50,true\nDESK-2,310,false\n"


async def _form(it: Any, kind: type) -> Any:
    await it.until(lambda: isinstance(it.app.screen, kind) and it.app.focused is not None)
    return it.app.screen.form


async def _confirm(it: Any) -> dict[str, Any]:
    await it.until(lambda: isinstance(it.app.screen, ReviewModal) and it.app.screen.armed)
    preview: dict[str, Any] = it.app.screen._review.preview
    await it.press("y")
    return preview


async def test_an_agent_is_made_given_a_table_and_asked(console: Any, tmp_path: Path) -> None:
    table = tmp_path / "prices.csv"
    table.write_text(PRICES)
    async with console(pane="agents") as it:
        await _listed(it)
        await it.press("n")
        (await _form(it, CommandForm)).fill({"name": "Price list", "text_to_sql": True})
        await it.press("ctrl+s")
        preview = await _confirm(it)
        await it.until(lambda: it.pane.agents.row is not None and it.pane.agents.row.name == "Price list")
        assert it.sent("POST") == ["/chatbot"]
        assert preview["requests"][0]["url"].endswith("/chatbot")
        await it.press("enter")
        await it.until(lambda: it.pane.part == "documents" and "knows nothing yet" in it.shown())
        await it.press("n")
        (await _form(it, DocumentSource)).fill({"path": str(table)})
        await it.press("ctrl+s")
        form = await _form(it, DocumentForm)
        await it.until(lambda: "price | REAL" in str(form.values().get("columns")))
        assert "a table of 3 columns" in it.shown()
        form.fill({**form.values(), "about": "What things cost"})
        await it.press("ctrl+s")
        await _confirm(it)
        await it.until(lambda: it.pane.documents.row is not None and it.pane.documents.row.name == "prices.csv")
        call = next(call for call in it.world.calls if call.method == "POST" and call.path.endswith("/document"))
        assert b"LAMP-7,49.50,true" in call.body
        assert b'"sql_description"' in call.body
        await it.press("t")
        await it.until(lambda: it.pane.part == "test" and it.app.focused is not None)
        await it.press("enter")
        await it.type("what does LAMP-7 cost")
        await it.press("enter")
        await _confirm(it)
        await it.until(lambda: "49.50" in it.shown().split("what does LAMP-7 cost", 1)[-1])


async def test_a_change_sends_only_what_is_changed_and_nothing_when_nothing_is(console: Any) -> None:
    async with console(pane="agents", size=(80, 24)) as it:
        await _listed(it)
        await it.press("E")
        form = await _form(it, AgentChange)
        await it.press("ctrl+s")
        await it.until(lambda: "Nothing is changed yet." in it.shown())
        form.fill({**form.values(), "temperature": 0.25})
        await it.press("ctrl+s")
        await _confirm(it)
        await it.until(lambda: it.app.screen is it.app.shell)
        sent = next(call for call in it.world.calls if call.method == "PUT")
        assert json.loads(sent.body) == {"temperature": 0.25, "project_id": it.world.project_id} or (
            json.loads(sent.body) == {"temperature": 0.25}
        )
