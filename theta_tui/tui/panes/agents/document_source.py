"""What a document is made of: a file on disk, or typed text with a name. What it means is asked afterwards."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from theta_tui.tui.file_look import expanded
from theta_tui.tui.form import WHOLE, Form
from theta_tui.tui.form_fields import FieldKind, FieldSpec
from theta_tui.tui.modal import Modal

MOST_BYTES: Final = 20_000_000
"""Bytes of a document: it is read whole, and embedded piece by piece by the cloud."""
_FIELDS: Final = (
    FieldSpec("path", "file", FieldKind.FILE, help="A file on disk: text, markdown or a CSV table. ctrl+f chooses one.",
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


class DocumentSource(Modal[Source]):
    """Asks for the file or the text."""

    DEFAULT_CSS = """
    DocumentSource > .modal--frame { height: 100%; max-height: 22; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "take", show=False, priority=True)]
    AUTO_FOCUS = ""
    keys = (("Tab", "next"), ("ctrl+s", "go on"), ("Esc", "close"))

    def __init__(self, heading: str, *, filename: str = "", text: str = "") -> None:
        super().__init__()
        self._heading = heading
        given = {"filename": filename, "text": text}
        self._form = Form(_FIELDS, values={name: value for name, value in given.items() if value})

    @property
    def title_words(self) -> str:
        """What it is for."""
        return self._heading

    @property
    def form(self) -> Form:
        """The form inside."""
        return self._form

    def inside(self) -> Iterable[Widget]:
        """Give the form."""
        yield self._form

    def on_mount(self) -> None:
        """Begin at the first field."""
        first = self._form.first_focus()
        if first is not None:
            self.call_after_refresh(first.focus)

    def action_take(self) -> None:
        """Check, and go on."""
        self._form.action_submit()

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        event.stop()
        self.run_worker(self._take(), group="source", exclusive=True)

    async def _take(self) -> None:
        found = self._form.problems() or await self._form.file_problems()
        if not found:
            source, found = await self._source()
            if source is not None:
                self.dismiss(source)
                return
        self._form.complain(found)

    async def _source(self) -> tuple[Source | None, dict[str, str]]:
        """Give the document, or what is wrong and where."""
        values = self._form.values()
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
