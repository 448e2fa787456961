"""The tables of the journal: version 1 of the schema, and what each later version changed.

Times are seconds since the epoch, amounts decimal text.
"""

from __future__ import annotations

TABLES: tuple[str, ...] = (
    """CREATE TABLE intents (
        id INTEGER PRIMARY KEY AUTOINCREMENT, profile TEXT NOT NULL, face TEXT NOT NULL, command TEXT NOT NULL,
        summary TEXT NOT NULL, item TEXT, worst_usd TEXT NOT NULL, usd_per_hour TEXT, target_kind TEXT NOT NULL,
        target_id TEXT NOT NULL, target_name TEXT NOT NULL, cap_usd TEXT, request_hash TEXT NOT NULL,
        preview_json TEXT NOT NULL, conversation TEXT, owner TEXT NOT NULL, state TEXT NOT NULL, cost_usd TEXT,
        estimate INTEGER NOT NULL DEFAULT 0, request_id TEXT, object_id TEXT, note TEXT,
        created REAL NOT NULL, changed REAL NOT NULL, ended REAL)""",
    "CREATE INDEX intents_by_day ON intents (profile, created)",
    "CREATE INDEX intents_by_item ON intents (item, id)",
    "CREATE INDEX intents_by_state ON intents (profile, state)",
    "CREATE INDEX machines ON intents (profile, ended) WHERE usd_per_hour IS NOT NULL",
    """CREATE TABLE intent_events (
        id INTEGER PRIMARY KEY AUTOINCREMENT, intent_id INTEGER NOT NULL REFERENCES intents (id), at REAL NOT NULL,
        state TEXT NOT NULL, cost_usd TEXT, estimate INTEGER NOT NULL DEFAULT 0, request_id TEXT, object_id TEXT,
        note TEXT)""",
    "CREATE INDEX events_of_intent ON intent_events (intent_id)",
    """CREATE TABLE caps (
        id INTEGER PRIMARY KEY AUTOINCREMENT, profile TEXT NOT NULL, day TEXT NOT NULL, usd TEXT NOT NULL,
        at REAL NOT NULL)""",
    """CREATE TABLE plans (
        id INTEGER PRIMARY KEY AUTOINCREMENT, profile TEXT NOT NULL, command TEXT NOT NULL, summary TEXT NOT NULL,
        owner TEXT NOT NULL, created REAL NOT NULL, finished REAL, clean INTEGER)""",
    """CREATE TABLE plan_steps (
        id INTEGER PRIMARY KEY AUTOINCREMENT, plan_id INTEGER NOT NULL REFERENCES plans (id), name TEXT NOT NULL,
        state TEXT NOT NULL, ids TEXT NOT NULL, at REAL NOT NULL)""",
    "CREATE INDEX steps_of_plan ON plan_steps (plan_id)",
    """CREATE TABLE requests (
        id INTEGER PRIMARY KEY AUTOINCREMENT, profile TEXT NOT NULL, face TEXT NOT NULL, command TEXT NOT NULL,
        method TEXT NOT NULL, url TEXT NOT NULL, family TEXT NOT NULL, started REAL NOT NULL, seconds REAL NOT NULL,
        number INTEGER NOT NULL, status INTEGER, error TEXT, message TEXT NOT NULL, request_id TEXT,
        sent INTEGER NOT NULL, bytes_out INTEGER NOT NULL, bytes_in INTEGER NOT NULL)""",
    """CREATE TABLE chats (
        id INTEGER PRIMARY KEY AUTOINCREMENT, profile TEXT NOT NULL, title TEXT NOT NULL, service TEXT NOT NULL,
        options TEXT NOT NULL, pinned INTEGER NOT NULL DEFAULT 0, created REAL NOT NULL, changed REAL NOT NULL)""",
    """CREATE TABLE messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT, chat_id INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
        parent_id INTEGER, role TEXT NOT NULL, text TEXT NOT NULL, reasoning TEXT NOT NULL, state TEXT NOT NULL,
        meta TEXT NOT NULL, owner TEXT NOT NULL, created REAL NOT NULL, changed REAL NOT NULL)""",
    "CREATE INDEX messages_of_chat ON messages (chat_id)",
    "CREATE INDEX messages_open ON messages (owner) WHERE state = 'streaming'",
    "CREATE TABLE drafts (place TEXT PRIMARY KEY, text TEXT NOT NULL, changed REAL NOT NULL)",
    """CREATE TABLE balances (
        id INTEGER PRIMARY KEY AUTOINCREMENT, profile TEXT NOT NULL, org_id TEXT NOT NULL, cents TEXT NOT NULL,
        at REAL NOT NULL)""",
    "CREATE INDEX balances_by_time ON balances (profile, at)",
    "CREATE TABLE prompts (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL, at REAL NOT NULL)",
)

CHANGES: tuple[tuple[str, ...], ...] = (
    (
        # 2: the branch that is shown, files of messages, named presets and templates
        "ALTER TABLE chats ADD COLUMN leaf INTEGER",
        """CREATE TABLE attachments (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            message_id INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
            name TEXT NOT NULL, media TEXT NOT NULL, data BLOB NOT NULL)""",
        "CREATE INDEX attachments_of_message ON attachments (message_id)",
        """CREATE TABLE shelf (
            kind TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, changed REAL NOT NULL,
            PRIMARY KEY (kind, name))""",
    ),
    (
        # 3: runs of models by the call
        """CREATE TABLE runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            profile TEXT NOT NULL, service TEXT NOT NULL, request_id TEXT NOT NULL, state TEXT NOT NULL,
            inputs TEXT NOT NULL, paths TEXT NOT NULL, variant TEXT NOT NULL, output TEXT NOT NULL, error TEXT NOT NULL,
            cost_usd TEXT, seconds REAL, files TEXT NOT NULL, created REAL NOT NULL)""",
        "CREATE INDEX runs_of_profile ON runs (profile, id)",
    ),
)
"""What brings version 1 to version 2, that to version 3, and so on."""

VERSION = 1 + len(CHANGES)
