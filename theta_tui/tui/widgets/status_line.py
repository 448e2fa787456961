"""The status line: who and where, the mode in words, money, what is at work. Always there, always honest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from textual.content import Content
from textual.widget import Widget

from theta_tui.tui import literal
from theta_tui.tui.pulse import Pulse
from theta_tui.tui.words import UNKNOWN, rate, usd

PROFILE_COLOURS: Final[Mapping[str, str]] = {
    "": "$foreground",
    "blue": "$text-primary",
    "cyan": "$text-accent",
    "green": "$text-success",
    "yellow": "$text-warning",
    "red": "$text-error",
    "grey": "$foreground",
}
"""Colour of a profile, as the settings name it → style of the theme."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the status line tells.

    `badge` and `colour` are the profile's own; `warnings` are words such as a proxy or an added certificate authority.
    """

    profile: str = ""
    badge: str = ""
    colour: str = ""
    project: str = ""
    is_live: bool = True
    is_demo: bool = False
    is_sandbox: bool = False
    is_guarded: bool = False
    dry_run: bool = False
    read_only: bool = False
    is_paused: bool = False
    warnings: tuple[str, ...] = ()
    pulse: Pulse | None = None
    busy: tuple[str, ...] = ()


class StatusLine(Widget):
    """One line; parts leave from the middle when it gets narrow, modes and money stay."""

    DEFAULT_CSS = """
    StatusLine { height: 1; dock: top; background: $panel; color: $foreground; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._standing = Standing(is_live=False)

    def show(self, standing: Standing) -> None:
        """Show this; repaints only when something changed."""
        if standing != self._standing:
            self._standing = standing
            self.refresh()

    def render(self) -> Content:
        """Draw the line: left who, middle modes, right money."""
        modes = self._modes()
        for money in self._money():
            for left in self._left():
                used = left.cell_length + modes.cell_length + money.cell_length
                room = self.size.width - used - 2
                if room >= 2:
                    gap = Content(" " * (room // 2))
                    return Content.assemble(" ", left, gap, modes, Content(" " * (room - room // 2)), money, " ")
        return Content.assemble(" ", modes)

    def _left(self) -> list[Content]:
        standing = self._standing
        name = Content.styled("theta-tui", "bold $primary")
        if not standing.profile:
            return [name, Content("")]
        colour = PROFILE_COLOURS.get(standing.colour, "")
        short = literal.content(standing.profile, style=f"bold {colour}" if standing.colour else "")
        if standing.badge:
            short = Content.assemble(short, " ", literal.content(f" {standing.badge} ", style=f"bold reverse {colour}"))
        profile = Content.assemble(name, "  ", short)
        # A badge is a warning sign: it stays longer than our own name.
        narrow = [profile, short, Content("")] if standing.badge else [profile, name, Content("")]
        if not standing.project:
            return narrow
        return [Content.assemble(profile, " ▸ ", literal.content(standing.project)), *narrow]

    def _modes(self) -> Content:
        standing = self._standing
        words: list[tuple[str, str]] = []
        if standing.is_demo:
            words.append(("DEMO", "bold $accent"))
        elif standing.is_sandbox:
            words.append(("SANDBOX", "bold $accent"))
        elif standing.is_live:
            words.append(("LIVE", "bold $text-success"))
        if standing.is_guarded:
            words.append(("CONFIRM", "bold $text-warning"))
        if standing.dry_run:
            words.append(("DRY-RUN", "bold $text-warning"))
        if standing.read_only:
            words.append(("READ-ONLY", "bold $text-warning"))
        if standing.is_paused:
            words.append(("PAUSED", "$text-warning"))
        words += [(warning, "$text-warning") for warning in standing.warnings]
        return Content(" · ").join([Content.styled(word, style) for word, style in words])

    def _money(self) -> list[Content]:
        standing, pulse = self._standing, self._standing.pulse
        busy = Content.assemble("   ", ("● ", "$text-accent"), literal.content(", ".join(standing.busy)))
        tail = busy if standing.busy else Content("")
        if pulse is None:
            return [tail]
        # Four places below $1,000: what a single answer costs should be seen to leave.
        places = 4 if pulse.balance_usd is not None and pulse.balance_usd < 1000 else 2
        balance = usd(pulse.balance_usd, places=places) if pulse.balance_usd is not None else f"balance {UNKNOWN}"
        sign = "−" if pulse.burn_usd else ""
        burn = f"{sign}{rate(pulse.burn_usd)}" if pulse.burn_usd is not None else f"burn {UNKNOWN}"
        hours = pulse.runway_hours
        runway = f"~{hours:,.0f} h left" if hours is not None else "" if pulse.burn_usd == 0 else f"runway {UNKNOWN}"
        full = "  ".join(part for part in (balance, burn, runway) if part)
        simulated = " (simulated)" if standing.is_demo else ""
        return [
            Content.assemble((full + simulated, "bold"), tail),
            Content.assemble((full, "bold"), tail),
            Content.assemble((f"{balance}  {burn}", "bold"), tail),
            Content.assemble((balance, "bold")),
        ]
