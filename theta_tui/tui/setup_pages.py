"""The first and the last page of the setup wizard, and what all its short pages share.

They ask nobody: the wizard shows them what there is, and reads what was chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from theta_tui.purposes import PURPOSES, Purpose
from theta_tui.tui import literal
from theta_tui.tui.widgets.ticks import Tick, Ticks


class SetupPage(VerticalScroll, can_focus=False):
    """One step; what it asks is explained in its first line."""

    DEFAULT_CSS = """
    SetupPage {
        height: 1fr;
        scrollbar-size-vertical: 1;
        & > .setup--ask { height: auto; margin-bottom: 1; color: $foreground-muted; }
        & > .setup--hint { height: auto; margin-top: 1; color: $foreground-muted; }
        & Field .field--label { width: 16; }
        & Field > .field--problem { padding-left: 16; }
    }
    """
    asks: str = ""

    def compose(self) -> ComposeResult:
        """Lay out the question and what answers it."""
        yield Static(self.asks, classes="setup--ask", markup=False)
        yield from self.inside()

    def inside(self) -> Iterable[Widget]:
        """Give what answers the question."""
        return ()

    def first_focus(self) -> Widget:
        """Give what has the keys first."""
        return self.query_one(Ticks)


class PurposesPage(SetupPage):
    """What it is for: purposes switched on and off."""

    asks = "What is it for? Only keys for what is switched on are asked for; paste one right here if you like."

    def __init__(self) -> None:
        super().__init__(id="purposes")

    def inside(self) -> Iterable[Widget]:
        """Give the purposes."""
        yield Ticks([Tick(one.name, one.title, one.words, one.usual) for one in PURPOSES], id="for")
        hint = "No key yet? The demo needs none: a simulated cloud with simulated money."
        yield Static(hint, classes="setup--hint", markup=False)

    @property
    def purposes(self) -> tuple[Purpose, ...]:
        """The purposes that are switched on."""
        chosen = self.query_one(Ticks).chosen
        return tuple(one for one in PURPOSES if one.name in chosen)

    def show(self, sources: Mapping[str, str]) -> None:
        """Show which of them have a key already; these are switched on as well."""
        ticks = self.query_one(Ticks)
        rows = []
        for purpose, row in zip(PURPOSES, ticks.rows, strict=True):
            found = [sources[name] for name in purpose.asks if name in sources]
            words = f"● from {', '.join(dict.fromkeys(found))}" if found else purpose.words
            rows.append(Tick(row.key, row.title, words, row.is_on or bool(found)))
        ticks.show(rows)


class DonePage(SetupPage):
    """What was done, what is missing, and three things to try."""

    asks = "This is in force now:"

    def __init__(self) -> None:
        super().__init__(id="done")
        self.next_panes: tuple[str, ...] = ()

    def inside(self) -> Iterable[Widget]:
        """Give the page."""
        yield Static("", id="outcome", markup=False)

    def show(self, told: Sequence[str], exports: Sequence[str], offered: Sequence[tuple[str, str]]) -> None:
        """Show it; `offered` are keys with what they lead to."""
        self.next_panes = tuple(key for key, _ in offered if key.isdigit())
        lines = [literal.content(line) for line in told]
        if exports:
            lines += [Content(""), Content("Before the next start, each with its key:")]
            lines += [Content(f"  export {name}=…") for name in exports]
        lines += [Content(""), Content.styled("Try next", "bold")]
        lines += [
            Content.assemble("  ", (key, "bold $footer-key-foreground"), "  ", literal.content(words))
            for key, words in offered
        ]
        self.query_one("#outcome", Static).update(Content("\n").join(lines))
