"""Asking one question and showing its answer: journal, transcript and session together. It knows no keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from theta_tui.chats.thread import Question, answers, as_asked, branch, place_words, told, versions
from theta_tui.tui.panes.chat.answering import Answering, asks
from theta_tui.tui.panes.chat.reply import Ended, Reply
from theta_tui.tui.panes.chat.shown import file_note, file_notes

if TYPE_CHECKING:
    from theta_tui.chats.book import ChatBook
    from theta_tui.journal import Attachment
    from theta_tui.journal.chats import Message
    from theta_tui.review import Reviewer
    from theta_tui.session import Session
    from theta_tui.tui.panes.chat.page import Page


class Dialogue:
    """One question at a time. `under_way` is the answer that is coming; `begun` is told when there is one."""

    def __init__(
        self, session: Session, reviewer: Reviewer, book: ChatBook, page: Page, begun: Callable[[Answering], None]
    ) -> None:
        self._session = session
        self._reviewer = reviewer
        self._book = book
        self._page = page
        self._begun = begun
        self.under_way: Answering | None = None

    def stop(self) -> bool:
        """Stop the answer that is coming; False if there is none."""
        if self.under_way is None or self.under_way.stopped:
            return False
        self.under_way.stop()
        return True

    async def ask(self, question: Question) -> Ended:
        """Ask, show and store; a question that was not sent is taken back. Raises JournalUnavailable before sending."""
        book, page, leaf = self._book, self._page, self._book.leaf
        thread = await self._thread(question)
        known = told(thread)
        if question.is_branch:
            page.show_thread(thread, versions(await book.messages(), thread), file_notes(await book.files()))
        message, after = question.message, known[-1].id if known else None
        if message is None:
            message = await book.ask(question.text, after, question.files)
        book.leaf = None
        files = await book.files()
        place = await self._place(message)
        notes = [*(file_note(file) for file in files.get(message, ())), *([place] if place else [])]
        entry = page.ask(Question(question.text, True, after, message), notes)
        try:
            ended = await self._answer([*known, *(await self._asked(message))], files, message)
        finally:
            self.under_way = None
        if ended.outcome.not_done is not None:
            page.take_back(entry)
            if question.message is None:
                await book.take_back(message)
            await self._back_to(leaf, is_branch=question.is_branch)
        return ended

    async def show(self) -> list[Message]:
        """Show the open branch; give its messages."""
        messages, thread = await self._book.messages(), await self._book.thread()
        self._page.show_thread(thread, versions(messages, thread), file_notes(await self._book.files()))
        return thread

    async def _back_to(self, leaf: int | None, *, is_branch: bool) -> None:
        if leaf is not None:
            await self._book.show(leaf)
        if is_branch:
            await self.show()

    async def _thread(self, question: Question) -> list[Message]:
        if question.is_branch and question.after is None:
            return []
        return await self._book.thread(question.after)

    async def _asked(self, message: int) -> list[Message]:
        return [each for each in await self._book.messages() if each.id == message]

    async def _place(self, message: int) -> str:
        messages = await self._book.messages()
        return place_words(message, versions(messages, branch(messages, message)).get(message, ()))

    async def _answer(self, asked: list[Message], files: Mapping[int, Sequence[Attachment]], message: int) -> Ended:
        book, session = self._book, self._session
        before = len(answers(await book.messages(), message))
        place = f"◂ {before + 1}/{before + 1} ▸" if before else ""
        reply = Reply(session.journal, self._page, book.target, chat=book.chat or 0, question=message, place=place)
        arguments = book.target.arguments(as_asked(asked, files, sees=book.sees), book.options)
        opens = asks(session, book.target.command, arguments, book.conversation)
        self.under_way = reply.answering(opens, self._reviewer)
        self._begun(self.under_way)
        return await reply.run(self.under_way)
