"""An answer in the journal: written down while it grows, and once more when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol

from theta_tui.errors import JournalUnavailable

if TYPE_CHECKING:
    from theta_tui.journal import Journal

EVERY_SECONDS: Final = 0.5


class Growing(Protocol):
    """An answer that is being written."""

    @property
    def text(self) -> str:
        """What has come of the text."""

    @property
    def reasoning(self) -> str:
        """What has come of the reasoning."""


class End(Protocol):
    """How an answer ended: the journal's word for it, and what is stored beside the text."""

    @property
    def state(self) -> str:
        """One of the journal's `MESSAGE_STATES`."""

    @property
    def meta(self) -> Mapping[str, Any]:
        """Title, footer, figures, card."""


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

    async def begin(self, answer: Growing, title: str) -> None:
        """Write down that an answer has begun, and follow it."""
        try:
            self._message = await self._journal.add_message(
                self._chat, "assistant", "", self._question, state="streaming", meta={"title": title}
            )
        except JournalUnavailable as error:
            self.problem = error.message
            return
        self._keeping = asyncio.create_task(self._keep(answer))

    async def end(self, end: End, text: str, reasoning: str) -> None:
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
                    state=end.state,
                    meta=end.meta,
                )
            else:
                await self._journal.update_message(self._message, text, reasoning, end.state, end.meta)
        except JournalUnavailable as error:
            self.problem = error.message

    async def cut(self, answer: Growing) -> None:
        """Write down the part that there is: the console ends before the answer does."""
        await self._stop_following()
        if self._message is not None:
            with suppress(JournalUnavailable):
                await self._journal.update_message(self._message, answer.text, answer.reasoning, "cut")

    async def _stop_following(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])  # not `await` itself: that would take our own cancelling for its
            self._keeping = None

    async def _keep(self, answer: Growing) -> None:
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
