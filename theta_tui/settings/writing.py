"""Writing `settings.toml`: one value at a time, comments and order kept, the file replaced as a whole."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from theta_tui.errors import UsageError
from theta_tui.settings.file import FILE_NAME, read_file
from theta_tui.settings.schema import KEYS, PROFILE_NAME, Key, read_value

_STALE_SECONDS = 60


def save_value(profile: str | None, key: str, value: object, *, config_dir: Path) -> None:
    """Write one setting, for one profile or (None) for all; None as the value takes it out again.

    Comments and order are kept. The file is replaced as a whole (temporary file, fsync, rename), mode 0600, in a
    folder of mode 0700. Blocks for a moment: call it in a thread. UsageError if the key is unknown, the value does
    not fit or the file is damaged.
    """
    known = _checked(profile, key, value)
    save_entry(() if profile is None else ("profiles", profile), known.name, value, config_dir=config_dir)


def save_entry(tables: Sequence[str], name: str, value: object, *, config_dir: Path) -> None:
    """Write one entry into a table, which is made if need be; None takes it out. UsageError for a damaged file."""
    import tomlkit

    path = (config_dir / FILE_NAME).resolve()  # a link into a dotfiles folder stays a link
    present = read_file(config_dir)
    if present.damaged:
        raise UsageError(f"{present.problems[0]} Nothing was written.", hint="Repair the file or move it aside.")
    document = tomlkit.parse(present.text)
    place: Any = document
    for depth, table in enumerate(tables):
        place = place.setdefault(table, tomlkit.table(is_super_table=depth < len(tables) - 1))
        if not isinstance(place, dict):
            raise UsageError(f"{present.problems[0]} Nothing was written.", hint="Repair the file or move it aside.")
    if value is None:
        place.pop(name, None)
    else:
        place[name] = _written(value)
    _replace(path, tomlkit.dumps(document))


def _checked(profile: str | None, name: str, value: object) -> Key:
    key = KEYS.get(name)
    if key is None:
        raise UsageError(f"There is no setting {ascii(name)[:60]}.", hint="`theta-tui config show` lists them.")
    if profile is not None and not PROFILE_NAME.fullmatch(profile):
        raise UsageError("This cannot be the name of a profile.", hint="Use letters, digits, dots and dashes.")
    if profile is not None and key.everywhere:
        raise UsageError(f"{name} is not a setting of one profile.")
    if value is not None:
        try:
            read_value(key, value)
        except ValueError:
            raise UsageError(f"{name} must be {key.wanted}.") from None
    return key


def _written(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    return list(value) if isinstance(value, tuple) else value


def _replace(path: Path, text: str) -> None:
    """Put a file in place of another so that a reader sees the old one or the new one, whole."""
    for folder in reversed([path.parent, *path.parent.parents]):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
    for stale in path.parent.glob(f".{FILE_NAME}.*"):  # left by a killed process
        if time.time() - stale.stat().st_mtime > _STALE_SECONDS:
            stale.unlink(missing_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{FILE_NAME}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
