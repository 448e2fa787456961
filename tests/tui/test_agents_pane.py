from __future__ import annotations

from typing import Any

import pytest

from theta_tui.shapes.agents import Agent
from theta_tui.tui.json_lines import json_text
from theta_tui.tui.panes.agents.agent_row import AgentRow, facts, state_cell
from theta_tui.tui.widgets.details import Details


async def _listed(it: Any) -> None:
    await it.until(lambda: it.pane.agents.loaded_at is not None and it.pane.agents.row is not None)
    await it.until(lambda: all(row.documents is not None for row in it.pane.agents.table.visible_rows))


async def _documents(it: Any, *names: str) -> None:
    await it.until(lambda: [row.name for row in it.pane.documents.table.visible_rows] == list(names))


def _details(part: Any) -> str:
    return str(part.query_one(Details).query_one("#text").content)


HELPDESK = ("returns.md", "shipping.txt", "warranty.txt", "orders.csv")


async def test_the_list_tells_model_documents_and_whether_an_agent_can_be_asked(console: Any) -> None:
    async with console(pane="agents", size=(80, 24)) as it:
        await _listed(it)
        line = next(line for line in it.shown().splitlines() if "Shop helpdesk" in line)
        assert line.split()[-5:] == ["●", "ready", "42", "d", "text-to-SQL"]
        assert "llama_3_1_70b" in line
        await it.press("i")
        await it.until(lambda: it.pane.agents.query_one("#scroll").has_focus)
        shown = _details(it.pane.agents)
        assert "text-to-SQL on" in shown
        assert "assistant: Hello! Ask me about orders" in shown
        assert "GPT-OSS 120B (llm-0002)" in shown
        await it.press("right", "right")
        await it.until(lambda: "orders.csv" in _details(it.pane.agents))
        await it.press("right")
        await it.until(lambda: "/document/list" in _details(it.pane.agents))


async def test_enter_leads_to_the_documents_and_to_what_stands_in_them_and_esc_back(console: Any) -> None:
    async with console(pane="agents", size=(80, 24)) as it:
        await _listed(it)
        await it.press("enter")
        await _documents(it, *HELPDESK)
        assert "Documents of Shop helpdesk" in it.shown()
        assert "Team handbook" not in it.shown()
        await it.press("G", "enter")
        await it.until(lambda: "Mechanical keyboard,waiting for stock" in _details(it.pane.documents))
        assert it.sent("GET", "/document/doc_") == [it.world.calls[-1].path]
        await it.press("escape", "escape")
        await it.until(lambda: it.pane.agents.table.has_focus and "Team handbook" in it.shown())


async def test_a_wide_pane_shows_the_documents_of_the_agent_under_the_cursor(console: Any) -> None:
    async with console(pane="agents") as it:
        await _documents(it, *HELPDESK)
        assert it.pane.agents.table.has_focus
        await it.press("down")
        await _documents(it, "travel.md", "onboarding.md")
        await it.press("enter")
        await it.until(lambda: it.pane.documents.table.has_focus)
        assert "Team handbook" in it.shown()
        await it.press("slash")
        await it.type("train")
        await _documents(it, "travel.md")


async def test_no_agents_teach_how_to_make_one(console: Any) -> None:
    async with console(pane="overview", size=(80, 24)) as it:
        it.world.records["agents"].clear()
        await it.press("7")
        await it.until(lambda: "Press n to create one" in " ".join(it.shown().split()))


async def test_a_list_of_several_pages_is_shown_whole(console: Any) -> None:
    async with console(pane="overview") as it:
        agents = it.world.records["agents"]
        first = next(iter(agents.values()))
        for number in range(130):
            agents[f"cht{number:017}"] = type(first)(f"cht{number:017}", first.project_id, "kb", first.created_at,
                                                     dict(first.fields))  # fmt: skip
        await it.press("7")
        await it.until(lambda: len(it.pane.agents.table.visible_rows) == 132)


async def test_d_says_that_the_cloud_deletes_no_agent(console: Any) -> None:
    async with console(pane="agents", size=(80, 24)) as it:
        await _listed(it)
        await it.press("d")
        await it.until(lambda: any("no known way to delete an agent" in words for *_, words in it.app.messages))
        assert it.sent("DELETE") == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (AgentRow(Agent.read({"id": "a"}), 3, "general"), "● ready"),
        (AgentRow(Agent.read({"id": "a"}), None, "general"), "● ready"),
        (AgentRow(Agent.read({"id": "a"}), 3, ""), "○ no chat token"),
        (AgentRow(Agent.read({"id": "a"}), 0, "general"), "○ no documents"),
        (AgentRow(Agent.read({"id": "a"}), 0, "general", "Changing… 3 s"), "◌ Changing… 3 s"),
    ],
)
def test_the_state_is_what_is_known_of_documents_and_token(row: AgentRow, said: str) -> None:
    assert state_cell(row)[0] == said


def test_no_key_or_token_of_an_agent_is_shown_or_copied() -> None:
    agent = Agent.read({
        "id": "cht1", "name": "A", "api_key": "planted-key-1", "session_token": "planted-token-2",
        "settings": {"agent.tools": {"web_search": True}, "agent.custom": {"api_key": "planted-key-3"}},
    })  # fmt: skip
    shown = json_text(agent.as_json()) + "".join(str(value) for _, value in facts(AgentRow(agent)))
    assert "planted" not in shown
    assert "agent.custom" in shown
