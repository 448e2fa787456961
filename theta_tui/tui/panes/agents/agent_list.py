"""The list of agents: its rows, what is known of the one under the cursor, and how many documents each has."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from textual import on
from textual.content import Content
from textual.message import Message

from theta_tui.arguments import cli_line
from theta_tui.errors import ThetaError
from theta_tui.shapes.agents import Agent
from theta_tui.tui import literal
from theta_tui.tui.actions import Action
from theta_tui.tui.panes.agents.agent_form import TokenForm, change_agent, make_agent
from theta_tui.tui.panes.agents.agent_row import COLUMNS, AgentRow, facts
from theta_tui.tui.panes.agents.pages import count_documents, every_agent, every_document
from theta_tui.tui.panes.base import Call
from theta_tui.tui.panes.order_pane import OrderPane
from theta_tui.tui.widgets.details import Details, Fact
from theta_tui.tui.widgets.record_messages import Highlighted
from theta_tui.tui.words import count

COUNTED = 50
"""Agents whose documents are counted without being asked for."""
COUNT_SECONDS = 300.0
"""How long a count is believed."""
CANNOT_DELETE = "The cloud has no known way to delete an agent from outside; its dashboard has."


class AgentList(OrderPane[AgentRow]):
    """Every agent of the project."""

    title = "Agents"
    domains = frozenset({"agents"})
    poll_seconds = 60.0
    columns = COLUMNS
    tabs = ("Describe", "JSON", "Documents", "Activity")
    record_command = "theta.ai.agent.list"
    empty = (
        "No agents. An agent is a model with a system prompt that answers from your documents; "
        "it is paid for by the question. Press n to create one."
    )
    actions = (
        Action("agents.open", "enter", "Documents", "open_row", "Show what the agent knows.", 1),
        Action("agents.details", "i", "Details", "details", "Go to settings, JSON, documents, activity.", 6),
        Action("agents.new", "n", "New", "new", "Create an agent: model, system prompt, settings.", 2),
        Action("agents.edit", "E", "Edit", "edit", "Change the agent's settings.", 3),
        Action("agents.token", "T", "Token", "token", "Keep the agent's own chat token in the vault.", 7),
        Action("agents.delete", "d", "Delete", "delete", "Delete the agent.", 0),
    )

    class Chosen(Message):
        """Another agent is under the cursor, or what is known of it changed."""

    class Entered(Message):
        """The documents of the agent under the cursor are wanted."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._agents: Sequence[Agent] = ()
        self._counts: dict[str, tuple[int | None, float]] = {}
        self._known: dict[str, Content] = {}
        self._general = ""
        self._own: frozenset[str] = frozenset()

    # The list

    def key_of(self, row: AgentRow) -> str:
        """Give the id."""
        return row.key

    def name_of(self, row: AgentRow) -> str:
        """Give its name, else its id."""
        return row.name

    async def fetch(self) -> Sequence[AgentRow]:
        """Ask for the agents; their documents are counted afterwards."""
        self._agents = await every_agent(self.ask)
        self._general = (await self.session.configured()).get("ai") or ""
        self._own = frozenset(await self.session.vault.names())
        self.run_worker(self._count(), group="counts", exclusive=True)
        return self._rows()

    def _rows(self) -> list[AgentRow]:
        return [AgentRow(agent, self._counts.get(agent.id, (None, 0))[0], self._token(agent)) for agent in self._agents]

    def _token(self, agent: Agent) -> str:
        """Say where the token for chats with an agent is kept; "" if there is none."""
        if f"chatbot/{agent.id}" in self._own:
            return "its own, kept in the vault"
        return f"the general chatbot token ({self._general})" if self._general else ""

    async def _count(self) -> None:
        """Count the documents of agents whose count is not known or old."""
        for agent in list(self._agents)[:COUNTED]:
            known = self._counts.get(agent.id)
            if known is not None and time.monotonic() - known[1] < COUNT_SECONDS:
                continue
            try:
                self.know_count(agent.id, await count_documents(self.ask, agent.id))
            except ThetaError:  # the list stands without counts: they say "unknown"
                return

    def know_count(self, chatbot_id: str, documents: int | None) -> None:
        """Take how many documents an agent has."""
        before = self._counts.get(chatbot_id)
        self._counts[chatbot_id] = (documents, time.monotonic())
        if before is None or before[0] != documents:
            self._known.pop(chatbot_id, None)
            self.show_rows(self._rows())

    # Details

    def describe(self, row: AgentRow) -> Sequence[Fact]:
        """Give settings and all."""
        return facts(row)

    def json_of(self, row: AgentRow) -> Any:
        """Give the cloud's own object; the redactor hides what is secret in it."""
        return super().json_of(row.agent)  # type: ignore[arg-type]

    async def fill_tab(self, tab: str, row: AgentRow) -> Content:
        """Give the documents in lines."""
        if row.key not in self._known:
            self.run_worker(self._learn_documents(row.key), group="documents", exclusive=True)
            return Content.styled("Asking…", "$foreground-muted")
        return self._known[row.key]

    async def _learn_documents(self, key: str) -> None:
        try:
            found = await every_document(self.ask, key)
        except ThetaError as error:
            self._show_documents(key, literal.content(f"{error.kind}: {error.message}", style="$text-error"))
            return
        self.know_count(key, len(found))
        lines = [
            Content.assemble(
                literal.content(each.filename or each.id),
                (f"  {count(each.embedding_token_count)} tokens  ", "$foreground-muted"),
                literal.content(each.description),
            )
            for each in found
        ]
        nothing = Content.styled("None yet: Enter in the list, then n adds one.", "$foreground-muted")
        self._show_documents(key, Content("\n").join(lines) if lines else nothing)

    def _show_documents(self, key: str, content: Content) -> None:
        self._known[key] = content
        details = self.query_one(Details)
        if self.row is not None and self.row.key == key and details.tab_name == "Documents":
            details.show(content)
            del self._known[key]  # shown once: the next look asks again

    def calls(self) -> Sequence[Call]:
        """Give the commands behind the list and the agent under the cursor."""
        row = self.row
        shown = [Call(f"Show {row.name}", "theta.ai.agent.get", {"chatbot_id": row.key})] if row else []
        return [*super().calls(), *shown]

    def copy_choices(self) -> list[tuple[str, str]]:
        """Give what can be copied of the row; no secret is among it."""
        row = self.row
        if row is None:
            return []
        more = [
            ("Name", row.name),
            ("Endpoint", row.agent.llm_endpoint),
            ("System prompt", row.agent.system_prompt),
            ("This agent, as CLI line", cli_line("theta.ai.agent.get", {"chatbot_id": row.key})),
        ]
        return [*super().copy_choices(), *((label, text) for label, text in more if text)]

    # Keys

    @on(Highlighted)
    def _tell_chosen(self) -> None:
        self.post_message(self.Chosen())

    def open_row(self) -> None:
        """Lead to the documents."""
        if self.row is not None:
            self.post_message(self.Entered())

    def action_open_row(self) -> None:
        """Lead to the documents, as the key line asks."""
        self.open_row()

    def action_details(self) -> None:
        """Go to the details."""
        if self.row is not None:
            super().open_row()

    def action_new(self) -> None:
        """Create an agent."""
        self.run_worker(self._make(), group="agent-form")

    async def _make(self) -> None:
        made = await make_agent(self.console_app)
        if made is not None:
            await self.desk.until_listed(made.id, made.name)
            self.go_to(made.id)

    def action_edit(self) -> None:
        """Change the agent under the cursor."""
        if self.row is not None:
            self.run_worker(self._edit(self.row), group="agent-form")

    async def _edit(self, row: AgentRow) -> None:
        if await change_agent(self.console_app, row.agent):
            await self.list_again()

    def action_token(self) -> None:
        """Take the token for chats with the agent under the cursor."""
        if self.row is not None:
            self.run_worker(self._take_token(self.row), group="token")

    async def _take_token(self, row: AgentRow) -> None:
        if await self.app.push_screen_wait(TokenForm(self.session, row.agent)):
            self.console_app.tell(f"The chat token of {row.name} is kept in the vault.")
            await self.list_again()

    def why_not(self, action: Action) -> str | None:
        """Say what the cloud cannot do, and what is missing."""
        if action.id == "agents.edit" and self.row is None:
            return "there is no agent: n makes one"
        return CANNOT_DELETE if action.id == "agents.delete" else None

    def action_delete(self) -> None:
        """Say that there is no such route."""
        self.console_app.tell(CANNOT_DELETE, severity="warning")
