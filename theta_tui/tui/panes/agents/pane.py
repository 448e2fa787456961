"""The pane itself: agents, the documents of the chosen one, a chat to try it out; side by side where there is room."""

from __future__ import annotations

from typing import cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal

from theta_tui.tui.actions import Action
from theta_tui.tui.panes.agents.agent_list import AgentList
from theta_tui.tui.panes.agents.agent_row import AgentRow
from theta_tui.tui.panes.agents.document_list import DocumentList
from theta_tui.tui.panes.agents.trial import Trial
from theta_tui.tui.panes.agents.trials import Trials
from theta_tui.tui.panes.sections import SECTION_ACTIONS, SectionsPane

BESIDE_FROM = 110
"""Columns from which the agents stay in view beside what is known of the chosen one."""


class AgentsPane(SectionsPane):
    """RAG chatbots and what they know."""

    title = "Agents"
    sections = (("agents", AgentList), ("documents", DocumentList), ("test", Trials))
    actions = (
        Action("agents.test", "t", "Test", "test", "Try the agent out in a test chat.", 4),
        Action("agents.chat", "c", "Chat", "chat", "Go to Chat with this agent as its partner.", 5),
        *SECTION_ACTIONS,
    )

    DEFAULT_CSS = """
    AgentsPane > #agents-body { height: 1fr; }
    AgentsPane AgentList, AgentsPane DocumentList, AgentsPane Trials { width: 1fr; height: 1fr; }
    AgentsPane.-beside AgentList { border-right: solid $border; padding: 0 1 0 0; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._beside = "documents"

    def compose(self) -> ComposeResult:
        """Lay out the tabs, and the parts side by side."""
        inner = list(super().compose())
        yield inner[0]
        with Horizontal(id="agents-body"):
            yield from inner[1:]

    @property
    def agents(self) -> AgentList:
        """The list of agents."""
        return cast(AgentList, self.section_of("agents"))

    @property
    def documents(self) -> DocumentList:
        """The documents of the chosen agent."""
        return cast(DocumentList, self.section_of("documents"))

    @property
    def trials(self) -> Trials:
        """The test chats."""
        return cast(Trials, self.section_of("test"))

    @property
    def agent(self) -> AgentRow | None:
        """The chosen agent."""
        return self.agents.row

    @property
    def visible_sections(self) -> tuple[str, ...]:
        """Give the chosen part; where there is room the agents, and beside them what is known of one."""
        if not self.has_class("-beside"):
            return super().visible_sections
        if self.part != "agents":
            self._beside = self.part
        return ("agents", self._beside)

    def fit(self) -> None:
        """Put the parts side by side where there is room."""
        is_roomy = self.size.width >= BESIDE_FROM
        if is_roomy != self.has_class("-beside") and self.size.width:
            self.set_class(is_roomy, "-beside")
            if self.display:
                self.shown()

    def step_back(self) -> bool:
        """Take back one step of the part, then go back to the agents."""
        if super().step_back():
            return True
        if self.section is self.agents:
            return False
        self.show_part("agents")
        return True

    @on(AgentList.Chosen)
    def _agent_chosen(self, event: AgentList.Chosen) -> None:
        event.stop()
        self.documents.show_agent(self.agent)
        self.trials.show_agent(self.agent)

    @on(AgentList.Entered)
    def _agent_entered(self, event: AgentList.Entered) -> None:
        event.stop()
        self.show_part("documents")

    @on(DocumentList.Counted)
    def _documents_counted(self, event: DocumentList.Counted) -> None:
        event.stop()
        self.agents.know_count(event.chatbot_id, event.documents)

    @on(Trial.Ready)
    def _trial_ready(self, event: Trial.Ready) -> None:
        event.stop()
        if self.section is self.trials:
            self.trials.action_write()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The keys are those of the part that has the focus."""
        for word, section in self._sections.items():
            if section in event.widget.ancestors_with_self:
                self.show_part(word)

    def action_test(self) -> None:
        """Go to the test chat with this agent."""
        if self.agent is not None:
            self.show_part("test")

    async def action_chat(self) -> None:
        """Go to the chat with this agent as its partner."""
        row = self.agent
        if row is None:
            return
        await self.console_app.shell.go("chat")
        use = getattr(self.console_app.shell.current, "use_agent", None)
        if use is not None:
            use(row.key, row.name)
        else:
            self.console_app.tell("Chat cannot talk to agents yet.", severity="warning")
