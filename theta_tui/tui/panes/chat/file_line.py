"""The line above the composer that names the files which go with the next question; not there when there are none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from theta_tui.tui import literal
from theta_tui.tui.words import size

if TYPE_CHECKING:
    from theta_tui.journal import Attachment


class FileLine(Widget):
    """Names and sizes; what takes one away again stands behind them."""

    DEFAULT_CSS = """
    FileLine { height: 1; padding: 0 1; background: $surface; display: none; }
    FileLine.-some { display: block; }
    """

    def __init__(self) -> None:
        super().__init__(id="chat-files")
        self._files: Sequence[Attachment] = ()

    def show(self, files: Sequence[Attachment]) -> None:
        """Name these."""
        self._files = files
        self.set_class(bool(files), "-some")
        self.refresh()

    def render(self) -> Content:
        """Draw as many as there is room for, then how many more there are."""
        hint = Content.assemble(("⌫", "bold $footer-key-foreground"), (" takes the last away", "$foreground-muted"))
        room = self.content_size.width - hint.cell_length - 2
        shown = Content("")
        for number, file in enumerate(self._files):
            name = literal.content(file.name, style="$text-accent").truncate(28, ellipsis=True)
            each = Content.assemble(
                "  " if number else "", "⊞ ", name, (f" {size(len(file.data))}", "$foreground-muted")
            )
            if number and shown.cell_length + each.cell_length + 6 > room:
                shown = Content.assemble(shown, f"  +{len(self._files) - number}")
                break
            shown = Content.assemble(shown, each)
        shown = shown.truncate(max(room, 8), ellipsis=True)
        gap = " " * max(self.content_size.width - shown.cell_length - hint.cell_length, 1)
        return Content.assemble(shown, gap, hint)
