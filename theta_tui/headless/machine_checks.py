"""What `doctor` looks at on this machine: terminal, clipboard, keyboard, folders, variables. No host, no keyring."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from theta_tui.clipboard_tools import tools
from theta_tui.headless.findings import Finding, State

LEAST_SIZE = (80, 24)
LEAST_FREE_MB, FEW_FREE_MB = 50, 500

_KITTY_GRAPHICS = ("kitty", "ghostty", "wezterm", "konsole")
_SIXEL = ("foot", "wezterm", "mlterm", "contour", "konsole", "iterm", "windows terminal")
_KITTY_KEYS = ("kitty", "ghostty", "foot", "wezterm", "alacritty", "iterm", "rio")


def terminal(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Look at the terminal: kind, colours, size, and what it probably can do."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        yield Finding("terminal", State.UNKNOWN, "not run on a terminal, so it cannot be looked at")
        return
    kind = environ.get("TERM", "")
    if kind in ("", "dumb"):
        yield Finding("terminal", State.FAILED, f"TERM is {kind or 'not set'}", "Set TERM, such as xterm-256color.")
    else:
        yield Finding("terminal", State.OK, f"TERM is {kind}; {_colours(environ)}")
    columns, rows = os.get_terminal_size(sys.stdout.fileno())
    is_small = columns < LEAST_SIZE[0] or rows < LEAST_SIZE[1]
    fix = f"The console is drawn for {LEAST_SIZE[0]}×{LEAST_SIZE[1]} and more." if is_small else ""
    yield Finding("terminal", State.NOTE if is_small else State.OK, f"{columns} columns, {rows} rows", fix)
    yield Finding("terminal", State.OK, abilities(environ))


def _colours(environ: Mapping[str, str]) -> str:
    if environ.get("NO_COLOR"):
        return "NO_COLOR is set: monochrome"
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return "16 million colours"
    return "256 colours" if "256" in environ.get("TERM", "") else "16 colours"


def abilities(environ: Mapping[str, str]) -> str:
    """Guess from variables which graphics and keyboard protocols the terminal speaks."""
    name = terminal_name(environ)
    able = [
        word
        for word, names in (
            ("kitty graphics", _KITTY_GRAPHICS),
            ("sixel", _SIXEL),
            ("kitty keyboard", _KITTY_KEYS),
        )
        if name in names
    ]
    inside = next((word for word, variable in (("tmux", "TMUX"), ("screen", "STY")) if environ.get(variable)), "")
    words = f"{name or 'unknown terminal'}: {', '.join(able) or 'pictures as half blocks'}"
    return f"{words}; within {inside}, which may keep some of it back" if inside else words


def terminal_name(environ: Mapping[str, str]) -> str:
    """Give the terminal's name in lower case as far as variables tell it, else ""."""
    told = f"{environ.get('TERM', '')} {environ.get('TERM_PROGRAM', '')} {environ.get('LC_TERMINAL', '')}".lower()
    marks = {"KITTY_WINDOW_ID": "kitty", "KONSOLE_VERSION": "konsole", "WT_SESSION": "windows terminal"}
    by_mark = next((name for variable, name in marks.items() if environ.get(variable)), "")
    known = dict.fromkeys((*_KITTY_GRAPHICS, *_SIXEL, *_KITTY_KEYS))
    return next((name for name in known if name in told), by_mark)


def clipboard(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Say how copying will work."""
    found = tools(environ)
    if found:
        yield Finding("clipboard", State.OK, f"copies with {found[0][0]}")
    elif environ.get("TMUX") and shutil.which("tmux", path=environ.get("PATH")):
        yield Finding("clipboard", State.OK, "copies to tmux's buffer")
    else:
        wanted = "pbcopy" if sys.platform == "darwin" else "wl-clipboard or xclip"
        words = "no clipboard tool: copies through the terminal (OSC 52) where it allows that, else to a file"
        yield Finding("clipboard", State.NOTE, words, f"Install {wanted}, if this is your own desktop.")


def keyboard(keys: Mapping[str, str]) -> Iterator[Finding]:
    """Say which keys are moved, and which of them do not go together; the actions are the console's."""
    if not keys:
        return
    from theta_tui.settings import PRESET
    from theta_tui.tui.keymap import keymap_of

    keymap = keymap_of(keys)
    preset = f"preset {keys[PRESET]}, " if PRESET in keys else ""
    moved = ", ".join(f"{name} on {key.replace(',', ' ')}" for name, key in keymap.keys.items())
    yield Finding("keyboard", State.OK, f"{preset}{len(keymap.keys)} keys moved: {moved or 'none'}")
    for problem in keymap.problems:
        yield Finding("keyboard", State.NOTE, problem, "`theta-tui config set keys.ACTION KEY` moves one.")


def folder(what: str, path: Path) -> Finding:
    """Look whether a folder, or the first one above it that exists, can be written, and how much room there is."""
    there = next((one for one in (path, *path.parents) if one.exists()), Path("/"))
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
        free = shutil.disk_usage(there).free // 10**6
    except OSError as error:
        words = f"the {what} folder {path} cannot be written: {error.strerror}"
        return Finding("disk", State.FAILED, words, "Mend its permissions, or set THETA_TUI_HOME to another folder.")
    words = f"{what} in {path}: {free:,} MB free"
    if free < LEAST_FREE_MB:
        return Finding("disk", State.FAILED, words, "Free some room: without it nothing paid is sent.")
    return Finding("disk", State.NOTE if free < FEW_FREE_MB else State.OK, words, "Free some room soon.")


def variables(ignored: Sequence[str], environ: Mapping[str, str]) -> Iterator[Finding]:
    """Name the variables that are set and have no effect here, and those of ours that change where requests go."""
    for name in ignored:
        is_tls = "CERT" in name or "BUNDLE" in name
        ours = "THETA_PROXY" if "PROXY" in name.upper() else "THETA_CA_BUNDLE" if is_tls else ""
        fix = f"Set {ours} if it is meant for theta-tui." if ours else "Nothing to do: it only has no effect."
        yield Finding("variables", State.NOTE, f"{name} is set and ignored", fix)
    for name, what in (("THETA_PROXY", "requests go through a proxy"), ("THETA_CA_BUNDLE", "a further CA is trusted")):
        if environ.get(name):
            yield Finding("variables", State.OK, f"{name} is set: {what}")
    if not ignored:
        yield Finding("variables", State.OK, "no proxy, TLS or TEXTUAL variable is being ignored")
