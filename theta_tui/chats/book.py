"""The chat that is open, as the journal keeps it: messages, partner, options, draft. Nothing here knows the screen.

Every method that writes raises JournalUnavailable when the journal cannot be written.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from theta_tui.chats.options import Options
from theta_tui.chats.target import Target
from theta_tui.chats.thread import branch, leaf_below, versions
from theta_tui.journal.chats import files_of

if TYPE_CHECKING:
    from theta_tui.journal import Attachment, Journal
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
        self.leaf: int | None = None
        """The end of the branch that is open; None is the newest one."""
        self.target = target
        self.options = Options()

    @property
    def conversation(self) -> str:
        """What the gate knows this chat by."""
        return f"chat/{self.chat}"

    @property
    def sees(self) -> bool:
        """Whether the partner is shown images."""
        return self.shows_images(self.target)

    def shows_images(self, target: Target) -> bool:
        """Whether somebody is shown images: what was chosen, else what is known of it."""
        return target.sees if self.options.images is None else self.options.images

    async def last(self) -> Chat | None:
        """Give the chat that was changed last."""
        found = await self._journal.chats(CHATS_LOOKED_AT, profile=self._profile)
        return max(found, key=lambda chat: chat.changed, default=None)

    def open(self, chat: Chat) -> None:
        """Make a stored chat the open one."""
        self.chat, self.title, self.leaf = chat.id, chat.title, chat.leaf
        self.options = Options.read(chat.options)
        self.target = Target.read(chat.options.get("target")) or self.target

    def begin(self) -> None:
        """Begin another chat, with the same partner and options."""
        self.chat, self.title, self.leaf = None, "", None

    async def messages(self) -> list[Message]:
        """Give the messages of all branches."""
        return [] if self.chat is None else await self._journal.messages(self.chat)

    async def thread(self, leaf: int | None = None) -> list[Message]:
        """Give the messages that lead to a leaf, else to the end of the open branch."""
        return branch(await self.messages(), leaf or self.leaf)

    async def walk(self, message: int, by: int) -> bool:
        """Open the branch with another version of a message; False if there is none on that side."""
        messages = await self.messages()
        among = versions(messages, branch(messages, self.leaf)).get(message, [])
        at = among.index(message) + by if among else -1
        if not 0 <= at < len(among):
            return False
        await self.show(among[at], messages)
        return True

    async def show(self, message: int, messages: list[Message] | None = None) -> None:
        """Open the newest branch that leads through a message."""
        known = await self.messages() if messages is None else messages
        self.leaf = leaf_below(known, message)
        if self.chat is not None:
            await self._journal.show_branch(self.chat, self.leaf)

    async def cost(self) -> tuple[Decimal, bool]:
        """Give what all answers have cost in USD, and whether there are some of which nobody knows."""
        told = [message.meta.get("cost_usd") for message in await self.messages() if "usage" in message.meta]
        return sum((Decimal(str(cost)) for cost in told if cost is not None), Decimal(0)), None in told

    async def ask(self, question: str, parent: int | None, files: Sequence[Attachment] = ()) -> int:
        """Write a question down with its files, in a new chat if none is open; give its id."""
        self.leaf = None
        if self.chat is None:
            self.title = title_of(question)
            self.chat = await self._journal.new_chat(
                profile=self._profile, title=self.title, service=self.target.name, options=self._options()
            )
            await self._journal.save_draft(NEW, "")
            await self._journal.save_draft(files_of(NEW), "")
        message = await self._journal.add_message(self.chat, "user", question, parent)
        if files:
            await self._journal.attach(message, files)
        return message

    async def files(self) -> dict[int, tuple[Attachment, ...]]:
        """Give the files of the messages."""
        return {} if self.chat is None else await self._journal.attachments(self.chat)

    async def take_back(self, *questions: int) -> None:
        """Forget questions with all that follows them; a chat that has nothing else goes with them."""
        if self.chat is None:
            return
        messages, left = await self.messages(), False
        for message in messages:
            if any(each.id in questions for each in branch(messages, message.id)):
                await self._journal.delete_message(message.id)
            else:
                left = True
        if not left:
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

    async def draft_files(self) -> list[str]:
        """Give the paths of the files that were to go with the unsent text."""
        return (await self._journal.draft(files_of(self._place))).splitlines()

    async def save_draft_files(self, paths: Sequence[str]) -> None:
        """Keep the paths of the files that are to go with the unsent text."""
        await self._journal.save_draft(files_of(self._place), "\n".join(paths))

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
