"""A conversation in line mode: asks one question after the other, prints each answer and keeps it in the store."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from theta_tui.errors import CloudError, EmptyOutput, JobFailed, Uncertain
from theta_tui.headless.chat_book import AnswerRecord, ChatBook, Said
from theta_tui.headless.chat_files import TextFile, with_files
from theta_tui.headless.chat_options import ChatOptions
from theta_tui.headless.chat_partner import Partner
from theta_tui.headless.chat_printer import Printer, footer
from theta_tui.headless.running import NOT_APPLIED, progress, reviewer_for, tell_not_done
from theta_tui.shapes.base import as_json

if TYPE_CHECKING:
    from theta_tui.headless.output import Output
    from theta_tui.journal import Chat
    from theta_tui.review import Review, Reviewer, Verdict
    from theta_tui.session import Session
    from theta_tui.shapes.chat import ChatAnswer

NEVER_BEGAN = "stopped before anything came; it may be charged all the same"


class Talk:
    """One conversation. `files` go with the next question; `answer` is the last answer, `stopped` whether a person
    stopped it; `spent_usd` counts what this process has spent on it, unless `spends_unknown`.
    """

    def __init__(self, session: Session, options: Namespace, output: Output) -> None:
        self.session = session
        self.output = output
        self.book = ChatBook(session.journal, session.settings.profile)
        self.partner = Partner.named(options.service or session.settings.chat_service)
        self.options = ChatOptions(system=options.system or "")
        self.files: list[TextFile] = []
        self.thinks_aloud = True
        self.answer: ChatAnswer | None = None
        self.stopped = False
        self.spent_usd = Decimal(0)
        self.spends_unknown = False
        self._given = options

    async def open(self, chat: Chat) -> None:
        """Go on with a stored chat, with its partner and options where the command line names no other."""
        await self.book.open(chat)
        if self._given.service is None:
            self.partner = Partner.read(chat.options.get("target")) or self.partner
        system = self._given.system
        self.options = ChatOptions.read({**chat.options, **({} if system is None else {"system": system})})

    async def remember(self) -> None:
        """Keep partner and options with the chat."""
        await self.book.remember(self.partner, self.options)

    def stop(self) -> None:
        """Mark the answer that is coming as stopped by a person."""
        self.stopped = True

    @property
    def where(self) -> str:
        """Which conversation this is, in words."""
        book, count = self.book, len(self.book.said)
        return f"Chat {book.chat}: {book.title or 'no title'}. {count} messages, talking to {self.partner.name}."

    async def ask(self, text: str, *, again: Said | None = None, instead: Said | None = None) -> int:
        """Ask below what has been said, or once more what was asked, or something else instead. Give the status.

        Raises what the cloud says no with, and EmptyOutput or JobFailed for an answer that is none. What has arrived
        is kept, whatever happens.
        """
        self.stopped, self.answer = False, None
        before = list(self.book.said), self.book.asked
        if (former := again or instead) is not None:
            self.book.go_back_to(former)
        question = again or await self.book.ask(with_files(text, self.files), self.partner, self.options)
        reviewer, record = _Watched(self._reviewer()), self.book.record(question)
        status: int | None = NOT_APPLIED
        try:
            status = await self._stream(question, reviewer, record)
        except BaseException as error:
            if self.answer is not None or await self._keep_failure(record, error, sent=not reviewer.is_asking):
                status = None
            raise
        finally:
            if status is not None:  # it was not sent
                if again is None:
                    await self.book.take_back(question)
                self.book.said, self.book.asked = before
        if status is not None:
            return status
        self.files.clear()
        await self.book.remember_prompt(text)
        return self._conclude()

    async def _stream(self, question: Said, reviewer: _Watched, record: AnswerRecord) -> int | None:
        """Print and store the answer; give the exit status if nothing was sent."""
        answering = await self.session.open(
            self.partner.command,
            self.partner.arguments([_message(said) for said in (*self.book.said, question)], self.options),
            reviewer=reviewer,
            max_usd=self._left_usd,
            conversation=self.book.conversation,
            progress=progress(self.output, self.partner.command),
        )
        printer = Printer(self.output, thinks_aloud=self.thinks_aloud)
        title = f"{self.partner.name} · {datetime.now():%H:%M}"
        try:
            async with answering:
                if answering.not_done is not None:
                    return tell_not_done(answering.not_done, reviewer.inner, self.output)
                await record.begin(title)
                async for event in answering:
                    record.take(event.kind, event.text)
                    printer.show(event.kind, event.text)
        finally:  # also when stopped: what has arrived was paid for
            printer.end()
            if answering.result is not None:
                self.answer = cast("ChatAnswer", answering.result)
                await self._keep(question, record, title, self.answer)
        return None

    async def _keep(self, question: Said, record: AnswerRecord, title: str, answer: ChatAnswer) -> None:
        if answer.cost_usd is None:
            self.spends_unknown = True
        self.spent_usd += answer.cost_usd if answer.cost_usd is not None else self._given.max_usd or 0
        state = "stopped" if self.stopped else "complete" if answer.complete else "cut"
        if not self.stopped and (answer.is_empty or _failure(answer)):
            state = "failed"
        keeping = asyncio.ensure_future(
            record.end(answer.text, answer.reasoning, state, self._meta(title, answer, state))
        )
        try:
            await asyncio.shield(keeping)
        except asyncio.CancelledError:
            await keeping
            raise
        if answer.text.strip() and state != "failed":
            self.book.said += [question, Said("assistant", answer.text, record.message)]

    def _meta(self, title: str, answer: ChatAnswer, state: str) -> dict[str, Any]:
        """Give what is stored beside an answer, under the names that the console reads."""
        note = " ".join(answer.notes) or (state if state in ("stopped", "cut") else None)
        figures = {name: value for name, value in as_json(answer).items() if name not in ("text", "reasoning")}
        estimate = {"cost_is_estimate": answer.cost_is_estimate}
        return {**figures, **estimate, **self._about(title), "footer": footer(answer), "note": note}

    def _about(self, title: str) -> dict[str, Any]:
        return {"title": title, "target": self.partner.as_json()}

    async def _keep_failure(self, record: AnswerRecord, error: BaseException, *, sent: bool) -> bool:
        """Say in the store why a question has no answer; False for one that was never sent."""
        if isinstance(error, (CloudError, Uncertain)):
            card = {"title": error.kind, "lines": [error.message], "hint": error.hint}
            await record.end("", "", "failed", {**self._about(""), "note": "failed", "card": card})
            return True
        if isinstance(error, asyncio.CancelledError) and sent:
            await record.end("", "", "stopped", {**self._about(""), "note": NEVER_BEGAN})
            return True
        return False

    def _conclude(self) -> int:
        answer = self.answer
        assert answer is not None, "a question that was sent has an answer"  # noqa: S101
        if self.output.is_json:
            self.output.result(as_json(answer))
        else:
            self.output.say(footer(answer))
        if failure := _failure(answer):
            raise JobFailed(failure, request_id=answer.request_id)
        if answer.complete and answer.is_empty:
            raise EmptyOutput(f"{answer.service or 'The model'} gave an empty completion.",
                              request_id=answer.request_id)  # fmt: skip
        return 0 if answer.complete else 1

    def _reviewer(self) -> Reviewer:
        allow = self._given.max_usd or self.session.settings.chat_allowance_usd
        return reviewer_for(self._given, self.output, allow_usd=allow, brief=True)

    @property
    def _left_usd(self) -> Decimal | None:
        """What `--max-usd` leaves for the next question: it is the most that the whole conversation may reserve."""
        most: Decimal | None = self._given.max_usd
        return None if most is None else max(most - self.spent_usd, Decimal(0))


class _Watched:
    """A reviewer of which one knows whether it is being asked."""

    def __init__(self, inner: Reviewer) -> None:
        self.inner = inner
        self.is_asking = False

    async def review(self, review: Review) -> Verdict:
        """Let the other one answer."""
        self.is_asking = True
        verdict = await self.inner.review(review)
        self.is_asking = False
        return verdict


def _message(said: Said) -> Mapping[str, str]:
    return {"role": said.role, "content": said.text}


def _failure(answer: ChatAnswer) -> str | None:
    return next((note for note in answer.notes if note.startswith("The model failed")), None)
