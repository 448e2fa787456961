"""How stored messages look in the transcript: entries, the card of a failed answer, a line for each file. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from theta_tui.chats.files import is_image
from theta_tui.tui.widgets.entries import Stored, StoredAnswer, StoredError, StoredUser
from theta_tui.tui.words import size

if TYPE_CHECKING:
    from theta_tui.journal import Attachment
    from theta_tui.journal.chats import Message

CUT_BY_A_CRASH: Final = "cut: the console ended before the answer did"


def file_note(file: Attachment) -> str:
    """Tell of a file below the question that it went with."""
    kind = "image" if is_image(file) else "text"
    return f"⊞ {file.name} · {kind} · {size(len(file.data))}"


def file_notes(files: Mapping[int, Sequence[Attachment]]) -> dict[int, list[str]]:
    """Tell of the files of each message."""
    return {message: [file_note(file) for file in each] for message, each in files.items()}


def shown(message: Message, place: str = "", notes: Sequence[str] = ()) -> list[Stored]:
    """Give the entries that show a stored message: an answer that failed has its error card below.

    `place` tells which of its versions it is, `notes` are lines below a question.
    """
    if message.role == "user":
        return [StoredUser(message.text, [*notes, *([place] if place else [])])]
    meta = message.meta
    entries: list[Stored] = []
    if message.text or message.reasoning or message.state != "failed":
        entries.append(
            StoredAnswer(
                title=" · ".join(each for each in (str(meta.get("title", "")), place) if each),
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
