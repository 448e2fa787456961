"""The chat that a conversation in line mode writes in: the same store as the console's, so either goes on with it.

Without a journal nothing is kept and the conversation goes on all the same.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from theta_tui.errors import JournalUnavailable, UsageError

if TYPE_CHECKING:
    from theta_tui.headless.chat_options import ChatOptions
    from theta_tui.headless.chat_partner import Partner
    from theta_tui.journal import Chat, Journal, Message

TITLE_CHARACTERS: Final = 60
CHATS_LOOKED_AT: Final = 1_000
KEPT_EVERY_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the conversation; `id` is None where it could not be stored."""

    role: str
    text: str
    id: int | None = None


class ChatBook:
    """The open chat: `said` is what the model is told, `asked` the last question, answered or not.

    `chat` is None until the first question is asked.
    """

    def __init__(self, journal: Journal, profile: str) -> None:
        self._journal = journal
        self._profile = profile
        self._token = f"chat-{secrets.token_hex(8)}"
        self.chat: int | None = None
        self.title = ""
        self.said: list[Said] = []
        self.asked: Said | None = None

    @property
    def conversation(self) -> str:
        """What the gate knows this conversation by."""
        return self._token if self.chat is None else f"chat/{self.chat}"

    def begin(self) -> None:
        """Begin another chat; it is stored with its first question."""
        self.chat, self.title, self.said, self.asked = None, "", [], None
        self._token = f"chat-{secrets.token_hex(8)}"

    async def open(self, chat: Chat) -> None:
        """Go on with a stored chat."""
        self.begin()
        self.chat, self.title = chat.id, chat.title
        thread = branch(await self._journal.messages(chat.id), chat.leaf)
        self.said = told(thread)
        questions = [Said(message.role, message.text, message.id) for message in thread if message.role == "user"]
        self.asked = questions[-1] if questions else None

    async def chats(self, search: str | None = None) -> list[Chat]:
        """List stored chats, the last changed first."""
        found = await self._journal.chats(CHATS_LOOKED_AT, search, self._profile)
        return sorted(found, key=lambda chat: chat.changed, reverse=True)

    async def excerpts(self, search: str) -> dict[int, str]:
        """Give for each chat in which something was said the words around it."""
        hits = await self._journal.hits(search, self._profile)
        return {chat: hit.excerpt for chat, hit in hits.items()}

    async def find(self, number: int) -> Chat:
        """Give a stored chat by its number; UsageError if there is none."""
        found = await self._journal.chat(number)
        if found is None or found.profile != self._profile:
            raise UsageError(f"There is no chat {number}.", hint=":list shows the chats there are.")
        return found

    async def messages(self) -> list[Message]:
        """Give the stored messages of the branch that is open, failed answers included."""
        chat = None if self.chat is None else await self._journal.chat(self.chat)
        return [] if chat is None else branch(await self._journal.messages(chat.id), chat.leaf)

    def go_back_to(self, question: Said) -> None:
        """Forget what was said from a question on; it stays stored, as a branch beside what follows now."""
        if question in self.said:
            self.said = self.said[: self.said.index(question)]

    async def ask(self, question: str, partner: Partner, options: ChatOptions) -> Said:
        """Write a question down below what has been said, in a new chat if none is open."""
        self.asked = await self._add(question, partner, options)
        return self.asked

    async def _add(self, question: str, partner: Partner, options: ChatOptions) -> Said:
        after = self.said[-1].id if self.said else None
        try:
            if self.chat is None:
                title = title_of(question)
                self.chat = await self._journal.new_chat(
                    profile=self._profile, title=title, service=partner.name, options=stored(partner, options)
                )
                self.title = title
            return Said("user", question, await self._journal.add_message(self.chat, "user", question, after))
        except JournalUnavailable:
            return Said("user", question)

    async def take_back(self, question: Said) -> None:
        """Forget a question that was not sent; a chat that has nothing else goes with it."""
        if self.chat is None or question.id is None:
            return
        with suppress(JournalUnavailable):
            await self._journal.delete_message(question.id)
            if not await self._journal.messages(self.chat):
                await self._journal.delete_chat(self.chat)
                self.begin()

    async def remember(self, partner: Partner, options: ChatOptions) -> None:
        """Write down whom the chat talks to and how."""
        if self.chat is not None:
            with suppress(JournalUnavailable):
                await self._journal.set_chat(self.chat, service=partner.name, options=stored(partner, options))

    def record(self, question: Said) -> AnswerRecord:
        """Give what keeps the answer to a question."""
        return AnswerRecord(self._journal, self.chat, question.id)

    async def remember_prompt(self, text: str) -> None:
        """Let the console's arrows bring this question back."""
        with suppress(JournalUnavailable):
            await self._journal.add_prompt(text)


