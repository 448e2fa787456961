"""Help: the keys that work now, in the pane, for the focused widget, everywhere; searchable, and Enter does it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from textual.binding import Binding
from textual.widget import Widget

from theta_tui.tui.actions import EVERYWHERE, Action
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
    """Give the keys of the pane, then the focused widget's own, which move in it, then those of the shell."""
    focused, actions = app.shell.focused, list(action_entries(app))
    everywhere = [entry for entry in actions if entry.group == EVERYWHERE]
    mine = [entry for entry in actions if entry.group != EVERYWHERE]
    return [*mine, *(widget_entries(focused) if focused is not None else ()), *everywhere]


def widget_entries(widget: Widget) -> Iterator[Entry]:
    """Give the keys of a widget's own BINDINGS that have a description, each action once."""
    name = next((name for name in map(_NAMES.get, _classes(widget)) if name), "widget")
    group = f"In this {name}"
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


def _classes(widget: Widget) -> Iterator[str]:
    return (kind.__name__ for kind in type(widget).__mro__)


_NAMES: Final = {"RecordTable": "table", "Transcript": "conversation", "TextArea": "input", "Input": "input"}
"""What a kind of widget is called by those who use it."""
