"""The list of stored chats: open, rename, delete after asking, search in titles and in every message."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from theta_tui.errors import JournalUnavailable
from theta_tui.tui import literal
from theta_tui.tui.modal import Modal
from theta_tui.tui.widgets.record_messages import Opened
from theta_tui.tui.widgets.record_table import Cell, Column, RecordTable
from theta_tui.tui.words import span

if TYPE_CHECKING:
    from theta_tui.journal import Hit, Journal
    from theta_tui.journal.chats import Chat

MOST: Final = 1_000


@dataclass(frozen=True, slots=True)
class ChatRow:
    """A chat and how many messages it has."""

    chat: Chat
    messages: int
    is_open: bool
    excerpt: str = ""


def _when(row: ChatRow) -> str:
    ago = time.time() - row.chat.changed
    if ago < 86_400:
        return f"{span(max(ago, 10.0))} ago" if ago >= 10 else "just now"
    return datetime.fromtimestamp(row.chat.changed).strftime("%Y-%m-%d")


def _title_cell(row: ChatRow) -> Cell:
    words = f"{'▴ ' if row.chat.pinned else ''}{row.chat.title or '(no title)'}"
    return (words, "accent") if row.is_open else words


COLUMNS: Final = (
    Column[ChatRow](
        "title", "TITLE", _title_cell,
        grow=True, min_width=16, max_width=60, priority=0,
    ),
    Column[ChatRow]("when", "WHEN", _when, align="right", sort=lambda row: row.chat.changed, volatile=True, priority=1),
    Column[ChatRow]("model", "MODEL", lambda row: row.chat.service, priority=2, max_width=20),
    Column[ChatRow](
        "messages", "MESSAGES", lambda row: str(row.messages), numeric=True, sort=lambda row: row.messages, priority=3
    ),
    Column[ChatRow]("found", "FOUND", lambda row: row.excerpt or ("–", "muted"), priority=2, min_width=16, max_width=84,
                    grow=True),
)  # fmt: skip


class ChatList(Modal["Chat"]):
    """A table of chats. The line below it takes a search, a new title, or the yes to a deletion."""

    DEFAULT_CSS = """
    ChatList {
        & > .modal--frame { height: 100%; max-height: 26; max-width: 110; }
        & RecordTable { height: 1fr; background: $surface; }
        & #chats-line { display: none; }
        & #chats-line.-open { display: block; }
        & #chats-words { height: 1; color: $foreground-muted; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "delete", show=False),
        Binding("y", "confirm", show=False),
        Binding("n", "keep", show=False),
        Binding("r", "rename", show=False),
        Binding("p", "pin", show=False),
        Binding("slash", "search", show=False),
    ]
    AUTO_FOCUS = "#chats"
    heading = "Chats"
    keys = (("Enter", "open"), ("/", "search"), ("p", "pin"), ("r", "rename"), ("d", "delete"), ("Esc", "close"))

    def __init__(self, journal: Journal, profile: str, current: int | None, *, searching: bool = False) -> None:
        super().__init__()
        self._is_searching = searching
        self._journal = journal
        self._profile = profile
        self._current = current
        self._search = ""
        self._mode = ""
        self._condemned: ChatRow | None = None
        self._hits: dict[int, Hit] = {}
        self.deleted: set[int] = set()
        self.renamed: dict[int, str] = {}
        empty = "No chats yet. What you ask is kept here, on this machine only."
        self._table = RecordTable[ChatRow](COLUMNS, lambda row: str(row.chat.id), empty=empty, marks=False, id="chats")

    def inside(self) -> Iterable[Widget]:
        """Give table, input line, and the line of words."""
        yield self._table
        yield Input(id="chats-line", select_on_focus=False)
        yield Static("", id="chats-words", markup=False)

    def on_mount(self) -> None:
        """Read the list."""
        self._fill_soon()
        if self._is_searching:
            self.call_after_refresh(self.action_search)

    def _fill_soon(self) -> None:
        self.run_worker(self._fill(), exclusive=True, group="fill")

    async def _fill(self) -> None:
        chats = await self._journal.chats(MOST, self._search or None, self._profile)
        counts = await self._journal.message_counts(self._profile)
        self._hits = await self._journal.hits(self._search, self._profile) if self._search else {}
        told = {chat: hit.excerpt for chat, hit in self._hits.items()}
        self._table.set_rows([ChatRow(chat, counts.get(chat.id, 0), chat.id == self._current, told.get(chat.id, ""))
                              for chat in chats])  # fmt: skip
        if self._search:
            self._say(literal.content(f"{len(chats)} with “{self._search}” in title or messages; Esc shows all"))

    def _say(self, words: Content) -> None:
        self.query_one("#chats-words", Static).update(words)

    @on(Opened)
    def _opened(self, event: Opened) -> None:
        self.dismiss(event.row.chat)

    def action_search(self) -> None:
        """Begin a search."""
        self._begin_line("search", self._search, "Search titles and messages")

    def action_rename(self) -> None:
        """Begin a new title for the row."""
        row = self._table.cursor_row
        if row is not None:
            self._begin_line("rename", row.chat.title, "New title")

    def found_in(self, chat: Chat) -> int | None:
        """Give the message in which the search found something in a chat."""
        hit = self._hits.get(chat.id)
        return hit.message_id if hit is not None else None

    async def action_pin(self) -> None:
        """Keep the row at the top, or no longer."""
        row = self._table.cursor_row
        if row is not None:
            await self._write(self._journal.pin_chat(row.chat.id, not row.chat.pinned))

    def action_delete(self) -> None:
        """Ask whether the row is to go."""
        self._condemned = self._table.cursor_row
        if self._condemned is not None:
            title = literal.content(self._condemned.chat.title, style="bold").truncate(40, ellipsis=True)
            question = Content.assemble(("Delete ", "$text-warning"), title, (" for good?  ", "$text-warning"),
                                        ("y", "bold"), " yes  ", ("n", "bold"), " no")  # fmt: skip
            self._say(question)

    async def action_confirm(self) -> None:
        """Delete the row that was asked about."""
        row, self._condemned = self._condemned, None
        if row is not None:
            await self._write(self._delete(row))

    def action_keep(self) -> None:
        """Keep the row that was asked about."""
        self._condemned = None
        self._say(Content(""))

    def action_close(self) -> None:
        """Take back one step, else close."""
        if self._condemned is not None:
            self.action_keep()
        elif self._mode:
            self._end_line()
        elif self._search:
            self._search = ""
            self._say(Content(""))
            self._fill_soon()
        else:
            self.dismiss(None)

    def _begin_line(self, mode: str, value: str, placeholder: str) -> None:
        self._mode, self._condemned = mode, None
        line = self.query_one("#chats-line", Input)
        line.placeholder, line.value = placeholder, literal.plain(value)
        line.add_class("-open")
        line.focus()

    def _end_line(self) -> None:
        self._mode = ""
        self.query_one("#chats-line").remove_class("-open")
        self._table.focus()

    @on(Input.Changed, "#chats-line")
    def _typed(self, event: Input.Changed) -> None:
        if self._mode == "search":
            self._search = event.value.strip()
            self._fill_soon()

    @on(Input.Submitted, "#chats-line")
    async def _entered(self, event: Input.Submitted) -> None:
        row, mode = self._table.cursor_row, self._mode
        self._end_line()
        if mode == "rename" and row is not None and event.value.strip():
            await self._write(self._rename(row, event.value.strip()))

    async def _rename(self, row: ChatRow, title: str) -> None:
        await self._journal.rename_chat(row.chat.id, title)
        self.renamed[row.chat.id] = title

    async def _delete(self, row: ChatRow) -> None:
        await self._journal.delete_chat(row.chat.id)
        self.deleted.add(row.chat.id)
        self._say(literal.content(f"Deleted “{row.chat.title}”."))

    async def _write(self, work: Awaitable[None]) -> None:
        try:
            await work
        except JournalUnavailable as error:
            self._say(literal.content(error.message, style="$text-error"))
        self._fill_soon()
