"""The line between transcript and composer: what the answer under way is doing, or one remark; costs aside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

from theta_tui.tui import literal

TICK_SECONDS = 0.5


class DoingLine(Widget):
    """Shows words while something is under way; a remark stays until the next one."""

    DEFAULT_CSS = "DoingLine { height: 1; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__(id="chat-doing")
        self._words: Callable[[], str] | None = None
        self._said = ""
        self._remark = Content("")
        self._aside: Sequence[str] = ()
        self._timer: Timer | None = None

    def follow(self, words: Callable[[], str]) -> None:
        """Show what these words say, again and again, until `rest`."""
        self._words = words
        self._remark = Content("")
        if self._timer is None:
            self._timer = self.set_interval(TICK_SECONDS, self._tick)
        self.refresh()

    def _tick(self) -> None:
        """Draw what the words say if it is something else than before, and no dialog would have to be painted again."""
        if self.app.screen is not self.screen:
            return
        words = self._words() if self._words is not None else ""
        if words != self._said:
            self._said = words
            self.refresh()

    def show_aside(self, parts: Sequence[str]) -> None:
        """Show these at the right, the first ones before the others where there is little room."""
        self._aside = parts
        self.refresh()

    def draw_again(self) -> None:
        """Show what the words say now."""
        self.refresh()

    def rest(self) -> None:
        """Nothing is under way."""
        self._words = None
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self.refresh()

    def say(self, words: str, role: Literal["muted", "warning"] = "warning") -> None:
        """Show a remark; none clears it."""
        self._remark = literal.content(words, style="$text-warning" if role == "warning" else "$foreground-muted")
        self.refresh()

    @property
    def remark(self) -> str:
        """The remark as shown."""
        return self._remark.plain

    def render(self) -> Content:
        """Draw the remark, else what is under way; at the right what stands aside, as far as there is room."""
        width = self.content_size.width
        words = self._words_of(width)
        aside = list(self._aside)
        while aside and words.cell_length + sum(len(part) + 3 for part in aside) > width:
            aside.pop()
        if not aside:
            return words.truncate(width, ellipsis=True)
        shown = literal.content(" · ".join(aside), style="$foreground-muted")
        return Content.assemble(words, " " * (width - words.cell_length - shown.cell_length), shown)

    def _words_of(self, width: int) -> Content:
        if self._remark.plain or self._words is None:
            return self._remark
        end = Content.assemble(("   Esc", "bold $footer-key-foreground"),
                               (" stops", "$foreground-muted"))  # fmt: skip
        words = literal.content(self._words()).truncate(max(width - end.cell_length - 2, 8), ellipsis=True)
        return Content.assemble(("● ", "$text-accent"), words, end)
