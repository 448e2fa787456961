"""A view of a conversation's lines: where it stands, whether it follows the end, and which lines are to be repainted.

Knows nothing of what is said in it or how it streams in.
"""

from __future__ import annotations

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollDown, ScrollTo, ScrollUp
from textual.strip import Strip
from textual.widget import Widget

from theta_tui.tui.widgets.conversation import Conversation, Spot
from theta_tui.tui.widgets.entries import EntryId
from theta_tui.tui.widgets.transcript_look import GUTTER, Look, Paper


class ConversationView(ScrollView, can_focus=True):
    """Lines of a conversation, kept where they are while others come, or at the end."""

    ALLOW_SELECT = False

    class Scrolled(Message):
        """The user has scrolled a view, or wants its end followed again."""

        def __init__(self, view: ConversationView) -> None:
            super().__init__()
            self.view = view

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self.auto_links = False
        self.following = True
        """Whether the last line is kept in view."""
        self.conversation = Conversation()
        """What is shown."""
        self._cursor: EntryId | None = None
        self._paper: Paper | None = None
        self._spot: Spot | None = None
        self._rows: list[Strip] = []
        self._left: tuple[Spot, int] | None = None
        """Where the view stood when it stopped following, and how many lines there were from there to the end."""
        self._placing = False

    @property
    def new_lines(self) -> int:
        """Lines that came below since the user scrolled up; 0 while the end is followed."""
        if self.following or self._left is None or self._left[0].entry.number not in self.conversation:
            return 0
        spot, lines = self._left
        return max(0, self.conversation.height - sum(self.conversation.find(spot)) - lines)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines for the screen. A Resize can get lost: one that is drawn in a size it does not know fits it."""
        paper = self._paper
        if paper is not None and (paper.width != self._room or len(self._rows) != self.size.height):
            self.call_next(self.on_resize)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """A line of the view, as made by the last paint."""
        return self._rows[y] if y < len(self._rows) else Strip.blank(self.size.width)

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

    def on_mount(self) -> None:
        """Do as after a resize: there is a size already."""
        self.call_after_refresh(self.on_resize)

    def on_resize(self) -> None:
        """Another width is another paper; what was at the top stays there."""
        self._take_paper()
        self._arrange()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Show or hide the cursor."""
        super().watch_has_focus(has_focus)
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

    @property
    def _room(self) -> int:
        return max(self.size.width - GUTTER - 1, 1)

    def _take_paper(self) -> None:
        width = self._room
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
        paper, rows, conversation = self._paper, self.size.height, self.conversation
        if paper is None or not rows:
            return
        if self.following or self._spot is None or self._spot.entry.number not in conversation:
            self._place(conversation.end(rows, paper) if self.following else conversation.settle(0, rows, 0, paper))
        else:
            begin, below = conversation.find(self._spot)
            self._place(conversation.settle(begin + below, rows, begin, paper))

    def stand_at(self, top: int) -> None:
        """Let the view begin at a line, without telling anybody."""
        self._stand(top, top)

    def _go(self, top: int, anchor: int) -> None:
        """The user wants the view to begin at a line; nothing from `anchor` on moves against it."""
        self._stand(top, anchor)
        self.post_message(self.Scrolled(self))

    def _stand(self, top: int, anchor: int) -> None:
        paper, rows = self._paper, self.size.height
        if paper is None or not rows:
            return
        spot, lines = self._spot, self.conversation.height - self.scroll_offset.y
        top = self.conversation.settle(top, rows, anchor, paper)
        at_end = top + rows >= self.conversation.height
        if self.following and not at_end:
            self._left = None if spot is None else (spot, lines)
        self.following = at_end
        self._place(top)

    def _place(self, top: int) -> None:
        size = Size(self.size.width, self.conversation.height)
        if size != self.virtual_size:
            # Not by assignment: that would lay out the whole screen for every new line.
            self.set_reactive(Widget.virtual_size, size)
            if self.show_vertical_scrollbar:
                self.vertical_scrollbar.window_virtual_size = size.height
        self._placing = True
        self.scroll_y = self.scroll_target_y = top
        self._placing = False
        self._spot = self.conversation.spot(top)
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
        found = self.conversation.strip(self.scroll_offset.y + y, paper)
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
