"""The chat pane: its keys, the chats to choose from, whom and how to ask, and the branches of what was said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual import on
from textual.actions import SkipAction

from theta_tui.chats.options import Options
from theta_tui.chats.target import Target
from theta_tui.errors import JournalUnavailable
from theta_tui.tui.actions import Action
from theta_tui.tui.panes.chat.chat_list import ChatList
from theta_tui.tui.panes.chat.comparing import Comparing
from theta_tui.tui.panes.chat.composer import Composer
from theta_tui.tui.panes.chat.more import More
from theta_tui.tui.panes.chat.options_form import OptionsForm
from theta_tui.tui.panes.chat.page import Page
from theta_tui.tui.panes.chat.partner_picker import PartnerPicker
from theta_tui.tui.panes.chat.partners import find_partners
from theta_tui.tui.panes.chat.talk import STILL_COMING

if TYPE_CHECKING:
    from theta_tui.chats.thread import Question
    from theta_tui.journal.chats import Chat

PROMPTS: Final = 200
"""Texts sent before that the arrows bring back."""


class ChatPane(Comparing):
    """Talk to a model: streamed, stored as it grows, stopped at once, paid for with eyes open."""

    title = "Chat"
    actions = (
        Action("chat.new", "ctrl+n", "New", "new_chat", "Begin another chat; this one stays in the list.", 1),
        Action("chat.list", "ctrl+l", "Chats", "list_chats", "Open, search, pin, rename or delete stored chats.", 2),
        Action("chat.model", "ctrl+o", "Model", "choose_partner", "Talk to another model, machine or agent.", 3),
        Action("chat.settings", "ctrl+s", "Settings", "choose_options", "System prompt, temperature, length.", 4),
        Action("chat.write", "i,enter", "Write", "write", "Go to the input.", 5),
        Action("chat.edit", "E", "Edit, again", "edit_question", "Edit the question at the cursor, or ask again.", 6),
        Action("chat.more", "ctrl+y", "More", "more", "Files, templates, presets, export, import.", 7, priority=True),
        Action("chat.attach", "a", "Attach", "attach", "Send a text file or an image with the question.", 8),
        Action(
            "chat.compare", "c", "Compare", "compare", "Ask several the same, and see their answers side by side.", 9
        ),
        Action("chat.again", "r", "Again", "ask_again", "Ask for another answer; the old one stays.", 9),
        Action("chat.older", "less_than_sign", "Version", "version(-1)", "Show the version before, at the cursor.", 10),
        Action("chat.newer", "greater_than_sign", "Version", "version(1)", "Show the version after, at the cursor.", 0),
        Action("chat.fallback", "ctrl+f,f", "Next model", "fall_back", "Ask the next model in chat_fallbacks.", 0),
        Action("chat.stop", "ctrl+c", "Stop", "stop_or_copy", "Stop the answer that is coming.", 0),
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._wanted: Target | None = None
        self._more = More(self)

    async def refresh_data(self) -> None:
        """Open the last chat, once; where that was broken off by leaving and coming back, it is begun anew."""
        if self._is_open:
            return
        self._composer.history_texts.fill(await self.session.journal.prompts(PROMPTS))
        last = None if self._wanted else await self.book.last()
        if last is not None:
            self.book.open(last)
        await self._show_chat(typed=self._composer.text)
        self._is_open = True
        if self._wanted is not None:
            await self._open_with(self._wanted)

    # What the menu needs

    @property
    def page(self) -> Page:
        """The transcript."""
        return self._page

    @property
    def typed(self) -> str:
        """What stands in the input."""
        return self._composer.text

    def put(self, text: str) -> None:
        """Put a text into the input."""
        self._composer.put(text)
        self._composer.focus()

    def say(self, words: str) -> None:
        """Say something below the transcript."""
        self._doing.say(words)

    def focus_input(self) -> None:
        """Go to the input."""
        self._composer.focus()

    async def attach(self, path: str) -> None:
        """Let a file go with the next question."""
        await self.attach_file(path)

    # Whom to ask

    def use_service(self, alias: str) -> None:
        """Talk to an on-demand model, in another chat if this one has begun with somebody else."""
        self._use(Target.service(alias))

    def use_deployment(self, suffix: str, name: str) -> None:
        """Talk to a deployment, in another chat if this one has begun with somebody else."""
        self._use(Target.deployment(suffix, name))

    def use_agent(self, chatbot_id: str, name: str) -> None:
        """Talk to an agent, in another chat if this one has begun with somebody else."""
        self._use(Target.agent(chatbot_id, name))

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
        if self.is_comparing:
            await self._leave()
        if self.book.chat is not None:
            await self._begin_another()
        self._take_target(target)

    def _take_target(self, target: Target) -> None:
        super()._take_target(target)
        self._settings_changed()

    def take_options(self, options: Options) -> None:
        """Ask with these settings from now on."""
        self.book.options = options
        self._settings_changed()

    def _settings_changed(self) -> None:
        self.run_worker(self._remember(), group="remember", exclusive=True)

    async def _remember(self) -> None:
        await self._show_settings()
        try:
            await self.book.remember()
        except JournalUnavailable as error:
            self.fail(error, cause="action")

    def action_fall_back(self) -> None:
        """Ask the next model what the busy one could not answer; while it waits, instead of it."""
        if self._is_busy and self._next_model is not None and self.is_waiting:
            self._leaps = True
            self.dialogue.stop()
            return
        if self._offer is None or self._is_busy:
            raise SkipAction
        self._ask_next()

    def action_choose_partner(self) -> None:
        """Choose whom to talk to."""
        self.app.push_screen(self._picker(), lambda target: self._take_target(target) if target is not None else None)

    def _picker(self) -> PartnerPicker:
        return PartnerPicker(lambda: find_partners(self.session, self.ask), self.ask, self.book.target)

    def action_choose_options(self) -> None:
        """Change the settings of this chat."""
        form = OptionsForm(self.book.target, self.book.options)
        self.app.push_screen(form, lambda options: self.take_options(options) if options is not None else None)

    # More

    @on(Composer.Called)
    def _menu_called(self, event: Composer.Called) -> None:
        event.stop()
        self.action_more()

    def action_more(self) -> None:
        """Show what else can be done."""
        self.run_worker(self._more.open(), group="more", exclusive=True)

    def action_attach(self) -> None:
        """Choose a file to go with the next question."""
        self.run_worker(self._more.attach(), group="more", exclusive=True)

    # Chats

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

    def open_filter(self) -> None:
        """Search the stored chats; while several are asked, there is nothing to search."""
        if not self.is_comparing:
            self.action_list_chats(searching=True)

    def action_list_chats(self, searching: bool = False) -> None:
        """Show the stored chats."""
        if self._is_busy:
            self._doing.say(STILL_COMING)
            return
        profile = self.session.settings.profile
        shown = ChatList(self.session.journal, profile, self.book.chat, searching=searching)

        async def chosen(chat: Chat | None) -> None:
            if self.book.chat in shown.renamed:
                self.book.title = shown.renamed[self.book.chat]
            if chat is not None:
                await self._keep_draft_now()
                self.book.open(chat)
                found = shown.found_in(chat)
                if found is not None:
                    await self.book.show(found)
                await self._show_chat()
                self._composer.focus()
                if found is not None:
                    self._page.reveal_message(found)
            elif self.book.chat in shown.deleted:
                await self._begin_another()

        self.app.push_screen(shown, chosen)

    # Questions and their versions

    def action_write(self) -> None:
        """Go to the input."""
        self._composer.focus()

    def action_edit_question(self) -> None:
        """Put the question at the cursor into the input. Sending it makes a branch; what was said stays stored."""
        question = self._page.question_at_cursor
        if self._is_busy or question is None:
            return
        self._composer.put(question.text)
        self._composer.focus()
        self._branch = question
        self._doing.say("Enter asks this again from here; what followed stays stored beside it.", "muted")

    def action_ask_again(self) -> None:
        """Ask for another answer to the question at the cursor; the old one stays beside it."""
        question = self._question_to_repeat()
        if question is not None:
            self._put_question(question)

    async def ask_again(self) -> None:
        """Ask for another answer, as the menu asks."""
        self.action_ask_again()

    async def ask_another(self) -> None:
        """Choose another model, and ask it the question at the cursor."""
        question = self._question_to_repeat()
        target = await self.app.push_screen_wait(self._picker()) if question is not None else None
        if question is not None and target is not None:
            self._take_target(target)
            self._put_question(question)

    def _question_to_repeat(self) -> Question | None:
        if self._is_busy or not self._is_open:
            self._doing.say(STILL_COMING)
            return None
        return self._page.question_at_cursor

    def action_version(self, by: int) -> None:
        """Show another version of what is at the cursor: an edited question, or another answer."""
        if not self._is_busy:
            self.run_worker(self._walk(by), group="walk", exclusive=True)

    async def _walk(self, by: int) -> None:
        for message in self._page.messages_at_cursor:
            if await self.book.walk(message, by):
                await self.dialogue.show()
                self._doing.say("")
                return
        self._doing.say("There is no other version on that side; r asks for one.", "muted")

    def action_stop_or_copy(self) -> None:
        """Stop the answer if nothing is selected that could be copied."""
        if self.screen.get_selected_text() or not self.stop():
            raise SkipAction
