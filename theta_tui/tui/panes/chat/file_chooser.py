"""Choosing a file by its path: what is typed is completed from the folders of this machine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from theta_tui.tui import literal
from theta_tui.tui.modal import Modal
from theta_tui.tui.words import size

MOST: Final = 500
"""Names that are listed of one folder."""


class FileChooser(Modal[str]):
    """A path over the names that it may become. Enter takes a file and opens a folder, Tab completes."""

    DEFAULT_CSS = """
    FileChooser {
        & > .modal--frame { height: 100%; max-height: 22; }
        & #path { margin-bottom: 1; }
        & #names { height: 1fr; scrollbar-size-vertical: 1; }
        & #names > .option-list--option-highlighted {
            background: $block-cursor-background; color: $block-cursor-foreground;
        }
        & #why { height: 1; color: $text-warning; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,ctrl+n", "move('cursor_down')", show=False, priority=True),
        Binding("up,ctrl+p", "move('cursor_up')", show=False, priority=True),
        Binding("tab", "complete", show=False, priority=True),
    ]
    AUTO_FOCUS = "#path"
    keys = (("Tab", "complete"), ("↑↓", "move"), ("Enter", "take"), ("Esc", "close"))

    def __init__(self, title: str, start: str = "") -> None:
        super().__init__()
        self._title = title
        self._start = start or f"{Path.home()}{os.sep}"
        self._names: list[str] = []

    @property
    def title_words(self) -> str:
        """What the file is for."""
        return self._title

    def inside(self) -> Iterable[Widget]:
        """Give path, names, and the line for what is wrong."""
        yield Input(literal.plain(self._start), placeholder="Path of a file", id="path", select_on_focus=False)
        yield OptionList(id="names", markup=False)
        yield Static("", id="why", markup=False)

    def on_mount(self) -> None:
        """The focus stays in the path."""
        self.query_one("#names").can_focus = False

    @on(Input.Changed, "#path")
    def _typed(self, event: Input.Changed) -> None:
        self.run_worker(self._look(event.value), exclusive=True, group="look")

    async def _look(self, typed: str) -> None:
        found, problem = await asyncio.to_thread(names_for, typed)
        names = next(iter(self.query("#names").results(OptionList)), None)
        if names is None:
            return  # closed meanwhile
        self._names = [name for name, _ in found]
        names.clear_options()
        names.add_options([Option(_drawn(name, bytes_)) for name, bytes_ in found])
        names.highlighted = 0 if found else None
        self.query_one("#why", Static).update(literal.content(problem))

    def action_move(self, how: str) -> None:
        """Move the highlight while the path keeps the focus."""
        getattr(self.query_one("#names", OptionList), f"action_{how}")()

    def action_complete(self) -> None:
        """Put the highlighted name into the path."""
        at = self.query_one("#names", OptionList).highlighted
        if at is not None:
            self._put(self._names[at])

    @on(Input.Submitted, "#path")
    def _entered(self, event: Input.Submitted) -> None:
        typed, at = event.value.strip(), self.query_one("#names", OptionList).highlighted
        if typed and _is_file(typed):
            self.dismiss(typed)
        elif at is not None:
            self._choose(at)

    @on(OptionList.OptionSelected, "#names")
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self._choose(event.option_index)

    def _choose(self, at: int) -> None:
        path = self._put(self._names[at])
        if not path.endswith(os.sep):
            self.dismiss(path)

    def _put(self, name: str) -> str:
        line = self.query_one("#path", Input)
        line.value = f"{_folder_of(line.value)}{name}"
        line.cursor_position = len(line.value)
        return line.value


def names_for(typed: str) -> tuple[list[tuple[str, int | None]], str]:
    """Give the names that a path may become, folders first with a slash, files with sizes; or what is wrong."""
    folder, start = _folder_of(typed), typed[len(_folder_of(typed)) :]
    found: list[tuple[str, int | None]] = []
    try:
        with os.scandir(Path(folder or ".").expanduser()) as entries:
            for entry in entries:
                if entry.name.lower().startswith(start.lower()) and (start or not entry.name.startswith(".")):
                    is_folder = entry.is_dir()
                    found.append((f"{entry.name}{os.sep}", None) if is_folder else (entry.name, _size(entry)))
    except (OSError, ValueError) as error:
        return [], f"{folder or 'This folder'}: {(getattr(error, 'strerror', None) or 'not a path').lower()}."
    ordered = sorted(found, key=lambda each: (each[1] is not None, each[0].lower()))[:MOST]
    return ordered, "" if ordered else f"Nothing in {folder or 'this folder'} begins like that."


def _folder_of(typed: str) -> str:
    return typed[: typed.rfind(os.sep) + 1]


def _is_file(typed: str) -> bool:
    try:
        return Path(typed).expanduser().is_file()
    except (OSError, ValueError):
        return False


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat().st_size
    except OSError:
        return 0


def _drawn(name: str, bytes_: int | None) -> Content:
    if bytes_ is None:
        return literal.content(name, style="bold $text-accent")
    return Content.assemble(literal.content(name), (f"  {size(bytes_)}", "$foreground 60%"))
