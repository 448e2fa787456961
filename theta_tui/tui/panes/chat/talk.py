"""The parts of a chat on the screen, sending and giving back, drafts. Which key does what is the pane's business."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static, TextArea

from theta_tui.errors import CapacityError, JournalUnavailable
from theta_tui.tui import literal
from theta_tui.tui.panes.base import Pane
from theta_tui.tui.panes.chat.book import ChatBook
from theta_tui.tui.panes.chat.closing import error_card
from theta_tui.tui.panes.chat.composer import Composer
from theta_tui.tui.panes.chat.dialogue import Dialogue, Ended
from theta_tui.tui.panes.chat.doing_line import DoingLine
from theta_tui.tui.panes.chat.heading import Heading
from theta_tui.tui.panes.chat.page import Page
from theta_tui.tui.panes.chat.target import Target
from theta_tui.tui.panes.chat.thread import Question
from theta_tui.tui.widgets.banner import Banner

if TYPE_CHECKING:
    from theta_tui.change import NotDone
    from theta_tui.tui.panes.chat.answering import Answering

DRAFT_SECONDS: Final = 0.5
OPENING: Final = "The last chat is being opened; press Enter again."
STILL_COMING: Final = "An answer is still coming: Esc stops it. Your text is kept."

_EMPTY: Final = Content.assemble(
    ("Ask anything.\n\n", "bold"),
    ("Enter", "bold $footer-key-foreground"), " sends, ", ("ctrl+j", "bold $footer-key-foreground"),
    " begins a new line, ", ("↑", "bold $footer-key-foreground"), " brings back what you sent before.\n",
    ("ctrl+o", "bold $footer-key-foreground"), " takes another model, a machine of yours included; ",
    ("ctrl+s", "bold $footer-key-foreground"), " sets system prompt, temperature, length.\n",
    ("Esc", "bold $footer-key-foreground"), " stops an answer; again it leaves the input, for reading and copying.\n\n",
    ("The first message of a chat shows what it may cost before it is sent. Chats are kept on this machine only.",
     "$foreground-muted"),
)  # fmt: skip


class Talk(Pane):
    """One chat: heading, transcript, what is under way, input; one question with its answer at a time."""

    DEFAULT_CSS = """
    Talk {
        & > #chat-empty { height: auto; padding: 1 2; display: none; }
        &.-empty > #chat-empty { display: block; }
        & > #chat-page { height: 1fr; }
        & > #chat-input { height: auto; max-height: 8; background: $surface; padding: 0 1; }
        & #chat-sign { width: 2; color: $foreground-muted; background: $surface; }
        & #chat-input:focus-within #chat-sign { color: $accent; text-style: bold; }
    }
    """
    draft_seconds: ClassVar[float] = DRAFT_SECONDS

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._heading = Heading()
        self._page = Page()
        self._doing = DoingLine()
        self._composer = Composer()
        self._book: ChatBook | None = None
        self._dialogue: Dialogue | None = None
        self._is_open = False
        self._is_busy = False
        self._branch: Question | None = None
        self._offer: tuple[str, Target] | None = None
        self._tried: set[str] = set()
        self._draft: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out heading, transcript, the line of what is under way, and the input."""
        yield Banner()
        yield self._heading
        yield Static(_EMPTY, id="chat-empty", markup=False)
        yield self._page
        yield self._doing
        with Horizontal(id="chat-input"):
            yield Static("❯ ", id="chat-sign", markup=False)
            yield self._composer

    @property
    def book(self) -> ChatBook:
        """The open chat."""
        if self._book is None:
            settings = self.session.settings
            self._book = ChatBook(self.session.journal, settings.profile, Target.service(settings.chat_service))
        return self._book

    @property
    def dialogue(self) -> Dialogue:
        """What asks and shows."""
        if self._dialogue is None:
            self._dialogue = Dialogue(self.session, self.console_app, self.book, self._page, self._follow)
        return self._dialogue

    def first_focus(self) -> Widget:
        """Write at once."""
        return self._composer

    def rest_focus(self) -> Widget:
        """Read, once the input is left."""
        return self._page

    @property
    def busy_words(self) -> str | None:
        """Say that an answer would be cut."""
        return f"an answer of {self.book.target.name} is coming" if self._is_busy else None

    # Showing

    async def _show_chat(self, *, typed: str = "") -> None:
        """Show the open chat with its draft; a question that nobody answered is to be sent again."""
        thread = await self.book.thread()
        self._page.show_thread(thread)
        draft = typed or await self.book.draft()
        if not draft and thread and thread[-1].role == "user":
            draft = thread[-1].text
        self._composer.put(draft)
        self._branch = None
        self._doing.say("")
        self._show_settings()

    def _show_settings(self) -> None:
        self._heading.show(self.book.target, self.book.options)
        self._composer.placeholder = Content.assemble("Ask ", literal.content(self.book.target.name))
        self.set_class(self._page.is_empty, "-empty")

    # Sending

    @on(Composer.Sent)
    def _sent(self, event: Composer.Sent) -> None:
        event.stop()
        if self._is_busy or not self._is_open:
            self._doing.say(STILL_COMING if self._is_busy else OPENING)
            return
        self._tried.clear()
        branch, self._branch = self._branch, None
        self._composer.drop(event.text)
        if branch is None:
            self._put_question(Question(event.text))
        else:
            is_same = branch.text == event.text
            self._put_question(branch if is_same else Question(event.text, True, branch.after))

    @on(Composer.Refused)
    def _refused(self, event: Composer.Refused) -> None:
        event.stop()
        self._doing.say(event.words)

    @on(Composer.Paged)
    def _paged(self, event: Composer.Paged) -> None:
        event.stop()
        self._page.action_pages(event.pages)

    def _put_question(self, question: Question) -> None:
        self._is_busy, self._offer = True, None
        self.remove_class("-empty")
        self.run_worker(self._converse(question), group="chat")

    async def _converse(self, question: Question) -> None:
        """Ask one question and show its answer; whatever happens, the pane is free again afterwards."""
        try:
            ended = await self.dialogue.ask(question)
            await self._conclude(question, ended)
        except JournalUnavailable as error:
            self._page.card(error_card(error))
            self._give_back(question.text)
        finally:
            self._is_busy = False
            if self.is_running:
                self._doing.rest()
                self._show_settings()
                self.console_app.set_busy("chat", None)

    def _follow(self, answering: Answering) -> None:
        name = self.book.target.name
        answering.changed = self._doing.draw_again
        self._doing.follow(lambda: f"{name} {answering.words} · {answering.seconds:.0f} s")
        self.console_app.set_busy("chat", f"chat: {name}")

    async def _conclude(self, question: Question, ended: Ended) -> None:
        """Read the balance again; give the question back if it was not answered; offer another model."""
        outcome, text = ended.outcome, question.text
        if outcome.not_done is not None:
            self._not_sent("" if question.message is not None else text, outcome.not_done)
            return
        self.session.tell_stale("billing")
        if not self.display:
            self.console_app.tell(f"{self.book.target.name} has {'not ' if ended.closing.is_failure else ''}answered.")
        self._composer.history_texts.add(text)
        if ended.closing.is_failure or outcome.result is None:
            self._give_back(text)
        if isinstance(outcome.error, CapacityError):
            self._offer_next(text)
        with suppress(JournalUnavailable):
            await self.session.journal.add_prompt(text)

    def _not_sent(self, text: str, not_done: NotDone) -> None:
        self._give_back(text)
        words = {"cancelled": "Not sent.", "dry_run": "Dry run: nothing was sent."}.get(not_done.reason)
        self._doing.say(words or not_done.message or "Nothing was sent.")

    def _give_back(self, text: str) -> None:
        """Put a question back into the input, unless something else has been begun there."""
        if not self._composer.text.strip():
            self._composer.put(text)
        elif text:
            self._doing.say("The question was not answered; ↑ brings it back.")

    def _offer_next(self, text: str) -> None:
        """Offer the next model of the user's list that was not tried yet."""
        self._tried.add(self.book.target.id)
        left = [alias for alias in self.session.settings.chat_fallbacks if alias not in self._tried]
        if left:
            self._offer = (text, Target.service(left[0]))
            self._page.add_notice(f"ctrl+f asks {left[0]} instead (f outside the input).", "system")

    # Stopping

    def key_escape(self, event: events.Key) -> None:
        """Stop the answer at once, before anything else that Esc may mean."""
        if self.dialogue.stop():
            event.stop()

    def step_back(self) -> bool:
        """Stop the answer, else leave the input."""
        if self.dialogue.stop():
            return True
        if self._composer.has_focus:
            self._page.focus()
            return True
        return False

    # Drafts

    @on(TextArea.Changed, "#composer")
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        if not self._is_open:
            return
        if self._branch is not None and not self._composer.text:
            self._branch = None
        if self._composer.is_touched and self._branch is None:
            self._doing.say("")
        if self._draft is not None:
            self._draft.stop()
        self._draft = self.set_timer(self.draft_seconds, self._keep_draft)

    async def _keep_draft(self) -> None:
        self._draft = None
        try:
            await self.book.save_draft(self._composer.text)
        except JournalUnavailable as error:
            self.fail(error, cause="draft")

    async def _keep_draft_now(self) -> None:
        """Keep what was typed in the last moment."""
        if self._draft is not None:
            self._draft.stop()
            await self._keep_draft()

    async def on_unmount(self) -> None:
        """Lose nothing that was typed."""
        await self._keep_draft_now()
