"""The full-text index of messages (SQLite's FTS5, trigrams, so that parts of words are found too).

It is kept by triggers of the connection and not of the file: a Python whose SQLite has no FTS5 can still write the
journal, and its messages are taken in when it is next opened by one that has. Without an index every text is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sqlite3 import Connection

SHORTEST: Final = 3
"""Characters that the index finds; shorter words are looked for in the texts themselves."""

_INDEX = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS found"
    " USING fts5(text, content='messages', content_rowid='id', tokenize='trigram')"
)
_ADD = "INSERT INTO found (rowid, text) VALUES (new.id, new.text);"
_DROP = "INSERT INTO found (found, rowid, text) VALUES ('delete', old.id, old.text);"
_TRIGGERS = (
    f"AFTER INSERT ON main.messages WHEN new.state <> 'streaming' BEGIN {_ADD} END",
    f"BEFORE DELETE ON main.messages WHEN old.state <> 'streaming' BEGIN {_DROP} END",
    f"BEFORE UPDATE OF text, state ON main.messages WHEN old.state <> 'streaming' BEGIN {_DROP} END",
    f"AFTER UPDATE OF text, state ON main.messages WHEN new.state <> 'streaming' BEGIN {_ADD} END",
)
_TAKE_IN = (
    "INSERT INTO found (rowid, text) SELECT id, text FROM messages"
    " WHERE state <> 'streaming' AND id NOT IN (SELECT id FROM found_docsize)"
)


def keep_index(connection: Connection) -> None:
    """Begin or go on with the index; without FTS5 there is none."""
    import sqlite3

    try:
        connection.execute(_INDEX)
    except sqlite3.OperationalError:
        return
    connection.execute(_TAKE_IN)
    for number, trigger in enumerate(_TRIGGERS):
        connection.execute(f"CREATE TEMP TRIGGER IF NOT EXISTS found_{number} {trigger}")


def forget_traces(connection: Connection) -> None:
    """Rewrite the index, so that nothing of deleted texts is left in it."""
    if _has_index(connection):
        connection.execute("INSERT INTO found (found) VALUES ('optimize')")


def words_of(search: str) -> list[str]:
    """Give the words to look for in a storable text."""
    return search.replace("\0", " ").split()


def matching(connection: Connection, words: Sequence[str]) -> tuple[str, list[Any]]:
    """Give the condition for a message that has all the words, and its values."""
    indexed = [word for word in words if len(word) >= SHORTEST] if _has_index(connection) else []
    parts, values = [], list[Any]()
    if indexed:
        parts.append("messages.id IN (SELECT rowid FROM found WHERE found MATCH ?)")
        values.append(" ".join('"' + word.replace('"', '""') + '"' for word in indexed))
    for word in words:
        if word not in indexed:
            parts.append("contains(text, ?)")
            values.append(word.casefold())
    if indexed:  # a text that is still growing is not in the index
        streaming = " AND ".join(["contains(text, ?)"] * len(words))
        parts = [f"({' AND '.join(parts)} OR messages.state = 'streaming' AND {streaming})"]
        values += [word.casefold() for word in words]
    return " AND ".join(parts), values


def _has_index(connection: Connection) -> bool:
    return connection.execute("SELECT 1 FROM temp.sqlite_master WHERE name = 'found_0'").fetchone() is not None
