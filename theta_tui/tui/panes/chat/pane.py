"""The chat pane: its parts, its keys, and one question with its answer at a time."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static, TextArea

from theta_tui.errors import CapacityError, JournalUnavailable
from theta_tui.tui import literal
from theta_tui.tui.actions import Action
from theta_tui.tui.panes.base import Pane
from theta_tui.tui.panes.chat.answering import Answering, Outcome
from theta_tui.tui.panes.chat.book import ChatBook
from theta_tui.tui.panes.chat.chat_list import ChatList
from theta_tui.tui.panes.chat.closing import Closing, close, error_card
from theta_tui.tui.panes.chat.composer import Composer
from theta_tui.tui.panes.chat.doing_line import DoingLine
from theta_tui.tui.panes.chat.heading import Heading
from theta_tui.tui.panes.chat.options import Options
from theta_tui.tui.panes.chat.options_form import OptionsForm
from theta_tui.tui.panes.chat.page import Page
from theta_tui.tui.panes.chat.partner_picker import PartnerPicker
from theta_tui.tui.panes.chat.partners import find_partners
from theta_tui.tui.panes.chat.record import AnswerRecord
from theta_tui.tui.panes.chat.target import Target
from theta_tui.tui.panes.chat.thread import as_asked, told
from theta_tui.tui.widgets.banner import Banner

if TYPE_CHECKING:
    from theta_tui.change import NotDone
    from theta_tui.journal.chats import Chat, Message
    from theta_tui.tui.widgets.answer import Answer

DRAFT_SECONDS: Final = 0.5
PROMPTS: Final = 200
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


class ChatPane(Pane):
    """Talk to a model: streamed, stored as it grows, stopped at once, paid for with eyes open."""

    title = "Chat"
    actions = (
        Action("chat.new", "ctrl+n", "New", "new_chat", "Begin another chat; this one stays in the list.", 1),
        Action("chat.list", "ctrl+l", "Chats", "list_chats", "Open, search, rename or delete stored chats.", 2),
        Action("chat.model", "ctrl+o", "Model", "choose_partner", "Talk to another model or machine.", 3),
        Action("chat.settings", "ctrl+s", "Settings", "choose_options", "System prompt, temperature, length.", 4),
        Action("chat.write", "i,enter", "Write", "write", "Go to the input.", 5),
        Action("chat.again", "r", "Again", "ask_again", "Ask the question at the cursor again.", 6),
        Action("chat.edit", "e", "Edit", "edit_question", "Edit the question at the cursor; the old one stays.", 7),
        Action("chat.fallback", "ctrl+f,f", "Next model", "fall_back", "Ask the next model of chat_fallbacks.", 0),
        Action("chat.stop", "ctrl+c", "Stop", "stop_or_copy", "Stop the answer that is coming.", 0),
    )
    DEFAULT_CSS = """
    ChatPane {
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
        self._is_opening = False
        self._is_open = False
        self._answering: Answering | None = None
        self._is_busy = False
        self._branch: int | None = None
        self._is_branching = False
        self._wanted: Target | None = None
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

    def copy_choices(self) -> list[tuple[str, str]]:
        """Give message, chat and code blocks."""
        return self._page.copy_choices(self.book.title)

    # Opening

    async def refresh_data(self) -> None:
        """Open the last chat, once."""
        if self._is_opening:
            return
        self._is_opening = True
        self._composer.history_texts.fill(await self.session.journal.prompts(PROMPTS))
        last = None if self._wanted else await self.book.last()
        if last is not None:
            self.book.open(last)
        await self._show_chat(typed=self._composer.text)
        self._is_open = True
        if self._wanted is not None:
            await self._open_with(self._wanted)

    async def _show_chat(self, *, typed: str = "") -> None:
        """Show the open chat with its draft; a question that nobody answered is to be sent again."""
        thread = await self.book.thread()
        self._page.show_thread(thread)
        draft = typed or await self.book.draft()
        if not draft and thread and thread[-1].role == "user":
            draft = thread[-1].text
        self._composer.put(draft)
        self._forget_branch()
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
        if self._is_busy:
            self._doing.say(STILL_COMING)
            return
        self._tried.clear()
        self._send(event.text)

    def _send(self, text: str) -> None:
        self._is_busy = True
        self._offer = None
        self._composer.drop(text)
        leaf, is_branch = self._branch, self._is_branching
        self._forget_branch()
        self.run_worker(self._converse(text, leaf=leaf, is_branch=is_branch), group="chat")

    @on(Composer.Refused)
    def _refused(self, event: Composer.Refused) -> None:
        event.stop()
        self._doing.say(event.words)

    async def _converse(self, text: str, *, leaf: int | None, is_branch: bool, question: int | None = None) -> None:
        """Ask one question and show its answer; whatever happens, the pane is free again afterwards."""
        try:
            await self._ask(text, leaf, is_branch=is_branch, question=question)
        except JournalUnavailable as error:
            self._page.card(error_card(error))
            self._give_back(text)
        finally:
            self._is_busy, self._answering = False, None
            if self.is_running:
                self._doing.rest()
                self._show_settings()
                self.console_app.set_busy("chat", None)

    async def _ask(self, text: str, leaf: int | None, *, is_branch: bool, question: int | None) -> None:
        book = self.book
        thread = [] if is_branch and leaf is None else await book.thread(leaf if is_branch else None)
        known = told(thread)
        if is_branch:
            self._page.show_thread(thread)
        is_new = question is None
        if question is None:
            question = await book.ask(text, known[-1].id if known else None)
        entry = self._page.ask(text, question)
        self.remove_class("-empty")
        outcome, closing, record = await self._answer(text, known, question)
        if outcome.not_done is not None:
            if is_new:
                await book.take_back(question)
            if is_branch:
                self._page.show_thread(await book.thread())
            else:
                self._page.take_back(entry)
            self._not_sent(text if is_new else "", outcome.not_done)
            return
        if record.problem:
            self._page.add_notice(f"This answer is not kept: {record.problem}", "warning")
        await self._conclude(text, outcome, closing)

    async def _answer(self, text: str, known: list[Message], question: int) -> tuple[Outcome, Closing, AnswerRecord]:
        book, target = self.book, self.book.target
        title = f"{target.name} · {datetime.now():%H:%M}"
        record = AnswerRecord(self.session.journal, book.chat or 0, question)
        sheets: list[Answer] = []

        async def begin() -> Answer:
            sheet = self._page.answer(title)
            sheets.append(sheet)
            await record.begin(sheet, title)
            return sheet

        messages = [*as_asked(known), {"role": "user", "content": text}]
        answering = self._answering = Answering(
            self.session,
            target.command,
            target.arguments(messages, book.options),
            reviewer=self.console_app,
            conversation=book.conversation,
            begin=begin,
        )
        self._doing.follow(lambda: f"{target.name} {answering.words} · {answering.seconds:.0f} s")
        self.console_app.set_busy("chat", f"chat: {target.name}")
        outcome = Outcome()
        try:
            outcome = await answering.run()
        finally:
            if outcome == Outcome() and sheets and not answering.stopped:
                await record.cut(sheets[0])
        closing = close(outcome, target, title)
        if outcome.not_done is None:
            await self._write_end(sheets, outcome, closing, record)
        return outcome, closing, record

    async def _write_end(self, sheets: list[Answer], outcome: Outcome, closing: Closing, record: AnswerRecord) -> None:
        """End the answer on the screen first, then in the journal."""
        result = outcome.result
        text, reasoning = (result.text, result.reasoning) if result is not None else ("", "")
        for sheet in sheets:
            sheet.feed(text[len(sheet.text) :] + closing.tail)
            sheet.feed_reasoning(reasoning[len(sheet.reasoning) :])
            is_complete = closing.state == "complete"
            sheet.finish(
                closing.footer, complete=is_complete, note=closing.note or (None if is_complete else closing.state)
            )
            text, reasoning = sheet.text, sheet.reasoning
        if not sheets and closing.note and closing.card is None:
            self._page.add_notice(closing.note, "warning")
        if closing.card is not None:
            self._page.card(closing.card)
        await record.end(closing, text, reasoning)

    async def _conclude(self, text: str, outcome: Outcome, closing: Closing) -> None:
        """Read the balance again; give the question back if it was not answered; offer another model."""
        self.session.tell_stale("billing")
        self._composer.history_texts.add(text)
        if closing.is_failure or outcome.result is None:
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

    # Stopping

    def _stop(self) -> bool:
        if self._answering is None or self._answering.stopped:
            return False
        self._answering.stop()
        return True

    def key_escape(self, event: events.Key) -> None:
        """Stop the answer at once, before anything else that Esc may mean."""
        if self._stop():
            event.stop()

    def step_back(self) -> bool:
        """Stop the answer, else leave the input."""
        if self._stop():
            return True
        if self._composer.has_focus:
            self._page.focus()
            return True
        return False

    def action_stop_or_copy(self) -> None:
        """Stop the answer if nothing is selected that could be copied."""
        if self.screen.get_selected_text() or not self._stop():
            raise SkipAction

    # Other models

    def _offer_next(self, text: str) -> None:
        self._tried.add(self.book.target.id)
        left = [alias for alias in self.session.settings.chat_fallbacks if alias not in self._tried]
        if left:
            self._offer = (text, Target.service(left[0]))
            self._page.add_notice(f"ctrl+f asks {left[0]} instead (f outside the input).", "system")

    def action_fall_back(self) -> None:
        """Ask the next model of the list what the busy one could not answer."""
        if self._offer is None or self._is_busy:
            raise SkipAction
        text, target = self._offer
        self._page.add_notice(f"{target.name} is asked instead of {self.book.target.name}.", "system")
        self._take_target(target)
        self._send(text)

    def use_service(self, alias: str) -> None:
        """Talk to an on-demand model, in another chat if this one has begun with somebody else."""
        self._use(Target.service(alias))

    def use_deployment(self, suffix: str, name: str) -> None:
        """Talk to a deployment, in another chat if this one has begun with somebody else."""
        self._use(Target.deployment(suffix, name))

    def _use(self, target: Target) -> None:
        self._composer.focus()
        if not self._is_open:
            self._wanted = target
            return
        if target == self.book.target:
            return
        if self._is_busy:
            self._doing.say(STILL_COMING)
            return
        self.run_worker(self._open_with(target), group="open", exclusive=True)

    async def _open_with(self, target: Target) -> None:
        if self.book.chat is not None:
            await self._begin_another()
        self._take_target(target)

    def _take_target(self, target: Target) -> None:
        self.book.target = target
        self._show_settings()
        self._remember_soon()

    def _take_options(self, options: Options) -> None:
        self.book.options = options
        self._show_settings()
        self._remember_soon()

    def _remember_soon(self) -> None:
        self.run_worker(self._remember(), group="remember", exclusive=True)

    async def _remember(self) -> None:
        try:
            await self.book.remember()
        except JournalUnavailable as error:
            self.fail(error, cause="action")

    # Keys

    def action_write(self) -> None:
        """Go to the input."""
        self._composer.focus()

    def action_new_chat(self) -> None:
        """Begin another chat."""
        if self._is_busy:
            self._doing.say(STILL_COMING)
        else:
            self.run_worker(self._begin_another(), group="open", exclusive=True)

    async def _begin_another(self) -> None:
        await self._keep_draft_now()
        self.book.begin()
        await self._show_chat()
        self._composer.focus()

    def action_list_chats(self) -> None:
        """Show the stored chats."""
        if self._is_busy:
            self._doing.say(STILL_COMING)
            return
        shown = ChatList(self.session.journal, self.session.settings.profile, self.book.chat)

        async def chosen(chat: Chat | None) -> None:
            if self.book.chat in shown.renamed:
                self.book.title = shown.renamed[self.book.chat]
            if chat is not None:
                await self._keep_draft_now()
                self.book.open(chat)
                await self._show_chat()
                self._composer.focus()
            elif self.book.chat in shown.deleted:
                await self._begin_another()

        self.app.push_screen(shown, chosen)

    def action_choose_partner(self) -> None:
        """Choose whom to talk to."""
        picker = PartnerPicker(lambda: find_partners(self.session, self.ask), self.book.target)
        self.app.push_screen(picker, lambda target: self._take_target(target) if target is not None else None)

    def action_choose_options(self) -> None:
        """Change the settings of this chat."""
        form = OptionsForm(self.book.target, self.book.options)
        self.app.push_screen(form, lambda options: self._take_options(options) if options is not None else None)

    async def action_ask_again(self) -> None:
        """Ask the question at the cursor again, beside its old answer."""
        message = await self._question()
        if message is not None:
            self._is_busy = True
            again = self._converse(message.text, leaf=message.parent_id, is_branch=True, question=message.id)
            self.run_worker(again, group="chat")

    async def action_edit_question(self) -> None:
        """Put the question at the cursor into the input; sending it makes a branch, the old one stays."""
        message = await self._question()
        if message is None:
            return
        self._composer.put(message.text)
        self._composer.focus()
        self._branch, self._is_branching = message.parent_id, True
        self._doing.say("Sending asks this in place of the old question, which stays in the chat's past.", "muted")

    async def _question(self) -> Message | None:
        number = self._page.question_at_cursor
        if self._is_busy or number is None:
            return None
        return next((message for message in await self.book.thread() if message.id == number), None)

    def _forget_branch(self) -> None:
        self._branch, self._is_branching = None, False

    # Drafts

    @on(TextArea.Changed, "#composer")
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        if not self._is_open:
            return
        if self._composer.is_touched and not self._is_branching:
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
