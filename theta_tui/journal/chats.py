"""Chats, stored as they grow: messages with their parents (branches), drafts, search."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from theta_tui.journal import owners
from theta_tui.journal.store import Store, storable

if TYPE_CHECKING:
    from sqlite3 import Connection, Row

NEW = "new"
MESSAGE_STATES = ("streaming", "complete", "stopped", "cut", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """One conversation; `options` are its model settings as the face wrote them. Times are seconds since the epoch."""

    id: int
    profile: str
    title: str
    service: str
    options: Mapping[str, Any]
    pinned: bool
    created: float
    changed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message. `parent_id` is the message it answers or follows; `state` is one of `MESSAGE_STATES`."""

    id: int
    chat_id: int
    parent_id: int | None
    role: str
    text: str
    reasoning: str
    state: str
    meta: Mapping[str, Any]
    created: float
    changed: float


class Chats:
    """The journal's conversations."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def new_chat(
        self, *, profile: str, title: str = "", service: str = "", options: Mapping[str, Any] | None = None
    ) -> int:
        """Begin a chat; give its id."""
        now = self._store.now()
        row = (profile, storable(title), storable(service), _json(options), now, now)
        query = "INSERT INTO chats (profile, title, service, options, created, changed) VALUES (?, ?, ?, ?, ?, ?)"
        return await self._store.write(lambda connection: int(connection.execute(query, row).lastrowid or 0))

    async def chats(self, limit: int = 100, search: str | None = None, profile: str | None = None) -> list[Chat]:
        """List chats, pinned first, then the last changed; `search` looks through titles and every message."""
        where, values = ["1 = 1"], list[Any]()
        if profile is not None:
            where.append("profile = ?")
            values.append(profile)
        if search:
            where.append(
                "(contains(title, ?) OR EXISTS (SELECT 1 FROM messages WHERE chat_id = chats.id AND contains(text, ?)))"
            )
            values += [storable(search).casefold()] * 2
        query = f"SELECT * FROM chats WHERE {' AND '.join(where)} ORDER BY pinned DESC, changed DESC LIMIT ?"  # noqa: S608
        return await self._store.read(lambda c: [_chat(row) for row in c.execute(query, (*values, limit))], [])

    async def rename_chat(self, chat: int, title: str) -> None:
        """Give a chat another title."""
        await self._set_chat(chat, title=storable(title))

    async def pin_chat(self, chat: int, pinned: bool = True) -> None:
        """Keep a chat at the top of the list, or no longer."""
        await self._set_chat(chat, pinned=int(pinned))

    async def set_chat(self, chat: int, *, service: str, options: Mapping[str, Any]) -> None:
        """Remember what a chat talks to and how."""
        await self._set_chat(chat, service=storable(service), options=_json(options))

    async def delete_chat(self, chat: int) -> None:
        """Delete a chat, its messages and its draft; the space is overwritten."""

        def delete(connection: Connection) -> None:
            connection.execute("DELETE FROM chats WHERE id = ?", (chat,))
            connection.execute("DELETE FROM drafts WHERE place = ?", (str(chat),))

        await self._store.write(delete)

    async def add_message(
        self,
        chat: int,
        role: str,
        text: str,
        parent_id: int | None = None,
        *,
        reasoning: str = "",
        state: str = "complete",
        meta: Mapping[str, Any] | None = None,
    ) -> int:
        """Add a message to a chat; give its id."""
        _check_state(state)
        now, owner = self._store.now(), self._store.owner
        row = (chat, parent_id, role, storable(text), storable(reasoning), state, _json(meta), owner, now, now)
        query = (
            "INSERT INTO messages (chat_id, parent_id, role, text, reasoning, state, meta, owner, created, changed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )

        def add(connection: Connection) -> int:
            connection.execute("UPDATE chats SET changed = ? WHERE id = ?", (now, chat))
            return int(connection.execute(query, row).lastrowid or 0)

        return await self._store.write(add)

    async def update_message(
        self,
        message: int,
        text: str | None = None,
        reasoning: str | None = None,
        state: str | None = None,
        meta: Mapping[str, Any] | None = None,
    ) -> None:
        """Let a message grow or end; what is None stays as it was."""
        if state is not None:
            _check_state(state)
        given: dict[str, Any] = {
            "text": None if text is None else storable(text),
            "reasoning": None if reasoning is None else storable(reasoning),
            "state": state,
            "meta": None if meta is None else _json(meta),
        }
        changes = {name: value for name, value in given.items() if value is not None}
        changes |= {"owner": self._store.owner, "changed": self._store.now()}
        columns = ", ".join(f"{name} = ?" for name in changes)
        query = f"UPDATE messages SET {columns} WHERE id = ?"  # noqa: S608
        await self._store.write(lambda connection: connection.execute(query, (*changes.values(), message)))

    async def delete_message(self, message: int) -> None:
        """Take a message back that was never sent."""
        await self._store.write(lambda connection: connection.execute("DELETE FROM messages WHERE id = ?", (message,)))

    async def message_counts(self, profile: str | None = None) -> dict[int, int]:
        """Count the messages of each chat, all branches."""
        query = (
            "SELECT chat_id, count(*) AS number FROM messages JOIN chats ON chats.id = chat_id"
            " WHERE ? IS NULL OR profile = ? GROUP BY chat_id"
        )
        values = (profile, profile)
        return await self._store.read(lambda c: {row["chat_id"]: row["number"] for row in c.execute(query, values)}, {})

    async def messages(self, chat: int) -> list[Message]:
        """List the messages of a chat, all branches, oldest first."""
        query = "SELECT * FROM messages WHERE chat_id = ? ORDER BY id"
        return await self._store.read(lambda c: [_message(row) for row in c.execute(query, (chat,))], [])

    async def draft(self, chat: int | str = NEW) -> str:
        """Give the unsent text of a chat, or of the one not yet begun ("new")."""
        query = "SELECT text FROM drafts WHERE place = ?"

        def look(connection: Connection) -> str:
            row = connection.execute(query, (str(chat),)).fetchone()
            return str(row["text"]) if row else ""

        return await self._store.read(look, "")

    async def save_draft(self, chat: int | str, text: str) -> None:
        """Keep the unsent text of a chat; an empty one forgets it."""

        def save(connection: Connection) -> None:
            connection.execute("DELETE FROM drafts WHERE place = ?", (str(chat),))
            if text:
                row = (str(chat), storable(text), self._store.now())
                connection.execute("INSERT INTO drafts (place, text, changed) VALUES (?, ?, ?)", row)

        await self._store.write(save)

    def _mark_cut(self, connection: Connection) -> None:
        """Say of answers that a dead process left streaming that they were cut."""
        rows = connection.execute("SELECT DISTINCT owner FROM messages WHERE state = 'streaming'").fetchall()
        dead = [(row["owner"],) for row in rows if not owners.is_alive(row["owner"])]
        connection.executemany("UPDATE messages SET state = 'cut' WHERE state = 'streaming' AND owner = ?", dead)

    async def _set_chat(self, chat: int, **changes: Any) -> None:
        columns = ", ".join(f"{name} = ?" for name in changes)
        query = f"UPDATE chats SET {columns} WHERE id = ?"  # noqa: S608
        await self._store.write(lambda connection: connection.execute(query, (*changes.values(), chat)))


def _check_state(state: str) -> None:
    if state not in MESSAGE_STATES:
        raise ValueError(f"{state} is not a state of a message")


def _json(value: Mapping[str, Any] | None) -> str:
    return json.dumps(dict(value or {}), default=str)


def _chat(row: Row) -> Chat:
    return Chat(**{**dict(row), "options": json.loads(row["options"]), "pinned": bool(row["pinned"])})


def _message(row: Row) -> Message:
    values: dict[str, Any] = {name: row[name] for name in Message.__slots__}
    return Message(**{**values, "meta": json.loads(row["meta"])})