class AnswerRecord:
    """An answer in the journal: written down while it grows, at most half a second behind, and as it ended."""

    def __init__(self, journal: Journal, chat: int | None, question: int | None) -> None:
        self._journal = journal
        self._chat = chat
        self._question = question
        self._following: asyncio.Task[None] | None = None
        self._pieces: list[str] = []
        self._thoughts: list[str] = []
        self.message: int | None = None

    async def begin(self, title: str) -> None:
        """Write down that an answer has begun, and follow it."""
        with suppress(JournalUnavailable):
            await self._add("", "", "streaming", {"title": title})
            self._following = asyncio.create_task(self._follow())

    def take(self, kind: str, text: str) -> None:
        """Take a piece of the answer; it is written down within half a second."""
        if kind in ("text", "reasoning"):
            (self._pieces if kind == "text" else self._thoughts).append(text)

    async def end(self, text: str, reasoning: str, state: str, meta: Mapping[str, Any]) -> None:
        """Write down how it ended; also an answer that never began."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.wait([self._following])
        with suppress(JournalUnavailable):
            if self.message is None:
                await self._add(text, reasoning, state, meta)
            else:
                await self._journal.update_message(self.message, text, reasoning, state, meta)

    async def _add(self, text: str, reasoning: str, state: str, meta: Mapping[str, Any]) -> None:
        if self._chat is not None and self._question is not None:
            self.message = await self._journal.add_message(
                self._chat, "assistant", text, self._question, reasoning=reasoning, state=state, meta=meta
            )

    async def _follow(self) -> None:
        written = (0, 0)
        while self.message is not None:
            await asyncio.sleep(KEPT_EVERY_SECONDS)
            sizes = (len(self._pieces), len(self._thoughts))
            if sizes != written:
                with suppress(JournalUnavailable):
                    await self._journal.update_message(self.message, "".join(self._pieces), "".join(self._thoughts))
                    written = sizes


def stored(partner: Partner, options: ChatOptions) -> dict[str, Any]:
    """Give partner and options in the form the store keeps with a chat."""
    return {**options.as_json(), "target": partner.as_json()}


def branch(messages: Sequence[Message], leaf: int | None = None) -> list[Message]:
    """Give the messages that lead to a leaf, or to the newest one, oldest first."""
    by_id = {message.id: message for message in messages}
    at = leaf if leaf is not None else max(by_id, default=None)
    found: list[Message] = []
    while at is not None and at in by_id:
        found.append(by_id.pop(at))
        at = found[-1].parent_id
    return found[::-1]


def told(thread: Sequence[Message]) -> list[Said]:
    """Give what the model is told of a thread: questions with their answers, without those that failed."""
    kept: list[Said] = []
    for question, answer in pairwise(thread):
        answered = answer.role == "assistant" and answer.state != "failed" and answer.text.strip()
        if question.role == "user" and answered:
            kept += [Said(each.role, each.text, each.id) for each in (question, answer)]
    return kept


def title_of(question: str) -> str:
    """Make a title of the first words of a question."""
    words = " ".join(question.split())
    return words if len(words) <= TITLE_CHARACTERS else f"{words[: TITLE_CHARACTERS - 1].rstrip()}…"
