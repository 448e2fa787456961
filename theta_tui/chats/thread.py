"""The thread of a chat: which stored messages are shown, and which of them the model is told. Pure functions.

Messages name their parent, so a question asked again is a branch beside the old one, which stays: both are versions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from theta_tui.chats.files import content_of

if TYPE_CHECKING:
    from theta_tui.journal import Attachment
    from theta_tui.journal.chats import Message


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. A branch begins after the message `after` (None: at the beginning) instead of at the end.

    `message` is the stored question when one is asked again; `files` go with a new one.
    """

    text: str
    is_branch: bool = False
    after: int | None = None
    message: int | None = None
    files: Sequence[Attachment] = ()


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


def leaf_below(messages: Sequence[Message], message: int) -> int:
    """Give the end of the newest branch that goes on from a message."""
    newest = {each.parent_id: each.id for each in sorted(messages, key=lambda each: each.id)}
    while message in newest:
        message = newest[message]
    return message


def versions(messages: Sequence[Message], thread: Sequence[Message]) -> dict[int, list[int]]:
    """Give for each message of a thread all versions of it, oldest first; attempts that came to nothing are none."""
    came_to_nothing = _came_to_nothing(messages)
    shown = {message.id for message in thread}
    beside: dict[tuple[int | None, str], list[int]] = {}
    for message in messages:
        if message.id in shown or message.id not in came_to_nothing:
            beside.setdefault((message.parent_id, message.role), []).append(message.id)
    return {message.id: beside[message.parent_id, message.role] for message in thread}


def answers(messages: Sequence[Message], question: int) -> list[int]:
    """Give the answers to a question that came to something, oldest first."""
    failed = _came_to_nothing(messages)
    return [
        each.id for each in messages if each.parent_id == question and each.role != "user" and each.id not in failed
    ]


def _came_to_nothing(messages: Sequence[Message]) -> set[int]:
    """Give failed answers without a word, and questions that have no other ones."""
    failed = {each.id for each in messages if each.role != "user" and each.state == "failed" and not each.text}
    answered = {each.parent_id for each in messages if each.id not in failed}
    return failed | {each.id for each in messages if each.role == "user" and each.id not in answered}


def place_words(message: int, among: Sequence[int]) -> str:
    """Tell which of its versions a message is; nothing if there is only one."""
    return f"◂ {among.index(message) + 1}/{len(among)} ▸" if len(among) > 1 else ""


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


def as_asked(
    thread: Sequence[Message], files: Mapping[int, Sequence[Attachment]] | None = None, *, sees: bool = False
) -> list[dict[str, Any]]:
    """Give messages in the form in which a model is asked; one that `sees` is shown the images."""
    told_files = files or {}
    return [
        {"role": message.role, "content": content_of(message.text, told_files.get(message.id, ()), sees=sees)}
        for message in thread
    ]
