"""A list to search and choose from: palette, help and copy menu are made of it. It does not know what is chosen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Final

from textual import events, on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.css.styles import RulesMap
from textual.fuzzy import FuzzySearch
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from theta_tui.tui import literal
from theta_tui.tui.modal import WIDEST, Modal

FRAME_COLUMNS: Final = 5
"""Columns of border, padding and scrollbar."""
_WORDS_WEIGHT: Final = 0.4
"""How much a hit in the explanation counts against one in the name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to choose: `name` and `words` are searched, `mark` and `key` only shown.

    `why_not` tells why it cannot be chosen now; `group` is the heading it stands under while nothing is searched.
    """

    name: str
    run: Callable[[], Awaitable[None] | None]
    words: str = ""
    mark: str = ""
    mark_style: str = "$foreground-muted"
    key: str = ""
    group: str = ""
    why_not: str = ""


class _Line(Visual):
    """An entry's line, drawn when it is first seen: of some hundred entries a screen shows thirty."""

    def __init__(self, draw: Callable[[], Content], width: int) -> None:
        self._draw = draw
        self._width = width
        self._content: Content | None = None

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        """Draw it in this style."""
        if self._content is None:
            self._content = self._draw()
        return self._content.render_strips(width, height, style, options)

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        """Give the width it is drawn for."""
        return self._width

    def get_height(self, rules: RulesMap, width: int) -> int:
        """One line."""
        return 1


