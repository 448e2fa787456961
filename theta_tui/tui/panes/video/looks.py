"""How the lists of this pane write states, links and times; it knows no rows."""

from __future__ import annotations

import html

from textual.content import Content

from theta_tui.tui import literal
from theta_tui.tui.widgets.record_table import Role
from theta_tui.tui.words import UNKNOWN, age, span

STYLES: dict[Role, str] = {
    "ok": "$text-success",
    "warn": "$text-warning",
    "bad": "$text-error",
    "muted": "$foreground-muted",
    "accent": "$text-accent",
}
_MILLISECONDS_FROM = 10_000
_LONGEST_SECONDS = 10**9


def styled(text: str, role: Role) -> Content:
    """Give a cell's words for a detail view."""
    return literal.content(text, style=STYLES[role])


def length_words(duration: str) -> str:
    """Write how long a video is. A fraction is of seconds; large whole numbers were seen to be milliseconds."""
    try:
        value = float(duration)
    except ValueError:
        return duration or UNKNOWN
    if not abs(value) < _LONGEST_SECONDS:  # also what is no number
        return duration
    seconds = value / 1000 if "." not in duration and value >= _MILLISECONDS_FROM else value
    if seconds < 60:
        return span(seconds)
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02} min"


def age_words(created: str) -> str:
    """Say how long ago something was; the first seconds are nobody's business."""
    words = age(created)
    return "just now" if "." in words and words.endswith(" s") else words


def embed_code(player: str) -> str:
    """Write the HTML that shows a player in a page."""
    address = html.escape(player, quote=True)
    return (
        f'<iframe src="{address}" width="640" height="360" style="border:0" allow="autoplay; fullscreen" '
        "allowfullscreen></iframe>"
    )
