"""The short pages of the setup wizard: what it is for, where keys are kept, safety, and what to try next.

They ask nobody: the wizard shows them what there is, and reads what was chosen.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from theta_tui import settings
from theta_tui.places import COMMAND, ENCRYPTED, EXAMPLE, KEYRING, THIS_RUN, Chosen, Place
from theta_tui.purposes import PURPOSES, Purpose
from theta_tui.settings.schema import read_value
from theta_tui.tui import literal
from theta_tui.tui.widgets.choices import Choices
from theta_tui.tui.widgets.field import Field
from theta_tui.tui.widgets.ticks import Tick, Ticks


class SetupPage(VerticalScroll, can_focus=False):
    """One step; what it asks is explained in its first line."""

    DEFAULT_CSS = """
    SetupPage {
        height: 1fr;
        scrollbar-size-vertical: 1;
        & > .setup--ask { height: auto; margin-bottom: 1; color: $foreground-muted; }
        & > .setup--hint { height: auto; margin-top: 1; color: $foreground-muted; }
        & Field .field--label { width: 16; }
        & Field > .field--problem { padding-left: 16; }
    }
    """
    asks: str = ""

    def compose(self) -> ComposeResult:
        """Lay out the question and what answers it."""
        yield Static(self.asks, classes="setup--ask", markup=False)
        yield from self.inside()

    def inside(self) -> Iterable[Widget]:
        """Give what answers the question."""
        return ()

    def first_focus(self) -> Widget:
        """Give what has the keys first."""
        return self.query_one(Ticks)


class PurposesPage(SetupPage):
    """What it is for: purposes switched on and off."""

    asks = "What is it for? Only keys for what is switched on are asked for; paste one right here if you like."

    def __init__(self) -> None:
        super().__init__(id="purposes")

    def inside(self) -> Iterable[Widget]:
        """Give the purposes."""
        yield Ticks([Tick(one.name, one.title, one.words, one.usual) for one in PURPOSES], id="for")
        hint = "No key yet? The demo needs none: a simulated cloud with simulated money."
        yield Static(hint, classes="setup--hint", markup=False)

    @property
    def purposes(self) -> tuple[Purpose, ...]:
        """The purposes that are switched on."""
        chosen = self.query_one(Ticks).chosen
        return tuple(one for one in PURPOSES if one.name in chosen)

    def show(self, sources: Mapping[str, str]) -> None:
        """Show which of them have a key already; these are switched on as well."""
        ticks = self.query_one(Ticks)
        rows = []
        for purpose, row in zip(PURPOSES, ticks.rows, strict=True):
            found = [sources[name] for name in purpose.asks if name in sources]
            words = f"● from {', '.join(dict.fromkeys(found))}" if found else purpose.words
            rows.append(Tick(row.key, row.title, words, row.is_on or bool(found)))
        ticks.show(rows)


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
        """Say that a place did not do; this run is chosen until another is."""
        ticks = self.query_one(Ticks)
        ticks.show([
            Tick(row.key, row.title, row.words, row.key == THIS_RUN, words if row.key == kind else row.why_not)
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
    "plain": "The file is readable by you alone, but not encrypted: backups and every program of yours can read it.",
}


class SafetyPage(SetupPage):
    """What keeps money and machines safe, besides the review that every change gets."""

    asks = "Every change is shown and needs a yes. More than that, for this profile:"

    def __init__(self) -> None:
        super().__init__(id="safety")
        self._loaded = settings.Settings()

    def inside(self) -> Iterable[Widget]:
        """Give the guards."""
        yield Field("protection", "Changes", Choices(_PROTECTIONS, id="protection"))
        yield Field("dry_run", "Dry-run", Choices(_SWITCH, id="dry_run"))
        yield Field("read_only", "Read-only", Choices(_SWITCH, id="read_only"))
        yield Field(
            "budget_usd", "Budget a day", Input(placeholder="no limit, in USD", id="budget_usd", select_on_focus=False)
        )
        yield Static(
            "Confirm wants the profile's name typed for each change. Dry-run shows what would be sent and sends "
            "nothing; Ctrl+T and Ctrl+R throw dry-run and read-only later. Beyond the budget nothing paid begins.",
            classes="setup--hint",
            markup=False,
        )

    def first_focus(self) -> Widget:
        """Begin with the protection."""
        return self.query_one("#protection")

    def show(self, loaded: settings.Settings) -> None:
        """Show what is in force."""
        self._loaded = loaded
        self.query_one("#protection", Choices).chosen = settings.KEYS["protection"].choices.index(loaded.protection)
        for name in ("dry_run", "read_only"):
            self.query_one(f"#{name}", Choices).chosen = int(getattr(loaded, name))
        if loaded.budget_usd is not None:
            self.query_one("#budget_usd", Input).value = format(loaded.budget_usd, "f")

    def values(self) -> dict[str, object]:
        """Give what is to be otherwise; read only after `complain` found nothing."""
        protection = settings.KEYS["protection"].choices[self.query_one("#protection", Choices).chosen]
        wanted: dict[str, object] = {
            "protection": protection,
            "dry_run": self.query_one("#dry_run", Choices).chosen == 1,
            "read_only": self.query_one("#read_only", Choices).chosen == 1 or protection == "read-only",
            "budget_usd": self._budget(),
        }
        changed = {name: value for name, value in wanted.items() if value != getattr(self._loaded, name)}
        if protection == "read-only":
            changed.pop("read_only", None)
        return changed

    def complain(self) -> bool:
        """Say at the field what is wrong with the budget; whether anything is."""
        try:
            self._budget()
        except ValueError:
            self.query_one("#field-budget_usd", Field).complain(f"It is {settings.Kind.AMOUNT.value}.")
            return True
        self.query_one("#field-budget_usd", Field).complain(None)
        return False

    def _budget(self) -> Decimal | None:
        text = self.query_one("#budget_usd", Input).value.strip().removeprefix("$")
        found = read_value(settings.KEYS["budget_usd"], text) if text else None
        return found if isinstance(found, Decimal) else None


_PROTECTIONS: Final = ("a yes", "the name typed (confirm)", "none (read-only)")
_SWITCH: Final = ("off", "on")


class DonePage(SetupPage):
    """What was done, what is missing, and three things to try."""

    def __init__(self) -> None:
        super().__init__(id="done")
        self.next_panes: tuple[str, ...] = ()

    def inside(self) -> Iterable[Widget]:
        """Give the page."""
        yield Static("", id="outcome", markup=False)

    def show(self, told: Sequence[str], exports: Sequence[str], offered: Sequence[tuple[str, str]]) -> None:
        """Show it; `offered` are keys with what they lead to."""
        self.next_panes = tuple(key for key, _ in offered if key.isdigit())
        lines = [literal.content(line) for line in told]
        if exports:
            lines += [Content(""), Content("Before the next start, each with its key:")]
            lines += [Content(f"  export {name}=…") for name in exports]
        lines += [Content(""), Content.styled("Try next", "bold")]
        lines += [
            Content.assemble("  ", (key, "bold $footer-key-foreground"), "  ", literal.content(words))
            for key, words in offered
        ]
        self.query_one("#outcome", Static).update(Content("\n").join(lines))
