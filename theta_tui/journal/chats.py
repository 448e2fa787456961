"""Chats, stored as they grow: messages with their parents (branches), drafts, search."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from theta_tui.journal import owners
from theta_tui.journal.attachments import Attachment, add_files
from theta_tui.journal.store import Store, kept, storable
from theta_tui.journal.text_index import forget_traces, matching, words_of

if TYPE_CHECKING:
    from sqlite3 import Connection, Row

_NEW_CHAT = "INSERT INTO chats (profile, title, service, options, created, changed) VALUES (?, ?, ?, ?, ?, ?)"
_NEW_MESSAGE = (
    "INSERT INTO messages (chat_id, parent_id, role, text, reasoning, state, meta, owner, created, changed)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)

NEW = "new"
MESSAGE_STATES = ("streaming", "complete", "stopped", "cut", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """One conversation; `options` are its model settings as the face wrote them. Times are seconds since the epoch.

    `leaf` is the last message of the branch that is shown; None is the newest message of all.
    """

    id: int
    profile: str
    title: str
    service: str
    options: Mapping[str, Any]
    pinned: bool
    created: float
    changed: float
    leaf: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A message of a chat from elsewhere, with its files.

    `parent` is the place of its parent in the list of them; `created` in seconds since the epoch.
    """

    role: str
    text: str
    parent: int | None = None
    reasoning: str = ""
    meta: Mapping[str, Any] | None = None
    created: float | None = None
    files: Sequence[Attachment] = ()


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
        row = (profile, kept(title), storable(service), _json(options), now, now)
        return await self._store.write(lambda connection: int(connection.execute(_NEW_CHAT, row).lastrowid or 0))

    async def chats(self, limit: int = 100, search: str | None = None, profile: str | None = None) -> list[Chat]:
        """List chats, pinned first, then the last changed; `search` looks through titles and every message."""
        where, values = ["1 = 1"], list[Any]()
        if profile is not None:
            where.append("profile = ?")
            values.append(profile)
        words = words_of(storable(search or ""))

        def find(connection: Connection) -> list[Chat]:
            if words:
                titled = " AND ".join(["contains(title, ?)"] * len(words))
                said, given = matching(connection, words)
                where.append(f"({titled} OR id IN (SELECT chat_id FROM messages WHERE {said}))")  # noqa: S608
                values.extend([*(word.casefold() for word in words), *given])
            query = f"SELECT * FROM chats WHERE {' AND '.join(where)} ORDER BY pinned DESC, changed DESC LIMIT ?"  # noqa: S608
            return [_chat(row) for row in connection.execute(query, (*values, limit))]

        return await self._store.read(find, [])

    async def chat(self, chat: int) -> Chat | None:
        """Give one chat; None if there is none."""
        query = "SELECT * FROM chats WHERE id = ?"

        def look(connection: Connection) -> Chat | None:
            row = connection.execute(query, (chat,)).fetchone()
            return _chat(row) if row else None

        return await self._store.read(look, None)

    async def add_chat(
        self,
        messages: Sequence[Told],
        *,
        profile: str,
        title: str,
        service: str = "",
        options: Mapping[str, Any] | None = None,
        leaf: int | None = None,
    ) -> int:
        """Take in a whole chat from elsewhere, or nothing of it; `leaf` is a place in `messages`. Gives its id."""
        now, owner = self._store.now(), self._store.owner
        times = [message.created for message in messages if message.created is not None] or [now]

        def add(connection: Connection) -> int:
            row = (profile, kept(title), storable(service), _json(options), min(times), max(times))
            chat = int(connection.execute(_NEW_CHAT, row).lastrowid or 0)
            ids: list[int] = []
            for told in messages:
                at = told.created or times[0]
                parent = None if told.parent is None else ids[told.parent]
                values = (chat, parent, told.role, kept(told.text), kept(told.reasoning), "complete")
                new = connection.execute(_NEW_MESSAGE, (*values, _json(told.meta), owner, at, at))
                ids.append(int(new.lastrowid or 0))
                add_files(connection, ids[-1], told.files)
            if leaf is not None:
                connection.execute("UPDATE chats SET leaf = ? WHERE id = ?", (ids[leaf], chat))
            return chat

        return await self._store.write(add)

    async def rename_chat(self, chat: int, title: str) -> None:
        """Give a chat another title."""
        await self._set_chat(chat, title=kept(title))

    async def pin_chat(self, chat: int, pinned: bool = True) -> None:
        """Keep a chat at the top of the list, or no longer."""
        await self._set_chat(chat, pinned=int(pinned))

    async def set_chat(self, chat: int, *, service: str, options: Mapping[str, Any]) -> None:
        """Remember what a chat talks to and how."""
        await self._set_chat(chat, service=storable(service), options=_json(options))

    async def show_branch(self, chat: int, leaf: int | None) -> None:
        """Remember which branch of a chat is shown, by its last message; the next message makes it the newest again."""
        await self._set_chat(chat, leaf=leaf)

    async def delete_chat(self, chat: int) -> None:
        """Delete a chat, its messages and its draft; the space is overwritten."""

        def delete(connection: Connection) -> None:
            connection.execute("DELETE FROM chats WHERE id = ?", (chat,))
            connection.execute("DELETE FROM drafts WHERE place IN (?, ?)", (str(chat), files_of(chat)))
            forget_traces(connection)

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

        def add(connection: Connection) -> int:
            # An answer can be of megabytes: it is searched for secrets in this thread.
            row = (chat, parent_id, role, kept(text), kept(reasoning), state, _json(meta), owner, now, now)
            message = int(connection.execute(_NEW_MESSAGE, row).lastrowid or 0)
            connection.execute("UPDATE chats SET changed = ?, leaf = NULL WHERE id = ?", (now, chat))
            return message

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
        said = {name: value for name, value in {"text": text, "reasoning": reasoning}.items() if value is not None}
        given = {"state": state, "meta": None if meta is None else _json(meta)}
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        changes |= {"owner": self._store.owner, "changed": self._store.now()}
        columns = ", ".join(f"{name} = ?" for name in (*said, *changes))
        query = f"UPDATE messages SET {columns} WHERE id = ?"  # noqa: S608

        def update(connection: Connection) -> None:
            connection.execute(query, (*map(kept, said.values()), *changes.values(), message))

        await self._store.write(update)

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
                row = (str(chat), kept(text), self._store.now())
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


def files_of(place: int | str) -> str:
    """Give the place where the files of an unsent text are named."""
    return f"{place}/files"


def _check_state(state: str) -> None:
    if state not in MESSAGE_STATES:
        raise ValueError(f"{state} is not a state of a message")


def _json(value: Mapping[str, Any] | None) -> str:
    return json.dumps(dict(value or {}), default=str)


def _chat(row: Row) -> Chat:
    known = {name: row[name] for name in Chat.__slots__ if name in row.keys()}  # noqa: SIM118 a Row has no `in`
    return Chat(**{**known, "options": json.loads(row["options"]), "pinned": bool(row["pinned"])})


def _message(row: Row) -> Message:
    values: dict[str, Any] = {name: row[name] for name in Message.__slots__}
    return Message(**{**values, "meta": json.loads(row["meta"])})
