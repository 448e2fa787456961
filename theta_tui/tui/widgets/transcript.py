"""The scrolling transcript of a chat: one widget, whatever its length, painted by a clock and only where lines changed.

Knows nothing of models, sessions or storage; `begin_answer` hands out an `Answer` to be fed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from math import ceil
from time import perf_counter
from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.strip import Strip
from textual.timer import Timer

from theta_tui.tui.widgets.answer import Answer
from theta_tui.tui.widgets.conversation import Conversation
from theta_tui.tui.widgets.conversation_view import ConversationView
from theta_tui.tui.widgets.entries import (
    Entry,
    EntryId,
    ErrorEntry,
    NoticeEntry,
    Stored,
    StoredAnswer,
    StoredError,
    StoredUser,
    UserEntry,
)
from theta_tui.tui.widgets.transcript_look import COMPONENTS, CSS

SLOT: Final = 0.05
"""Seconds between two paints while text streams in; more when a paint took over half of it."""
STEP: Final = 0.1
"""Seconds between the moments at which transcripts beside each other paint, all in one pass of the screen."""


class Transcript(ConversationView):
    """User messages, answers, notices and error cards. It follows its end until the user scrolls up."""

    DEFAULT_CSS = CSS
    COMPONENT_CLASSES: ClassVar[set[str]] = set(COMPONENTS)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "previous", "Previous message", show=False, id="transcript.previous"),
        Binding("down,j", "next", "Next message", show=False, id="transcript.next"),
        Binding("shift+up", "lines(-1)", "Line up", show=False, id="transcript.line_up"),
        Binding("shift+down", "lines(1)", "Line down", show=False, id="transcript.line_down"),
        Binding("pageup", "pages(-1.0)", "Page up", show=False, id="transcript.page_up"),
        Binding("pagedown", "pages(1.0)", "Page down", show=False, id="transcript.page_down"),
        Binding("ctrl+u", "pages(-0.5)", "Half a page up", show=False, id="transcript.half_up"),
        Binding("ctrl+d", "pages(0.5)", "Half a page down", show=False, id="transcript.half_down"),
        Binding("home,g", "home", "First message", show=False, id="transcript.home"),
        Binding("end,G", "end", "Follow the end", show=False, id="transcript.end"),
        Binding("enter,t", "fold", "Show or hide thinking", show=False, id="transcript.fold"),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self.in_step = False
        """Whether it paints at the same moments as others beside it."""
        self._numbers = 0
        self._moving: set[Answer] = set()
        self._timer: Timer | None = None
        self._painted = 0.0
        self._slot = SLOT
        self._drawing = 0.0

    def add_user(self, text: str, notes: Sequence[str] = ()) -> EntryId:
        """Add a message of the user, with notes of ours below it.

        Whoever sends one wants to see the answer: the end is followed again.
        """
        self.following = True
        return self._add(UserEntry(self._number(), text, notes))

    def begin_answer(self, title: str) -> Answer:
        """Add an answer to be fed; `title` names the model and the time."""
        cold = "pygments.lexers" not in sys.modules or "markdown_it" not in sys.modules
        if cold and self.is_running:
            self.run_worker(_warm_up, thread=True, group="transcript", name="warm up")
        answer = Answer(self._number(), title, self._moved)
        self._add(answer)
        return answer

    def add_notice(self, text: str, role: str) -> EntryId:
        """Add a remark of the program: role `info`, `good`, `warning` or `system`."""
        return self._add(NoticeEntry(self._number(), text, role))

    def add_error(self, title: str, lines: Sequence[str], hint: str) -> EntryId:
        """Add a card that stays: what happened, what was said about it, what to do next."""
        return self._add(ErrorEntry(self._number(), title, lines, hint))

    def take_back(self, entry: EntryId) -> None:
        """Remove an entry: a message that was not sent after all. Raises KeyError."""
        self._moving = {answer for answer in self._moving if answer.number != entry}
        self.conversation.remove(entry)
        self._cursor = None if self._cursor == entry else self._cursor
        self._arrange()

    def load(self, entries: Iterable[Stored]) -> list[EntryId]:
        """Show a stored chat in place of all there is, from its end. Nothing is made into lines before it is seen."""
        self.clear()
        added = [self._stored(stored) for stored in entries]
        for entry in added:
            self.conversation.add(entry)
        self._arrange()
        return [entry.number for entry in added]

    def clear(self) -> None:
        """Remove everything."""
        self.conversation = Conversation()
        self._moving.clear()
        self._cursor = self._spot = None
        self.following = True
        self._arrange()

    @property
    def entry_at_cursor(self) -> EntryId | None:
        """The message the cursor is on."""
        return self._cursor

    def show_entry(self, entry: EntryId) -> None:
        """Put the cursor on an entry and bring it into view. Raises KeyError."""
        self._cursor = self.conversation.entry(entry).number
        self._reveal(entry)

    def entry_ids(self) -> list[EntryId]:
        """All entries, from the top."""
        return [entry.number for entry in self.conversation]

    def copy_text(self, entry: EntryId) -> str:
        """The text of an entry for the clipboard, hostile characters inert. Raises KeyError."""
        return self.conversation.entry(entry).copy_text()

    def code_blocks(self, entry: EntryId) -> list[str]:
        """The sources of an answer's code blocks, in the order of their numbers; none for other entries."""
        found = self.conversation.entry(entry)
        return found.code_blocks() if isinstance(found, Answer) else []

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines for the screen; the time they take counts for the clock."""
        began = perf_counter()
        strips = super().render_lines(crop)
        self._drawing += perf_counter() - began
        return strips

    def on_mount(self) -> None:
        """Show what was fed before there was a screen."""
        self.call_after_refresh(self._paint)

    def on_unmount(self) -> None:
        """Stop the clock."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def on_click(self, event: events.Click) -> None:
        """Follow the end, fold the reasoning, or put the cursor on a message."""
        if self.new_lines and event.y == self.size.height - 1:
            self.action_end()
            return
        spot = self.conversation.spot(self.scroll_offset.y + event.y)
        if spot is not None:
            self._cursor = spot.entry.number
            if isinstance(spot.entry, Answer) and spot.entry.folds_at(spot.piece):
                spot.entry.fold()
            self._repaint()

    def action_home(self) -> None:
        """Go to the first message."""
        self._cursor = next((entry.number for entry in self.conversation), None)
        self._go(0, 0)

    def action_end(self) -> None:
        """Go to the end and follow it."""
        numbers = self.entry_ids()
        self._cursor = numbers[-1] if numbers and self._cursor is not None else None
        self.follow()
        self.post_message(self.Scrolled(self))

    def follow(self) -> None:
        """Keep the end in view from now on, without telling anybody."""
        self.following = True
        self._arrange()

    def action_previous(self) -> None:
        """Put the cursor on the message above."""
        self._step(-1)

    def action_next(self) -> None:
        """Put the cursor on the message below."""
        self._step(1)

    def action_fold(self) -> None:
        """Unfold or fold the reasoning of the answer at the cursor, else of the last one that has any."""
        entries = list(self.conversation)
        if self._cursor is not None:
            entries = [self.conversation.entry(self._cursor)]
        for entry in reversed(entries):
            if isinstance(entry, Answer) and entry.has_reasoning:
                entry.fold()
                return

    def _number(self) -> EntryId:
        self._numbers += 1
        return EntryId(self._numbers)

    def _add(self, entry: Entry) -> EntryId:
        self.conversation.add(entry)
        self._arrange()
        return entry.number

    def _stored(self, stored: Stored) -> Entry:
        number = self._number()
        if isinstance(stored, StoredUser):
            return UserEntry(number, stored.text, stored.notes)
        if isinstance(stored, StoredAnswer):
            return Answer.stored(number, stored, self._moved)
        if isinstance(stored, StoredError):
            return ErrorEntry(number, stored.title, stored.lines, stored.hint)
        return NoticeEntry(number, stored.text, stored.role)

    def _moved(self, answer: Answer) -> None:
        """An answer has something to show: paint when the clock says so, its end and its first words at once."""
        if answer.number not in self.conversation:
            return
        self._moving.add(answer)
        if not self.is_running:
            return
        if answer.finished and not answer.behind:
            self._paint()
        else:
            self._wind_up()

    def _wind_up(self) -> None:
        if self._timer is None:
            now = perf_counter()
            when = max(self._painted + self._slot, now + 0.001)
            wait = (ceil(when / STEP) * STEP if self.in_step else when) - now
            self._timer = self.set_timer(wait, self._paint, name="transcript clock")

    def _paint(self) -> None:
        """One tick. The clock is not wound up again before something moves."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        began = perf_counter()
        moving, self._moving = self._moving, set()
        for answer in moving:
            answer.advance()
            self.conversation.touch(answer.number)
            if answer.behind:
                self._moved(answer)
        self._arrange()
        self._painted = perf_counter()
        self._slot = max(SLOT, 2 * (self._painted - began + self._drawing))
        self._drawing = 0.0

    def _step(self, by: int) -> None:
        numbers = self.entry_ids()
        if not numbers:
            return
        if self._cursor is None:
            last = self.conversation.spot(min(self.scroll_offset.y + self.size.height, self.conversation.height) - 1)
            self._cursor = last.entry.number if last is not None else numbers[-1]
        else:
            at = numbers.index(self._cursor) + by
            self._cursor = numbers[max(0, min(at, len(numbers) - 1))]
        self._reveal(self._cursor)

    def _reveal(self, number: EntryId) -> None:
        """Scroll as little as it takes to see a message, or its beginning if it is too long for the view."""
        paper, rows, top = self._paper, self.size.height, self.scroll_offset.y
        if paper is None:
            return
        self.conversation.entry(number).open()
        self.conversation.touch(number)
        begin, height = self.conversation.start(number), self.conversation.entry(number).height
        if begin < top:
            self._go(begin, begin)
        elif begin + height > top + rows:
            self._go(min(begin, begin + height - rows), begin)
        else:
            self._repaint()


def _warm_up() -> None:
    """Import what colours text in a thread, so that the first answer does not have to wait for it."""
    import markdown_it
    import pygments.lexers  # type: ignore[import-untyped]

    _ = (markdown_it, pygments)
