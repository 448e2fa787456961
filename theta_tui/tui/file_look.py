"""A look at a file of this computer before it is used: is it there, is it of the right kind, is it too large."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from theta_tui.tui.words import size as size_words


@dataclass(frozen=True, slots=True)
class FileLook:
    """What was seen: `words` about a file that will do, else what is wrong with it."""

    words: str = ""
    problem: str = ""


async def look_at(path: str, suffixes: Sequence[str] = (), most_bytes: int | None = None) -> FileLook:
    """Look at a file, outside the loop."""
    return await asyncio.to_thread(_look, path, tuple(suffixes), most_bytes)


def expanded(path: str) -> Path:
    """Give the path with the home folder in place of `~`; as it is where there is none."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def kind_words(suffixes: Sequence[str]) -> str:
    """Name the kinds of file that will do: .png, .jpg or .webp."""
    *first, last = suffixes
    return f"{', '.join(first)} or {last}" if first else last


def _look(path: str, suffixes: tuple[str, ...], most_bytes: int | None) -> FileLook:
    try:
        file = expanded(path)
        seen = file.stat()
    except (OSError, ValueError):
        return FileLook(problem="There is no such file.")
    if not stat.S_ISREG(seen.st_mode):
        return FileLook(problem="This is a folder; a file is needed." if file.is_dir() else "This is no regular file.")
    if not seen.st_size:
        return FileLook(problem="The file is empty.")
    if suffixes and file.suffix.lower() not in suffixes:
        return FileLook(problem=f"This input takes {kind_words(suffixes)}.")
    if most_bytes is not None and seen.st_size > most_bytes:
        return FileLook(problem=f"It has {size_words(seen.st_size)}; {size_words(most_bytes)} are the most.")
    return FileLook(words=f"{file.name}, {size_words(seen.st_size)}")
