"""Sending a question and what becomes of it: shown while it goes on, given back if unanswered, asked of another."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from textual import events, on

from theta_tui.chats.target import Target
from theta_tui.chats.thread import Question
from theta_tui.errors import CapacityError, JournalUnavailable, UsageError
from theta_tui.tui.panes.chat.closing import error_card
from theta_tui.tui.panes.chat.composer import LONGEST, Composer
from theta_tui.tui.panes.chat.drafting import Drafting
from theta_tui.tui.words import usd

if TYPE_CHECKING:
    from theta_tui.change import NotDone
    from theta_tui.journal import Attachment
    from theta_tui.tui.panes.chat.answering import Answering
    from theta_tui.tui.panes.chat.reply import Ended

OPENING: Final = "The last chat is being opened; press Enter again."
STILL_COMING: Final = "An answer is still coming: Esc stops it. Your text is kept."


class Talk(Drafting):
    """One question with its answer at a time. Which key does what is the pane's business."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._is_busy = False
        self._offer: tuple[Question, Target] | None = None
        self._leaps = False
        self._tried: set[str] = set()

    @property
    def busy_words(self) -> str | None:
        """Say that an answer would be cut."""
        return f"an answer of {self.book.target.name} is coming" if self._is_busy else None

    # Sending

    @on(Composer.Sent)
    async def _sent(self, event: Composer.Sent) -> None:
        event.stop()
        if self._is_busy or not self._is_open:
            self._doing.say(STILL_COMING if self._is_busy else OPENING)
            return
        files = tuple(self._files.values())
        try:
            self._check_files(self._files)
            _check_length(event.text, files)
        except UsageError as error:
            self._doing.say(error.message)
            return
        self._tried.clear()
        branch, self._branch = self._branch, None
        self._composer.drop(event.text)
        if branch is None:
            question = Question(event.text, files=files)
        elif branch.text == event.text and not files:
            question = branch
        else:
            had = (await self.book.files()).get(branch.message, ()) if branch.message is not None else branch.files
            question = Question(event.text, True, branch.after, files=files or had)
        paths = list(self._files)
        await self._take_files({})
        self._put_question(question, paths)

    @on(Composer.Refused)
    def _refused(self, event: Composer.Refused) -> None:
        event.stop()
        self._doing.say(event.words)

    @on(Composer.Paged)
    def _paged(self, event: Composer.Paged) -> None:
        event.stop()
        self._page.action_pages(event.pages)

    def _put_question(self, question: Question, paths: list[str] | None = None) -> None:
        self._is_busy, self._offer, self._leaps = True, None, False
        self.remove_class("-empty")
        self.run_worker(self._converse(question, paths or []), group="chat")

    async def _converse(self, question: Question, paths: list[str]) -> None:
        """Ask one question and show its answer; whatever happens, the pane is free again afterwards."""
        try:
            await self._exchange(question, paths)
        except JournalUnavailable as error:
            for page in self.pages:
                page.card(error_card(error))
            await self._give_back(question, paths)
        finally:
            self._is_busy = False
            if self.is_running:
                self._doing.rest()
                await self._show_settings()
                self.console_app.set_busy("chat", None)
        if self._offer is not None and (self._leaps or self._takes_next):
            self._ask_next()

    async def _exchange(self, question: Question, paths: list[str]) -> None:
        """Ask the partner of the chat, and see to what follows."""
        await self._conclude(question, await self.dialogue.ask(question), paths)

    def _follow(self, answering: Answering) -> None:
        name = self.book.target.name

        def words() -> str:
            cost = answering.cost_usd
            so_far = f" · about {usd(cost)}" if cost else ""
            way_out = self._next_model if answering.is_waiting else None
            offer = f" · ctrl+f asks {way_out.name} instead" if way_out is not None else ""
            reason = f" · {answering.reason}" if answering.reason else ""
            return f"{name} {answering.words} · {answering.seconds:.0f} s{so_far}{offer}{reason}"

        answering.changed = self._doing.draw_again
        self._doing.follow(words)
        self.console_app.set_busy("chat", f"chat: {name}")

    async def _conclude(self, question: Question, ended: Ended, paths: list[str]) -> None:
        """Read the balance again; give the question back if it was not answered; offer another model."""
        outcome = ended.outcome
        if outcome.not_done is not None:
            again = Question("") if question.message is not None else question
            await self._not_sent(again, paths, outcome.not_done, outcome.why_not)
            return
        if not self.display:
            self.console_app.tell(f"{self.book.target.name} has {'not ' if ended.closing.is_failure else ''}answered.")
        await self._sent_off(question, paths, is_answered=not ended.closing.is_failure and outcome.result is not None)
        if isinstance(outcome.error, CapacityError) or (self._leaps and outcome.stopped):
            self._offer_next(question)

    async def _sent_off(self, question: Question, paths: list[str], *, is_answered: bool) -> None:
        """Remember what was sent, which has cost something; give it back if it was not answered."""
        self.session.tell_stale("billing")
        self._composer.history_texts.add(question.text)
        if not is_answered:
            await self._give_back(question, paths)
        with suppress(JournalUnavailable):
            await self.session.journal.add_prompt(question.text)

    async def _not_sent(self, question: Question, paths: list[str], not_done: NotDone, why: str) -> None:
        """Give the question back; a rule that kept it from being sent is told where answers are read."""
        await self._give_back(question, paths)
        for page in self.pages if why else ():
            page.add_notice(f"Not sent: {why}", "warning")
        words = {"cancelled": "Not sent.", "dry_run": "Dry run: nothing was sent."}.get(not_done.reason)
        self._doing.say(words or f"Not sent: {not_done.message or 'nothing was.'}")

    async def _give_back(self, question: Question, paths: list[str]) -> None:
        """Put a question with its files back into the input, unless something else has been begun there."""
        if not self._composer.text.strip():
            self._composer.put(question.text)
            if paths and not self._files:
                await self._take_files(dict(zip(paths, question.files, strict=True)))
        elif question.text:
            self._doing.say("The question was not answered; ↑ brings it back.")

    # Another model

    @property
    def is_waiting(self) -> bool:
        """Whether the answer waits for a machine to be free."""
        under_way = self.dialogue.under_way
        return under_way is not None and under_way.is_waiting

    @property
    def _next_model(self) -> Target | None:
        """The next model of the user's list that was not tried yet."""
        tried = {*self._tried, self.book.target.id}
        left = [alias for alias in self.session.settings.chat_fallbacks if alias not in tried]
        return Target.service(left[0]) if left else None

    @property
    def _takes_next(self) -> bool:
        """Whether the next model is asked without waiting for a key."""
        return self.session.settings.chat_take_fallback

    def _offer_next(self, question: Question) -> None:
        self._tried.add(self.book.target.id)
        target = self._next_model
        if target is not None:
            self._offer = (question, target)
            if not self._leaps and not self._takes_next:
                self._page.add_notice(f"ctrl+f asks {target.name} instead (f outside the input).", "system")

    def _ask_next(self) -> None:
        """Ask the model that was offered what the busy one could not answer."""
        if self._offer is None:
            return
        question, target = self._offer
        self._page.add_notice(f"{target.name} is asked instead of {self.book.target.name}.", "system")
        self._take_target(target)
        if self._composer.text == question.text:
            self._composer.drop(question.text)
        self._put_question(question)

    def _take_target(self, target: Target) -> None:
        """Talk to somebody else from now on."""
        self.book.target = target

    # Stopping

    def stop(self) -> bool:
        """Stop what is coming; False if nothing is."""
        return self.dialogue.stop()

    def key_escape(self, event: events.Key) -> None:
        """Stop the answer at once, before anything else that Esc may mean."""
        if self.stop():
            event.stop()

    def step_back(self) -> bool:
        """Stop the answer, else leave the input."""
        if self.stop():
            return True
        if self._composer.has_focus:
            self.rest_focus().focus()
            return True
        return False


def _check_length(text: str, files: tuple[Attachment, ...]) -> None:
    texts = sum(len(file.data) for file in files if file.media.startswith("text/"))
    if len(text) + texts > LONGEST:
        told = f"Text and files have {len(text) + texts:,} characters"
        raise UsageError(f"{told}; {LONGEST:,} are the most that is sent.")
