"""One line of the list of agents: what it speaks through and knows, and whether it can be asked from here."""

from __future__ import annotations

import json
from dataclasses import dataclass

from textual.content import Content

from theta_tui.shapes.agents import RETRIEVER, TOOLS, Agent
from theta_tui.tui import literal
from theta_tui.tui.json_lines import json_text
from theta_tui.tui.widgets.details import Fact
from theta_tui.tui.widgets.record_table import Cell, Column, Role
from theta_tui.tui.words import UNKNOWN, age, count, moment, since

ROLE_STYLES: dict[Role, str] = {"ok": "$text-success", "warn": "$text-warning", "muted": "$foreground-muted"}
_TOOL_WORDS = {"web_search": "web search", "text_to_sql": "text-to-SQL"}


@dataclass(frozen=True, slots=True)
class AgentRow:
    """An agent as the list shows it.

    `documents` counts what it knows (None: not known); `token` says where the token for chats with it is kept, "" if
    there is none; `note` is what is being done to it.
    """

    agent: Agent
    documents: int | None = None
    token: str = ""
    note: str = ""

    @property
    def fault(self) -> str:
        """What kept it from being read."""
        return self.agent.fault

    @property
    def key(self) -> str:
        """What identifies it."""
        return self.agent.id or self.agent.name

    @property
    def name(self) -> str:
        """What to call it."""
        return self.agent.name or self.key

    @property
    def model(self) -> str:
        """The model it speaks through, as far as the cloud tells."""
        return self.agent.model or UNKNOWN


def state_cell(row: AgentRow) -> tuple[str, Role]:
    """Say whether it can be asked, as glyph, word and colour; what is being done comes first.

    The cloud tells no state of an agent (wire 8.2): this is what is known of documents and token.
    """
    if row.note:
        return f"◌ {row.note}", "warn"
    if row.documents == 0:
        return "○ no documents", "muted"
    if not row.token:
        return "○ no chat token", "warn"
    return "● ready", "ok"


def age_words(created: str) -> str:
    """Say how long it has been there; the first seconds are nobody's business."""
    words = age(created)
    return "just now" if "." in words and words.endswith(" s") else words


def newest_last(created: str) -> float | None:
    """Give what orders by age: the youngest first."""
    when = moment(created)
    return None if when is None else -when.timestamp()


def tools_words(agent: Agent) -> str:
    """Say which tools it may use."""
    used = [_TOOL_WORDS.get(name, name) for name, is_on in agent.tools.items() if is_on]
    return ", ".join(used) or "none"


def _documents_cell(row: AgentRow) -> Cell:
    return (UNKNOWN, "muted") if row.documents is None else count(row.documents)


COLUMNS: tuple[Column[AgentRow], ...] = (
    Column("name", "NAME", lambda row: row.name, priority=1, grow=True, min_width=12, max_width=40),
    Column("model", "MODEL", lambda row: row.model, priority=3, min_width=10, max_width=24),
    Column("documents", "DOCS", _documents_cell, priority=2, numeric=True, sort=lambda row: row.documents),
    Column("state", "STATE", state_cell, priority=1),
    Column("age", "AGE", lambda row: age_words(row.agent.created_at), priority=4, align="right", volatile=True,
           sort=lambda row: newest_last(row.agent.created_at)),
    Column("tools", "TOOLS", lambda row: tools_words(row.agent), priority=6, max_width=24),
    Column("endpoint", "ENDPOINT", lambda row: row.agent.llm_endpoint or UNKNOWN, priority=8, grow=True, max_width=60),
)  # fmt: skip


def facts(row: AgentRow) -> list[Fact]:
    """Give everything known of an agent; no token is among it."""
    agent = row.agent
    state, role = state_cell(row)
    return [
        ("Name", row.name),
        ("State", literal.content(state, style=ROLE_STYLES[role])),
        ("Model", row.model),
        ("Endpoint", agent.llm_endpoint),
        ("Could use", _models(agent)),
        ("Documents", _documents_words(row)),
        ("Chat token", _token_words(row)),
        ("Temperature", agent.temperature),
        ("Longest answer", UNKNOWN if agent.max_tokens is None else f"{agent.max_tokens:,} tokens"),
        ("Context", "the model's own" if agent.context_window is None else f"{agent.context_window:,} tokens"),
        ("Tools", _tools_long(agent)),
        ("Retriever", agent.retriever),
        *_other_settings(agent),
        ("System prompt", agent.system_prompt),
        ("Warm-up", _dialogue(agent)),
        ("Created", since(agent.created_at)),
        ("Knowledge", agent.knowledge_base_id),
        ("Id", agent.id),
    ]


def _models(agent: Agent) -> str:
    return "\n".join(f"{one.name or one.id} ({one.id})" for one in agent.llm_endpoints)


def _documents_words(row: AgentRow) -> Content | str:
    if row.documents == 0:
        return literal.content("none: it knows nothing yet. Enter, then n adds one", style="$text-warning")
    return UNKNOWN if row.documents is None else count(row.documents)


def _token_words(row: AgentRow) -> Content | str:
    if not row.token:
        return literal.content("none kept here: T takes it, from the agent's API tab", style="$text-warning")
    return row.token


def _tools_long(agent: Agent) -> str:
    told = [f"{_TOOL_WORDS.get(name, name)} {'on' if is_on else 'off'}" for name, is_on in agent.tools.items()]
    return ", ".join(told)


def _dialogue(agent: Agent) -> str:
    return "\n".join(f"{said.get('role', '?')}: {said.get('content', '')}" for said in agent.warm_up_messages)


def _other_settings(agent: Agent) -> list[Fact]:
    """Give what else is set: a tool of one's own may hold a key, so nothing gets past the redactor."""
    others = {name: value for name, value in agent.settings.items() if name not in (TOOLS, RETRIEVER)}
    return [(literal.plain(name), value if isinstance(value, str) else json_text(value))
            for name, value in json.loads(json_text(others)).items()]  # fmt: skip
