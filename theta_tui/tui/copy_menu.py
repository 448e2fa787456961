"""The copy menu: what the current pane offers, and its view as a command line. It asks the pane and knows none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from theta_tui.safe_text import for_line
from theta_tui.tui import literal
from theta_tui.tui.picker import Entry, Picker, run_entry

if TYPE_CHECKING:
    from theta_tui.tui.app import ThetaApp

SHOWN: Final = 200
"""Characters of a text shown beside its label."""


class CopyMenu(Picker):
    """Labels with the beginning of what each copies."""

    heading = "Copy"
    keys = (("↑↓", "move"), ("Enter", "copy"), ("Esc", "close"))
    DEFAULT_CSS = "CopyMenu > .modal--frame { max-height: 18; }"


def choices(pane: Any) -> list[tuple[str, str]]:
    """Give what can be copied in a pane: its own choices, then its view as a command line."""
    offered: Callable[[], Iterable[tuple[str, str]]] | None = getattr(pane, "copy_choices", None)
    found = list(offered()) if offered is not None else []
    for home in getattr(pane, "homes", ()):
        fields: Callable[[], Iterable[tuple[str, str]]] | None = getattr(home, "json_fields", None)
        found = [*(fields() if fields is not None else ()), *found]
    as_line: Callable[[], str | None] | None = getattr(pane, "cli_line", None)
    line = as_line() if as_line is not None else None
    return [*found, *([("As a command line", line)] if line else [])]


def open_copy_menu(app: ThetaApp) -> None:
    """Offer what can be copied here, or say that there is nothing."""
    found = choices(app.shell.current)
    if not found:
        app.tell("Nothing to copy here.")
        return

    def entry(label: str, text: str) -> Entry:
        async def run() -> None:
            from theta_tui.tui.clipboard import copy

            literal.toast(app, await copy(app, text))

        return Entry(label, run, words=for_line(text, SHOWN))

    app.push_screen(CopyMenu([entry(label, text) for label, text in found]), lambda chosen: run_entry(app, chosen))
