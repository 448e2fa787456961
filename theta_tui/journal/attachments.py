"""Files that went with messages, as they were when they were attached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from theta_tui.journal.store import Store, storable

if TYPE_CHECKING:
    from sqlite3 import Connection


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file: its name without folders, its media type, its bytes."""

    name: str
    media: str
    data: bytes = field(repr=False)


class Attachments:
    """The journal's files of messages; they go with their message."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def attach(self, message: int, files: Sequence[Attachment]) -> None:
        """Keep these files with a message, after those that it has."""
        await self._store.write(lambda connection: add_files(connection, message, files))

    async def attachments(self, chat: int) -> dict[int, tuple[Attachment, ...]]:
        """Give the files of a chat's messages, by message, in the order in which they were attached."""
        query = (
            "SELECT message_id, name, media, data FROM attachments"
            " JOIN messages ON messages.id = message_id WHERE chat_id = ? ORDER BY attachments.id"
        )

        def find(connection: Connection) -> dict[int, tuple[Attachment, ...]]:
            found: dict[int, tuple[Attachment, ...]] = {}
            for message, name, media, data in connection.execute(query, (chat,)):
                found[message] = (*found.get(message, ()), Attachment(name, media, data))
            return found

        return await self._store.read(find, {})


def add_files(connection: Connection, message: int, files: Sequence[Attachment]) -> None:
    """Write the files of a message down, within a transaction."""
    rows = [(message, storable(file.name), storable(file.media), file.data) for file in files]
    connection.executemany("INSERT INTO attachments (message_id, name, media, data) VALUES (?, ?, ?, ?)", rows)
