"""What the money view says, with the source of each figure: data in, lines out. Unknown is always a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

from textual.content import Content

from theta_tui.journal import Balance, Spending
from theta_tui.tui.pulse import Pulse
from theta_tui.tui.widgets.plot import plot_lines
from theta_tui.tui.words import UNKNOWN, rate, span, usd

MUTED: Final = "$foreground-muted"
TALLEST: Final = 24
"""Rows of the plot where there is room for more."""
LABEL_COLUMNS: Final = 12
METER_COLUMNS: Final = 30
ALMOST: Final = Decimal("0.8")
"""The part of the cap from which the meter warns."""


@dataclass(frozen=True, slots=True)
class Period:
    """How far back the plot looks; `seconds` None is everything that is kept."""

    word: str
    seconds: float | None


PERIODS: Final = (
    Period("last hour", 3600.0),
    Period("last day", 86_400.0),
    Period("last week", 7 * 86_400.0),
    Period("all", None),
)


@dataclass(frozen=True, slots=True)
class Known:
    """Everything the view is drawn from; `mark` is the snapshot that the balance is compared with."""

    pulse: Pulse | None
    spending: Spending
    cap_usd: Decimal | None
    history: Sequence[Balance]
    period: Period
    mark: Balance | None = None
    now: float = 0.0


def money_lines(known: Known, width: int, height: int) -> list[Content]:
    """Give the whole view for a size: figures, plot, what the plot says, today's meter."""
    figures = [*balance_lines(known, width), *meter_lines(known, width)]
    said = summary_words(known.history, known.period)
    plotted = [(one.at, float(one.cents)) for one in known.history]
    rows = min(max(height - len(figures) - 4, 4), TALLEST)
    head = Content.assemble(("Balance over time", "bold"), (f"  {known.period.word}; t shows another period", MUTED))
    drawn = plot_lines(plotted, width, rows, lambda cents: usd(Decimal(round(cents)) / 100, places=2))
    return [*figures, Content(""), head, *drawn, Content.styled(said, MUTED)]


def balance_lines(known: Known, width: int) -> list[Content]:
    """Say what is left, what burns, how long it lasts, what changed since the snapshot; with the source of each."""
    pulse = known.pulse
    if pulse is None:
        return [_line("Balance", Content.styled("asking…", MUTED), "", width)]
    balance = usd(pulse.balance_usd, places=2) if pulse.balance_usd is not None else UNKNOWN
    why = f"the cloud did not say: {pulse.error}" if pulse.balance_usd is None and pulse.error else "the cloud's own, "
    lines = [
        _line("Balance", Content.styled(balance, "bold"),
              why if pulse.balance_usd is None else f"{why}counted in cents", width),
        _line("Burn", Content.styled(rate(pulse.burn_usd), "bold"), _burn_source(pulse), width),
        _line("Runway", Content.styled(_runway(pulse), "bold"), _runway_source(pulse, known.now), width),
    ]  # fmt: skip
    if known.mark is not None:
        lines.append(_line("Snapshot", _since(known), f"of {_clock(known.mark.at)}; b takes another", width))
    return lines


def meter_lines(known: Known, width: int) -> list[Content]:
    """Say what counts against today's cap, as a meter where there is a cap."""
    spending, cap = known.spending, known.cap_usd
    total = usd(spending.total_usd)
    if cap is None:
        return [_line("Today", Content.styled(total, "bold"), "this machine's ledger; no cap is set", width),
                *_parts(spending, width)]  # fmt: skip
    share = spending.total_usd / cap if cap else Decimal(1)
    style = "$text-error" if share >= 1 else "$text-warning" if share >= ALMOST else "$text-success"
    filled = min(int(share * METER_COLUMNS), METER_COLUMNS)
    meter = Content.assemble(
        (f"{total} of {usd(cap)}", "bold"), "  ",
        ("█" * filled, style), ("░" * (METER_COLUMNS - filled), MUTED), (f" {100 * share:.0f} %", style),
    )  # fmt: skip
    return [_line("Today", meter, "this machine's ledger", width), *_parts(spending, width)]


def summary_words(history: Sequence[Balance], period: Period) -> str:
    """Say in words what the plot shows."""
    if not history:
        return "No balance has been read in this period yet."
    first, last = history[0], history[-1]
    change = (last.cents - first.cents) / 100
    if all(one.cents == first.cents for one in history):
        return f"Unchanged at {usd(last.cents / 100, places=2)} since {_clock(first.at)}."
    steps = pairwise(history)
    gained = sum((max(after.cents - before.cents, Decimal(0)) for before, after in steps), Decimal(0)) / 100
    topped = f", with {usd(gained, places=2)} added" if gained else ""
    moved = f"{'+' if change > 0 else '−'}{usd(abs(change), places=2)}"
    return (
        f"From {usd(first.cents / 100, places=2)} at {_clock(first.at)} to {usd(last.cents / 100, places=2)} at "
        f"{_clock(last.at)}: {moved}{topped} in {span(max(last.at - first.at, 10.0))}."
    )


def _line(label: str, value: Content, source: str, width: int) -> Content:
    """Write label and figure, and the source behind it where there is room."""
    head = Content.assemble((label.ljust(LABEL_COLUMNS), MUTED), value)
    if not source or head.cell_length + len(source) + 2 > width:
        return head
    return Content.assemble(head, (f"  {source}", MUTED))


def _parts(spending: Spending, width: int) -> list[Content]:
    named = (
        ("answered", spending.spent_usd),
        ("machines", spending.machines_usd),
        ("set aside", spending.reserved_usd),
        ("uncertain", spending.uncertain_usd),
    )
    said = ", ".join(f"{word} {usd(amount)}" for word, amount in named if amount)
    return [_line("", Content.styled(said, MUTED), "", width)] if said else []


def _burn_source(pulse: Pulse) -> str:
    if pulse.running is None:
        return "the list of deployments cannot be read"
    machines = "1 deployment" if pulse.running == 1 else f"{pulse.running} deployments"
    return f"{machines} billed now, at the prices of the machine list"


def _runway(pulse: Pulse) -> str:
    if pulse.burn_usd == 0:
        return "nothing burns"
    hours = pulse.runway_hours
    return UNKNOWN if hours is None else span(float(hours) * 3600)


def _runway_source(pulse: Pulse, now: float) -> str:
    hours = pulse.runway_hours
    if hours is None or hours > 24 * 365:
        return ""
    end = datetime.fromtimestamp(now) + timedelta(hours=float(hours))
    return f"balance ÷ burn: until {end:%a %d %b %H:%M}"


def _since(known: Known) -> Content:
    mark, balance = known.mark, known.pulse.balance_usd if known.pulse else None
    if mark is None or balance is None:
        return Content.styled(UNKNOWN, "bold")
    change, seconds = balance - mark.cents / 100, max(known.now - mark.at, 1.0)
    sign = "−" if change < 0 else "+"
    pace = f"{sign}{rate(abs(change) * 3600 / Decimal(round(seconds)))}"
    return Content.assemble((f"{sign}{usd(abs(change))}", "bold"), f" in {span(max(seconds, 10.0))} ({pace})")


def _clock(at: float) -> str:
    when = datetime.fromtimestamp(at)
    return when.strftime("%H:%M:%S" if when.date() == datetime.now().date() else "%d %b %H:%M")
