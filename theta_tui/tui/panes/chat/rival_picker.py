"""Whom to compare: two to four partners marked in the list of all there are; what is not available says why."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from theta_tui.chats.target import Target
from theta_tui.tui import literal
from theta_tui.tui.panes.chat.partner_picker import PartnerList
from theta_tui.tui.panes.chat.partners import Found, Partner, Query, key_of

LEAST: Final = 2
MOST: Final = 4


class RivalPicker(PartnerList["tuple[Target, ...] | None"]):
    """Tab marks a row or takes its mark away, Space too while nothing is typed; Enter takes all that are marked."""

    DEFAULT_CSS = "RivalPicker #rivals { height: auto; max-height: 2; color: $text-accent; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "mark", show=False, priority=True),
        Binding("space", "mark", show=False, priority=True),
    ]
    heading = "Ask several the same"
    keys = (("Tab Space", "mark"), ("↑↓", "move"), ("Enter", "compare"), ("Esc", "close"))

    def __init__(self, find: Callable[[], Awaitable[Found]], ask: Query, wanted: Sequence[Target]) -> None:
        super().__init__(find, ask, wanted[0], marks=True)
        self._marked = {key_of(target): target for target in wanted}

    def inside(self) -> Iterable[Widget]:
        """Give the list, and the line for what is marked."""
        yield from super().inside()
        yield Static("", id="rivals", markup=False)

    def _show(self, partners: Sequence[Partner]) -> None:
        """Take what the machines themselves tell into what is marked; nobody who cannot be asked stays marked."""
        super()._show(partners)
        known = {partner.key: partner for partner in partners}
        self._marked = {key: known[key].target for key in self._marked if key in known and not known[key].why_not}
        self._tell()

    def action_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away."""
        row = self._table.cursor_row
        if row is None or row.why_not:
            return
        if row.key not in self._marked and len(self._marked) >= MOST:
            self.note(f"{MOST} are the most that are compared.")
            return
        if self._marked.pop(row.key, None) is None:
            self._marked[row.key] = row.target
        self._table.action_mark()
        self._tell()

    def _tell(self) -> None:
        self._table.mark(self._marked)
        names = ", ".join(target.name for target in self._marked.values())
        words = f"{len(self._marked)} of {LEAST} to {MOST} marked{f': {names}' if names else ''}"
        self.query_one("#rivals", Static).update(literal.content(words))

    def _take(self, partner: Partner | None) -> None:
        if len(self._marked) < LEAST:
            self.note("Mark two at least: Tab or Space marks the row.")
        else:
            self.dismiss(tuple(self._marked.values()))
