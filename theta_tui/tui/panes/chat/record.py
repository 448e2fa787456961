"""An answer in the journal: written down while it grows, and once more when it ends."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from theta_tui.errors import JournalUnavailable

if TYPE_CHECKING:
    from theta_tui.journal import Journal
    from theta_tui.tui.panes.chat.closing import Closing
    from theta_tui.tui.widgets.answer import Answer

EVERY_SECONDS: Final = 0.5


class AnswerRecord:
    """Keeps one answer. `problem` says why it could not be written; the answer itself goes on."""

    def __init__(self, journal: Journal, chat: int, question: int) -> None:
        self._journal = journal
        self._chat = chat
        self._question = question
        self._message: int | None = None
        self._keeping: asyncio.Task[None] | None = None
        self.problem: str | None = None

    @property
    def message(self) -> int | None:
        """The stored answer; None until it has begun."""
        return self._message

    async def begin(self, answer: Answer, title: str) -> None:
        """Write down that an answer has begun, and follow it."""
        try:
            self._message = await self._journal.add_message(
                self._chat, "assistant", "", self._question, state="streaming", meta={"title": title}
            )
        except JournalUnavailable as error:
            self.problem = error.message
            return
        self._keeping = asyncio.create_task(self._keep(answer))

    async def end(self, closing: Closing, text: str, reasoning: str) -> None:
        """Write down how it ended; also an answer that never began."""
        await self._stop_following()
        try:
            if self._message is None:
                self._message = await self._journal.add_message(
                    self._chat,
                    "assistant",
                    text,
                    self._question,
                    reasoning=reasoning,
                    state=closing.state,
                    meta=closing.meta,
                )
            else:
                await self._journal.update_message(self._message, text, reasoning, closing.state, closing.meta)
        except JournalUnavailable as error:
            self.problem = error.message

    async def cut(self, answer: Answer) -> None:
        """Write down the part that there is: the console ends before the answer does."""
        await self._stop_following()
        if self._message is not None:
            with suppress(JournalUnavailable):
                await self._journal.update_message(self._message, answer.text, answer.reasoning, "cut")

    async def _stop_following(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping
            self._keeping = None

    async def _keep(self, answer: Answer) -> None:
        assert self._message is not None, "only an answer that was added is followed"  # noqa: S101
        written = (0, 0)
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            sizes = (len(answer.text), len(answer.reasoning))
            if sizes == written:
                continue
            try:
                await self._journal.update_message(self._message, answer.text, answer.reasoning)
            except JournalUnavailable as error:
                self.problem = error.message
                return
            written = sizes
