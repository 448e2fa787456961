"""The page of guards: protection, dry-run, read-only and the budget of the profile. It writes nothing itself."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from textual.widget import Widget
from textual.widgets import Input, Static

from theta_tui import settings
from theta_tui.settings.schema import read_value
from theta_tui.tui.setup_pages import SetupPage
from theta_tui.tui.widgets.choices import Choices
from theta_tui.tui.widgets.field import Field


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
            "nothing; ctrl+t and ctrl+r throw dry-run and read-only later. Beyond the budget nothing paid begins.",
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
