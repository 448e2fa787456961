"""One answer to a stored question: shown on a page as it comes, kept in the journal, ended in both.

It knows neither how the question is sent nor what other answers there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from theta_tui.chats.record import AnswerRecord
from theta_tui.tui.panes.chat.answering import Answering, Opens, Outcome
from theta_tui.tui.panes.chat.closing import Closing, close

if TYPE_CHECKING:
    from theta_tui.chats.target import Target
    from theta_tui.errors import ThetaError
    from theta_tui.journal import Journal
    from theta_tui.review import Reviewer
    from theta_tui.tui.panes.chat.page import Page
    from theta_tui.tui.widgets.answer import Answer


@dataclass(frozen=True, slots=True)
class Ended:
    """How it went, in the session's words and in ours."""

    outcome: Outcome
    closing: Closing


class Reply:
    """The answer of one partner. `place` is its place among other answers to the same question.

    Without figures its footer is left to whoever shows them elsewhere; they are stored all the same.
    """

    def __init__(
        self,
        journal: Journal,
        page: Page,
        target: Target,
        *,
        chat: int,
        question: int,
        place: str = "",
        has_figures: bool = True,
    ) -> None:
        self._page = page
        self._target = target
        self._place = place
        self._has_figures = has_figures
        self._title = f"{target.name} · {datetime.now():%H:%M}"
        self._record = AnswerRecord(journal, chat, question)
        self._sheet: Answer | None = None

    @property
    def message(self) -> int | None:
        """The stored answer; None until it has begun."""
        return self._record.message

    def answering(self, opens: Opens, reviewer: Reviewer) -> Answering:
        """Give what asks, to be run."""
        return Answering(opens, reviewer=reviewer, begin=self._begin)

    async def run(self, answering: Answering) -> Ended:
        """Ask, show and store, to the end; what was not sent leaves nothing behind."""
        outcome: Outcome | None = None
        try:
            outcome = await answering.run()
        finally:
            if outcome is None and self._sheet is not None:
                await self._record.cut(self._sheet)
        return await self._end(outcome, answering.written)

    async def fail(self, error: ThetaError) -> Ended:
        """End it with what kept the question from being asked."""
        return await self._end(Outcome(error=error), 0)

    async def _begin(self) -> Answer:
        self._sheet = sheet = self._page.answer(self._title, self._place)
        await self._record.begin(sheet, self._title)
        if self._record.message is not None:
            self._page.knows(sheet.number, self._record.message)
        return sheet

    async def _end(self, outcome: Outcome, written: int) -> Ended:
        closing = close(outcome, self._target, self._title)
        if outcome.not_done is None:
            await self._record.end(closing, *self._write_end(written, outcome, closing))
        if self._record.problem:
            self._page.add_notice(f"This answer is not kept: {self._record.problem}", "warning")
        return Ended(outcome, closing)

    def _write_end(self, written: int, outcome: Outcome, closing: Closing) -> tuple[str, str]:
        """End the answer on the screen; give text and reasoning as they are to be stored."""
        result, sheet = outcome.result, self._sheet
        text, reasoning = (result.text, result.reasoning) if result is not None else ("", "")
        if sheet is not None:
            sheet.feed(text[written:])
            sheet.feed_reasoning(reasoning[len(sheet.reasoning) :])
            footer = closing.footer if self._has_figures else ""
            sheet.finish(footer, complete=closing.state == "complete", note=closing.note)
            text, reasoning = sheet.text, sheet.reasoning
        if closing.card is not None:
            self._page.card(closing.card)
        elif sheet is None and closing.note:
            self._page.add_notice(closing.note, "warning")
        return text, reasoning
