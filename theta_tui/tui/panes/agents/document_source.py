"""What a document is made of: a file on disk, or typed text with a name. What it means is asked afterwards."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from theta_tui.tui.file_look import expanded
from theta_tui.tui.form import WHOLE
from theta_tui.tui.form_dialog import FormDialog
from theta_tui.tui.form_fields import FieldKind, FieldSpec

MOST_BYTES: Final = 20_000_000
"""Bytes of a document: it is read whole, and embedded piece by piece by the cloud."""
_FIELDS: Final = (
    FieldSpec("path", "file", FieldKind.FILE, help="A file on disk: text, markdown or a CSV table.",
              most_bytes=MOST_BYTES),
    FieldSpec("text", "or text", FieldKind.LONG, help="Typed or pasted text, in place of a file."),
    FieldSpec("filename", "its name", FieldKind.TEXT, help="What the text is called; .csv makes it a table.",
              example="faq.txt"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """A document's name and text; `content_type` is its media type."""

    filename: str
    text: str
    content_type: str


class DocumentSource(FormDialog[Source]):
    """Asks for the file or the text."""

    DEFAULT_CSS = """
    DocumentSource > .modal--frame { height: 100%; max-height: 22; }
    """
    keys = (("Tab", "next"), ("ctrl+s", "go on"), ("Esc", "close"))

    def __init__(self, heading: str, *, filename: str = "", text: str = "") -> None:
        given = {"filename": filename, "text": text}
        super().__init__(heading, _FIELDS, values={name: value for name, value in given.items() if value})

    async def made(self, values: Mapping[str, Any]) -> tuple[Source | None, dict[str, str]]:
        """Give the document, or what is wrong and where."""
        path, text = str(values.get("path") or ""), str(values.get("text") or "")
        if bool(path) == bool(text):
            return None, {WHOLE: "Give either a file or a text."}
        if path:
            file = expanded(path)
            try:
                text = await asyncio.to_thread(file.read_text, "utf-8")
            except (OSError, UnicodeDecodeError):
                return None, {"path": "This cannot be read as text in UTF-8; convert it to text first."}
            kind = mimetypes.guess_type(file.name)[0] or "text/plain"
            return Source(str(values.get("filename") or file.name), text, kind), {}
        name = str(values.get("filename") or "")
        if not name:
            return None, {"filename": "A text needs a name, such as faq.txt."}
        return Source(name, text, mimetypes.guess_type(name)[0] or "text/plain"), {}
