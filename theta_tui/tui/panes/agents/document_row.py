"""One line of an agent's documents: what it is, how it is searched, how long it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from theta_tui.shapes.agent_documents import Document
from theta_tui.shapes.base import parts
from theta_tui.tui.panes.agents.agent_row import age_words, newest_last
from theta_tui.tui.widgets.details import Fact
from theta_tui.tui.widgets.record_table import Cell, Column
from theta_tui.tui.words import UNKNOWN, count, since

_KINDS = {"sql": "table", "text": "text"}


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document of the agent `chatbot_id`; `note` is what is being done to it."""

    document: Document
    chatbot_id: str
    note: str = ""

    @property
    def fault(self) -> str:
        """What kept it from being read."""
        return self.document.fault

    @property
    def key(self) -> str:
        """What identifies it."""
        return self.document.id or self.document.filename

    @property
    def name(self) -> str:
        """What to call it: its file's name, else its id."""
        return self.document.filename or self.key

    @property
    def kind(self) -> str:
        """How it is searched: `table`, `text`, or what the cloud calls it."""
        told = self.document.query_type
        return _KINDS.get(told, told or UNKNOWN)


def _kind_cell(row: DocumentRow) -> Cell:
    if row.note:
        return f"◌ {row.note}", "warn"
    glyph = {"table": "▦", "text": "¶"}.get(row.kind, "·")
    return f"{glyph} {row.kind}", "accent" if row.kind == "table" else "muted"


COLUMNS: tuple[Column[DocumentRow], ...] = (
    Column("name", "DOCUMENT", lambda row: row.name, priority=1, grow=True, min_width=12, max_width=40),
    Column("kind", "KIND", _kind_cell, priority=2, min_width=7),
    Column("tokens", "TOKENS", lambda row: count(row.document.embedding_token_count), priority=4, numeric=True,
           sort=lambda row: row.document.embedding_token_count),
    Column("age", "AGE", lambda row: age_words(row.document.created_at), priority=3, align="right", volatile=True,
           sort=lambda row: newest_last(row.document.created_at)),
    Column("about", "ABOUT", lambda row: row.document.description or ("–", "muted"), priority=5, grow=True,
           min_width=12, max_width=60),
)  # fmt: skip


def facts(row: DocumentRow) -> list[Fact]:
    """Give what is known of a document without reading it."""
    document = row.document
    return [
        ("Document", row.name),
        ("Kind", row.kind),
        ("About", document.description),
        *schema_facts(document.metadata.get("sql_schema")),
        ("Tokens", count(document.embedding_token_count)),
        ("Added", since(document.created_at)),
        ("Knowledge", document.knowledge_base_id),
        ("Id", document.id),
    ]


def schema_facts(schema: Any) -> list[Fact]:
    """Give table and columns of a schema as the cloud tells it; nothing where it tells none."""
    if not isinstance(schema, Mapping):
        return []
    listed = (column for column in parts(schema.get("columns")) if isinstance(column, Mapping))
    columns = [f"{column.get('name', '?')}  {column.get('type', '?')}" for column in listed]
    return [("Table", str(schema.get("table_name") or UNKNOWN)), ("Columns", "\n".join(columns))]
