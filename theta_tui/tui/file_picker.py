"""Choosing a file of this computer: folders to walk through, in the same list as palette and help."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from textual.app import App

from theta_tui.tui.file_look import expanded, kind_words
from theta_tui.tui.picker import Entry, Picker
from theta_tui.tui.words import size as size_words

MOST_ENTRIES: Final = 2000
UP: Final = "../"


class FilePicker(Picker):
    """One folder; Enter goes into a folder or takes a file."""

    prompt = "Type to search this folder"
    nothing = "Nothing here matches."
    keys = (("↑↓", "move"), ("Enter", "open or take"), ("Esc", "close"))

    def __init__(self, folder: Path, entries: Sequence[Entry]) -> None:
        super().__init__(entries)
        self._folder = folder

    @property
    def title_words(self) -> str:
        """The folder."""
        return str(self._folder)


async def pick_file(app: App[Any], start: str = "", suffixes: Sequence[str] = ()) -> Path | None:
    """Let the user walk from where `start` is to a file; None if none was taken. Call it in a worker."""
    folder = await asyncio.to_thread(_first_folder, start)
    while True:
        entries = await asyncio.to_thread(entries_of, folder, tuple(suffixes))
        chosen: Entry | None = await app.push_screen_wait(FilePicker(folder, entries))
        if chosen is None:
            return None
        if not chosen.name.endswith("/"):
            return folder / chosen.name
        folder = folder.parent if chosen.name == UP else folder / chosen.name


def _first_folder(start: str) -> Path:
    place = expanded(start.strip() or ".").absolute()
    while not place.is_dir():
        place = place.parent
    return place


def entries_of(folder: Path, suffixes: tuple[str, ...] = ()) -> list[Entry]:
    """List a folder: the way up, folders, files that will do, then others with the reason; hidden ones not at all."""
    try:
        found = sorted(folder.iterdir(), key=lambda path: path.name.casefold())[:MOST_ENTRIES]
    except OSError as error:
        return [_entry(UP, words=f"this folder cannot be read: {error.strerror}")]
    shown = [path for path in found if not path.name.startswith(".")]
    files = [path for path in shown if not path.is_dir()]
    fitting = [path for path in files if not suffixes or path.suffix.lower() in suffixes]
    why_not = f"not {kind_words(suffixes)}" if suffixes else ""
    return [
        *([_entry(UP, words="the folder above")] if folder.parent != folder else []),
        *(_entry(f"{path.name}/") for path in shown if path.is_dir()),
        *(_entry(path.name, mark=_size(path)) for path in fitting),
        *(_entry(path.name, why_not=why_not) for path in files if path not in fitting),
    ]


def _entry(name: str, *, words: str = "", mark: str = "", why_not: str = "") -> Entry:
    return Entry(name, run=lambda: None, words=words, mark=mark, why_not=why_not)


def _size(path: Path) -> str:
    try:
        return size_words(path.stat().st_size)
    except OSError:
        return ""
