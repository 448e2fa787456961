"""The parts of a chat on the screen, the open chat in them, and what is not sent yet: its text and its files."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static, TextArea

from theta_tui.chats.book import ChatBook
from theta_tui.chats.files import MOST_FILES, is_image, read_file
from theta_tui.chats.target import Target
from theta_tui.errors import JournalUnavailable, UsageError
from theta_tui.tui import literal
from theta_tui.tui.panes.base import Pane
from theta_tui.tui.panes.chat.composer import Composer
from theta_tui.tui.panes.chat.dialogue import Dialogue
from theta_tui.tui.panes.chat.doing_line import DoingLine
from theta_tui.tui.panes.chat.file_line import FileLine
from theta_tui.tui.panes.chat.heading import Heading
from theta_tui.tui.panes.chat.page import Page
from theta_tui.tui.panes.chat.purse import purse_words
from theta_tui.tui.widgets.banner import Banner

if TYPE_CHECKING:
    from theta_tui.chats.thread import Question
    from theta_tui.journal import Attachment
    from theta_tui.tui.panes.chat.answering import Answering

DRAFT_SECONDS: Final = 0.5

_K: Final = "bold $footer-key-foreground"
_EMPTY: Final = Content.assemble(
    ("Ask anything.\n\n", "bold"),
    ("Enter", _K), " sends, ", ("ctrl+j", _K), " begins a new line, ", ("↑", _K), " brings back what was sent.\n",
    ("ctrl+o", _K), " takes another model, a machine or an agent of yours; ",
    ("ctrl+s", _K), " sets system prompt, temperature, length.\n",
    ("/", _K), " in the empty input shows what else there is: comparing models, files, templates, export.\n",
    ("Esc", _K), " stops an answer; again it leaves the input, for reading and copying.\n\n",
    ("The first message of a chat shows what it may cost before it is sent. Chats are kept on this machine only.",
     "$foreground-muted"),
)  # fmt: skip


class Drafting(Pane):
    """One chat: heading, transcript, what is under way, files that go along, input."""

    DEFAULT_CSS = """
    Drafting {
        & > #chat-empty { height: auto; padding: 1 2; display: none; }
        &.-empty > #chat-empty { display: block; }
        & > #chat-page { height: 1fr; }
        & > #chat-input { height: auto; max-height: 8; background: $surface; padding: 0 1; }
        & #chat-sign { width: 2; color: $foreground-muted; background: $surface; }
        & #chat-input:focus-within #chat-sign { color: $accent; text-style: bold; }
    }
    """
    draft_seconds: ClassVar[float] = DRAFT_SECONDS

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._heading = Heading()
        self._page = Page()
        self._doing = DoingLine()
        self._file_line = FileLine()
        self._composer = Composer()
        self._book: ChatBook | None = None
        self._dialogue: Dialogue | None = None
        self._is_open = False
        self._branch: Question | None = None
        self._files: dict[str, Attachment] = {}
        self._draft: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out heading, transcript, the line of what is under way, the files, and the input."""
        yield Banner()
        yield self._heading
        yield Static(_EMPTY, id="chat-empty", markup=False)
        yield self._page
        yield self._doing
        yield self._file_line
        with Horizontal(id="chat-input"):
            yield Static("❯ ", id="chat-sign", markup=False)
            yield self._composer

    @property
    def book(self) -> ChatBook:
        """The open chat."""
        if self._book is None:
            settings = self.session.settings
            self._book = ChatBook(self.session.journal, settings.profile, Target.service(settings.chat_service))
        return self._book

    @property
    def dialogue(self) -> Dialogue:
        """What asks and shows."""
        if self._dialogue is None:
            self._dialogue = Dialogue(self.session, self.console_app, self.book, self._page, self._follow)
        return self._dialogue

    def _follow(self, answering: Answering) -> None:
        """Show what the answer that has begun is doing."""

    def first_focus(self) -> Widget:
        """Write at once."""
        return self._composer

    def rest_focus(self) -> Widget:
        """Read, once the input is left."""
        return self._page

    @property
    def asked(self) -> tuple[Target, ...]:
        """Who is asked the next question."""
        return (self.book.target,)

    @property
    def pages(self) -> tuple[Page, ...]:
        """The transcripts that are shown."""
        return (self._page,)

    # Showing

    async def _show_chat(self, *, typed: str = "") -> None:
        """Show the open chat with its draft; a question that nobody answered is to be sent again."""
        thread = await self.dialogue.show()
        draft = typed or await self.book.draft()
        if not draft and thread and thread[-1].role == "user":
            draft = thread[-1].text
        self._composer.put(draft)
        self._branch = None
        self._doing.say("")
        await self._attach_again(await self.book.draft_files())
        await self._show_settings()

    async def _show_settings(self) -> None:
        self._heading.show(self.book.options, *self.asked)
        name = self.book.target.name if len(self.asked) == 1 else f"all {len(self.asked)}"
        self._composer.placeholder = Content.assemble("Ask ", literal.content(name))
        self.set_class(self._page.is_empty and len(self.asked) == 1, "-empty")
        self._doing.show_aside(await purse_words(self.session, self.book))

    # Drafts

    @on(TextArea.Changed, "#composer")
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        if not self._is_open:
            return
        if self._branch is not None and not self._composer.text:
            self._branch = None
        if self._composer.is_touched and self._branch is None:
            self._doing.say("")
        if self._draft is not None:
            self._draft.stop()
        self._draft = self.set_timer(self.draft_seconds, self._keep_draft)

    async def _keep_draft(self) -> None:
        self._draft = None
        try:
            await self.book.save_draft(self._composer.text)
        except JournalUnavailable as error:
            self.fail(error, cause="draft")

    async def _keep_draft_now(self) -> None:
        """Keep what was typed in the last moment."""
        if self._draft is not None:
            self._draft.stop()
            await self._keep_draft()

    async def on_unmount(self) -> None:
        """Lose nothing that was typed."""
        await self._keep_draft_now()

    # Files

    async def attach_file(self, path: str) -> None:
        """Let a file go with the next question, or say why it cannot."""
        try:
            file = await asyncio.to_thread(read_file, path)
            self._check_files({**self._files, path: file})
        except UsageError as error:
            self._doing.say(error.message)
        else:
            self._doing.say("")
            await self._take_files({**self._files, path: file})

    async def _attach_again(self, paths: list[str]) -> None:
        """Take up the files of a draft; those that are gone are named."""
        self._files = {}
        self._file_line.show(())
        for path in paths:
            await self.attach_file(path)

    async def _take_files(self, files: dict[str, Attachment]) -> None:
        self._files = files
        self._file_line.show(list(files.values()))
        try:
            await self.book.save_draft_files(list(files))
        except JournalUnavailable as error:
            self.fail(error, cause="draft")

    def _check_files(self, files: dict[str, Attachment]) -> None:
        """Raise UsageError if these cannot go with a question to this partner."""
        if len(files) > MOST_FILES:
            raise UsageError(f"{MOST_FILES} files are the most that go with one question.")
        images = [file for file in files.values() if is_image(file)]
        name = next((each.name for each in self.asked if not self.book.shows_images(each)), "")
        if images and name:
            raise UsageError(
                f"{name} takes no images as far as is known: {images[0].name} is not sent. "
                "ctrl+o takes another model; ctrl+s can say that this one does."
            )

    @on(Composer.Emptied)
    async def _take_last_file_away(self, event: Composer.Emptied) -> None:
        event.stop()
        if self._files:
            await self._take_files(dict(list(self._files.items())[:-1]))
