"""Choosing a file of this computer: folders to walk through, in the same list as palette and help."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from textual import on
from textual.app import App
from textual.widgets import Input

from theta_tui.tui.file_look import expanded, kind_words
from theta_tui.tui.picker import Entry, Picker
from theta_tui.tui.words import size as size_words

MOST_ENTRIES: Final = 2000
UP: Final = "../"


class FilePicker(Picker):
    """One folder; Enter goes into a folder or takes a file. What is typed with a slash is a path from here."""

    prompt = "Type to search this folder, or type a path"
    nothing = "Nothing here matches."
    keys = (("↑↓", "move"), ("Enter", "open or take"), ("Esc", "close"))

    def __init__(self, folder: Path, entries: Sequence[Entry], suffixes: tuple[str, ...] = ()) -> None:
        super().__init__(entries)
        self._folder = folder
        self._suffixes = suffixes
        self._there: list[Entry] = []
        self._looked = ""

    @property
    def title_words(self) -> str:
        """The folder."""
        return str(self._folder)

    @on(Input.Changed, "#search")
    def _typed(self, event: Input.Changed) -> None:
        if _is_path(event.value):
            event.prevent_default()
            self.run_worker(self._look(event.value.strip()), exclusive=True, group="look")

    @on(Input.Submitted, "#search")
    def _taken(self, event: Input.Submitted) -> None:
        if _is_path(event.value) and event.value.strip() != self._looked:
            event.prevent_default()
            self.run_worker(self._take(event.value.strip()), exclusive=True, group="look")

    async def _take(self, path: str) -> None:
        """Take what a path leads to that was not looked at yet, such as a pasted one."""
        await self._look(path)
        self._entered()

    async def _look(self, path: str) -> None:
        """Show what there is where the path leads so far."""
        head, slash, begun = path.rpartition("/")
        entries = await asyncio.to_thread(entries_of, self._folder / expanded(f"{head}{slash}"), self._suffixes)
        found = [entry for entry in entries if entry.name != UP and entry.name.startswith(begun)]
        self._there = [replace(entry, name=f"{head}{slash}{entry.name}") for entry in found]
        self._looked = path
        self._show(path)

    def _ranked(self, wanted: str) -> list[Entry]:
        return self._there if _is_path(wanted) else super()._ranked(wanted)


async def pick_file(app: App[Any], start: str = "", suffixes: Sequence[str] = ()) -> Path | None:
    """Let the user walk from where `start` is to a file; None if none was taken. Call it in a worker."""
    folder = await asyncio.to_thread(_first_folder, start)
    while True:
        entries = await asyncio.to_thread(entries_of, folder, tuple(suffixes))
        chosen: Entry | None = await app.push_screen_wait(FilePicker(folder, entries, tuple(suffixes)))
        if chosen is None:
            return None
        if not chosen.name.endswith("/"):
            return folder / expanded(chosen.name)
        folder = folder.parent if chosen.name == UP else folder / expanded(chosen.name)


def _is_path(text: str) -> bool:
    return "/" in text


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
