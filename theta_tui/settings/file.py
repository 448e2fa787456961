"""`settings.toml`: reading it with problems told line by line, and writing one value with the comments kept.

Keys at the top hold for every profile, `[profiles.NAME]` for one. Never a secret; values are never quoted in a problem.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from theta_tui.errors import UsageError
from theta_tui.settings.schema import KEYS, PROFILE_NAME, Key, read_value

FILE_NAME = "settings.toml"
_LARGEST = 1_000_000
_STALE_SECONDS = 60
_SOUNDS_SECRET = re.compile(r"key|token|secret|pass|credential|auth", re.IGNORECASE)
_HEADER = re.compile(r"\s*\[\s*(?:profiles\s*\.\s*)?[\"']?([^\]\"']*?)[\"']?\s*\]")


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """What `settings.toml` says: raw values at the top and per profile. `damaged` means that it cannot be read."""

    top: Mapping[str, Any] = field(default_factory=dict)
    profiles: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    damaged: bool = False
    text: str = ""

    def line_of(self, name: str, profile: str | None = None) -> int | None:
        """Find the line on which a key is written, counted from 1."""
        section: str | None = None
        for number, line in enumerate(self.text.splitlines(), start=1):
            if header := _HEADER.match(line):
                section = header[1]
            written = line.split("=", 1)[0].strip().strip("\"'") if "=" in line else None
            if section == profile and written == name:
                return number
            if profile is None and header and header[1] == name:
                return number
        return None

    def place(self, name: str, profile: str | None = None) -> str:
        """Say where a key is written: `settings.toml line 3`."""
        line = self.line_of(name, profile)
        return FILE_NAME if line is None else f"{FILE_NAME} line {line}"


def read_file(folder: Path) -> SettingsFile:
    """Read `settings.toml` of a folder; a missing file is an empty one, a damaged one says so."""
    return _read(folder / FILE_NAME)


def _read(path: Path) -> SettingsFile:
    try:
        with path.open("rb") as stream:
            raw = stream.read(_LARGEST + 1)
    except FileNotFoundError:
        return SettingsFile()
    except OSError as error:
        return SettingsFile(problems=(f"{FILE_NAME} cannot be read ({error.strerror}).",), damaged=True)
    if len(raw) > _LARGEST:
        return SettingsFile(problems=(f"{FILE_NAME} is larger than 1 MB.",), damaged=True)
    return parse(raw)


def parse(raw: bytes) -> SettingsFile:
    """Parse the bytes of a settings file; every unknown key and table becomes a problem."""
    import tomllib

    try:
        text = raw.decode("utf-8")
        values = tomllib.loads(text, parse_float=Decimal)
    except UnicodeDecodeError:
        return SettingsFile(problems=(f"{FILE_NAME} is not UTF-8 text.",), damaged=True)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"\(at (.*)\)\s*$", str(error))
        place = where[1] if where else "somewhere"
        return SettingsFile(problems=(f"{FILE_NAME} is not valid TOML at {place}.",), damaged=True, text=text)
    except RecursionError:
        return SettingsFile(problems=(f"{FILE_NAME} is nested too deeply.",), damaged=True)
    return _sorted_out(values, text)


def _sorted_out(values: dict[str, Any], text: str) -> SettingsFile:
    written = values.pop("profiles", {})
    tables = written if isinstance(written, dict) else {}
    profiles = {name: table for name, table in tables.items() if isinstance(table, dict)}
    found = SettingsFile(top=values, profiles=profiles, text=text)
    problems = list(_unknown(found, values, None))
    if not isinstance(written, dict) or len(profiles) < len(tables):
        problems.append(f"{FILE_NAME}: write profiles as tables, such as [profiles.default].")
    for name, table in profiles.items():
        if not PROFILE_NAME.fullmatch(name):
            problems.append(f"{FILE_NAME}: {name!a} cannot be the name of a profile.")
        problems += _unknown(found, table, name)
    return SettingsFile(top=values, profiles=profiles, problems=tuple(problems), text=text)


def _unknown(found: SettingsFile, table: Mapping[str, Any], profile: str | None) -> Iterator[str]:
    from difflib import get_close_matches

    for name in table:
        key = KEYS.get(name)
        if key is not None and (profile is None or not key.everywhere):
            continue
        place = found.place(name, profile)
        shown = ascii(name)[:60]
        if key is not None:
            yield f"{place}: {shown} belongs at the top of the file, not in a profile."
        elif close := get_close_matches(name, KEYS, n=1, cutoff=0.7):
            yield f"{place}: unknown setting {shown}; did you mean {close[0]}?"
        elif _SOUNDS_SECRET.search(name):
            yield f"{place}: unknown setting {shown}; secrets do not belong in this file, use `theta-tui setup`."
        else:
            yield f"{place}: unknown setting {shown}; `theta-tui config show` lists them."


def save_value(profile: str | None, key: str, value: object, *, config_dir: Path) -> None:
    """Write one setting, for one profile or (None) for all; None as the value takes it out again.

    Comments and order are kept. The file is replaced as a whole (temporary file, fsync, rename), mode 0600, in a
    folder of mode 0700. Blocks for a moment: call it in a thread. UsageError if the key is unknown, the value does
    not fit or the file is damaged.
    """
    import tomlkit

    known = _checked(profile, key, value)
    path = (config_dir / FILE_NAME).resolve()  # a link into a dotfiles folder stays a link
    present = _read(path)
    if present.damaged:
        raise UsageError(f"{present.problems[0]} Nothing was written.", hint="Repair the file or move it aside.")
    document = tomlkit.parse(present.text)
    place: Any = document
    for depth, name in enumerate(() if profile is None else ("profiles", profile)):
        place = place.setdefault(name, tomlkit.table(is_super_table=depth == 0))
        if not isinstance(place, dict):
            raise UsageError(f"{present.problems[0]} Nothing was written.", hint="Repair the file or move it aside.")
    if value is None:
        place.pop(known.name, None)
    else:
        place[known.name] = _written(value)
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
            raise UsageError(f"{name} must be {key.kind.value}.") from None
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
