"""Changing one setting: its value, and for which profile. It writes the settings file and knows no session."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from theta_tui import settings
from theta_tui.errors import UsageError
from theta_tui.tui import literal
from theta_tui.tui.modal import Modal
from theta_tui.tui.widgets.choices import Choices
from theta_tui.tui.widgets.field import Field

_AS_USUAL = "as usual"
"""The choice that takes a setting out of the file."""


class EditSetting(Modal[bool]):
    """Gives True once something was saved. `is_forced` is whether a variable goes before the file."""

    DEFAULT_CSS = """
    EditSetting {
        & > .modal--frame { max-width: 76; padding: 1 1 0 1; }
        & > .modal--frame > Static { height: auto; margin-bottom: 1; }
        & #stronger { color: $text-warning; }
        & Field { margin-bottom: 1; }
        & Field .field--label { width: 8; }
        & Field > .field--problem { padding-left: 8; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", show=False, priority=True),
        Binding("enter", "save", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]
    keys = (("Enter", "save"), ("Tab", "next"), ("Esc", "leave it"))

    def __init__(self, row: settings.Row, *, profile: str, folder: Path, is_forced: bool) -> None:
        super().__init__()
        self._row = row
        self._key = settings.KEYS[row.name]
        self._profile = profile
        self._folder = folder
        self._is_forced = is_forced
        words = ("on", "off") if self._key.kind is settings.Kind.SWITCH else self._key.choices
        self._words = (_AS_USUAL, *words) if words else ()

    @property
    def title_words(self) -> str:
        """The setting's name."""
        return self._row.name

    def inside(self) -> Iterable[Widget]:
        """Give what it is, the value, and for whom it holds."""
        row = self._row
        source = "built in" if row.source == "default" else f"from {row.source}"
        yield Static(literal.content(f"{row.help} Now {row.value or 'nothing'}, {source}."))
        if self._is_forced:
            yield Static(literal.content(f"{row.source} goes before what is saved here."), id="stronger")
        yield Field("value", "Value", self._control())
        if not self._key.everywhere:
            yield Field("for", "For", Choices((f"profile {self._profile}", "every profile"), id="whom"))

    def _control(self) -> Widget:
        is_default = self._row.source == "default"
        if self._words:
            chosen = self._row.value if not is_default and self._row.value in self._words else _AS_USUAL
            return Choices(self._words, self._words.index(chosen), id="value")
        # A password that is masked here must not be saved as its mask.
        known = "" if is_default or self._is_forced or "[redacted]" in self._row.value else self._row.value
        return Input(
            literal.plain(known), placeholder="empty takes it out of the file", id="value", select_on_focus=False
        )

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.action_save()

    @on(Input.Changed)
    def _typed(self) -> None:
        self.query_one("#field-value", Field).complain(None)

    def action_save(self) -> None:
        """Save it, or say at the field why it cannot be."""
        self.run_worker(self._save(), group="save", exclusive=True)

    async def _save(self) -> None:
        text = self._text()
        is_for_all = self._key.everywhere or self.query_one("#whom", Choices).chosen == 1
        try:
            await asyncio.to_thread(
                settings.save_value,
                None if is_for_all else self._profile,
                self._key.name,
                settings.as_written(self._key, text) if text else None,
                config_dir=self._folder,
            )
        except UsageError as error:
            self.query_one("#field-value", Field).complain(f"{error.message} {error.hint}".strip())
        except OSError as error:
            self.query_one("#field-value", Field).complain(f"The file cannot be written ({error.strerror}).")
        else:
            self.dismiss(True)

    def _text(self) -> str:
        """Give what is wanted; "" for as usual."""
        control = self.query_one("#value")
        if isinstance(control, Choices):
            return self._words[control.chosen] if control.chosen > 0 else ""
        return control.value.strip() if isinstance(control, Input) else ""
