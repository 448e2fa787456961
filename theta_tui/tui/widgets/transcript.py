"""The scrolling transcript of a chat: one widget, whatever its length, painted by a clock and only where lines changed.

Knows nothing of models, sessions or storage; `begin_answer` hands out an `Answer` to be fed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import ClassVar, Final

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollDown, ScrollTo, ScrollUp
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from theta_tui.tui.widgets.answer import Answer
from theta_tui.tui.widgets.conversation import Conversation, Spot
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
from theta_tui.tui.widgets.transcript_look import COMPONENTS, CSS, GUTTER, Look, Paper

SLOT: Final = 0.05
"""Seconds between two paints while text streams in; more when a paint took over half of it."""


class Transcript(ScrollView, can_focus=True):
    """User messages, answers, notices and error cards. It follows its end until the user scrolls up."""

    DEFAULT_CSS = CSS
    COMPONENT_CLASSES: ClassVar[set[str]] = set(COMPONENTS)
    ALLOW_SELECT = False
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
        self.auto_links = False
        self.following = True
        """Whether the last line is kept in view."""
        self._conversation = Conversation()
        self._numbers = 0
        self._cursor: EntryId | None = None
        self._paper: Paper | None = None
        self._spot: Spot | None = None
        self._rows: list[Strip] = []
        self._left: tuple[int, int] = (0, 0)
        self._moving: set[Answer] = set()
        self._timer: Timer | None = None
        self._painted = 0.0
        self._slot = SLOT
        self._drawing = 0.0
        self._placing = False

    def add_user(self, text: str) -> EntryId:
        """Add a message of the user. Whoever sends one wants to see the answer: the end is followed again."""
        self.following = True
        return self._add(UserEntry(self._number(), text))

    def begin_answer(self, title: str) -> Answer:
        """Add an answer to be fed; `title` names the model and the time."""
        if "pygments" not in sys.modules or "markdown_it" not in sys.modules:
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

    def load(self, entries: Iterable[Stored]) -> list[EntryId]:
        """Show a stored chat in place of all there is, from its end. Nothing is made into lines before it is seen."""
        self.clear()
        added = [self._stored(stored) for stored in entries]
        for entry in added:
            self._conversation.add(entry)
        self._arrange()
        return [entry.number for entry in added]

    def clear(self) -> None:
        """Remove everything."""
        self._conversation = Conversation()
        self._moving.clear()
        self._cursor = self._spot = None
        self.following = True
        self._arrange()

    @property
    def entry_at_cursor(self) -> EntryId | None:
        """The message the cursor is on."""
        return self._cursor

    def entry_ids(self) -> list[EntryId]:
        """All entries, from the top."""
        return [entry.number for entry in self._conversation]

    def copy_text(self, entry: EntryId) -> str:
        """The text of an entry for the clipboard, hostile characters inert. Raises KeyError."""
        return self._conversation.entry(entry).copy_text()

    def code_blocks(self, entry: EntryId) -> list[str]:
        """The sources of an answer's code blocks, in the order of their numbers; none for other entries."""
        found = self._conversation.entry(entry)
        return found.code_blocks() if isinstance(found, Answer) else []

    @property
    def new_lines(self) -> int:
        """Lines that came below since the user scrolled up; 0 while the end is followed."""
        if self.following:
            return 0
        count, height = self._left
        entries = self._conversation.entries
        if not 0 < count <= len(entries.parts):
            return 0
        return max(0, entries.height - entries.start(count - 1) - height)

    def render_line(self, y: int) -> Strip:
        """A line of the view, as made by the last paint."""
        return self._rows[y] if y < len(self._rows) else Strip.blank(self.size.width)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines for the screen; the time they take counts for the clock."""
        began = perf_counter()
        strips = super().render_lines(crop)
        self._drawing += perf_counter() - began
        return strips

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Somebody scrolled: make what comes into view exact."""
        old, new = round(old_value), round(new_value)
        beyond = old > self.max_scroll_y
        if not self._placing and old != new and not beyond:
            self._go(new, old)
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = self.scroll_y

    def notify_style_update(self) -> None:
        """The stylesheet or the theme may have changed."""
        super().notify_style_update()
        if self._paper is not None and self.is_running:
            self.call_next(self._restyle)

    def on_resize(self) -> None:
        """Another width is another paper; what was at the top stays there."""
        self._take_paper()
        self._arrange()

    def on_focus(self) -> None:
        """Show the cursor."""
        self._repaint()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self._repaint()

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
        spot = self._conversation.spot(self.scroll_offset.y + event.y)
        if spot is not None:
            self._cursor = spot.entry.number
            if isinstance(spot.entry, Answer) and spot.entry.folds_at(spot.piece):
                spot.entry.fold()
            self._repaint()

    def on_scroll_to(self, message: ScrollTo) -> None:
        """The thumb is dragged: go there at once, a moving target would be corrected twice."""
        message.prevent_default().stop()
        if message.y is not None:
            self._go(round(message.y), self.scroll_offset.y)

    def on_scroll_up(self, message: ScrollUp) -> None:
        """A click above the thumb."""
        message.prevent_default().stop()
        self.action_pages(-1.0)

    def on_scroll_down(self, message: ScrollDown) -> None:
        """A click below the thumb."""
        message.prevent_default().stop()
        self.action_pages(1.0)

    def action_lines(self, count: int) -> None:
        """Scroll by lines."""
        self._go(self.scroll_offset.y + count, self.scroll_offset.y)

    def action_pages(self, count: float) -> None:
        """Scroll by pages, two lines of the old one staying in view."""
        step = max(1, round(abs(count) * max(self.size.height - 2, 1)))
        self.action_lines(step if count > 0 else -step)

    def action_home(self) -> None:
        """Go to the first message."""
        self._cursor = next((entry.number for entry in self._conversation), None)
        self._go(0, 0)

    def action_end(self) -> None:
        """Go to the end and follow it."""
        self.following = True
        numbers = self.entry_ids()
        self._cursor = numbers[-1] if numbers and self._cursor is not None else None
        self._arrange()

    def action_previous(self) -> None:
        """Put the cursor on the message above."""
        self._step(-1)

    def action_next(self) -> None:
        """Put the cursor on the message below."""
        self._step(1)

    def action_fold(self) -> None:
        """Unfold or fold the reasoning of the answer at the cursor, else of the last one that has any."""
        entries = list(self._conversation)
        if self._cursor is not None:
            entries = [self._conversation.entry(self._cursor)]
        for entry in reversed(entries):
            if isinstance(entry, Answer) and entry.has_reasoning:
                entry.fold()
                return

    def _number(self) -> EntryId:
        self._numbers += 1
        return EntryId(self._numbers)

    def _add(self, entry: Entry) -> EntryId:
        self._conversation.add(entry)
        self._arrange()
        return entry.number

    def _stored(self, stored: Stored) -> Entry:
        number = self._number()
        if isinstance(stored, StoredUser):
            return UserEntry(number, stored.text)
        if isinstance(stored, StoredAnswer):
            return Answer.stored(number, stored, self._moved)
        if isinstance(stored, StoredError):
            return ErrorEntry(number, stored.title, stored.lines, stored.hint)
        return NoticeEntry(number, stored.text, stored.role)

    def _moved(self, answer: Answer) -> None:
        """An answer has something to show: paint when the clock says so, its end and its first words at once."""
        if answer.number not in self._conversation:
            return
        self._moving.add(answer)
        if answer.finished:
            self._paint()
        elif self._timer is None and self.is_running:
            wait = self._painted + self._slot - perf_counter()
            self._timer = self.set_timer(max(wait, 0.001), self._paint, name="transcript clock")

    def _paint(self) -> None:
        """One tick. The clock is not wound up again before something moves."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        began = perf_counter()
        for answer in self._moving:
            answer.advance()
            self._conversation.touch(answer.number)
        self._moving.clear()
        self._arrange()
        self._painted = perf_counter()
        self._slot = max(SLOT, 2 * (self._painted - began + self._drawing))
        self._drawing = 0.0

    def _take_paper(self) -> None:
        width = max(self.size.width - GUTTER - 1, 1)
        look = Look.of(self)
        paper = self._paper
        if paper is None or paper.width != width or not look.same_as(paper.look):
            self._paper = Paper(width, look)

    def _restyle(self) -> None:
        before = self._paper
        self._take_paper()
        if self._paper is not before:
            self._arrange()

    def _arrange(self) -> None:
        """Put the view where it belongs after anything changed: at the end, or where it was."""
        paper, rows, conversation = self._paper, self.size.height, self._conversation
        if paper is None or not rows:
            return
        if self.following or self._spot is None or self._spot.entry.number not in conversation:
            self._place(conversation.end(rows, paper) if self.following else conversation.settle(0, rows, 0, paper))
        else:
            begin, below = conversation.find(self._spot)
            self._place(conversation.settle(begin + below, rows, begin, paper))

    def _go(self, top: int, anchor: int) -> None:
        """The user wants the view to begin at a line; nothing from `anchor` on moves against it."""
        paper, rows = self._paper, self.size.height
        if paper is None or not rows:
            return
        top = self._conversation.settle(top, rows, anchor, paper)
        at_end = top + rows >= self._conversation.height
        if self.following and not at_end:
            entries = self._conversation.entries.parts
            self._left = (len(entries), entries[-1].height if entries else 0)
        self.following = at_end
        self._place(top)

    def _place(self, top: int) -> None:
        size = Size(self.size.width, self._conversation.height)
        if size != self.virtual_size:
            # Not by assignment: that would lay out the whole screen for every new line.
            self.set_reactive(Widget.virtual_size, size)
            if self.show_vertical_scrollbar:
                self.vertical_scrollbar.window_virtual_size = size.height
        self._placing = True
        self.scroll_y = self.scroll_target_y = top
        self._placing = False
        self._spot = self._conversation.spot(top)
        self._repaint()

    def _repaint(self) -> None:
        """Ask the screen for those lines of the view that are not what they were."""
        paper, height, width = self._paper, self.size.height, self.size.width
        if paper is None:
            return
        old, self._rows = self._rows, [self._row(y, paper) for y in range(height)]
        regions: list[Region] = []
        for y, row in enumerate(self._rows):
            if y < len(old) and (row is old[y] or row == old[y]):
                continue
            if regions and regions[-1].bottom == y:
                regions[-1] = regions[-1].grow((0, 0, 1, 0))
            else:
                regions.append(Region(0, y, width, 1))
        if regions:
            self.refresh(*regions)

    def _row(self, y: int, paper: Paper) -> Strip:
        look, width = paper.look, self.size.width
        found = self._conversation.strip(self.scroll_offset.y + y, paper)
        row = Strip.blank(width, look.text) if found is None else found[1].adjust_cell_length(width, look.text)
        if found is not None and self._marked(found[0]):
            row = Strip.join([Strip([Segment("▌", look.cursor)], 1), row.crop(1)])
        if y == self.size.height - 1 and (count := self.new_lines):
            text = f" ▼ {count:,} new below "
            room = max(width - len(text) - 1, 0)
            row = Strip.join([row.crop(0, room), Strip([Segment(text, look.below), Segment(" ", look.text)])])
        return row

    def _marked(self, spot: Spot) -> bool:
        """Whether the cursor's mark belongs at a line: at all of a message but the empty line below."""
        inside = spot.piece is not spot.entry.column.parts[-1]
        return inside and self.has_focus and spot.entry.number == self._cursor

    def _step(self, by: int) -> None:
        numbers = self.entry_ids()
        if not numbers:
            return
        if self._cursor is None:
            last = self._conversation.spot(min(self.scroll_offset.y + self.size.height, self._conversation.height) - 1)
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
        self._conversation.entry(number).open()
        self._conversation.touch(number)
        begin, height = self._conversation.start(number), self._conversation.entry(number).height
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
