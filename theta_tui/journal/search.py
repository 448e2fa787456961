"""Search through what was said in chats: where it was found, with the words around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from theta_tui.journal.store import Store, storable
from theta_tui.journal.text_index import matching, words_of

if TYPE_CHECKING:
    from sqlite3 import Connection, Row

EXCERPT: Final = 80
"""Characters of an excerpt."""
_BEFORE: Final = 24


@dataclass(frozen=True, slots=True)
class Hit:
    """The newest message of a chat in which something was found, with the words around it."""

    chat_id: int
    message_id: int
    excerpt: str


class Search:
    """The journal's search through what was said."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def hits(self, search: str, profile: str | None = None) -> dict[int, Hit]:
        """Give for each chat with a message that has all these words the newest one."""
        words = words_of(storable(search))
        if not words:
            return {}

        def find(connection: Connection) -> dict[int, Hit]:
            where, values = matching(connection, words)
            query = (
                "SELECT chat_id, max(messages.id) AS id, text FROM messages JOIN chats ON chats.id = chat_id"  # noqa: S608
                f" WHERE (? IS NULL OR profile = ?) AND {where} GROUP BY chat_id"
            )
            rows = connection.execute(query, (profile, profile, *values))
            return {row["chat_id"]: _hit(row, words) for row in rows}

        return await self._store.read(find, {})


def _hit(row: Row, words: Sequence[str]) -> Hit:
    text = " ".join(str(row["text"]).split())
    folded = text.casefold()
    at = max(min((folded.find(word.casefold()) for word in words), default=0), 0)
    begin = max(at - _BEFORE, 0)
    shown = text[begin : begin + EXCERPT]
    return Hit(row["chat_id"], row["id"], f"{'…' if begin else ''}{shown}{'…' if begin + EXCERPT < len(text) else ''}")
