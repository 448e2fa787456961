"""The styles of a transcript, each a component class that a theme can change, and the paper its lines are drawn on."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from rich.style import Style
from textual.widget import Widget

PREFIX: Final = "transcript--"
PROSE_COLUMNS: Final = 100
"""Longer lines of prose are hard to read; code and tables may use all there is."""
GUTTER: Final = 2
"""Columns left of everything: the cursor's mark and a space."""


@dataclass(frozen=True, eq=False)
class Look:
    """One Rich style per component class: `look.footer` is what the class `transcript--footer` says."""

    text: Style
    muted: Style
    accent: Style
    cursor: Style
    below: Style
    user: Style
    userbar: Style
    title: Style
    footer: Style
    partial: Style
    reasoning: Style
    notice: Style
    error: Style
    errorframe: Style
    heading: Style
    literal: Style
    link: Style
    quote: Style
    fence: Style
    code: Style
    keyword: Style
    string: Style
    number: Style
    comment: Style
    name: Style

    @classmethod
    def of(cls, widget: Widget) -> Look:
        """What the stylesheet says about a widget now."""
        return cls(**{each.name: widget.get_component_rich_style(PREFIX + each.name) for each in fields(cls)})

    def same_as(self, other: Look | None) -> bool:
        """Whether lines drawn with the other look are still right."""
        return other is not None and all(getattr(self, each.name) == getattr(other, each.name) for each in fields(self))


COMPONENTS: Final = frozenset(PREFIX + each.name for each in fields(Look))

CSS: Final = """
Transcript {
    overflow-x: hidden;
    overflow-y: scroll;
    scrollbar-size-vertical: 1;
    scrollbar-background: $background;
    scrollbar-background-hover: $background;
    scrollbar-background-active: $background;
    background: $background;
    color: $foreground;

    & > .transcript--muted { color: $foreground-muted; }
    & > .transcript--accent { color: $text-accent; }
    & > .transcript--cursor { color: $accent; text-style: bold; }
    & > .transcript--below { background: $background; color: $accent; text-style: bold reverse; }
    & > .transcript--user { background: $surface; color: $foreground; }
    & > .transcript--userbar { background: $surface; color: $accent; }
    & > .transcript--title { color: $text-primary; text-style: bold; }
    & > .transcript--footer { color: $foreground-muted; }
    & > .transcript--partial { color: $text-warning; text-style: bold; }
    & > .transcript--reasoning { color: $foreground-muted; text-style: italic; }
    & > .transcript--notice { color: $foreground-muted; }
    & > .transcript--error { color: $foreground; }
    & > .transcript--errorframe { color: $text-error; text-style: bold; }
    & > .transcript--heading { color: $text-primary; text-style: bold; }
    & > .transcript--literal { background: $surface; color: $text-accent; }
    & > .transcript--link { text-style: underline; }
    & > .transcript--quote { color: $foreground-muted; }
    & > .transcript--fence { background: $surface; color: $foreground-muted; }
    & > .transcript--code { background: $surface; color: $foreground; }
    & > .transcript--keyword { background: $surface; color: $text-primary; text-style: bold; }
    & > .transcript--string { background: $surface; color: $text-success; }
    & > .transcript--number { background: $surface; color: $text-warning; }
    & > .transcript--comment { background: $surface; color: $foreground-muted; text-style: italic; }
    & > .transcript--name { background: $surface; color: $text-accent; }
}
"""


@dataclass(frozen=True, eq=False)
class Paper:
    """What lines are drawn for. Another width or another look is another paper, and old lines are drawn again."""

    width: int
    """Columns of the text, without the gutter."""
    look: Look

    @property
    def prose(self) -> int:
        """Columns that prose uses."""
        return min(self.width, PROSE_COLUMNS)