class Picker(Modal[Entry]):
    """A search line over a list; Enter chooses, arrows move, Esc closes."""

    DEFAULT_CSS = """
    Picker {
        & > .modal--frame { height: 100%; max-height: 30; }
        & #search { margin-bottom: 1; }
        & #choices { height: 1fr; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
        & #choices > .option-list--option-highlighted {
            background: $block-cursor-background; color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
        & #none { display: none; padding: 0 1; color: $foreground-muted; height: 1fr; }
        &.-none #none { display: block; }
        &.-none #choices { display: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,ctrl+n", "move('cursor_down')", show=False, priority=True),
        Binding("up,ctrl+p", "move('cursor_up')", show=False, priority=True),
        Binding("pagedown", "move('page_down')", show=False, priority=True),
        Binding("pageup", "move('page_up')", show=False, priority=True),
    ]
    AUTO_FOCUS = "#search"
    keys = (("↑↓", "move"), ("Enter", "run"), ("Esc", "close"))
    prompt: ClassVar[str] = "Type to search"
    nothing: ClassVar[str] = "Nothing matches."
    widest: ClassVar[int] = WIDEST
    """Columns of the frame at the most; the stylesheet has to say the same."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__()
        self._entries = list(entries)
        self._shown: list[Entry | None] = []
        self._fuzzy = FuzzySearch()
        self._width = 0

    def inside(self) -> Iterable[Widget]:
        """Give the search line, the list, and the words for an empty list."""
        yield Input(placeholder=self.prompt, id="search", select_on_focus=False)
        yield OptionList(id="choices", markup=False)
        yield Static(self.nothing, id="none", markup=False)

    def draw(self, entry: Entry, width: int) -> Content:
        """Draw an entry in one line."""
        return drawn(entry, width)

    @property
    def highlighted(self) -> Entry | None:
        """The entry under the cursor."""
        at = self.query_one("#choices", OptionList).highlighted
        return None if at is None else self._shown[at]

    def go_to(self, name: str) -> None:
        """Put the cursor on an entry."""
        names = [entry.name if entry else None for entry in self._shown]
        if name in names:
            self.query_one("#choices", OptionList).highlighted = names.index(name)

    def on_mount(self) -> None:
        """Show everything; the focus stays in the search line."""
        self.query_one("#choices").can_focus = False
        self._show("")

    def offer(self, entries: Sequence[Entry], *, best: bool = False) -> None:
        """Offer other entries; what is typed stays, and the cursor on its entry, or on the `best` for what is typed."""
        here, self._entries = self.highlighted, list(entries)
        self._show(self.query_one("#search", Input).value)
        self.go_to(here.name if here is not None and not best else "")

    def on_resize(self, event: events.Resize) -> None:
        """Lay the entries out for another width."""
        if self._line_width() != self._width:
            self._show(self.query_one("#search", Input).value)

    @on(Input.Changed, "#search")
    def _searched(self, event: Input.Changed) -> None:
        self._show(event.value)

    @on(Input.Submitted, "#search")
    def _entered(self) -> None:
        self.enter()

    def enter(self) -> None:
        """Choose what is highlighted."""
        choices = self.query_one("#choices", OptionList)
        if choices.highlighted is not None:
            self._choose(choices.highlighted)

    @on(OptionList.OptionSelected, "#choices")
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self._choose(event.option_index)

    def action_move(self, how: str) -> None:
        """Move the highlight while the search line keeps the focus."""
        getattr(self.query_one("#choices", OptionList), f"action_{how}")()

    def _choose(self, index: int) -> None:
        entry = self._shown[index]
        if entry is not None and not entry.why_not:
            self.dismiss(entry)

    def _show(self, wanted: str) -> None:
        choices = self.query_one("#choices", OptionList)
        self._width = width = self._line_width()
        found = self._ranked(wanted.strip()) if wanted.strip() else list(self._entries)
        self._shown, options, group = [], [], ""
        for entry in found:
            if not wanted.strip() and entry.group and entry.group != group:
                group = entry.group
                self._shown.append(None)
                options.append(Option(Content.styled(group, "bold $text-primary"), disabled=True))
            self._shown.append(entry)
            options.append(Option(_Line(partial(self.draw, entry, width), width)))
        choices.clear_options()
        choices.add_options(options)
        choices.highlighted = next((index for index, entry in enumerate(self._shown) if entry), None)
        self.set_class(not found, "-none")

    def _line_width(self) -> int:
        """Give the width of a line before anything is laid out, so that the first frame is complete."""
        return max(min(self.app.size.width, self.widest) - FRAME_COLUMNS, 20)

    def _ranked(self, wanted: str) -> list[Entry]:
        scored = [(self._score(wanted, entry), entry) for entry in self._entries]
        best = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: -pair[0])
        return [entry for _, entry in best]

    def _score(self, wanted: str, entry: Entry) -> float:
        """Every word typed must be found, in the name (fuzzy) or in the explanation (as it is)."""
        total = 0.0
        for word in wanted.casefold().split():
            name = self._fuzzy.match(word, entry.name)[0]
            words = len(word) * _WORDS_WEIGHT if word in f"{entry.words} {entry.mark}".casefold() else 0.0
            if not max(name, words):
                return 0.0
            total += max(name, words)
        return total


def run_entry(app: App[Any], chosen: Entry | None) -> None:
    """Run what was chosen, in a worker when it takes time."""
    result = chosen.run() if chosen is not None else None
    if result is not None:
        app.run_worker(_awaited(result), group="chosen")


async def _awaited(result: Awaitable[None]) -> None:
    await result


def drawn(entry: Entry, width: int) -> Content:
    """Draw an entry in one line: name, explanation as far as there is room, mark and key at the right."""
    mark = Content.styled(entry.mark, entry.mark_style) if entry.mark else Content("")
    key = Content.styled(entry.key, "bold $footer-key-foreground") if entry.key else Content("")
    right = Content("  ").join([part for part in (mark, key) if part.plain])
    room = width - right.cell_length - 2
    name = literal.content(entry.name).truncate(room, ellipsis=True)
    explained = entry.why_not or entry.words
    left = room - name.cell_length - 2
    style = "$text-warning" if entry.why_not else "$foreground-muted"
    words = literal.content(explained).truncate(left, ellipsis=True).stylize(style) if left > 8 else Content("")
    shown = Content.assemble(name.stylize("$foreground-disabled") if entry.why_not else name, "  ", words)
    gap = " " * max(width - shown.cell_length - right.cell_length, 1)
    return Content.assemble(shown, gap, right)
