"""The user's own themes: a folder of files, looked at when somebody could want one. It knows no app.

There is no clock behind it: the console looks at its start, when the terminal gets the focus back, and every half
second only while themes are being chosen.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from textual.theme import Theme

from theta_tui.tui.looks import load_theme, theme_files


@dataclass(frozen=True, slots=True)
class News:
    """What is another since the last look: themes to take in, names that are gone, one line per file that is wrong."""

    themes: tuple[Theme, ...] = ()
    gone: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class ThemeShelf:
    """The files of the folder as they were seen last. `taken` are names that a file may not have."""

    def __init__(self, folder: Path, taken: Collection[str]) -> None:
        self.folder = folder
        self._taken = frozenset(taken)
        self._seen: dict[Path, tuple[int, int]] = {}
        self._names: dict[Path, str] = {}

    def look(self) -> News:
        """Look at the folder, and read what has changed. Blocks for a moment: call it in a thread."""
        found = {path: mark for path in theme_files(self.folder) if (mark := _mark(path))}
        changed = [path for path, mark in found.items() if self._seen.get(path) != mark]
        before = set(self._names.values())
        self._seen = found
        self._names = {path: name for path, name in self._names.items() if path in found}
        themes, problems = [], []
        for path in changed:
            try:
                theme = self._read(path)
            except ValueError as error:
                problems.append(str(error))
                continue
            self._names[path] = theme.name
            themes.append(theme)
        return News(tuple(themes), tuple(before - set(self._names.values())), tuple(problems))

    def _read(self, path: Path) -> Theme:
        theme = load_theme(path)
        others = {name for other, name in self._names.items() if other != path}
        if theme.name in self._taken | others:
            raise ValueError(f"{path.name}: there is a theme {theme.name} already; give this one another name")
        return theme


def _mark(path: Path) -> tuple[int, int] | None:
    """Give what changes when a file is written; None if it has just gone."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
