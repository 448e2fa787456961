"""`theta-tui chat`: one question, or a conversation line by line; answers stream to stdout, talk goes to stderr."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from theta_tui.chats.files import read_file
from theta_tui.errors import CapacityError, ThetaError, UsageError
from theta_tui.headless.chat_commands import ChatCommands, find_chat
from theta_tui.headless.chat_input import LONGEST, Lines, PipedLines, Stopped, TypedLines, stoppable
from theta_tui.headless.chat_printer import footer
from theta_tui.headless.chat_talk import Talk
from theta_tui.headless.output import TEXT, Output
from theta_tui.headless.reviewers import can_ask
from theta_tui.headless.running import NOT_APPLIED, opened, run, warn_of_leftovers

if TYPE_CHECKING:
    from theta_tui.session import Session

COMMAND_SIGN = ":"


def chat(options: Namespace, environ: Mapping[str, str]) -> int:
    """Give the exit status: of the one question, or of the conversation, where the first failure counts."""
    output = Output(options.output or TEXT)
    files = [read_file(path) for path in options.file]
    question = _question(options)

    async def work() -> int:
        async with opened(options, environ, output) as session:
            await warn_of_leftovers(session, output)
            talk = await _begin(session, options, output)
            talk.files = files
            if question:
                return await talk.ask(question)
            if options.lines:
                return await _Conversation(talk, PipedLines()).go_on()
            return await _Conversation(talk, TypedLines(alone=COMMAND_SIGN), at_terminal=True).go_on()

    return run(work())


def _question(options: Namespace) -> str:
    """Give the one question; nothing for a conversation. UsageError when there is nothing to ask and nobody to talk."""
    question = " ".join(options.text)
    if options.lines and question:
        raise UsageError("--lines takes its questions from standard input, not from the command line.")
    if not question and not options.lines and not sys.stdin.isatty():
        question = sys.stdin.read()
    if question.strip():
        if len(question) > LONGEST:
            raise UsageError(f"The message has {len(question):,} characters; {LONGEST:,} is the most that is sent.")
        return question
    if options.text or not (options.lines or can_ask()):
        raise UsageError("There is nothing to ask: the message is empty.", hint='theta-tui chat "Why is the sky blue?"')
    return ""


async def _begin(session: Session, options: Namespace, output: Output) -> Talk:
    """Begin a conversation, or go on with the stored one that is named."""
    talk = Talk(session, options, output)
    if options.chat is not None:
        await talk.open(await find_chat(talk, options.chat))
    elif options.go_on:
        last = await talk.book.last()
        if last is None:
            output.say("There is no stored chat yet; this is the first.")
        else:
            await talk.open(last)
    return talk


class _Conversation:
    """Takes line after line: a command, or something to ask. At a terminal a failure ends one question only."""

    def __init__(self, talk: Talk, lines: Lines, *, at_terminal: bool = False) -> None:
        self._talk = talk
        self._lines = lines
        self._at_terminal = at_terminal
        self._commands = ChatCommands(talk, lines)

    async def go_on(self) -> int:
        """Talk until the end of the input; give the exit status."""
        talk, status = self._talk, 0
        if self._at_terminal:
            talk.output.say(
                f"{talk.target.name}: an empty line or Ctrl-D leaves, Ctrl-C stops an answer, :help names commands."
            )
        if talk.book.chat is not None:
            talk.output.say(talk.where)
        while not self._commands.is_over and (line := await self._next_line()):
            done = await self._take(line)
            if self._at_terminal:
                continue
            status = status or done
            if done == NOT_APPLIED:  # nobody is there to say yes to what follows either
                break
        return status

    async def _next_line(self) -> str | None:
        """Give the next line. At a terminal Ctrl-C drops what was begun; twice in a row it leaves."""
        if not self._at_terminal:
            return await self._lines.next("")
        for _ in range(2):
            try:
                return await stoppable(self._lines.next("you> "))
            except Stopped:
                self._talk.output.say("\nCtrl-C again leaves; :quit does too.")
        raise KeyboardInterrupt

    async def _take(self, line: str) -> int:
        """Do what a line says; what goes wrong is told."""
        try:
            if line.startswith(COMMAND_SIGN) and not line.startswith(COMMAND_SIGN * 2):
                return await self._answered(self._commands.run(line.removeprefix(COMMAND_SIGN)))
            return await self._answered(self._ask(line))
        except ThetaError as error:
            self._talk.output.error(error)
            if isinstance(error, CapacityError):
                self._offer_another()
            return error.exit_code

    async def _ask(self, line: str) -> int:
        text = line.removeprefix(COMMAND_SIGN) if line.startswith(COMMAND_SIGN * 2) else line
        if len(text) > LONGEST:
            raise UsageError(f"{len(text):,} characters: {LONGEST:,} is the most that is sent.")
        return await self._talk.ask(text)

    async def _answered(self, work: Coroutine[Any, Any, int]) -> int:
        """Wait for an answer; at a terminal Ctrl-C ends it and not the conversation."""
        if not self._at_terminal:
            return await work
        talk = self._talk
        try:
            return await stoppable(work, talk.stop)
        except Stopped:
            talk.output.say(f"Stopped; what came is kept. {footer(talk.answer)}" if talk.answer else "Stopped.")
            return 0

    def _offer_another(self) -> None:
        """Name the next model of the user's list."""
        asked = self._talk.target.id
        left = [alias for alias in self._talk.session.settings.chat_fallbacks if alias != asked]
        if left:
            self._talk.output.say(f":retry {left[0]} asks {left[0]} instead.")
