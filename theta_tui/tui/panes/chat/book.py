"""The chat that is open, as the journal keeps it: messages, partner, options, draft. Nothing here knows the screen.

Every method that writes raises JournalUnavailable when the journal cannot be written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from theta_tui.tui.panes.chat.options import Options
from theta_tui.tui.panes.chat.target import Target
from theta_tui.tui.panes.chat.thread import branch

if TYPE_CHECKING:
    from theta_tui.journal import Journal
    from theta_tui.journal.chats import Chat, Message

NEW: Final = "new"
"""Where the draft of a chat that has not begun is kept."""
TITLE_CHARACTERS: Final = 60
CHATS_LOOKED_AT: Final = 200


class ChatBook:
    """The open chat. `chat` is None until its first question is asked."""

    def __init__(self, journal: Journal, profile: str, target: Target) -> None:
        self._journal = journal
        self._profile = profile
        self.chat: int | None = None
        self.title = ""
        self.target = target
        self.options = Options()

    @property
    def conversation(self) -> str:
        """What the gate knows this chat by."""
        return f"chat/{self.chat}"

    async def last(self) -> Chat | None:
        """Give the chat that was changed last."""
        found = await self._journal.chats(CHATS_LOOKED_AT, profile=self._profile)
        return max(found, key=lambda chat: chat.changed, default=None)

    def open(self, chat: Chat) -> None:
        """Make a stored chat the open one."""
        self.chat, self.title = chat.id, chat.title
        self.options = Options.read(chat.options)
        self.target = Target.read(chat.options.get("target")) or self.target

    def begin(self) -> None:
        """Begin another chat, with the same partner and options."""
        self.chat, self.title = None, ""

    async def thread(self, leaf: int | None = None) -> list[Message]:
        """Give the messages that lead to a leaf, or to the newest message."""
        if self.chat is None:
            return []
        return branch(await self._journal.messages(self.chat), leaf)

    async def ask(self, question: str, parent: int | None) -> int:
        """Write a question down, in a new chat if none is open; give its id."""
        if self.chat is None:
            self.title = title_of(question)
            self.chat = await self._journal.new_chat(
                profile=self._profile, title=self.title, service=self.target.name, options=self._options()
            )
            await self._journal.save_draft(NEW, "")
        return await self._journal.add_message(self.chat, "user", question, parent)

    async def take_back(self, question: int) -> None:
        """Forget a question that was not sent; a chat that has nothing else goes with it."""
        if self.chat is None:
            return
        await self._journal.delete_message(question)
        if not await self._journal.messages(self.chat):
            await self._journal.delete_chat(self.chat)
            self.begin()

    async def remember(self) -> None:
        """Write down partner and options."""
        if self.chat is not None:
            await self._journal.set_chat(self.chat, service=self.target.name, options=self._options())

    async def draft(self) -> str:
        """Give the unsent text."""
        return await self._journal.draft(self._place)

    async def save_draft(self, text: str) -> None:
        """Keep the unsent text."""
        await self._journal.save_draft(self._place, text)

    @property
    def _place(self) -> int | str:
        return NEW if self.chat is None else self.chat

    def _options(self) -> dict[str, Any]:
        return {**self.options.as_json(), "target": self.target.as_json()}


def title_of(question: str) -> str:
    """Make a title of the first words of a question."""
    words = " ".join(question.split())
    if len(words) <= TITLE_CHARACTERS:
        return words
    cut = words[: TITLE_CHARACTERS - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[TITLE_CHARACTERS // 2 :] else cut) + "…"
