"""The thread of a chat: which stored messages are shown, and which of them the model is told. Pure functions.

Messages name their parent, so a question asked again is a branch beside the old one, which stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from theta_tui.tui.widgets.entries import Stored, StoredAnswer, StoredError, StoredUser

if TYPE_CHECKING:
    from theta_tui.journal.chats import Message

CUT_BY_A_CRASH = "cut: the console ended before the answer did"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. A branch begins after the message `after` (None: at the beginning) instead of at the end.

    `message` is the stored question when one is asked again.
    """

    text: str
    is_branch: bool = False
    after: int | None = None
    message: int | None = None


def branch(messages: Sequence[Message], leaf: int | None = None) -> list[Message]:
    """Give the messages that lead to a leaf, oldest first; without one to the newest message of all."""
    by_id = {message.id: message for message in messages}
    at = leaf if leaf is not None else max(by_id, default=None)
    found: list[Message] = []
    while at is not None and at in by_id:
        message = by_id.pop(at)
        found.append(message)
        at = message.parent_id
    return found[::-1]


def told(thread: Sequence[Message]) -> list[Message]:
    """Give what the model is told of a thread: questions with their answers. Failed and empty answers are left out."""
    kept: list[Message] = []
    for message in thread:
        if message.role == "user":
            if kept and kept[-1].role == "user":
                kept.pop()
            kept.append(message)
        elif kept and kept[-1].role == "user":
            if message.state == "failed" or not message.text.strip():
                kept.pop()
            else:
                kept.append(message)
    if kept and kept[-1].role == "user":
        kept.pop()
    return kept


def as_asked(thread: Sequence[Message]) -> list[dict[str, str]]:
    """Give messages in the form in which a model is asked."""
    return [{"role": message.role, "content": message.text} for message in thread]


def shown(message: Message) -> list[Stored]:
    """Give the entries that show a stored message: an answer that failed has its error card below."""
    if message.role == "user":
        return [StoredUser(message.text)]
    meta = message.meta
    entries: list[Stored] = []
    if message.text or message.reasoning or message.state != "failed":
        entries.append(
            StoredAnswer(
                title=str(meta.get("title", "")),
                text=message.text,
                reasoning=message.reasoning,
                footer=str(meta.get("footer", "")),
                complete=message.state == "complete",
                note=_note(message),
            )
        )
    return [*entries, *_card(meta.get("card"))]


def _note(message: Message) -> str | None:
    if note := message.meta.get("note"):
        return str(note)
    return {"cut": CUT_BY_A_CRASH, "streaming": "still coming in another console"}.get(message.state)


def _card(stored: object) -> list[Stored]:
    if not isinstance(stored, Mapping):
        return []
    lines: Any = stored.get("lines", ())
    texts = [str(line) for line in lines] if isinstance(lines, list) else []
    return [StoredError(str(stored.get("title", "")), texts, str(stored.get("hint", "")))]
