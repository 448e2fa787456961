"""What is known of one record, in tabs: described, as JSON, and what its pane adds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from theta_tui.safe_text import has_breaks
from theta_tui.tui import literal

Fact = tuple[str, object]
"""A label of ours and a value of anybody's."""


class Details(Vertical):
    """Tabs over one scrolling text. Its owner fills the shown tab when `Details.Wanted` asks for it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "tab(1)", "Next tab", id="details.next", show=False),
        Binding("left,h", "tab(-1)", "Previous tab", id="details.previous", show=False),
    ]

    DEFAULT_CSS = """
    Details { height: 2fr; border-top: solid $border; padding: 0; }
    Details:focus-within { border-top: solid $primary; }
    Details > #tabs { height: 1; padding: 0 1; }
    Details > #scroll { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    Details > #scroll:focus { background: $surface; }
    Details #text { height: auto; width: 1fr; }
    """

    tab: reactive[int] = reactive(0)

    class Wanted(Message):
        """The tab named `tab` is to be filled."""

        def __init__(self, details: Details, tab: str) -> None:
            super().__init__()
            self.details = details
            self.tab = tab

    def __init__(self, tabs: Sequence[str], *, id: str | None = None) -> None:  # noqa: A002 Textual's own name for it
        super().__init__(id=id)
        self._tabs = tuple(tabs)
        self._spots: list[tuple[int, int]] = []
        self._facts: tuple[Fact, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out the tab line and the text."""
        yield Static(id="tabs", markup=False)
        with VerticalScroll(id="scroll"):
            yield Static(id="text", markup=False)

    def on_mount(self) -> None:
        """Draw the tab line."""
        self._draw_tabs()

    @property
    def tab_name(self) -> str:
        """The name of the shown tab."""
        return self._tabs[self.tab]

    def show(self, content: Content) -> None:
        """Fill the shown tab."""
        self._facts = ()
        self.query_one("#text", Static).update(content)

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Fill the shown tab with labels and values."""
        self.show(facts_content(facts, self._width))
        self._facts = tuple(facts)

    @property
    def _width(self) -> int:
        return self.query_one("#scroll", VerticalScroll).scrollable_content_region.width

    def on_resize(self) -> None:
        """Lay labels and values out for another width."""
        if self._facts:
            self.show_facts(self._facts)

    def ask_again(self) -> None:
        """Ask the owner to fill the shown tab."""
        self.post_message(self.Wanted(self, self.tab_name))

    def select(self, name: str) -> None:
        """Show a tab by its name."""
        self.tab = self._tabs.index(name)

    def watch_tab(self) -> None:
        """Another tab is shown: start at its top."""
        if self.is_mounted:
            self._draw_tabs()
            self.query_one("#scroll", VerticalScroll).scroll_home(animate=False)
            self.ask_again()

    def action_tab(self, step: int) -> None:
        """Go to another tab."""
        self.tab = (self.tab + step) % len(self._tabs)

    def on_click(self, event: events.Click) -> None:
        """Choose a tab by mouse."""
        if event.widget is self.query_one("#tabs"):
            for index, (start, end) in enumerate(self._spots):
                if start <= event.x < end:
                    self.tab = index

    def _draw_tabs(self) -> None:
        parts, self._spots, column = [], [], 1
        for index, name in enumerate(self._tabs):
            parts.append(Content.styled(name, "bold $primary underline" if index == self.tab else "$foreground-muted"))
            self._spots.append((column, column + len(name)))
            column += len(name) + 3
        self.query_one("#tabs", Static).update(Content(" │ ").join(parts))


def facts_content(facts: Sequence[Fact], width: int = 0) -> Content:
    """Give labels and values as aligned lines; values of several lines go below their label.

    A value that is longer than its line goes on under its own beginning, where `width` is known.
    """
    margin = max((len(label) for label, _ in facts), default=0) + 2
    lines: list[Content] = []
    for label, value in facts:
        shown = value if isinstance(value, Content) else _value(value)
        head = Content.styled(label.ljust(margin), "$foreground-muted")
        if "\n" in shown.plain:
            lines += [head, *(Content.assemble("  ", line) for line in shown.split("\n"))]
            continue
        first, *others = shown.wrap(width - margin) if width > 2 * margin else [shown]
        lines += [Content.assemble(head, first), *(Content.assemble(" " * margin, line) for line in others)]
    return Content("\n").join(lines)


def _value(value: object) -> Content:
    if value is None or value == "":
        return Content.styled("–", "$foreground-muted")
    return literal.content(value, block=isinstance(value, str) and has_breaks(value))


def attempts_content(attempts: Sequence[Any]) -> Content:
    """Give requests of the log as lines, newest first."""
    lines = [_attempt_line(row) for row in attempts]
    return Content("\n").join(lines) if lines else Content.styled("No request about it yet.", "$foreground-muted")


def _attempt_line(row: Any) -> Content:
    when = datetime.fromtimestamp(row.started).strftime("%H:%M:%S")
    ok = row.error is None
    return Content.assemble(
        (f"{when}  ", "$foreground-muted"),
        f"{row.method:<6} ",
        literal.content(row.url),
        (f"  {row.status or '—'} {'ok' if ok else row.error}", "$text-success" if ok else "$text-error"),
        (f"  {row.seconds:.2f} s", "$foreground-muted"),
    )
