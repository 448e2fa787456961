"""The pieces of the review: its head with the facts, its buttons, and its few fields. They know no answers."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Checkbox, Input, Static

from theta_tui.review import Review
from theta_tui.safe_text import for_line
from theta_tui.tui import literal
from theta_tui.tui.review_words import BADGES, Fact, cap_left, money

LABEL: Final = 11
"""Columns of the labels; the widest badge fits."""
SENTENCE_ROWS: Final = 2
CONTINUED: Final = 4
"""Columns by which the second row of the sentence is indented."""
_GAPS: Final = re.compile(r"[\s\u2800]+")


class Head(Widget):
    """Sentence, badge, target, cost, budget, balance. Every row has its place, whatever the cloud's names say."""

    DEFAULT_CSS = "Head { height: auto; }"

    def __init__(self, review: Review, rows: list[Fact]) -> None:
        super().__init__(id="head")
        self._review = review
        self._rows = rows

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """One row for each fact, two for the sentence."""
        return SENTENCE_ROWS + len(self._rows)

    def render(self) -> Content:
        """Draw every row in the width there is."""
        width = max(self.size.width, LABEL + 10)
        lines = sentence(self._review.summary, width)
        for number, (label, variants) in enumerate(self._rows):
            shown = self._badge() if number == 0 else Content.styled(label.ljust(LABEL), "$foreground-muted")
            room = width - LABEL
            fitting = next((each for each in variants if each.cell_length <= room), variants[-1])
            lines.append(Content.assemble(shown, fitting.truncate(room, ellipsis=True)))
        return Content("\n").join(lines)

    def _badge(self) -> Content:
        word, style = BADGES[self._review.effect]
        return Content.assemble((word.center(LABEL - 2), style), "  ")


def sentence(text: str, width: int) -> list[Content]:
    """Give the sentence in exactly two rows, the second cut if need be; no name in it can look like a row of ours.

    Gaps are closed and the second row is indented, so that neither label nor column can be imitated.
    """
    closed = _GAPS.sub(" ", for_line(text))
    words = literal.content(closed, style="bold")
    rows = words.wrap(width - CONTINUED)
    if len(rows) > SENTENCE_ROWS:
        cut = rows[1].truncate(width - CONTINUED - 1)
        rows = [rows[0], Content.assemble(cut, ("…", "bold"))]
    shown = [rows[0], *(Content.assemble(" " * CONTINUED, row) for row in rows[1:])]
    return [*shown, *(Content("") for _ in range(SENTENCE_ROWS - len(shown)))]


class Choice(Button):
    """One of the answers, with its key. What was clicked before the review was armed is not an answer."""

    DEFAULT_CSS = """
    Choice {
        width: auto; min-width: 16; height: 1; margin-left: 2;
        border: none; background: $panel; color: $foreground; text-style: none;
        &.-style-default { border: none; background: $panel; color: $foreground; text-style: none; }
        &.-style-default:hover { border: none; background: $panel; background-tint: $foreground 8%; }
        &.-style-default.-active { border: none; }
        &:focus, &.-style-default:focus { background: $primary; color: $background; text-style: bold; }
        &.-yes, &.-style-default.-yes { background: $success-muted; color: $text-success; }
        &.-no-return, &.-style-default.-no-return { background: $error-muted; color: $text-error; }
        &.-yes:focus, &.-style-default.-yes:focus { background: $success; }
        &.-no-return:focus, &.-style-default.-no-return:focus { background: $error; }
        &:focus:ansi, &.-style-default:focus:ansi {
            background: $background; color: $primary; text-style: bold reverse;
            &.-yes { color: $success; }
            &.-no-return { color: $error; }
        }
        &:disabled, &.-style-default:disabled { background: $panel; color: $foreground-disabled; text-opacity: 100%; }
    }
    """

    def __init__(self, words: str, key: str, *, id: str, classes: str = "") -> None:  # noqa: A002 Textual's name
        super().__init__(Content.assemble(words, "  ", (key, "underline")), id=id, classes=classes)
        self.armed_at = float("inf")

    async def _on_click(self, event: events.Click) -> None:
        event.stop()
        if event.time >= self.armed_at:
            self.press()


class Typed(Horizontal):
    """The name to type, last before the buttons."""

    DEFAULT_CSS = """
    Typed { height: auto; max-height: 2; }
    Typed > Static { width: auto; max-width: 70%; padding-right: 1; }
    """

    def __init__(self, words: tuple[str, ...]) -> None:
        super().__init__(id="typed-row")
        self._words = words

    def compose(self) -> ComposeResult:
        """Say what to type, and take it."""
        name = Content.assemble("Type ", literal.content(self._words[0], style="bold"))
        yield Static(name, markup=False)
        other = f"or its last {len(self._words[1])}: {self._words[1]}" if len(self._words) > 1 else "to confirm"
        yield Input(id="typed", placeholder=literal.plain(other), select_on_focus=False)


class RaiseCap(Horizontal):
    """Today's cap, to be raised by typing an amount."""

    DEFAULT_CSS = "RaiseCap { height: 1; } RaiseCap > Static { width: auto; padding-right: 1; }"

    def __init__(self, needed: Decimal) -> None:
        super().__init__(id="cap-row")
        self._needed = needed

    def compose(self) -> ComposeResult:
        """Say what it is, and take the amount."""
        yield Static("Raise today's cap to $", markup=False)
        yield Input(id="cap", placeholder=f"at least {self._needed}", select_on_focus=False)


class Tick(Checkbox):
    """A box whose mark, and not its colour alone, says whether it is ticked."""

    BUTTON_INNER = " "

    def watch_value(self) -> None:
        """Show the mark, or none."""
        self.BUTTON_INNER = "✓" if self.value else " "
        super().watch_value()


class Allow(Horizontal):
    """The answer for the rest of a conversation, up to an amount."""

    DEFAULT_CSS = """
    Allow { height: 1; }
    Allow > Tick { width: auto; border: none; padding: 0; background: $surface; }
    Allow > Tick:focus { border: none; }
    Allow > Input { width: 10; }
    Allow > #left { width: 1fr; padding-left: 1; color: $foreground-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, review: Review, offered: Decimal) -> None:
        super().__init__(id="allow-row")
        self._left = cap_left(review)
        self._offered = offered

    def compose(self) -> ComposeResult:
        """Offer the amount; what the cap leaves stands beside it."""
        words = Content.assemble(("a", "bold $footer-key-foreground"), "llow this conversation up to $")
        yield Tick(words, id="allow", compact=True)
        yield Input(str(self._offered), id="allowance", select_on_focus=True)
        yield Static("" if self._left is None else f"the cap leaves {money(self._left)}", id="left", markup=False)
