"""Writing `settings.toml`: one value at a time, comments and order kept, the file replaced as a whole."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from theta_tui.errors import UsageError
from theta_tui.private_file import replace_file
from theta_tui.settings.file import FILE_NAME, read_file
from theta_tui.settings.schema import KEYS, OFF_WORDS, ON_WORDS, PROFILE_NAME, Key, Kind, read_value, words_in


def save_value(profile: str | None, key: str, value: object, *, config_dir: Path) -> None:
    """Write one setting, for one profile or (None) for all; None as the value takes it out again.

    Comments and order are kept. The file is replaced as a whole (temporary file, fsync, rename), mode 0600, in a
    folder of mode 0700. Blocks for a moment: call it in a thread. UsageError if the key is unknown, the value does
    not fit or the file is damaged.
    """
    known = _checked(profile, key, value)
    save_entry(() if profile is None else ("profiles", profile), known.name, value, config_dir=config_dir)


def as_written(key: Key, text: str) -> object:
    """Turn what a person typed for a setting into what stands in the file; what does not fit is left to be refused."""
    word = text.strip().lower()
    if key.kind is Kind.SWITCH and word in ON_WORDS | OFF_WORDS:
        return word in ON_WORDS
    if key.kind is Kind.WORDS:
        return words_in(text)
    if key.kind is Kind.COMMAND:
        import shlex

        try:
            return shlex.split(text)
        except ValueError:  # a quote that is not closed
            return text
    return text


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
    replace_file(path, tomlkit.dumps(document).encode())


def _checked(profile: str | None, name: str, value: object) -> Key:
    key = KEYS.get(name)
    if key is None:
        near = difflib.get_close_matches(name, KEYS, n=1)
        hint = f"Did you mean {near[0]}?" if near else "`theta-tui config show` lists them."
        raise UsageError(f"There is no setting {ascii(name)[:60]}.", hint=hint)
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
