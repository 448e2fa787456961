"""The part for test chats: one for each agent that was tried, the chosen one shown."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Static

from theta_tui.tui.actions import Action
from theta_tui.tui.panes.agents.agent_row import AgentRow
from theta_tui.tui.panes.agents.trial import Trial
from theta_tui.tui.panes.base import Pane
from theta_tui.tui.widgets.banner import Banner


class Trials(Pane):
    """Test chats, kept while the console is open."""

    title = "Test chat"
    domains = frozenset({"agents"})
    actions = (
        Action("trial.write", "i,enter", "Write", "write", "Go to the input.", 1),
        Action("trial.new", "ctrl+n", "New", "begin_anew", "Forget what was said in this test chat.", 2),
    )

    DEFAULT_CSS = """
    Trials > .trials--none { display: none; padding: 1 2; color: $foreground-muted; }
    Trials.-none > .trials--none { display: block; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._trials: dict[str, Trial] = {}
        self._agent: AgentRow | None = None

    def compose(self) -> ComposeResult:
        """Lay out what is said while there is no agent; the chats come when they are shown."""
        yield Banner()
        yield Static("No agent is chosen.", classes="trials--none", markup=False)

    @property
    def trial(self) -> Trial | None:
        """The test chat that is shown."""
        return self._trials.get(self._agent.key) if self._agent else None

    def show_agent(self, row: AgentRow | None) -> None:
        """Show the test chat with this agent, once the part is on the screen."""
        self._agent = row
        if self.display:
            self._show()

    def shown(self) -> None:
        """Show the chat of the chosen agent."""
        self._show()

    def mark_stale(self) -> None:
        """What was said stays said."""

    def reload(self) -> None:
        """There is nothing to ask again."""

    def _show(self) -> None:
        row = self._agent
        self.set_class(row is None, "-none")
        if row is not None and row.key not in self._trials:
            self._trials[row.key] = Trial(row)
            self.mount(self._trials[row.key])
        for key, trial in self._trials.items():
            trial.display = row is not None and key == row.key

    def first_focus(self) -> Widget | None:
        """Write at once."""
        return self.trial.composer if self.trial and self.trial.is_mounted else None

    def rest_focus(self) -> Widget | None:
        """Read, once the input is left."""
        return self.trial.page if self.trial else None

    @property
    def busy_words(self) -> str | None:
        """Say which answers would be cut."""
        coming = [trial.row.name for trial in self._trials.values() if trial.is_busy]
        return f"an answer of {', '.join(coming)} is coming" if coming else None

    def copy_choices(self) -> list[tuple[str, str]]:
        """Give message, chat and code blocks."""
        trial = self.trial
        return trial.page.copy_choices(f"Test chat with {trial.row.name}") if trial else []

    def key_escape(self, event: events.Key) -> None:
        """Stop the answer at once, before anything else that Esc may mean."""
        if self.trial is not None and self.trial.stop():
            event.stop()

    def step_back(self) -> bool:
        """Leave the input."""
        trial = self.trial
        if trial is not None and trial.composer.has_focus:
            trial.page.focus()
            return True
        return False

    def action_write(self) -> None:
        """Go to the input."""
        if self.trial is not None:
            self.trial.composer.focus()

    def action_begin_anew(self) -> None:
        """Forget what was said."""
        if self.trial is not None:
            self.trial.begin_anew()
