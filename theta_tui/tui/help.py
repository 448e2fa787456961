"""Help: the keys that work now, for the focused widget, the pane, everywhere; searchable, and Enter does it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.binding import Binding
from textual.widget import Widget

from theta_tui.tui.actions import Action
from theta_tui.tui.palette import action_entries
from theta_tui.tui.picker import Entry, Picker, run_entry

if TYPE_CHECKING:
    from theta_tui.tui.app import ThetaApp


class Help(Picker):
    """The list of keys."""

    heading = "Keys that work here"
    prompt = "Search keys"
    keys = (("↑↓", "move"), ("Enter", "do it"), ("Esc", "close"))


def open_help(app: ThetaApp) -> None:
    """Show the keys, and run the one that is chosen."""
    app.push_screen(Help(help_entries(app)), lambda chosen: run_entry(app, chosen))


def help_entries(app: ThetaApp) -> list[Entry]:
    """Give the focused widget's own keys, then those of the pane and of the shell."""
    focused = app.shell.focused
    return [*(widget_entries(focused) if focused is not None else ()), *action_entries(app)]


def widget_entries(widget: Widget) -> Iterator[Entry]:
    """Give the keys of a widget's own BINDINGS that have a description, each action once."""
    group = f"In this {_spoken(type(widget).__name__)}"
    found: dict[str, list[Binding]] = {}
    for kind in type(widget).__mro__:
        for binding in Binding.make_bindings(kind.__dict__.get("BINDINGS", ())):
            if binding.description:
                found.setdefault(binding.action, []).append(binding)
        if kind.__dict__.get("_inherit_bindings") is False:
            break
    for action, same in found.items():
        names = dict.fromkeys(Action("", each.key, "", "").key_name for each in same)
        yield Entry(same[0].description, partial(_run, widget, action), key=" ".join(names), group=group)


async def _run(widget: Any, action: str) -> None:
    widget.focus()
    await widget.run_action(action)


def _spoken(name: str) -> str:
    """Say a class name in small words: RecordTable → record table."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
