"""The page of places: where the keys are kept. It asks nobody; the wizard shows it what there is on this machine."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from textual import on
from textual.widget import Widget
from textual.widgets import Input, Static

from theta_tui import settings
from theta_tui.places import COMMAND, ENCRYPTED, EXAMPLE, KEYRING, PLAIN, THIS_RUN, Chosen, Place
from theta_tui.settings.schema import read_value
from theta_tui.tui import literal
from theta_tui.tui.setup_pages import SetupPage
from theta_tui.tui.widgets.field import Field
from theta_tui.tui.widgets.ticks import Tick, Ticks


class PlacesPage(SetupPage):
    """Where the keys are kept; each place says whether it can be used here."""

    asks = "Where are the keys to be kept? What is stored is read back at once."

    def __init__(self) -> None:
        super().__init__(id="places")
        self.is_settled = False

    def inside(self) -> Iterable[Widget]:
        """Give the places, and the line for the command."""
        yield Ticks([Tick(KEYRING, "the keyring", "asking it…", is_on=True)], is_single=True, id="where")
        yield Field("command", "Command", Input(placeholder=EXAMPLE, id="command", select_on_focus=False))
        yield Static("", id="about", classes="setup--hint", markup=False)

    def on_mount(self) -> None:
        """Show what belongs to the choice."""
        self._changed()

    @property
    def chosen(self) -> Chosen:
        """The place and, for a password manager, its command."""
        kind = next(iter(self.query_one(Ticks).chosen), "")
        return Chosen(kind, self._command() if kind == COMMAND else ())

    def show(self, places: Sequence[Place], used: str, command: Sequence[str]) -> None:
        """Show the places; the one in use is chosen, or else nothing is kept longer than this run."""
        usable = {place.kind for place in places if not place.problem}
        self.is_settled = used in usable
        chosen = used if self.is_settled else THIS_RUN
        rows = [Tick(one.kind, one.title, one.words, one.kind == chosen, one.problem) for one in places]
        self.query_one(Ticks).show(rows)
        if command:
            self.query_one("#command", Input).value = literal.plain(shlex.join(command))
        self._changed()

    def object(self, kind: str, words: str) -> None:
        """Say that a place did not do, which may be tried again; this run is chosen until another is."""
        ticks = self.query_one(Ticks)
        ticks.show([
            replace(row, is_on=row.key == THIS_RUN, words=words if row.key == kind else row.words)
            for row in ticks.rows
        ])  # fmt: skip
        self._changed()

    def complain(self) -> bool:
        """Say at the line what is wrong with the command; whether anything is."""
        is_wrong = self.chosen.kind == COMMAND and not self.chosen.command
        self.query_one(Field).complain(f"It is {settings.Kind.COMMAND.value}." if is_wrong else None)
        return is_wrong

    def _command(self) -> tuple[str, ...]:
        key = settings.KEYS["vault_command"]
        try:
            found = read_value(key, settings.as_written(key, self.query_one("#command", Input).value))
        except ValueError:
            return ()
        return tuple(found) if isinstance(found, tuple) else ()

    @on(Ticks.Changed)
    def _changed(self) -> None:
        kind = next(iter(self.query_one(Ticks).chosen), "")
        self.query_one(Field).display = kind == COMMAND
        self.query_one("#about", Static).update(_ABOUT.get(kind, ""))


_ABOUT: Final = {
    ENCRYPTED: "Saving asks for its passphrase. Without a terminal THETA_VAULT_PASSPHRASE gives it.",
    COMMAND: "{name} stands for the key's name, such as ec_api_key. It is asked and never told: put the keys there.",
    THIS_RUN: "Nothing is written. The last page shows which variables to export.",
    PLAIN: "The file is readable by you alone, but not encrypted: backups and every program of yours can read it.",
}
