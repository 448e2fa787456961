"""What needs the user's eye, in one sentence each, the dearest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from theta_tui.journal import Entry
from theta_tui.tui.panes.overview.own import Own
from theta_tui.tui.pulse import Pulse
from theta_tui.tui.words import usd

LOW_RUNWAY_HOURS = Decimal(3)
NEARLY = Decimal("0.9")
"""Part of the cap from which it is worth a word."""


def problems(own: Own, pulse: Pulse | None, failures: Mapping[str, str], standing: Iterable[str | None]) -> list[str]:
    """Gather the problems: money first, then what is stale (`failures`: of what → why), then this machine's own."""
    found = [_open_words(entry) for entry in own.unsettled]
    hours, spent, cap = pulse.runway_hours if pulse else None, own.spending.total_usd, own.cap_usd
    if hours is not None and hours < LOW_RUNWAY_HOURS:
        found.append(f"The balance lasts only about {hours:.1f} h more: stop a deployment or add credits.")
    if cap is not None and spent >= cap * NEARLY:
        found.append(f"{usd(spent)} of today's {usd(cap)} are spent or set aside.")
    found += [f"{what} cannot be read: {why}" for what, why in failures.items()]
    found += [words for words in standing if words]
    return list(dict.fromkeys(found))


def _open_words(entry: Entry) -> str:
    name = entry.summary or entry.command
    if entry.state == "uncertain":
        return f"Uncertain: {name}. It may have happened; look before you repeat it."
    if entry.state == "sent":
        return f"No answer was written down: {name}. Look before you repeat it."
    return f"Set aside, never sent: {name}, {usd(entry.worst_usd)}."
