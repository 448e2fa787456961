"""The `:` line at the bottom: one input with Tab completion and history. What a line means is in `orders`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from theta_tui.errors import ThetaError
from theta_tui.tui import literal
from theta_tui.tui.completion import Suggestion, shared_start, suggestions
from theta_tui.tui.modal import Modal
from theta_tui.tui.orders import obey, read_order

if TYPE_CHECKING:
    from theta_tui.tui.app import ThetaApp

__all__ = ["CommandLine", "obey"]

ROWS: Final = 7
"""Suggestions shown."""
KEPT: Final = 200
_history: list[str] = []
"""The lines of this run of the program, the latest last."""


class CommandLine(Modal[str]):
    """Gives the line that was entered, or None; one that cannot be understood stays to be corrected."""

    DEFAULT_CSS = """
    CommandLine {
        align: center bottom;
        background: $background 0%;
        & > .modal--frame { max-width: 100%; border: none; padding: 0; background: $panel; }
        & #suggestions { height: auto; padding: 0 1; background: $surface; border-top: solid $border; }
        & #problem { height: auto; max-height: 2; padding: 0 1; background: $error-muted; }
        & #problem.-empty { display: none; }
        & #entry { height: 1; }
        & #colon { width: 2; padding-left: 1; color: $footer-key-foreground; text-style: bold; }
        & #line { width: 1fr; padding: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", show=False, priority=True),
        Binding("shift+tab", "complete(-1)", show=False, priority=True),
        Binding("up", "recall(1)", show=False, priority=True),
        Binding("down", "recall(-1)", show=False, priority=True),
    ]
    AUTO_FOCUS = "#line"

    def __init__(self, line: str = "") -> None:
        super().__init__()
        self._first = line
        self._found: list[Suggestion] = []
        self._cycle: list[str] = []
        self._back = 0
        self._draft = ""
        self._ahead: list[events.Key] = []

    def inside(self) -> Iterable[Widget]:
        """Give the suggestions, a place for what is wrong, and the line."""
        yield Static("", id="suggestions", markup=False)
        yield Static("", id="problem", classes="-empty", markup=False)
        with Horizontal(id="entry"):
            yield Static(":", id="colon", markup=False)
            yield Input(literal.plain(self._first), id="line", select_on_focus=False)

    def on_mount(self) -> None:
        """Show what could be typed."""
        frame = self.query_one(".modal--frame")
        frame.border_title = frame.border_subtitle = None
        line = self.query_one("#line", Input)
        line.cursor_position = len(line.value)
        for event in self._ahead:
            self.typed_ahead(event)
        self._suggest(line.value)

    def typed_ahead(self, event: events.Key) -> None:
        """Take what is typed before the line has the focus: who types fast loses no letter.

        Such keys come by way of what had the focus before, so the line may have it by now.
        """
        line = next(iter(self.query("#line").results(Input)), None)
        if line is None:
            self._ahead.append(event)
        elif event.is_printable and event.character:
            line.insert_text_at_cursor(event.character)
        elif event.key == "enter" and self.focused is not line:
            line.post_message(Input.Submitted(line, line.value))

    @on(Input.Changed, "#line")
    def _typed(self, event: Input.Changed) -> None:
        self._say("")
        if event.value not in self._cycle:
            self._cycle = []
            self._suggest(event.value)

    @on(Input.Submitted, "#line")
    def _entered(self, event: Input.Submitted) -> None:
        line = event.value.strip()
        if not line:
            self.dismiss(None)
            return
        try:
            read_order(self._console, line)
        except ThetaError as error:
            self._say(error.message, error.hint)
            return
        if not _history or _history[-1] != line:
            _history.append(line)
            del _history[:-KEPT]
        self.dismiss(line)

    def action_complete(self, step: int = 1) -> None:
        """Complete as far as it is clear, then go through the suggestions."""
        line = self.query_one("#line", Input)
        if self._cycle:
            at = self._cycle.index(line.value) if line.value in self._cycle else -step
            self._put(self._cycle[(at + step) % len(self._cycle)])
            return
        completed = shared_start(self._found, line.value)
        if completed == (self._found[0].line if self._found else "") and len(self._found) > 1:
            self._cycle = [each.line for each in self._found]
        self._put(completed)

    def action_recall(self, step: int) -> None:
        """Bring back an earlier line; down comes back to what was being typed."""
        line = self.query_one("#line", Input)
        if self._back == 0:
            self._draft = line.value
        self._back = min(max(self._back + step, 0), len(_history))
        self._put(_history[-self._back] if self._back else self._draft)

    @property
    def _console(self) -> Any:
        return self.app

    @property
    def _profiles(self) -> tuple[str, ...]:
        session = self._console.session
        return tuple(dict.fromkeys(("default", *session.settings.profiles))) if session is not None else ()

    def _put(self, text: str) -> None:
        line = self.query_one("#line", Input)
        line.value = text
        line.cursor_position = len(text)

    def _suggest(self, line: str) -> None:
        self._found = suggestions(line, cast("ThetaApp", self.app).offered_themes, self._profiles)
        width = max((len(_last(each.line)) for each in self._found[:ROWS]), default=0)
        rows = [
            Content.assemble((f"{_last(each.line):<{width}}", "$text-primary"), "  ", (each.words, "$foreground-muted"))
            for each in self._found[:ROWS]
        ]
        if len(self._found) > ROWS:
            rows.append(Content.styled(f"… {len(self._found) - ROWS} more", "$foreground-muted"))
        room = max(self.size.width - 2, 20)
        shown = self.query_one("#suggestions", Static)
        shown.update(Content("\n").join([row.truncate(room, ellipsis=True) for row in rows]))
        shown.display = bool(rows)

    def _say(self, words: str, hint: str = "") -> None:
        problem = self.query_one("#problem", Static)
        sign, more = ("✗ ", "bold $text-error"), literal.content(hint, style="$foreground-muted")
        problem.update(Content.assemble(sign, literal.content(words), "  ", more))
        problem.set_class(not words, "-empty")


def _last(line: str) -> str:
    return line.rpartition(" ")[2]
