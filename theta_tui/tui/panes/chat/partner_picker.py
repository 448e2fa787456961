"""The model switcher: everything there is to talk to, with price and context; what is not available says why."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import ClassVar, Final, TypeVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from theta_tui.chats.target import Target
from theta_tui.tui import literal
from theta_tui.tui.modal import Modal
from theta_tui.tui.panes.chat.partners import Found, Partner, Query, key_of, look_closer
from theta_tui.tui.widgets.record_messages import Highlighted, Opened
from theta_tui.tui.widgets.record_table import Cell, Column, RecordTable
from theta_tui.tui.words import UNKNOWN

T = TypeVar("T")


def _state(partner: Partner) -> Cell:
    if partner.why_not:
        return f"○ {partner.why_not}", "warn"
    if partner.is_unsure:
        return f"◌ {partner.state} · looking", "muted"
    return f"● {partner.state}", "ok"


def _context(partner: Partner) -> str:
    if partner.context is None:
        return UNKNOWN if partner.target.kind == "service" else ""
    size = partner.context
    return f"{size / 1_000_000:.1f}M" if size >= 1_000_000 else f"{size / 1000:.0f}k" if size >= 1000 else str(size)


COLUMNS: Final = (
    Column[Partner]("name", "MODEL", lambda row: row.target.name, grow=True, min_width=12, max_width=32, priority=0),
    Column[Partner]("where", "WHERE", lambda row: (row.target.where, "muted"), priority=2),
    Column[Partner](
        "price", "USD PER M IN / OUT", lambda row: row.price, align="right", sort=lambda row: row.usd_out, priority=3
    ),
    Column[Partner]("context", "CONTEXT", _context, align="right", sort=lambda row: row.context, priority=4),
    Column[Partner]("state", "STATE", _state, grow=True, min_width=10, priority=1),
)


class _FilterLine(Input):
    """A filter does not begin with a space: that is left to the list, where it marks."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Tell whether a key is text for this line."""
        return super().check_consume_key(key, character) and not (key == "space" and not self.value)


class PartnerList(Modal[T]):
    """A filter line over a table of all there are; subclasses say what Enter takes."""

    DEFAULT_CSS = """
    PartnerList {
        & > .modal--frame { height: 100%; max-height: 24; max-width: 110; }
        & #partner-filter { margin-bottom: 1; }
        & RecordTable { height: 1fr; background: $surface; }
        & #partner-words { height: auto; max-height: 3; color: $text-warning; }
        & #partner-words.-none { display: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,ctrl+n", "move('go(1)')", show=False, priority=True),
        Binding("up,ctrl+p", "move('go(-1)')", show=False, priority=True),
        Binding("pagedown", "move('page(1)')", show=False, priority=True),
        Binding("pageup", "move('page(-1)')", show=False, priority=True),
    ]
    AUTO_FOCUS = "#partner-filter"

    def __init__(self, find: Callable[[], Awaitable[Found]], ask: Query, current: Target, *, marks: bool) -> None:
        super().__init__()
        self._find = find
        self._ask = ask
        self._current = current
        self._problems = ""
        self._partners: Sequence[Partner] = ()
        self._table = RecordTable[Partner](COLUMNS, lambda row: row.key, empty="Asking…", marks=marks, id="partners")

    def inside(self) -> Iterable[Widget]:
        """Give filter, table, and the line for what could not be had."""
        yield _FilterLine(placeholder="Type to filter", id="partner-filter", select_on_focus=False)
        yield self._table
        yield Static("", id="partner-words", classes="-none", markup=False)

    def on_mount(self) -> None:
        """Ask for the rows."""
        self._table.can_focus = False
        self.run_worker(self._fill())

    async def _fill(self) -> None:
        found = await self._find()
        self._problems = "\n".join(found.problems)
        self._show(found.partners)
        self._table.move_to(key_of(self._current))
        self._show(await look_closer(found.partners, self._ask))

    def _show(self, partners: Sequence[Partner]) -> None:
        self._partners = partners
        self._table.set_rows(partners)
        self._say_why()

    @on(Highlighted)
    def _say_why(self) -> None:
        """Tell what is missing for the row, else what could not be had."""
        row = self._table.cursor_row
        words = row.hint if row is not None and row.hint else self._problems
        line = self.query_one("#partner-words", Static)
        line.set_class(not words, "-none")
        line.update(literal.content(words, block=True))

    async def action_move(self, how: str) -> None:
        """Move the cursor while the filter keeps the focus."""
        await self._table.run_action(how)

    def action_close(self) -> None:
        """Show all rows again, else close."""
        line = self.query_one("#partner-filter", Input)
        if line.value:
            line.value = ""
        else:
            self.dismiss(None)

    @on(Input.Changed, "#partner-filter")
    def _filtered(self, event: Input.Changed) -> None:
        self._table.set_filter(event.value)

    @on(Input.Submitted, "#partner-filter")
    def _entered(self) -> None:
        self._take(self._table.cursor_row)

    @on(Opened)
    def _opened(self, event: Opened) -> None:
        self._take(event.row)

    def _take(self, partner: Partner | None) -> None:
        """Do what Enter means on a row."""
        raise NotImplementedError


class PartnerPicker(PartnerList["Target | None"]):
    """Enter takes the row, Esc closes."""

    heading = "Talk to"
    keys = (("↑↓", "move"), ("Enter", "take"), ("Esc", "close"))

    def __init__(self, find: Callable[[], Awaitable[Found]], ask: Query, current: Target) -> None:
        super().__init__(find, ask, current, marks=False)

    def _take(self, partner: Partner | None) -> None:
        if partner is not None and not partner.why_not:
            self.dismiss(partner.target)
