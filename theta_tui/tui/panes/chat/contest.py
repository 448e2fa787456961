"""Asking several the same: one review for all, then every answer by itself, stored as it comes. It knows no keys.

Each partner is told its own thread: what it said before, not what the others said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from theta_tui.change import StreamChange
from theta_tui.chats.thread import Question, as_asked, branch, told
from theta_tui.errors import ThetaError
from theta_tui.together import open_all
from theta_tui.tui.panes.chat.reply import Reply
from theta_tui.tui.panes.chat.shown import file_note

if TYPE_CHECKING:
    from theta_tui.change import NotDone, Progress
    from theta_tui.chats.book import ChatBook
    from theta_tui.journal import Attachment
    from theta_tui.journal.chats import Message
    from theta_tui.review import Review, Reviewer, Verdict
    from theta_tui.session import Session
    from theta_tui.streaming import Run, Runs
    from theta_tui.tui.panes.chat.column import AnswerColumn
    from theta_tui.tui.widgets.entries import EntryId

COMMAND: Final = "chat.compare"
"""What review and ledger call a question to several."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """One column in one round: its stored question, the entry that shows it, and what is to be sent, or why not."""

    column: AnswerColumn
    question: int
    entry: EntryId
    act: StreamChange[Any, Any] | ThetaError
    arguments: Mapping[str, Any]


class Contest:
    """Round after round of one question to all columns. `questions` are the stored ones of all rounds."""

    def __init__(self, session: Session, reviewer: Reviewer, book: ChatBook, columns: Sequence[AnswerColumn]) -> None:
        self._session = session
        self._reviewer = reviewer
        self._book = book
        self._columns = columns
        self.questions: set[int] = set()
        self.why_not = ""
        """The rule that kept the last question from being sent."""

    async def ask(self, question: Question) -> NotDone | None:
        """Ask all; give why nothing was sent, if so. Raises JournalUnavailable before sending."""
        self.why_not = ""
        entrants = await self._enter(question)
        able = [each for each in entrants if isinstance(each.act, StreamChange)]
        acts = [each.act for each in able if isinstance(each.act, StreamChange)]
        if not acts:
            await asyncio.gather(*map(self._fail, entrants))
            return None
        runs = open_all(
            self._session,
            COMMAND,
            [(each.column.target.command, each.arguments) for each in able],
            acts,
            name=f"{len(acts)} answers",
            summary=f"Ask the same of {', '.join(each.column.target.name for each in able)}",
            reviewer=self,
            conversation=self._book.conversation,
        )
        async with runs:
            if runs.not_done is not None:
                await self._take_back(entrants)
                return runs.not_done
            await asyncio.gather(*(self._run(each, runs, acts) for each in entrants))
        return None

    async def review(self, review: Review) -> Verdict:
        """Have the reviewer asked, and remember what stands against it."""
        self.why_not = review.block.words if review.block is not None else ""
        return await self._reviewer.review(review)

    async def _enter(self, question: Question) -> list[Entrant]:
        """Write the question down in every branch, once where two have the same, and what each is to be sent."""
        book, before, written = self._book, await self._book.messages(), dict[int | None, int]()
        threads = [told(branch(before, column.leaf)) if column.leaf is not None else [] for column in self._columns]
        for thread in threads:
            parent = thread[-1].id if thread else None
            if parent not in written:
                written[parent] = await book.ask(question.text, parent, question.files)
        self.questions |= set(written.values())
        stored = {message.id: message for message in await book.messages()}
        files = await book.files()
        places = [written[thread[-1].id if thread else None] for thread in threads]
        asked = [[*thread, stored[place]] for thread, place in zip(threads, places, strict=True)]
        given = [self._arguments(*each, files) for each in zip(self._columns, asked, strict=True)]
        acts = await asyncio.gather(*(self._written(*each) for each in zip(self._columns, given, strict=True)))
        notes = [file_note(file) for file in question.files]
        return [
            Entrant(column, place, column.page.ask(question, notes), act, arguments)
            for column, place, act, arguments in zip(self._columns, places, acts, given, strict=True)
        ]

    def _arguments(
        self, column: AnswerColumn, asked: Sequence[Message], files: Mapping[int, Sequence[Attachment]]
    ) -> Mapping[str, Any]:
        """Give the arguments of the command that one is asked with."""
        book, target = self._book, column.target
        return target.arguments(as_asked(asked, files, sees=book.shows_images(target)), book.options)

    async def _written(self, column: AnswerColumn, arguments: Mapping[str, Any]) -> StreamChange[Any, Any] | ThetaError:
        """Write down what one is to be sent; an error says why it cannot be asked."""
        try:
            _, act = await self._session.build(column.target.command, arguments)
        except ThetaError as error:
            return error
        assert isinstance(act, StreamChange), "every chat streams"  # noqa: S101
        return act

    def _reply(self, entrant: Entrant) -> Reply:
        column = entrant.column
        return Reply(
            self._session.journal,
            column.page,
            column.target,
            chat=self._book.chat or 0,
            question=entrant.question,
            has_figures=False,
        )

    async def _run(self, entrant: Entrant, runs: Runs, acts: Sequence[StreamChange[Any, Any]]) -> None:
        if not isinstance(entrant.act, StreamChange):
            await self._fail(entrant)
            return
        column, reply, number = entrant.column, self._reply(entrant), acts.index(entrant.act)

        async def opens(_: Reviewer, progress: Progress) -> Run[Any, Any]:
            return runs.run(number, column.target.command, progress)

        answering = reply.answering(opens, self._reviewer)
        column.follow(answering)
        ended = await reply.run(answering)
        column.leaf = reply.message or entrant.question
        column.rest(ended)

    async def _fail(self, entrant: Entrant) -> None:
        """Say in its column why one cannot be asked."""
        assert isinstance(entrant.act, ThetaError), "the others are run"  # noqa: S101
        reply = self._reply(entrant)
        entrant.column.rest(await reply.fail(entrant.act))
        entrant.column.leaf = reply.message or entrant.question

    async def _take_back(self, entrants: Sequence[Entrant]) -> None:
        questions = {each.question for each in entrants}
        for each in entrants:
            each.column.page.take_back(each.entry)
        self.questions -= questions
        await self._book.take_back(*questions)
