"""One answer of a conversation in line mode as it grows, and how it ends in the store."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from theta_tui.chats.record import AnswerRecord
from theta_tui.errors import CloudError, Uncertain
from theta_tui.headless.chat_printer import footer
from theta_tui.shapes.base import as_json

if TYPE_CHECKING:
    from theta_tui.chats.book import ChatBook
    from theta_tui.journal import Journal
    from theta_tui.shapes.chat import ChatAnswer

NEVER_BEGAN = "stopped before anything came; it may be charged all the same"


@dataclass(frozen=True, slots=True)
class _Ending:
    state: str
    meta: Mapping[str, Any]


class GrowingAnswer:
    """The pieces of an answer. They are stored while they come, unless the question could not be."""

    def __init__(self, journal: Journal, book: ChatBook, question: int | None) -> None:
        stored = book.chat is not None and question is not None
        self._record = AnswerRecord(journal, book.chat or 0, question or 0) if stored else None
        self._target = book.target.as_json()
        self._title = ""
        self._texts: list[str] = []
        self._thoughts: list[str] = []
        self.state = ""

    @property
    def text(self) -> str:
        """What has come of the text."""
        return "".join(self._texts)

    @property
    def reasoning(self) -> str:
        """What has come of the reasoning."""
        return "".join(self._thoughts)

    @property
    def message(self) -> int | None:
        """The stored answer; None if there is none."""
        return self._record.message if self._record is not None else None

    async def begin(self, title: str) -> None:
        """Write down that the answer has begun, and follow it."""
        self._title = title
        if self._record is not None:
            await self._record.begin(self, title)

    def take(self, kind: str, text: str) -> None:
        """Take a piece."""
        if kind in ("text", "reasoning"):
            (self._texts if kind == "text" else self._thoughts).append(text)

    async def end(self, answer: ChatAnswer, *, stopped: bool) -> None:
        """Write down how it ended."""
        self.state = "stopped" if stopped else "complete" if answer.complete else "cut"
        if not stopped and (answer.is_empty or failure_in(answer)):
            self.state = "failed"
        note = " ".join(answer.notes) or (self.state if self.state in ("stopped", "cut") else None)
        figures = {name: value for name, value in as_json(answer).items() if name not in ("text", "reasoning")}
        figures |= {"cost_is_estimate": answer.cost_is_estimate, "footer": footer(answer, named=False), "note": note}
        await self._end(answer.text, answer.reasoning, figures)

    async def fail(self, error: BaseException, *, sent: bool) -> bool:
        """Write down why there is no answer; False for a question that was never sent."""
        if isinstance(error, (CloudError, Uncertain)):
            self.state = "failed"
            card = {"title": error.kind, "lines": [error.message], "hint": error.hint}
            cost: dict[str, Any] = {"usage": {}, "cost_usd": None} if isinstance(error, Uncertain) else {}
            await self._end("", "", {"note": "failed", "card": card, **cost})
            return True
        if isinstance(error, asyncio.CancelledError) and sent:
            self.state = "stopped"
            await self._end("", "", {"note": NEVER_BEGAN, "usage": {}, "cost_usd": None})
            return True
        return False

    async def _end(self, text: str, reasoning: str, meta: Mapping[str, Any]) -> None:
        if self._record is not None:
            about = {"title": self._title, "target": self._target}
            await self._record.end(_Ending(self.state, {**about, **meta}), text, reasoning)


def failure_in(answer: ChatAnswer) -> str | None:
    """Give the words in which the model itself failed, if it did."""
    return next((note for note in answer.notes if note.startswith("The model failed")), None)
