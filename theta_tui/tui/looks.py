"""Themes: one TOML file each, shipped in the package, extended by the user's own folder. It reads; the app applies."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from textual.color import Color, ColorParseError
from textual.theme import Theme

DEFAULT_THEME: Final = "theta-dark"
TERMINAL_THEME: Final = "terminal"
"""What a terminal of sixteen colours gets where no theme is chosen."""
MONOCHROME_THEME: Final = "monochrome"
"""The only one that NO_COLOR allows."""
COLOURS: Final = (
    "primary", "secondary", "accent", "success", "warning", "error", "foreground", "background", "surface", "panel",
)  # fmt: skip
SWITCHES: Final = ("dark", "ansi")
KEYS: Final = ("name", *SWITCHES, *COLOURS, "variables")
_STYLE = re.compile(r"(bold|dim|italic|underline|reverse|strike|none|not|b|d|i|u|r| )+")


def shipped_folder() -> Path:
    """Give the folder of the shipped themes: inside the wheel, or beside the package in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "themes"
    return inside if inside.is_dir() else package.parent / "themes"


def theme_files(folder: Path) -> list[Path]:
    """Give the theme files of a folder, by name."""
    return sorted(folder.glob("*.toml")) if folder.is_dir() else []


def themes(folder: Path) -> Iterator[Theme]:
    """Give the themes of a folder, in the order of their file names; damaged ones are left out."""
    for path in theme_files(folder):
        try:
            yield load_theme(path)
        except ValueError:
            continue


def load_theme(path: Path) -> Theme:
    """Read one theme file; ValueError in one line, with the line of the file and the nearest right key."""
    try:
        text = path.read_text("utf-8")
        source: dict[str, Any] = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{path.name}: {_in_one_line(error)}") from None
    try:
        return _read(source, path.stem)
    except _Wrong as wrong:
        line = _line_of(text, wrong.key)
        raise ValueError(f"{path.name}{f', line {line}' if line else ''}: {wrong}") from None


class _Wrong(Exception):
    def __init__(self, key: str, words: str) -> None:
        super().__init__(words)
        self.key = key


def _read(source: Mapping[str, Any], stem: str) -> Theme:
    _refuse_unknown(source, KEYS)
    variables = source.get("variables", {})
    if not isinstance(variables, dict):
        raise _Wrong("variables", "variables is a table of its own: [variables]")
    if "primary" not in source:
        raise _Wrong("", "a theme needs at least primary, a colour such as #2ab8e6")
    name = source.get("name", stem)
    if not isinstance(name, str) or not re.fullmatch(r"[\w.-]{1,40}", name):
        raise _Wrong("name", "name is a word of letters, digits, dots and dashes")
    for key in SWITCHES:
        if not isinstance(source.get(key, True), bool):
            raise _Wrong(key, f"{key} is true or false")
    colours: dict[str, Any] = {key: _colour(key, source[key]) for key in COLOURS if key in source}
    theme = Theme(name=name, dark=source.get("dark", True), ansi=source.get("ansi", False), **colours)
    _refuse_unknown(variables, theme.to_color_system().generate())
    theme.variables = {key: _variable(key, value) for key, value in variables.items()}
    return theme


def _refuse_unknown(found: Collection[str], known: Collection[str]) -> None:
    for key in found:
        if key not in known and key not in ANSI_DEFAULTS:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.4)
            raise _Wrong(key, f"there is no {key[:40]!r} in a theme{f'; did you mean {near[0]}?' if near else ''}")


ANSI_DEFAULTS: Final[Mapping[str, str]] = {
    "foreground-disabled": "ansi_default",
    "surface-active": "ansi_default",
    "ansi-background": "ansi_default",
    "ansi-foreground": "ansi_default",
}
"""Variables of the stylesheets which Textual 8.2 leaves out in themes of the terminal's own colours."""


def _colour(key: str, value: object) -> str:
    try:
        Color.parse(value if isinstance(value, str) else "")
    except ColorParseError:
        raise _Wrong(key, f"{key} is a colour such as #2ab8e6, not {str(value)[:40]!r}") from None
    return str(value)


def _variable(key: str, value: object) -> str:
    if "style" in key:
        if not isinstance(value, str) or not _STYLE.fullmatch(value):
            raise _Wrong(key, f"{key} is a style such as bold or none, not {str(value)[:40]!r}")
        return value
    colour, _, alpha = value.rpartition(" ") if isinstance(value, str) and value.endswith("%") else (value, "", "")
    if not re.fullmatch(r"(\d{1,3}%)?", alpha):
        raise _Wrong(key, f"{key} is a colour such as #2ab8e6 35%, not {str(value)[:40]!r}")
    if colour not in ("auto", "initial", "transparent"):
        _colour(key, colour)
    return str(value)


def _line_of(text: str, key: str) -> int | None:
    """Give the line on which a key is set."""
    begins = re.compile(rf"\s*\[?\s*[\"']?{re.escape(key)}[\"']?\s*[\]=]")
    return next((number for number, line in enumerate(text.splitlines(), 1) if key and begins.match(line)), None)


def _in_one_line(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"it cannot be read ({error.strerror})"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8 text"
    return " ".join(str(error).split())
