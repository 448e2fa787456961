"""A conversation in line mode: asks one question after the other, prints each answer and keeps it in the store.

The chats are the console's: either goes on with what the other began. Without a journal nothing is kept, and the
conversation goes on all the same.
"""

from __future__ import annotations

import asyncio
import secrets
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from theta_tui.chats.book import ChatBook
from theta_tui.chats.files import content_of
from theta_tui.chats.options import Options
from theta_tui.chats.thread import told
from theta_tui.errors import EmptyOutput, JobFailed, JournalUnavailable, Uncertain
from theta_tui.headless.chat_answer import GrowingAnswer, failure_in
from theta_tui.headless.chat_printer import Printer, footer
from theta_tui.headless.chat_words import target_named
from theta_tui.headless.running import NOT_APPLIED, progress, reviewer_for, tell_not_done
from theta_tui.shapes.base import as_json

if TYPE_CHECKING:
    from theta_tui.chats.target import Target
    from theta_tui.headless.output import Output
    from theta_tui.journal import Attachment, Chat
    from theta_tui.review import Reviewer
    from theta_tui.session import Session
    from theta_tui.shapes.chat import ChatAnswer
    from theta_tui.streaming import Run


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the conversation; `id` is None where it could not be stored."""

    role: str
    text: str
    id: int | None = None
    files: Sequence[Attachment] = ()


class Talk:
    """One conversation: `said` is what the model is told, `asked` the last question, answered or not.

    `files` go with the next question; `answer` is the last answer, `stopped` whether a person stopped it. `spent_usd`
    is what the ledger has counted since it was opened here; with `spends_unknown` some of that is a worst case.
    """

    def __init__(self, session: Session, options: Namespace, output: Output) -> None:
        self.session = session
        self.output = output
        target = target_named(options.service or session.settings.chat_service)
        self.book = ChatBook(session.journal, session.settings.profile, target)
        self.book.options = Options(system=options.system or "")
        self.said: list[Said] = []
        self.asked: Said | None = None
        self.files: list[Attachment] = []
        self.thinks_aloud = True
        self.answer: ChatAnswer | None = None
        self.stopped = False
        self.spent_usd = Decimal(0)
        self.spends_unknown = False
        self._token = secrets.token_hex(8)
        self._given = options
        self._run: Run[Any, Any] | None = None

    # Which conversation

    async def open(self, chat: Chat) -> None:
        """Go on with a stored chat, with its partner and system prompt where the command line names no other."""
        book, given = self.book, self._given
        target = book.target
        book.open(chat)
        if given.service is not None:
            book.target = target
        if given.system is not None:
            book.options = replace(book.options, system=given.system)
        thread, files = await book.thread(), await book.files()
        said = [Said(each.role, each.text, each.id, files.get(each.id, ())) for each in thread]
        kept = {each.id for each in told(thread)}
        self.said = [each for each in said if each.id in kept]
        self.asked = next((each for each in reversed(said) if each.role == "user"), None)

    def begin(self) -> None:
        """Begin another conversation; it is stored with its first question."""
        self.book.begin()
        self.said, self.asked, self._token = [], None, secrets.token_hex(8)

    @property
    def where(self) -> str:
        """Which conversation this is, in words."""
        book, count = self.book, len(self.said)
        return f"Chat {book.chat}: {book.title or 'no title'}. {count} messages, talking to {self.target.name}."

    @property
    def target(self) -> Target:
        """Whom it talks to."""
        return self.book.target

    async def remember(self) -> None:
        """Keep partner and options with the chat."""
        with suppress(JournalUnavailable):
            await self.book.remember()

    # Asking

    def stop(self) -> None:
        """Mark the answer that is coming as stopped by a person."""
        self.stopped = True

    async def ask(self, text: str, *, again: Said | None = None, instead: Said | None = None) -> int:
        """Ask below what has been said, or once more what was asked, or something else instead. Give the status.

        Raises what the cloud says no with, and EmptyOutput or JobFailed for an answer that is none. What has arrived
        is kept, whatever happens.
        """
        self.stopped, self.answer = False, None
        before = (self.said, self.asked), self.book.leaf
        self._go_back_to(again or instead)
        question = again or await self._write_down(text)
        self.asked = question
        growing, self._run = GrowingAnswer(self.session.journal, self.book, question.id), None
        status: int | None = NOT_APPLIED
        try:
            status = await self._stream(question, growing)
        except BaseException as error:
            if self.answer is not None or await growing.fail(error, sent=self._was_begun):
                status = None
            raise
        finally:
            if status is not None:  # it was not sent
                await self._take_back(None if again else question, before[1])
                self.said, self.asked = before[0]
        if status is not None:
            return status
        self.files = []
        with suppress(JournalUnavailable):
            await self.session.journal.add_prompt(text)
        return self._conclude()

    def _go_back_to(self, question: Said | None) -> None:
        """Forget what was said from a question on; it stays stored, as a branch beside what follows now."""
        if question is not None and question in self.said:
            self.said = self.said[: self.said.index(question)]

    async def _write_down(self, text: str) -> Said:
        after = self.said[-1].id if self.said else None
        question = Said("user", text, None, tuple(self.files))
        with suppress(JournalUnavailable):
            return replace(question, id=await self.book.ask(text, after, question.files))
        return question

    async def _take_back(self, question: Said | None, leaf: int | None) -> None:
        """Forget a question that was not sent, and show the branch that was open before."""
        with suppress(JournalUnavailable):
            if question is not None and question.id is not None:
                await self.book.take_back(question.id)
            if leaf is not None:
                await self.book.show(leaf)

    @property
    def _was_begun(self) -> bool:
        return self._run is not None and self._run.was_begun

    async def _stream(self, question: Said, growing: GrowingAnswer) -> int | None:
        """Print and store the answer; give the exit status if nothing was sent."""
        book, target = self.book, self.target
        messages = [
            {"role": each.role, "content": content_of(each.text, each.files, sees=book.sees)}
            for each in (*self.said, question)
        ]
        conversation = book.conversation if book.chat is not None else self._token
        before, reviewer = await self._counted(conversation), self._reviewer()
        answering = self._run = await self.session.open(
            target.command,
            target.arguments(messages, book.options),
            reviewer=reviewer,
            max_usd=self._most_usd,
            conversation=conversation,
            progress=progress(self.output, target.command),
        )
        printer = Printer(self.output, thinks_aloud=self.thinks_aloud)
        title = f"{target.name} · {datetime.now():%H:%M}"
        try:
            async with answering:
                if answering.not_done is not None:
                    return tell_not_done(answering.not_done, reviewer, self.output)
                await growing.begin(title)
                async for event in answering:
                    growing.take(event.kind, event.text)
                    printer.show(event.kind, event.text)
        except Uncertain:
            self.spends_unknown = True
            raise
        finally:  # also when stopped: what has arrived was paid for
            printer.end()
            if answering.result is not None:
                await self._keep(question, growing, cast("ChatAnswer", answering.result))
            self.spent_usd += await self._counted(conversation) - before
        return None

    async def _counted(self, conversation: str) -> Decimal:
        """Give what a conversation counts in the ledger, in USD: the worst case of what nobody knows."""
        return await self.session.journal.spent_in(conversation) or Decimal(0)

    async def _keep(self, question: Said, growing: GrowingAnswer, answer: ChatAnswer) -> None:
        self.answer = answer
        if answer.cost_usd is None:
            self.spends_unknown = True
        keeping = asyncio.ensure_future(growing.end(answer, stopped=self.stopped))
        try:
            await asyncio.shield(keeping)
        except asyncio.CancelledError:
            await keeping
            raise
        if answer.text.strip() and growing.state != "failed":
            self.said = [*self.said, question, Said("assistant", answer.text, growing.message)]

    def _conclude(self) -> int:
        answer = self.answer
        assert answer is not None, "a question that was sent has an answer"  # noqa: S101
        if self.output.is_json:
            self.output.result(as_json(answer))
        else:
            self.output.say(footer(answer))
        if failure := failure_in(answer):
            raise JobFailed(failure, request_id=answer.request_id)
        if answer.complete and answer.is_empty:
            raise EmptyOutput(f"{answer.service or 'The model'} gave an empty completion.",
                              request_id=answer.request_id)  # fmt: skip
        return 0 if answer.complete else 1

    def _reviewer(self) -> Reviewer:
        allow = self._given.max_usd or self.session.settings.chat_allowance_usd
        return reviewer_for(self._given, self.output, allow_usd=allow, brief=True)

    @property
    def _most_usd(self) -> Decimal | None:
        """The most that the next question may reserve: what `--max-usd` leaves, which is for the whole conversation."""
        most: Decimal | None = self._given.max_usd
        return None if most is None else max(most - self.spent_usd, Decimal(0))
