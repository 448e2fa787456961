"""Asking one question and showing its answer: journal, transcript and session together. It knows no keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from theta_tui.tui.panes.chat.answering import Answering, Outcome
from theta_tui.tui.panes.chat.closing import Closing, close
from theta_tui.tui.panes.chat.record import AnswerRecord
from theta_tui.tui.panes.chat.thread import Question, as_asked, told

if TYPE_CHECKING:
    from theta_tui.journal.chats import Message
    from theta_tui.review import Reviewer
    from theta_tui.session import Session
    from theta_tui.tui.panes.chat.book import ChatBook
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
        book, page = self._book, self._page
        thread = await self._thread(question)
        known = told(thread)
        if question.is_branch:
            page.show_thread(thread)
        message, after = question.message, known[-1].id if known else None
        if message is None:
            message = await book.ask(question.text, after)
        entry = page.ask(Question(question.text, True, after, message))
        try:
            ended = await self._answer(question.text, known, message)
        finally:
            self.under_way = None
        if ended.outcome.not_done is not None:
            page.take_back(entry)
            if question.message is None:
                await book.take_back(message)
            if question.is_branch:
                page.show_thread(await book.thread())
        return ended

    async def _thread(self, question: Question) -> list[Message]:
        if question.is_branch and question.after is None:
            return []
        return await self._book.thread(question.after)

    async def _answer(self, text: str, known: list[Message], message: int) -> Ended:
        book, target = self._book, self._book.target
        title = f"{target.name} · {datetime.now():%H:%M}"
        record = AnswerRecord(self._session.journal, book.chat or 0, message)
        sheets: list[Answer] = []

        async def begin() -> Answer:
            sheets.append(self._page.answer(title))
            await record.begin(sheets[0], title)
            return sheets[0]

        answering = self.under_way = Answering(
            self._session,
            target.command,
            target.arguments([*as_asked(known), {"role": "user", "content": text}], book.options),
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
            text, reasoning = self._write_end(sheets, outcome, closing)
            await record.end(closing, text, reasoning)
        if record.problem:
            self._page.add_notice(f"This answer is not kept: {record.problem}", "warning")
        return Ended(outcome, closing)

    def _write_end(self, sheets: list[Answer], outcome: Outcome, closing: Closing) -> tuple[str, str]:
        """End the answer on the screen; give text and reasoning as they are to be stored."""
        result = outcome.result
        text, reasoning = (result.text, result.reasoning) if result is not None else ("", "")
        for sheet in sheets:
            sheet.feed(text[len(sheet.text) :] + closing.tail)
            sheet.feed_reasoning(reasoning[len(sheet.reasoning) :])
            sheet.finish(closing.footer, complete=closing.state == "complete", note=closing.note)
            text, reasoning = sheet.text, sheet.reasoning
        if closing.card is not None:
            self._page.card(closing.card)
        elif not sheets and closing.note:
            self._page.add_notice(closing.note, "warning")
        return text, reasoning
