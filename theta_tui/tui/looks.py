"""Themes: one TOML file each, shipped in the package, extended by the user's own folder."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from textual.theme import Theme

DEFAULT_THEME = "theta-dark"
_FIELDS = (
    "primary", "secondary", "accent", "success", "warning", "error", "foreground", "background", "surface", "panel",
)  # fmt: skip


def shipped_folder() -> Path:
    """Give the folder of the shipped themes: inside the wheel, or beside the package in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "themes"
    return inside if inside.is_dir() else package.parent / "themes"


def load_theme(path: Path) -> Theme:
    """Read one theme file; ValueError in one line if it is not one."""
    try:
        source: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{path.name}: {error}") from None
    if not isinstance(source.get("primary"), str):
        raise ValueError(f"{path.name}: a theme needs at least `primary`, a colour such as #2ab8e6")
    colours = {name: source[name] for name in _FIELDS if isinstance(source.get(name), str)}
    variables = source.get("variables", {})
    return Theme(
        name=str(source.get("name", path.stem)),
        dark=bool(source.get("dark", True)),
        variables={str(name): str(value) for name, value in variables.items()} if isinstance(variables, dict) else {},
        **colours,
    )


def themes(*folders: Path) -> Iterator[Theme]:
    """Give the themes of these folders, in the order of their file names; damaged ones are left out."""
    for folder in folders:
        for path in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
            try:
                yield load_theme(path)
            except ValueError:
                continue
