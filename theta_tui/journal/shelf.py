"""Named things kept for use in any chat: presets (how a model is asked) and templates (texts with variables).

It does not know what is in them; the faces do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from theta_tui.journal.store import Store, storable

if TYPE_CHECKING:
    from sqlite3 import Connection

ShelfKind = Literal["preset", "template"]
LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class Shelved:
    """Something with a name; `body` is as the face wrote it, `changed` in seconds since the epoch."""

    name: str
    body: str
    changed: float


class Shelf:
    """The journal's named things, each kind with names of its own."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def shelved(self, kind: ShelfKind) -> list[Shelved]:
        """List what is kept of a kind, by name."""
        query = "SELECT name, body, changed FROM shelf WHERE kind = ? ORDER BY name COLLATE NOCASE"
        return await self._store.read(lambda c: [Shelved(*row) for row in c.execute(query, (kind,))], [])

    async def put_on_shelf(self, kind: ShelfKind, name: str, body: str) -> None:
        """Keep something under a name, in place of what had that name; ValueError for a name that is none."""
        named = " ".join(storable(name).split())
        if not named or len(named) > LONGEST_NAME:
            raise ValueError(f"a name has 1 to {LONGEST_NAME} characters")
        row = (kind, named, storable(body), self._store.now())

        def put(connection: Connection) -> None:
            connection.execute("INSERT OR REPLACE INTO shelf (kind, name, body, changed) VALUES (?, ?, ?, ?)", row)

        await self._store.write(put)

    async def take_off_shelf(self, kind: ShelfKind, name: str) -> None:
        """Forget what has this name."""
        query = "DELETE FROM shelf WHERE kind = ? AND name = ?"
        await self._store.write(lambda connection: connection.execute(query, (kind, name)))
