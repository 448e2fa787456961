"""`theta-tui chat`: one question, or a conversation line by line; the answer streams to stdout, talk goes to stderr."""

from __future__ import annotations

import contextlib
import secrets
import sys
from argparse import Namespace
from collections.abc import Mapping
from typing import Any, cast

from theta_tui.errors import EmptyOutput, JournalUnavailable, ThetaError, UsageError
from theta_tui.headless.exact_json import number
from theta_tui.headless.output import TEXT, Output
from theta_tui.headless.reviewers import ask_line, can_ask
from theta_tui.headless.running import opened, progress, reviewer_for, run, tell_not_done, warn_of_leftovers
from theta_tui.session import Session
from theta_tui.shapes.base import as_json
from theta_tui.shapes.chat import ChatAnswer

COMMAND = "theta.ondemand.chat"
DIM, PLAIN = "\x1b[2m", "\x1b[0m"
TITLE_LENGTH = 60


def chat(options: Namespace, environ: Mapping[str, str]) -> int:
    """Give the exit status: of the one question, or 0 when a conversation was left."""
    output = Output(options.output or TEXT)
    question = " ".join(options.text)
    if not question and not sys.stdin.isatty():
        question = sys.stdin.read()
    if not question.strip() and (options.text or not can_ask()):
        raise UsageError("There is nothing to ask: the message is empty.", hint='theta-tui chat "Why is the sky blue?"')

    async def work() -> int:
        async with opened(options, environ, output) as session:
            await warn_of_leftovers(session, output)
            conversation = Conversation(session, options, output)
            return await (conversation.ask(question) if question.strip() else conversation.talk())

    return run(work())


class Conversation:
    """One conversation: its messages so far, and the chat in the journal that keeps it."""

    def __init__(self, session: Session, options: Namespace, output: Output) -> None:
        self._session = session
        self._options = options
        self._output = output
        self._service = options.service or session.settings.chat_service
        self._messages: list[dict[str, Any]] = []
        self._token = f"chat-{secrets.token_hex(8)}"
        self._chat: int | None = None
        self._last: int | None = None

    async def talk(self) -> int:
        """Ask line after line until the input ends; a failed question does not end the conversation."""
        self._output.say(f"{self._service}: an empty line or Ctrl-D leaves.")
        while question := await ask_line("you> "):
            try:
                await self.ask(question)
            except ThetaError as error:
                self._output.error(error)
        return 0

    async def ask(self, question: str) -> int:
        """Ask one question; gives the exit status. Raises EmptyOutput, and what the cloud says no with."""
        messages = [*self._messages, {"role": "user", "content": question}]
        reviewer = reviewer_for(
            self._options, self._output, allow_usd=self._session.settings.chat_allowance_usd, brief=True
        )
        answering = await self._session.open(
            COMMAND,
            {"messages": messages, "service": self._service, "stream": True},
            reviewer=reviewer,
            max_usd=self._options.max_usd,
            conversation=self._token,
            progress=progress(self._output, COMMAND),
        )
        printer = Printer(self._output)
        try:
            async with answering:
                if answering.not_done is not None:
                    return tell_not_done(answering.not_done, reviewer, self._output)
                async for event in answering:
                    printer.show(event.kind, event.text)
        finally:  # also when stopped: what has arrived was paid for
            printer.end()
            if answering.result is not None:
                await self._keep(question, answering.result)
        return self._finish(messages, cast(ChatAnswer, answering.result))

    def _finish(self, messages: list[dict[str, Any]], answer: ChatAnswer) -> int:
        if self._output.is_json:
            self._output.result(as_json(answer))
        else:
            self._output.say(footer(answer))
        if answer.complete and answer.is_empty:
            raise EmptyOutput(f"{answer.service or 'The model'} gave an empty completion.",
                              request_id=answer.request_id)  # fmt: skip
        self._messages = [*messages, {"role": "assistant", "content": answer.text}]
        return 0 if answer.complete else 1

    async def _keep(self, question: str, answer: ChatAnswer) -> None:
        """Store both messages; without a journal the conversation goes on all the same."""
        journal = self._session.journal
        with contextlib.suppress(JournalUnavailable):
            if self._chat is None:
                title = " ".join(question.split())[:TITLE_LENGTH]
                profile = self._session.settings.profile
                self._chat = await journal.new_chat(profile=profile, title=title, service=self._service)
            asked = await journal.add_message(self._chat, "user", question, self._last)
            self._last = await journal.add_message(
                self._chat,
                "assistant",
                answer.text,
                asked,
                reasoning=answer.reasoning,
                state="complete" if answer.complete else "cut",
                meta={name: value for name, value in as_json(answer).items() if name not in ("text", "reasoning")},
            )


class Printer:
    """Prints an answer as it arrives: text to stdout, reasoning dimmed to stderr if that is a terminal."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._thinks = sys.stderr.isatty() and not output.is_json
        self._is_thinking = False
        self._ends_line = True

    def show(self, kind: str, text: str) -> None:
        """Print one piece."""
        if kind == "reasoning":
            if self._thinks:
                self._output.think(text, DIM, PLAIN)
                self._is_thinking = True
        elif kind == "text" and not self._output.is_json:
            self._leave_thoughts()
            self._output.text(text)
            self._ends_line = text.endswith("\n")

    def end(self) -> None:
        """End the line."""
        self._leave_thoughts()
        if not self._ends_line:
            self._output.text("\n")

    def _leave_thoughts(self) -> None:
        if self._is_thinking:
            self._is_thinking = False
            self._output.say("")


def footer(answer: ChatAnswer) -> str:
    """Sum an answer up in one line: who, first token, tokens per second, tokens, cost, and what went wrong."""
    tokens = answer.usage.get("completion_tokens")
    parts = [answer.service or answer.model]
    if answer.first_token_seconds is not None:
        parts.append(f"first token {answer.first_token_seconds:.2f} s")
        writing = answer.seconds - answer.first_token_seconds
        if tokens and writing > 0:
            parts.append(f"{tokens / writing:.0f} tokens/s")
    if answer.usage:
        parts.append(f"{answer.usage.get('prompt_tokens', 0)} + {tokens or 0} tokens")
    if answer.cost_usd is not None:
        parts.append(f"{'about ' if answer.cost_is_estimate else ''}${number(answer.cost_usd.normalize())}")
    if not answer.complete:
        parts.append("incomplete")
    return " · ".join([*filter(None, parts), *answer.notes])
