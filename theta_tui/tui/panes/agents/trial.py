"""The test chat with one agent: page, what is under way, input. Nothing of it is stored; chats to keep are Chat's."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from theta_tui.chats.thread import Question
from theta_tui.tui import literal
from theta_tui.tui.panes.agents.agent_row import AgentRow
from theta_tui.tui.panes.agents.trial_end import end_of
from theta_tui.tui.panes.chat.answering import Answering, Outcome, asks
from theta_tui.tui.panes.chat.composer import Composer
from theta_tui.tui.panes.chat.doing_line import DoingLine
from theta_tui.tui.panes.chat.page import Page
from theta_tui.tui.widgets.answer import Answer

if TYPE_CHECKING:
    from theta_tui.change import NotDone
    from theta_tui.tui.app import ThetaApp

STILL_COMING = "An answer is still coming: Esc stops it. Your text is kept."


class Trial(Vertical):
    """Questions and answers with one agent, as long as the console is open."""

    DEFAULT_CSS = """
    Trial {
        height: 1fr;
        & > .trial--empty { height: auto; padding: 1 2; display: none; }
        &.-empty > .trial--empty { display: block; }
        & > Page { height: 1fr; }
        & > .trial--input { height: auto; max-height: 8; background: $surface; padding: 0 1; }
        & .trial--sign { width: 2; color: $foreground-muted; background: $surface; }
        & .trial--input:focus-within .trial--sign { color: $accent; text-style: bold; }
    }
    """

    class Ready(Message):
        """The chat is on the screen and can be written in."""

    def __init__(self, row: AgentRow) -> None:
        super().__init__()
        self.row = row
        self.page = Page()
        self.composer = Composer()
        self._doing = DoingLine()
        self._said: list[dict[str, str]] = []
        self._conversation = f"agent/{row.key}/{uuid4().hex[:8]}"
        self._answering: Answering | None = None

    def compose(self) -> ComposeResult:
        """Lay out page, what is under way, and the input."""
        yield Static(_invitation(self.row), classes="trial--empty", markup=False)
        yield self.page
        yield self._doing
        with Horizontal(classes="trial--input"):
            yield Static("❯ ", classes="trial--sign", markup=False)
            yield self.composer

    def on_mount(self) -> None:
        """Say whom the input asks."""
        self.composer.placeholder = Content.assemble("Ask ", literal.content(self.row.name))
        self._show_empty()
        self.post_message(self.Ready())

    @property
    def console_app(self) -> ThetaApp:
        """The app, with its own type."""
        return cast("ThetaApp", self.app)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is coming."""
        return self._answering is not None

    def stop(self) -> bool:
        """Stop the answer that is coming; False if there is none."""
        if self._answering is None or self._answering.stopped:
            return False
        self._answering.stop()
        return True

    def begin_anew(self) -> None:
        """Forget what was said, here and towards the agent; what is typed stays."""
        if self.is_busy:
            self._doing.say(STILL_COMING)
            return
        self.page.show_thread([])
        self._said.clear()
        self._doing.say("")
        self._show_empty()

    def _show_empty(self) -> None:
        self.set_class(self.page.is_empty, "-empty")

    # Asking

    @on(Composer.Sent)
    def _sent(self, event: Composer.Sent) -> None:
        event.stop()
        if self.is_busy:
            self._doing.say(STILL_COMING)
            return
        self.composer.drop(event.text)
        self.run_worker(self._converse(event.text), group="trial")

    @on(Composer.Refused)
    def _refused(self, event: Composer.Refused) -> None:
        event.stop()
        self._doing.say(event.words)

    @on(Composer.Paged)
    def _paged(self, event: Composer.Paged) -> None:
        event.stop()
        self.page.action_pages(event.pages)

    async def _converse(self, text: str) -> None:
        """Ask one question and show its answer; whatever happens, the input is free again afterwards."""
        entry = self.page.ask(Question(text))
        self._show_empty()
        sheets: list[Answer] = []

        async def begin() -> Answer:
            sheets.append(self.page.answer(f"{self.row.name} · {datetime.now():%H:%M}"))
            return sheets[0]

        app, busy = self.console_app, f"trial {self.row.key}"
        self._answering = answering = self._ask(text, begin)
        self._doing.follow(lambda: f"{self.row.name} {answering.words} · {answering.seconds:.0f} s")
        answering.changed = self._doing.draw_again
        app.set_busy(busy, f"test chat: {self.row.name}")
        try:
            outcome = await answering.run()
            if outcome.not_done is not None:
                self.page.take_back(entry)
                self._not_sent(text, outcome.not_done)
            else:
                self._conclude(text, outcome, sheets)
        finally:
            self._answering = None
            app.set_busy(busy, None)
            if self.is_running:
                self._doing.rest()
                self._show_empty()

    def _ask(self, text: str, begin: Any) -> Answering:
        session = self.console_app.session
        assert session is not None, "a pane is mounted after the session is there"  # noqa: S101
        asked = [*self._said, {"role": "user", "content": text}]
        arguments = {"chatbot_id": self.row.key, "messages": asked, "stream": True}
        opens = asks(session, "theta.ai.agent.chat", arguments, self._conversation)
        return Answering(opens, reviewer=self.console_app, begin=begin)

    def _conclude(self, text: str, outcome: Outcome, sheets: list[Answer]) -> None:
        """End the answer on the page; what was said counts in the next question, a failed one comes back."""
        end, result = end_of(outcome), outcome.result
        for sheet in sheets:
            if result is not None:
                sheet.feed(result.text[len(sheet.text) :])
                sheet.feed_reasoning(result.reasoning[len(sheet.reasoning) :])
            sheet.finish(end.footer, complete=end.is_complete, note=end.note)
        if end.card is not None:
            self.page.card(end.card)
        elif end.note and not sheets:
            self.page.add_notice(end.note, "warning")
        self.composer.history_texts.add(text)
        if result is not None and result.text.strip():
            self._said += [{"role": "user", "content": text}, {"role": "assistant", "content": result.text}]
        else:
            self._give_back(text)
        if session := self.console_app.session:
            session.tell_stale("billing")

    def _not_sent(self, text: str, not_done: NotDone) -> None:
        self._give_back(text)
        words = {"cancelled": "Not sent.", "dry_run": "Dry run: nothing was sent."}.get(not_done.reason)
        self._doing.say(words or not_done.message or "Nothing was sent.")

    def _give_back(self, text: str) -> None:
        if not self.composer.text.strip():
            self.composer.put(text)


def _invitation(row: AgentRow) -> Content:
    key = "bold $footer-key-foreground"
    return Content.assemble(
        ("Try ", "bold"), literal.content(row.name, style="bold"), (" out.\n\n", "bold"),
        ("Enter", key), " sends, ", ("ctrl+j", key), " begins a new line, ", ("Esc", key), " stops an answer; again it "
        "leaves the input.\n\n",
        ("A question is paid for, at a price that the cloud does not tell. The first one is shown before it is sent. "
         "Nothing of a test chat is stored; c goes to Chat, which keeps what is said.", "$foreground-muted"),
    )  # fmt: skip
