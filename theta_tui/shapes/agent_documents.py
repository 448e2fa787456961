"""The documents of an agent, and what their commands need (wire 8.4): strict, since it is sent."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from theta_tui.shapes.agents import AgentRef
from theta_tui.shapes.base import Params, Shape, Table, Text, Whole, records

LONGEST_FILENAME = 255

_UNSAFE = re.compile(r"[/\\\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:; ?[\w-]+=[\w.+-]+)*", re.ASCII)
_GAPS = re.compile(r"[ \t\r\n]+")


def _metadata(value: object) -> object:
    """Read metadata also from the JSON text in which it was sent."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return {"description": value} if value else {}


class Document(Shape):
    """A document of an agent (AG-5, AG-7). The list gives no `content`; it is left out of every repr."""

    spellings: ClassVar[dict[str, str]] = {"documentid": "id", "createtime": "created_at"}

    id: Text = ""
    knowledge_base_id: Text = ""
    metadata: Annotated[Table, BeforeValidator(_metadata)] = Field(default_factory=dict)
    created_at: Text = ""
    embedding_token_count: Whole = None
    content: Text = Field("", repr=False)

    @property
    def filename(self) -> str:
        """The name it was uploaded under; empty when its metadata has none."""
        return str(self.metadata.get("filename") or "")

    @property
    def query_type(self) -> str:
        """How it is searched: `text` or `sql`."""
        return str(self.metadata.get("query_type") or "")

    @property
    def description(self) -> str:
        """What it is about, in its owner's words."""
        return str(self.metadata.get("description") or self.metadata.get("sql_description") or "")


class DocumentList(Shape):
    """One page of an agent's documents, from page 0 (AG-5); `total` counts documents and `pages` pages."""

    documents: tuple[Document, ...] = ()
    total: Whole = None
    pages: Whole = None
    page: int = 0
    number: int = 0

    @classmethod
    def of(cls, value: object, page: int, number: int) -> Self:
        """Read an AG-5 answer."""
        told = dict(value) if isinstance(value, Mapping) else {}
        return cls(
            documents=tuple(Document.read(item) for item in records(value, "documents", "items", "results", "data")),
            total=told.get("total_documents"),
            pages=told.get("total_pages"),
            page=page,
            number=number,
            raw=told,
        )

    @property
    def is_last(self) -> bool:
        """Whether no page follows: by the cloud's count, else because this one is not full."""
        if self.pages is not None:
            return self.page + 1 >= self.pages
        if self.total is not None:
            return (self.page + 1) * self.number >= self.total
        return len(self.documents) < self.number


class SavedDocument(Shape):
    """What became of a document: its id, and whether it was `created` or `updated` (AG-6, AG-8)."""

    id: Text = ""
    filename: str = ""
    outcome: Literal["created", "updated"] = "created"

    def as_json(self) -> Any:
        """Give the cloud's own answer, and what happened."""
        return {**self.raw, "id": self.id, "filename": self.filename, "outcome": self.outcome}


class DocumentListParams(AgentRef):
    """Which page of an agent's documents to list."""

    page: int = Field(0, description="Page, from 0.", examples=[0], ge=0)
    number: int = Field(30, description="Documents per page.", examples=[30], ge=1, le=1000)


class DocumentRef(AgentRef):
    """One document of an agent."""

    document_id: str = Field(description="Id of the document.", examples=["doc-0001"], min_length=1)


class DocumentFile(Params):
    """A file as it is given by the caller: its content, never a path."""

    filename: str = Field(description="Its name, without folders.", examples=["faq.txt"])
    content: str = Field(description="Its content.", examples=["Returns are free."], min_length=1, repr=False)
    encoding: Literal["utf8", "base64"] = Field("utf8", description="How content is written.", examples=["utf8"])
    content_type: str = Field("text/plain", description="Its media type.", examples=["text/csv"])

    @model_validator(mode="after")
    def _check_file(self) -> Self:
        name = self.filename
        if not name.strip(" .") or len(name.encode("utf-8", "replace")) > LONGEST_FILENAME or _UNSAFE.search(name):
            raise ValueError(
                f"filename must be a plain name of 1 to {LONGEST_FILENAME} bytes, without folders or control characters"
            )
        if not _MEDIA_TYPE.fullmatch(self.content_type):
            raise ValueError("contentType must be a media type such as text/plain")
        try:
            empty = not self.data
        except UnicodeEncodeError:
            raise ValueError("content holds half a character (a lone surrogate)") from None
        except binascii.Error:
            raise ValueError("content is not base64, as encoding says") from None
        if empty:
            raise ValueError("content is empty")
        return self

    @property
    def data(self) -> bytes:
        """The bytes of the file."""
        if self.encoding == "base64":
            return base64.b64decode(_GAPS.sub("", self.content).encode("utf-8"), validate=True)
        return self.content.encode("utf-8")


class SqlColumn(Params):
    """A column of a table."""

    name: str = Field(min_length=1)
    type: str = Field(min_length=1)


class SqlSchema(Params):
    """The table that a document holds."""

    table_name: str = Field(min_length=1)
    columns: tuple[SqlColumn, ...] = Field(min_length=1)


class Metadata(Params):
    """What a document is: a text with a description, or a table with its schema (wire 8.4)."""

    query_type: Literal["text", "sql"]
    description: str | None = Field(None, min_length=1)
    sql_schema: SqlSchema | None = None
    sql_description: str | None = Field(None, min_length=1)
    type: Literal["file"] = "file"
    filename: str | None = None

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        forms = {"text": {"description"}, "sql": {"sql_schema", "sql_description"}}
        told = {name for name in ("description", "sql_schema", "sql_description") if getattr(self, name) is not None}
        wanted = forms[self.query_type]
        if told != wanted:
            raise ValueError(f"of query_type {self.query_type} takes {' and '.join(sorted(wanted))}, nothing else")
        return self

    def as_sent(self, filename: str) -> dict[str, Any]:
        """Give the object as the official example sends it: with `type` and `filename`."""
        fields = self.model_dump(exclude_none=True)
        return {**fields, "filename": self.filename or filename}

    @property
    def line(self) -> str:
        """What it says, in one line for the review."""
        if self.sql_schema is None:
            return f"text: {self.description}"
        columns = ", ".join(f"{column.name} {column.type}" for column in self.sql_schema.columns)
        return f"sql: {self.sql_schema.table_name} ({columns}): {self.sql_description}"


class NewDocument(AgentRef):
    """A document to add to an agent (AG-6)."""

    file: DocumentFile = Field(
        description="filename, content, encoding (utf8 or base64) and contentType.",
        examples=[{"filename": "faq.txt", "content": "Returns are free within 30 days.", "contentType": "text/plain"}],
    )
    metadata: Metadata | None = Field(
        None,
        description="query_type text with description, or sql with sql_schema and sql_description.",
        examples=[{"query_type": "text", "description": "Frequent questions"}],
    )


class DocumentUpdate(NewDocument, DocumentRef):
    """A new content for a document (AG-8)."""

    create_if_missing: bool = Field(True, description="Create it when there is none of this id.", examples=[True])
