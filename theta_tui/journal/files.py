"""The journal's file: private from its first byte, opened with the right switches, set aside when damaged."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from theta_tui.journal.schema import CHANGES, TABLES, VERSION
from theta_tui.journal.text_index import keep_index

if TYPE_CHECKING:
    from sqlite3 import Connection, DatabaseError

_WORDS = {
    "SQLITE_BUSY": "it is locked by another program",
    "SQLITE_LOCKED": "it is locked by another program",
    "SQLITE_FULL": "the disk is full",
    "SQLITE_READONLY": "it cannot be written",
    "SQLITE_CANTOPEN": "it cannot be opened",
    "SQLITE_PERM": "it cannot be opened",
    "SQLITE_IOERR": "the disk reports an error",
}
_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


class Damaged(Exception):
    """The file is not a whole database."""


class Newer(Exception):
    """The file was written by a later version of this program; `connection` can only read it."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self.connection = connection


def open_database(path: Path, busy_seconds: float) -> Connection:
    """Open or create the journal's database; Damaged, Newer, OSError or sqlite3's error if it cannot be used."""
    import sqlite3

    _create_private(path)
    connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    connection.create_function("contains", 2, _contains, deterministic=True)
    try:
        _prepare(connection, busy_seconds)
    except Newer:
        raise
    except BaseException as error:
        connection.close()
        if isinstance(error, sqlite3.DatabaseError) and is_damage(error):
            raise Damaged from None
        raise
    return connection


def is_damage(error: DatabaseError) -> bool:
    """Whether an error of sqlite means that the file itself is broken."""
    return _name_of(error).startswith(_DAMAGE)


def words_for(error: DatabaseError) -> str:
    """Say in our words why the database cannot be used."""
    name = _name_of(error)
    return next((words for start, words in _WORDS.items() if name.startswith(start)), f"sqlite reports {name}")


def set_aside(path: Path, when: float) -> Path:
    """Rename a damaged journal and what belongs to it; give its new name. Nothing is deleted."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(when))
    number = 0
    while (kept := path.with_name(f"{path.name}.damaged-{stamp}{f'-{number}' if number else ''}")).exists():
        number += 1
    for ending in ("-wal", "-shm", ""):
        companion = path.with_name(path.name + ending)
        if companion.exists():
            companion.rename(kept.with_name(kept.name + ending))
    return kept


def _name_of(error: DatabaseError) -> str:
    return str(getattr(error, "sqlite_errorname", "") or type(error).__name__)


def _create_private(path: Path) -> None:
    for folder in reversed(path.absolute().parents):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
    # sqlite gives its -wal and -shm files the mode of the database.
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        if os.fstat(descriptor).st_mode & 0o077 and hasattr(os, "fchmod"):
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def _prepare(connection: Connection, busy_seconds: float) -> None:
    if connection.execute("PRAGMA user_version").fetchone()[0] > VERSION:
        connection.execute("PRAGMA query_only = ON")
        raise Newer(connection)
    _use_wal(connection, busy_seconds)
    for pragma in ("synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise Damaged
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        for statements in (TABLES, *CHANGES)[version:]:
            for statement in statements:
                connection.execute(statement)
        if version != VERSION:
            connection.execute(f"PRAGMA user_version = {VERSION}")
        keep_index(connection)
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _use_wal(connection: Connection, busy_seconds: float) -> None:
    """Switch to the write-ahead log; several processes doing so at once are told "locked" without any waiting."""
    import sqlite3

    deadline = time.monotonic() + busy_seconds
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not _name_of(error).startswith("SQLITE_BUSY") or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _contains(text: str | None, folded: str) -> bool:
    return folded in (text or "").casefold()
