"""One question to several: the columns stand in the place of the transcript until one answer is kept, or none.

Input, drafts, files, settings and the line of what is under way stay those of the chat.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on
from textual.widget import Widget

from theta_tui.errors import JournalUnavailable
from theta_tui.tui.actions import Action
from theta_tui.tui.panes.chat.column import AnswerColumn
from theta_tui.tui.panes.chat.columns import Columns
from theta_tui.tui.panes.chat.contest import Contest
from theta_tui.tui.panes.chat.partners import find_partners
from theta_tui.tui.panes.chat.rival_picker import RivalPicker
from theta_tui.tui.panes.chat.shown import file_notes
from theta_tui.tui.panes.chat.talk import STILL_COMING, Talk
from theta_tui.tui.words import whole_seconds

if TYPE_CHECKING:
    from theta_tui.chats.target import Target
    from theta_tui.chats.thread import Question
    from theta_tui.tui.panes.chat.page import Page

COMPARING: Final = (
    Action("compare.keep", "K", "Keep", "keep", "Keep this answer in the chat; the others stay beside it.", 1),
    Action("compare.column", "right,l", "Next", "column(1)", "Go to the next answer.", 2),
    Action("compare.back", "left,h", "Previous", "column(-1)", "Go to the answer before.", 0),
    Action("compare.stop", "x", "Stop this", "stop_one", "Stop this answer; Esc stops all.", 3),
    Action("compare.sync", "s", "Scroll apart", "sync", "Scroll each by itself, or all together again.", 4),
    Action(
        "compare.discard", "N", "Keep none", "discard", "Take all these answers out of the chat, after a second N.", 5
    ),
)
_TOGETHER: Final = frozenset(action.run.partition("(")[0] for action in COMPARING)
_ALONE: Final = frozenset({
    "compare", "new_chat", "list_chats", "choose_partner", "edit_question", "ask_again", "version", "fall_back",
})  # fmt: skip
"""What can be done only while one is asked."""


class Comparing(Talk):
    """A chat that can ask several at once."""

    DEFAULT_CSS = "Comparing.-comparing > #chat-page { display: none; }"
    actions: ClassVar[tuple[Action, ...]] = COMPARING

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._columns: Columns | None = None
        self._contest: Contest | None = None
        self._rivals: tuple[Target, ...] = ()
        self._before: int | None = None
        self._is_sure = False

    @property
    def is_comparing(self) -> bool:
        """Whether several are asked."""
        return self._columns is not None

    @property
    def asked(self) -> tuple[Target, ...]:
        """Who is asked the next question."""
        return tuple(column.target for column in self._columns.columns) if self._columns else super().asked

    @property
    def pages(self) -> tuple[Page, ...]:
        """The transcripts that are shown."""
        return tuple(column.page for column in self._columns.columns) if self._columns else super().pages

    @property
    def busy_words(self) -> str | None:
        """Say that answers would be cut."""
        if self._columns is None or not self._is_busy:
            return super().busy_words
        return f"{len(self._coming)} answers are coming"

    @property
    def _coming(self) -> list[AnswerColumn]:
        return [column for column in self._columns.columns if column.is_coming] if self._columns else []

    @property
    def live_actions(self) -> tuple[Action, ...]:
        """What the keys do now."""
        mine = [action for action in self.actions if self.check_action(action.run.partition("(")[0], ())]
        return (*(COMPARING if self.is_comparing else ()), *mine)

    def copy_choices(self) -> list[tuple[str, str]]:
        """Give message, chat and code blocks of what is read."""
        return (self._columns.current.page if self._columns else self._page).copy_choices(self.book.title)

    def rest_focus(self) -> Widget:
        """Read, once the input is left."""
        return self._columns.current.page if self._columns else super().rest_focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Tell apart what can be done with one answer and with several."""
        if action in (_ALONE if self.is_comparing else _TOGETHER):
            return False
        return super().check_action(action, parameters)

    # Beginning and ending

    def action_compare(self) -> None:
        """Choose whom to ask the same, and show their answers side by side."""
        if self._is_busy:
            self._doing.say(STILL_COMING)
        elif self._is_open:
            self.run_worker(self.compare(), group="more", exclusive=True)

    async def compare(self) -> None:
        """Choose two to four, and ask them from now on."""
        wanted = self._rivals or (self.book.target,)
        picker = RivalPicker(lambda: find_partners(self.session, self.ask), self.ask, wanted)
        chosen = await self.app.push_screen_wait(picker)
        if chosen is not None:
            await self._begin_contest(chosen)

    async def _begin_contest(self, targets: tuple[Target, ...]) -> None:
        self._rivals, thread, files = targets, await self.book.thread(), file_notes(await self.book.files())
        self._before = thread[-1].id if thread else None
        columns = [AnswerColumn(target, self._before) for target in targets]
        self._columns = Columns(columns)
        self._contest = Contest(self.session, self.console_app, self.book, columns)
        for column in columns:
            column.page.show_thread(thread, notes=files)
        self.add_class("-comparing")
        await self.mount(self._columns, before=self._doing)
        await self._turned_over(
            "Enter asks all the same. K keeps an answer, N keeps none, Esc leaves them in the chat."
        )

    async def _end_contest(self, words: str) -> None:
        columns, self._columns, self._contest = self._columns, None, None
        self.remove_class("-comparing")
        if columns is not None:
            await columns.remove()
        await self.dialogue.show()
        await self._turned_over(words)

    async def _turned_over(self, words: str) -> None:
        await self._show_settings()
        self._composer.focus()
        self._doing.say(words, "muted")
        self.console_app.shell.show_keys()

    # Asking

    async def _exchange(self, question: Question, paths: list[str]) -> None:
        if self._columns is None or self._contest is None:
            await super()._exchange(question, paths)
            return
        self._is_sure = False
        self._doing.follow(self._contest_words)
        self.console_app.set_busy("chat", f"chat: {len(self._columns.columns)} answers")
        not_done = await self._contest.ask(question)
        if self._columns is None:
            return
        self._columns.show_names()
        if not_done is not None:
            await self._not_sent(question, paths, not_done, self._contest.why_not)
            return
        answered = [column for column in self._columns.columns if column.has_answer]
        if not self.display:
            self.console_app.tell(f"{len(answered)} of {len(self._columns.columns)} have answered.")
        await self._sent_off(question, paths, is_answered=bool(answered))

    def _contest_words(self) -> str:
        coming = self._coming
        if not coming:
            return "all are asked"
        seconds = whole_seconds(max(column.foot.answering.seconds for column in coming if column.foot.answering))
        return f"{len(coming)} of {len(self.asked)} are still coming · {seconds}"

    async def _show_settings(self) -> None:
        await super()._show_settings()
        for column in self._columns.columns if self._columns else ():
            column.head.show(self.book.options)

    # Stopping and leaving

    def stop(self) -> bool:
        """Stop all that is coming; False if nothing is."""
        if self._columns is None:
            return super().stop()
        stopped = [column.stop() for column in self._columns.columns]
        return any(stopped)

    def step_back(self) -> bool:
        """Stop all, else leave the input, else leave the answers in the chat."""
        if super().step_back():
            return True
        if self._columns is None or self._is_busy:
            return False
        self._finish(self._leave())
        return True

    def _finish(self, work: Coroutine[Any, Any, None]) -> None:
        """Do what ends a comparison; a journal that cannot be written is told, and the answers stay shown."""

        async def done() -> None:
            try:
                await work
            except JournalUnavailable as error:
                self.fail(error, cause="action")

        self.run_worker(done(), group="open", exclusive=True)

    async def _leave(self) -> None:
        leaf = self._columns.current.leaf if self._columns is not None else None
        if leaf is not None:
            await self.book.show(leaf)
        has_asked = self._contest is not None and self._contest.questions
        await self._end_contest("All answers are in the chat: < and > walk through them." if has_asked else "")

    def action_stop_one(self) -> None:
        """Stop the answer of this column."""
        if self._columns is not None:
            self._columns.current.stop()

    # Choosing

    def action_keep(self) -> None:
        """Go on in the chat with this answer and whoever gave it."""
        if self._columns is None:
            return
        if self._is_busy:
            self._doing.say(STILL_COMING)
        elif not self._columns.current.has_answer:
            self._doing.say("There is no answer here to keep.")
        else:
            self._finish(self._keep(self._columns.current))

    async def _keep(self, column: AnswerColumn) -> None:
        if column.leaf is not None:
            await self.book.show(column.leaf)
        await self._end_contest(f"The chat goes on with {column.target.name}; < and > show the other answers.")
        self._take_target(column.target)

    def action_discard(self) -> None:
        """Take all questions and answers of this comparison out of the chat; the second time it is meant."""
        if self._columns is None:
            return
        if self._is_busy:
            self._doing.say(STILL_COMING)
        elif self._is_sure or (self._contest is not None and not self._contest.questions):
            self._finish(self._discard())
        else:
            self._is_sure = True
            self._doing.say("N once more discards all these answers for good. What they cost stays counted.")

    async def _discard(self) -> None:
        if self._contest is not None:
            await self.book.take_back(*self._contest.questions)
        if self._before is not None:
            await self.book.show(self._before)
        await self._end_contest("Nothing of it was kept.")

    # Looking

    def action_column(self, by: int) -> None:
        """Go to the next answer, or the one before."""
        if self._columns is not None:
            self._columns.turn(by)

    def action_sync(self) -> None:
        """Scroll all together, or each by itself."""
        if self._columns is not None:
            self._doing.say(
                "All scroll together." if self._columns.toggle_sync() else "Each scrolls by itself.", "muted"
            )

    @on(Columns.Turned)
    def _turned(self, event: Columns.Turned) -> None:
        event.stop()
        self._is_sure = False
