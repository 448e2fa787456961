"""The documents of one agent: their list, and what stands in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.content import Content
from textual.message import Message
from textual.timer import Timer

from theta_tui.arguments import cli_line
from theta_tui.errors import ThetaError
from theta_tui.tui import literal
from theta_tui.tui.actions import Action
from theta_tui.tui.json_lines import json_text
from theta_tui.tui.panes.agents.agent_row import AgentRow
from theta_tui.tui.panes.agents.document_form import add_document, replace_document
from theta_tui.tui.panes.agents.document_row import COLUMNS, DocumentRow, facts
from theta_tui.tui.panes.agents.pages import every_document
from theta_tui.tui.panes.base import Call
from theta_tui.tui.panes.order_pane import OrderPane
from theta_tui.tui.panes.record_pane import ASKING
from theta_tui.tui.widgets.details import Details, Fact

CANNOT_DELETE = "The cloud has no known way to delete a document from outside. E replaces it."
LOOK_AFTER_SECONDS = 0.25
"""How long the cursor rests on an agent before its documents are asked for."""


class DocumentList(OrderPane[DocumentRow]):
    """What an agent knows; which one, `show_agent` says."""

    title = "Documents"
    domains = frozenset({"agents"})
    poll_seconds = 60.0
    columns = COLUMNS
    tabs = ("Describe", "Content", "JSON", "Activity")
    empty = (
        "No documents: this agent knows nothing yet.\n\n"
        "n adds one from a file or from typed text; a CSV file becomes a table that can be asked by column."
    )
    actions = (
        Action("documents.open", "enter", "Content", "open_row", "Read the document.", 1),
        Action("documents.new", "n", "Add", "new", "Add a document from a file or typed text.", 2),
        Action("documents.replace", "E", "Replace", "replace", "Put another content in the document's place.", 3),
        Action("documents.delete", "d", "Delete", "delete", "Delete the document.", 0),
    )

    class Counted(Message):
        """The documents of an agent are known."""

        def __init__(self, chatbot_id: str, documents: int) -> None:
            super().__init__()
            self.chatbot_id = chatbot_id
            self.documents = documents

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self.agent: AgentRow | None = None
        self._contents: dict[str, str] = {}
        self._soon: Timer | None = None

    def show_agent(self, row: AgentRow | None) -> None:
        """Show the documents of this agent; those of another one leave at once."""
        before, self.agent = self.agent, row
        if (before and before.key) != (row and row.key):
            self.loaded_at = None
            self.apply_filter("")
            self.table.say_empty(ASKING if row else self.empty_words)
            self.show_rows([])
            if self.display:
                self._look_soon()
        self.show_age()

    def _look_soon(self) -> None:
        """Ask once the cursor rests on the agent."""
        if self._soon is not None:
            self._soon.stop()
        self._soon = self.set_timer(LOOK_AFTER_SECONDS, self.reload)

    # The list

    def key_of(self, row: DocumentRow) -> str:
        """Give the id."""
        return row.key

    def name_of(self, row: DocumentRow) -> str:
        """Give its file's name, else its id."""
        return row.name

    async def fetch(self) -> Sequence[DocumentRow]:
        """Ask for the documents of the agent."""
        agent = self.agent
        if agent is None:
            return []
        found = await every_document(self.ask, agent.key)
        if self.agent is None or self.agent.key != agent.key:
            return self._listed
        self._contents.clear()
        self.post_message(self.Counted(agent.key, len(found)))
        return [DocumentRow(each, agent.key) for each in found]

    @property
    def empty_words(self) -> str:
        """Say what an agent without documents lacks, or that there is no agent."""
        return self.empty if self.agent is not None else "No agent is chosen."

    @property
    def title_content(self) -> Content:
        """Say whose documents these are."""
        if self.agent is None:
            return super().title_content
        return Content.assemble(super().title_content, " of ", literal.content(self.agent.name, style="bold"))

    # Details

    def describe(self, row: DocumentRow) -> Sequence[Fact]:
        """Give what is known without reading it."""
        return facts(row)

    def json_of(self, row: DocumentRow) -> Any:
        """Give the cloud's own object."""
        return super().json_of(row.document)  # type: ignore[arg-type]

    async def fill_tab(self, tab: str, row: DocumentRow) -> Content:
        """Give what stands in it."""
        if row.key not in self._contents:
            self.run_worker(self._read(row), group="content", exclusive=True)
            return Content.styled("Reading…", "$foreground-muted")
        return _text(self._contents[row.key])

    async def _read(self, row: DocumentRow) -> None:
        try:
            self._contents[row.key] = await self.content_of(row)
        except ThetaError as error:
            self._show(row, literal.content(f"{error.kind}: {error.message}", style="$text-error"))
            return
        self._show(row, _text(self._contents[row.key]))

    def _show(self, row: DocumentRow, content: Content) -> None:
        details = self.query_one(Details)
        if self.row is not None and self.row.key == row.key and details.tab_name == "Content":
            details.show(content)

    async def content_of(self, row: DocumentRow) -> str:
        """Read a document (AG-7)."""
        found = await self.ask("theta.ai.agent.document.get", _place(row))
        text: str = found.content
        return text

    def calls(self) -> Sequence[Call]:
        """Give the commands behind the list and the document under the cursor."""
        agent, row = self.agent, self.row
        if agent is None:
            return []
        listed = Call(f"List: documents of {agent.name}", "theta.ai.agent.document.list", {"chatbot_id": agent.key})
        return [listed, *([Call(f"Read {row.name}", "theta.ai.agent.document.get", _place(row))] if row else [])]

    def copy_choices(self) -> list[tuple[str, str]]:
        """Give what can be copied of the row."""
        row = self.row
        if row is None:
            return []
        more = [
            ("Name", row.name),
            ("About", row.document.description),
            ("Content", self._contents.get(row.key, "")),
            ("CLI line", cli_line("theta.ai.agent.document.get", _place(row))),
        ]
        first = [
            ("Cell", self.table.copy_cell()),
            ("Row", self.table.copy_row()),
            ("Id", row.key),
            ("JSON", json_text(self.json_of(row))),
        ]
        return [*first, *((label, text) for label, text in more if text)]

    # Keys

    def open_row(self) -> None:
        """Show the content and go there."""
        if self.row is not None:
            self.query_one(Details).select("Content")
            super().open_row()

    def action_open_row(self) -> None:
        """Show the content, as the key line asks."""
        self.open_row()

    def action_new(self) -> None:
        """Add a document to the agent."""
        if self.agent is None:
            self.console_app.tell("No agent is chosen: a document belongs to one.", severity="warning")
        else:
            self.run_worker(self._add(self.agent), group="document")

    async def _add(self, agent: AgentRow) -> None:
        saved = await add_document(self.console_app, agent.key, agent.name)
        if saved is not None:
            await self.desk.until_listed(saved.id, saved.filename)
            self.go_to(saved.id)

    def action_replace(self) -> None:
        """Put another content in the place of the document under the cursor."""
        if self.row is not None:
            self.run_worker(self._replace(self.row), group="document")

    async def _replace(self, row: DocumentRow) -> None:
        try:
            text = await self.content_of(row)
        except ThetaError as error:
            self.fail(error, cause="action")
            return
        about = row.document.description
        saved = await replace_document(self.console_app, _place(row), name=row.name, text=text, about=about)
        if saved is not None:
            self._contents.pop(row.key, None)
            await self.list_again()
            self.query_one(Details).ask_again()

    def why_not(self, action: Action) -> str | None:
        """Say what the cloud cannot do, and what is missing."""
        if action.id == "documents.replace" and self.row is None:
            return "there is no document: n adds one"
        return CANNOT_DELETE if action.id == "documents.delete" else None

    def action_delete(self) -> None:
        """Say that there is no such route."""
        self.console_app.tell(CANNOT_DELETE, severity="warning")


def _place(row: DocumentRow) -> dict[str, str]:
    return {"chatbot_id": row.chatbot_id, "document_id": row.key}


def _text(content: str) -> Content:
    return literal.content(content, block=True) if content else Content.styled("It is empty.", "$foreground-muted")
