"""One of those that are compared: who it is and how it is asked, its page, and what its answer came to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from theta_tui.chats.options import Options
from theta_tui.chats.target import Target
from theta_tui.tui import literal
from theta_tui.tui.panes.chat.closing import figures
from theta_tui.tui.panes.chat.heading import MUTED, knobs
from theta_tui.tui.panes.chat.page import Page
from theta_tui.tui.words import usd, whole_seconds

if TYPE_CHECKING:
    from theta_tui.tui.panes.chat.answering import Answering
    from theta_tui.tui.panes.chat.reply import Ended

_SIGNS: Final = {
    "complete": ("✓ complete", "$text-success"),
    "stopped": ("◼ stopped", "$text-warning"),
    "cut": ("◼ cut", "$text-warning"),
    "failed": ("✗ failed", "$text-error"),
}


class ColumnHead(Widget):
    """Name, place and settings; the current one has a mark."""

    DEFAULT_CSS = "ColumnHead { height: 2; padding: 0 1; background: $surface; }"

    def __init__(self, target: Target) -> None:
        super().__init__()
        self._target = target
        self._options = Options()
        self._mark = ""

    def show(self, options: Options) -> None:
        """Show these settings."""
        self._options = options
        self.refresh()

    def set_current(self, is_current: bool) -> None:
        """Mark it, or no longer."""
        self._mark = "▸ " if is_current else ""
        self.refresh()

    def render(self) -> Content:
        """Draw both lines in the longest forms that fit."""
        width = self.content_size.width
        name = literal.content(self._target.name, style="bold $text-primary")
        name = Content.assemble((self._mark, "bold $text-accent"), name).truncate(width, ellipsis=True)
        full = Content.assemble(name, (f" · {self._target.where}", MUTED))
        forms = [knobs(self._target, self._options, form) for form in (1, 2, 3)]
        how = next((form for form in forms if form.cell_length <= width), forms[-1].truncate(width, ellipsis=True))
        return Content("\n").join([full if full.cell_length <= width else name, how])


class ColumnFoot(Widget):
    """What the answer is doing; once it has ended, how, and its figures. No figure is cut in two."""

    DEFAULT_CSS = "ColumnFoot { height: 4; padding: 0 1; background: $surface; &.-alone { height: 3; } }"

    def __init__(self) -> None:
        super().__init__()
        self.answering: Answering | None = None
        self.ended: Ended | None = None

    def show(self) -> None:
        """Draw again what it is doing."""
        self.refresh()

    @property
    def sign(self) -> tuple[str, str]:
        """How it stands, in a sign and a word, and the colour of it."""
        if self.answering is not None:
            return f"● {self.answering.words} · {whole_seconds(self.answering.seconds)}", "$text-accent"
        return _SIGNS[self.ended.closing.state] if self.ended is not None else ("", MUTED)

    def render(self) -> Content:
        """Draw the sign, then the figures, as many in a line as fit."""
        width, (words, colour) = self.content_size.width, self.sign
        figures_below = [literal.content(line, style=MUTED) for line in flowed(self._parts, width)]
        return Content("\n").join([*literal.content(words, style=colour).wrap(max(width, 1)), *figures_below])

    @property
    def _parts(self) -> list[str]:
        if self.answering is not None:
            cost = self.answering.cost_usd
            return [f"about {usd(cost)}"] if cost else []
        outcome = self.ended.outcome if self.ended is not None else None
        if outcome is None or outcome.result is None:
            return []
        return figures(outcome.result, outcome.first_seconds)


class AnswerColumn(Vertical):
    """Head, page and foot of one partner. `leaf` is the last stored message of its branch."""

    DEFAULT_CSS = """
    AnswerColumn {
        width: 1fr; height: 1fr;
        & Page { height: 1fr; }
        &.-current ColumnHead { background: $panel; }
        &.-beside { border-left: solid $border 60%; }
    }
    """

    def __init__(self, target: Target, leaf: int | None) -> None:
        super().__init__()
        self.target = target
        self.leaf = leaf
        self.head = ColumnHead(target)
        self.page = Page()
        self.page.in_step = True
        self.foot = ColumnFoot()

    def compose(self) -> ComposeResult:
        """Lay out the three."""
        yield self.head
        yield self.page
        yield self.foot

    @property
    def is_coming(self) -> bool:
        """Whether its answer is under way."""
        return self.foot.answering is not None

    @property
    def has_answer(self) -> bool:
        """Whether its last answer says anything."""
        ended = self.foot.ended
        return ended is not None and ended.outcome.result is not None and bool(ended.outcome.result.text.strip())

    def set_current(self, is_current: bool) -> None:
        """Make it the one that keys mean, or no longer."""
        self.set_class(is_current, "-current")
        self.head.set_current(is_current)

    def follow(self, answering: Answering) -> None:
        """Show what an answer is doing."""
        self.foot.answering, self.foot.ended = answering, None
        answering.changed = self.foot.show
        self.foot.show()

    def rest(self, ended: Ended | None) -> None:
        """Show how it ended; None where nothing was sent."""
        self.foot.answering, self.foot.ended = None, ended
        self.foot.show()

    def stop(self) -> bool:
        """Stop its answer; False if none is coming."""
        answering = self.foot.answering
        if answering is None or answering.stopped:
            return False
        answering.stop()
        return True


def flowed(parts: Sequence[str], width: int) -> list[str]:
    """Put parts into lines, as many as fit in each."""
    lines: list[str] = []
    for part in parts:
        joined = f"{lines[-1]} · {part}" if lines else part
        if lines and len(joined) <= width:
            lines[-1] = joined
        else:
            lines.append(part)
    return lines
