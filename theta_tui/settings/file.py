"""`settings.toml`: reading it, with problems told line by line.

Keys at the top hold for every profile, `[profiles.NAME]` for one; `[keys]` moves keys of the keyboard, `[columns]`
chooses those of tables. Never a secret; values are never quoted in a problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from theta_tui.settings.schema import KEYS, PROFILE_NAME

FILE_NAME = "settings.toml"
_LARGEST = 1_000_000
_SOUNDS_SECRET = re.compile(r"key|token|secret|pass|credential|auth", re.IGNORECASE)
PRESET = "preset"
_HEADER = re.compile(r"\s*\[\s*(?:profiles\s*\.\s*)?[\"']?([^\]\"']*?)[\"']?\s*\]")


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """What `settings.toml` says: raw values at the top and per profile. `damaged` means that it cannot be read.

    `keys` is the keyboard's table as `preset` and action → key, `columns` maps a table's name to its columns.
    """

    top: Mapping[str, Any] = field(default_factory=dict)
    profiles: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
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
    written_keys, written_columns = values.pop("keys", {}), values.pop("columns", {})
    found = SettingsFile(top=values, profiles=profiles, text=text)
    problems = list(_unknown(found, values, None))
    keys, columns = dict(_flat(written_keys)), dict(_flat(written_columns))
    problems += _misfits(found, "keys", keys, str, 'a text such as "ctrl+x"')
    problems += _misfits(found, "columns", columns, list, 'a list such as ["name", "status"]')
    if not isinstance(written, dict) or len(profiles) < len(tables):
        problems.append(f"{FILE_NAME}: write profiles as tables, such as [profiles.default].")
    for name, table in profiles.items():
        if not PROFILE_NAME.fullmatch(name):
            problems.append(f"{FILE_NAME}: {name!a} cannot be the name of a profile.")
        problems += _unknown(found, table, name)
    return SettingsFile(
        top=values,
        profiles=profiles,
        keys={name: key for name, key in keys.items() if isinstance(key, str)},
        columns={name: tuple(chosen) for name, chosen in columns.items() if _are_names(chosen)},
        problems=tuple(problems),
        text=text,
    )


def _flat(table: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Give the values of a table; `deployments.stop = "x"` may be written with and without quotes around the name."""
    if not isinstance(table, dict):
        yield before.removesuffix("."), table
        return
    for name, value in table.items():
        yield from _flat(value, f"{before}{name}.")


def _misfits(found: SettingsFile, section: str, values: Mapping[str, Any], kind: type, wanted: str) -> Iterator[str]:
    for name, value in values.items():
        if not (_are_names(value) if kind is list else isinstance(value, kind)):
            yield f"{found.place(name, section)}: {ascii(name)[:60]} in [{section}] must be {wanted}."


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(name, str) and name for name in value)


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
