"""The one table of actions: key line, help, palette and key bindings are all made from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class Action:
    """Something a key does. `id` names it for remapping ("deployments.stop"), `run` is the Textual action.

    `rank` orders the key line (lower is further left), 0 keeps it out of there; `words` is the help's sentence.
    """

    id: str
    key: str
    title: str
    run: str
    words: str = ""
    rank: int = 50
    priority: bool = False

    def binding(self) -> Binding:
        """Give the Textual binding."""
        return Binding(self.key, self.run, self.title, show=self.rank > 0, priority=self.priority, id=self.id)

    def reached_by(self, reaches: Callable[[str], bool]) -> Action | None:
        """Give it with the first of its keys that works now; None if none does."""
        first = next(filter(reaches, self.key.split(",")), None)
        return None if first is None else replace(self, key=first)

    @property
    def key_name(self) -> str:
        """The first key as users write it."""
        first = self.key.split(",")[0]
        return _NAMES.get(first, first.upper() if first.startswith("f") and first[1:].isdigit() else first)


_NAMES = {
    "slash": "/",
    "colon": ":",
    "question_mark": "?",
    "plus": "+",
    "minus": "-",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "exclamation_mark": "!",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "comma": ",",
    "full_stop": ".",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "tab": "Tab",
}


def bindings(actions: tuple[Action, ...]) -> list[BindingType]:
    """Give the bindings of a table of actions."""
    return [action.binding() for action in actions]


EVERYWHERE: Final = "Everywhere"
"""The group of what the shell does, whatever pane is shown."""

SHELL: tuple[Action, ...] = (
    *(
        Action(f"go.{digit}", digit, f"Pane {digit}", f"go('{digit}')", rank=0, words=f"Show pane {digit}.")
        for digit in "1234567890"
    ),
    *(
        Action(f"go.f{digit}", f"f{digit}", f"Pane {digit}", f"go('{digit}')", rank=0, priority=True)
        for digit in "23456789"
    ),
    Action("shell.goto", "ctrl+g", "Panes", "app.goto", "Show the panes, then press a digit.", rank=0, priority=True),
    Action("shell.command", "colon", "Go to", "app.command_line", "Go to a pane or run a command.", rank=80),
    Action("shell.filter", "slash", "Filter", "filter", "Filter the rows of this pane.", rank=70),
    Action(
        "shell.palette", "ctrl+p", "Palette", "app.palette", "Search every command and action.", rank=0, priority=True
    ),
    Action("shell.help", "question_mark,f1", "Help", "app.help", "Show the keys that work here.", rank=90),
    Action("shell.refresh", "R", "Refresh", "refresh_pane", "Ask the cloud again.", rank=0),
    Action("shell.pause", "p", "Pause", "app.pause", "Pause or go on with refreshing.", rank=0),
    Action("shell.zoom", "plus", "Zoom", "zoom", "Give the pane the whole screen, and back.", rank=0),
    Action("shell.copy", "y", "Copy", "app.copy_menu", "Copy a cell, row, id, URL, JSON or command.", rank=0),
    Action("shell.explain", "e", "Explain", "app.explain", "Show this as CLI line, curl and Python.", rank=75),
    Action("shell.back", "left_square_bracket", "Back", "trail('back')", "Go back to what was shown before.", rank=0),
    Action("shell.forward", "right_square_bracket", "Forward", "trail('forward')", "Go forward again.", rank=0),
    Action("shell.last", "minus", "Last view", "trail('last')", "Go to the view before this one, and back.", rank=0),
    Action("shell.dry_run", "ctrl+t", "Dry-run", "app.toggle_dry_run", "Switch DRY-RUN on or off.", rank=0),
    Action("shell.read_only", "ctrl+r", "Read-only", "app.toggle_read_only", "Switch READ-ONLY on or off.", rank=0),
    Action("shell.profile", "P", "Profile", "app.profiles", "Switch to another profile.", rank=0),
    Action("shell.settings", "O", "Settings", "app.settings", "Look at the settings and change them.", rank=0),
    Action("shell.notifications", "exclamation_mark", "Messages", "app.messages", "Show past messages.", rank=0),
    Action("shell.works", "W", "At work", "app.works", "Show long work, its steps, and cancel it.", rank=0),
    Action(
        "shell.mouse", "f10", "Mouse", "app.toggle_mouse", "Release the mouse for the terminal's selection.", rank=0
    ),
    Action("shell.suspend", "ctrl+z", "To the shell", "app.suspend", "Go to the shell; `fg` comes back here.", rank=0),
    Action("shell.ask_quit", "q", "Quit", "app.ask_quit", "Quit; asks if something is at work or billed.", rank=0),
    Action(
        "shell.quit", "ctrl+q", "Quit", "app.quit_now", "Quit; asks only while an answer is due.", rank=0, priority=True
    ),
)
