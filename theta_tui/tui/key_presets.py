"""Choosing a preset of keys: saved in the settings file, in force at once. What a preset moves is `keymap`'s."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from theta_tui import settings
from theta_tui.errors import ThetaError
from theta_tui.tui.backstage import use_keys
from theta_tui.tui.keymap import PRESETS
from theta_tui.tui.picker import Entry, Picker

if TYPE_CHECKING:
    from theta_tui.tui.app import ThetaApp

NAME: Final = f"keys.{settings.PRESET}"
WORDS: Final[Mapping[str, str]] = {
    "default": "the keys as the help shows them",
    "vim": "ctrl+f and ctrl+b page, H and L walk through what was shown",
    "tmux-safe": "free of what tmux, screen, zellij and the terminal keep for themselves",
}


class PresetPicker(Picker):
    """The presets."""

    heading = "Keys"
    prompt = "Search; `config set keys.ACTION KEY` moves a single key"
    keys = (("↑↓", "move"), ("Enter", "use"), ("Esc", "close"))


def preset_row(keys: Mapping[str, str]) -> settings.Row:
    """Give the preset in use as a line of the settings."""
    source = f"{settings.FILE_NAME} [keys]" if settings.PRESET in keys else "default"
    moved = len([name for name in keys if name != settings.PRESET])
    words = (
        f"Preset of the keyboard: {', '.join(PRESETS)}. {moved or 'No'} single key{'' if moved == 1 else 's'} moved."
    )
    return settings.Row(NAME, keys.get(settings.PRESET, "default"), source, words)


async def choose_preset(app: ThetaApp) -> None:
    """Show the presets and use the one that is chosen."""
    folder = settings.config_dir(app.launch.environ)
    present = (await asyncio.to_thread(settings.read_file, folder)).keys.get(settings.PRESET, "default")
    entries = [
        Entry(name, lambda: None, words=WORDS[name], mark="in use" if name == present else "") for name in PRESETS
    ]
    chosen = await app.push_screen_wait(PresetPicker(entries))
    if chosen is not None:
        await use_preset(app, chosen.name)


async def use_preset(app: ThetaApp, name: str) -> None:
    """Save a preset and put it in force."""
    folder = settings.config_dir(app.launch.environ)
    kept = None if name == "default" else name
    try:
        await asyncio.to_thread(settings.save_entry, ("keys",), settings.PRESET, kept, config_dir=folder)
    except ThetaError as error:
        app.tell(f"The keys were not changed: {error.message}", severity="warning")
        return
    except OSError as error:
        app.tell(f"The keys were not changed: the file cannot be written ({error.strerror}).", severity="warning")
        return
    await use_keys(app, (await asyncio.to_thread(settings.read_file, folder)).keys)
    app.shell.show_keys()
    app.tell(f"Keys: {name}. {WORDS[name][:1].upper()}{WORDS[name][1:]}.")
