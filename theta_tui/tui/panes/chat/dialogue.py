"""Asking one question and showing its answer: journal, transcript and session together. It knows no keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from theta_tui.chats.record import AnswerRecord
from theta_tui.chats.thread import (
    Question,
    answers,
    as_asked,
    branch,
    place_words,
    told,
    versions,
)
from theta_tui.tui.panes.chat.answering import Answering, Outcome
from theta_tui.tui.panes.chat.closing import Closing, close
from theta_tui.tui.panes.chat.shown import file_note, file_notes

if TYPE_CHECKING:
    from theta_tui.chats.book import ChatBook
    from theta_tui.journal import Attachment
    from theta_tui.journal.chats import Message
    from theta_tui.review import Reviewer
    from theta_tui.session import Session
    from theta_tui.tui.panes.chat.page import Page
    from theta_tui.tui.widgets.answer import Answer


@dataclass(frozen=True, slots=True)
class Ended:
    """How it went, in the session's words and in ours."""

    outcome: Outcome
    closing: Closing


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
        book, target = self._book, self._book.target
        title = f"{target.name} · {datetime.now():%H:%M}"
        before = len(answers(await book.messages(), message))
        place = f"◂ {before + 1}/{before + 1} ▸" if before else ""
        record = AnswerRecord(self._session.journal, book.chat or 0, message)
        sheets: list[Answer] = []

        async def begin() -> Answer:
            sheets.append(self._page.answer(title, place))
            await record.begin(sheets[0], title)
            if record.message is not None:
                self._page.knows(sheets[0].number, record.message)
            return sheets[0]

        answering = self.under_way = Answering(
            self._session,
            target.command,
            target.arguments(as_asked(asked, files, sees=book.sees), book.options),
            reviewer=self._reviewer,
            conversation=book.conversation,
            begin=begin,
        )
        self._begun(answering)
        outcome: Outcome | None = None
        try:
            outcome = await answering.run()
        finally:
            if outcome is None and sheets:
                await record.cut(sheets[0])
        closing = close(outcome, target, title)
        if outcome.not_done is None:
            text, reasoning = self._write_end(sheets, answering.written, outcome, closing)
            await record.end(closing, text, reasoning)
        if record.problem:
            self._page.add_notice(f"This answer is not kept: {record.problem}", "warning")
        return Ended(outcome, closing)

    def _write_end(self, sheets: list[Answer], written: int, outcome: Outcome, closing: Closing) -> tuple[str, str]:
        """End the answer on the screen; give text and reasoning as they are to be stored."""
        result = outcome.result
        text, reasoning = (result.text, result.reasoning) if result is not None else ("", "")
        for sheet in sheets:
            sheet.feed(text[written:])
            sheet.feed_reasoning(reasoning[len(sheet.reasoning) :])
            sheet.finish(closing.footer, complete=closing.state == "complete", note=closing.note)
            text, reasoning = sheet.text, sheet.reasoning
        if closing.card is not None:
            self._page.card(closing.card)
        elif not sheets and closing.note:
            self._page.add_notice(closing.note, "warning")
        return text, reasoning
