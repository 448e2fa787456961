"""What each tile says, from what is known: data in, lines out. Unknown is always a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from textual.content import Content

from theta_tui.journal import Balance, Entry, LoggedRequest, Spending
from theta_tui.safe_text import for_line
from theta_tui.shapes.on_demand import ServiceList
from theta_tui.tui import literal
from theta_tui.tui.panes.activity.change_row import STYLES, cost_words, state_cell, when_words
from theta_tui.tui.panes.activity.request_row import path_words, result_cell
from theta_tui.tui.panes.deployments.row import DeploymentRow, status_cell
from theta_tui.tui.pulse import Pulse
from theta_tui.tui.widgets.record_table import Cell
from theta_tui.tui.widgets.tile import MUTED, Chart, Line, Names, Paragraph, Part, Remark
from theta_tui.tui.words import UNKNOWN, rate, span, usd

FAMILIES: tuple[tuple[str, str], ...] = (
    ("ondemand", "Models"),
    ("controller", "Project"),
    ("platform", "Account"),
    ("ai", "Agents"),
    ("video", "Video"),
    ("endpoint", "Endpoint"),
)
"""Families that have a credential, in our words; the last one is shown only where it is configured."""

CENT = Decimal("0.01")
MOST_LINES = 60
"""Deployments that a tile may show; no screen has room for more."""

FIRST_STEPS: tuple[Part, ...] = (
    Paragraph("Nothing has been changed or paid for yet. Three ways to begin:"),
    Line(Content.assemble(("3 ", "bold $primary"), "Chat", ("  talk to a model", MUTED))),
    Line(Content.assemble(("2 ", "bold $primary"), "Services", ("  pictures, speech, vision by the call", MUTED))),
    Line(Content.assemble(("4 ", "bold $primary"), "Deployments", ("  a model on a machine of your own", MUTED))),
)

PUBLIC_PATHS = ("/service/list", "/resource/vm/list")
"""What answers without a credential, and so proves none."""


def money_parts(
    pulse: Pulse | None, spending: Spending, cap: Decimal | None, history: Sequence[Balance], *, is_demo: bool
) -> list[Part]:
    """Say what is left, what it burns, what today has cost, and how the balance went."""
    balance = pulse.balance_usd if pulse else None
    head = Content.styled(_balance_words(pulse), "bold" if balance is not None else MUTED)
    simulated = Content.styled("simulated" if is_demo else "", MUTED)
    of_cap = f" of {usd(cap)}" if cap is not None else ""
    open_usd = spending.reserved_usd + spending.uncertain_usd
    aside = f"{short_usd(open_usd)} set aside" if open_usd else "no cap set" if cap is None else ""
    parts: list[Part] = [
        Remark(Content.assemble(head, (" balance", MUTED)), (simulated,)),
        Remark(Content(_burn_words(pulse)), (Content.styled(_runway_words(pulse), MUTED),)),
        Remark(Content(f"{short_usd(spending.total_usd)}{of_cap} today"), (Content.styled(aside, MUTED),)),
    ]
    points = [(one.at, float(one.cents)) for one in history]
    if len({value for _, value in points}) > 1:
        parts += [Chart(points), Line(Content.styled(_history_words(history), MUTED))]
    elif points:
        parts.append(Line(Content.styled(f"unchanged since {when_words(history[0].at)}", MUTED)))
    return parts


def short_usd(amount: Decimal) -> str:
    """Write USD with cents, and only what is less than a cent with more places."""
    return usd(amount, places=2) if amount == 0 or amount >= CENT else usd(amount)


def _balance_words(pulse: Pulse | None) -> str:
    if pulse is None:
        return "asking…"
    return UNKNOWN if pulse.balance_usd is None else usd(pulse.balance_usd, places=2)


def _burn_words(pulse: Pulse | None) -> str:
    if pulse is None:
        return "burn: asking…"
    return f"burn {UNKNOWN}" if pulse.burn_usd is None else f"{rate(pulse.burn_usd)} burn"


def _runway_words(pulse: Pulse | None) -> str:
    if pulse is None or pulse.burn_usd == 0:
        return ""
    return f"runway {UNKNOWN}" if pulse.runway_hours is None else f"~{pulse.runway_hours:,.0f} h left"


def _history_words(history: Sequence[Balance]) -> str:
    first, last = history[0], history[-1]
    change = (last.cents - first.cents) / 100
    sign = "+" if change > 0 else "−"
    return f"{sign}{short_usd(abs(change))} in {span(max(last.at - first.at, 10.0))}"


def deployments_parts(rows: Sequence[DeploymentRow]) -> list[Part]:
    """Say which deployments there are, those that cost first."""
    if not rows:
        return [Paragraph("No deployment."), Paragraph("Enter, then n, makes one: a template on a machine of its own.")]
    billed = [row for row in rows if row.deployment.is_billed]
    costs = [row.running_usd for row in billed]
    known = [cost for cost in costs if cost is not None]
    total = rate(sum(known, Decimal(0))) if len(known) == len(costs) else UNKNOWN
    running = sum(row.deployment.is_running for row in rows)
    head = Content.assemble((f"{running} of {len(rows)}", "bold"), (" running", MUTED))
    ordered = [*billed, *(row for row in rows if not row.deployment.is_billed)]
    shown = [_deployment_line(row) for row in ordered[:MOST_LINES]]
    hidden = len(ordered) - len(shown)
    more = [Line(Content.styled(f"… {hidden:,} more", MUTED))] if hidden else []
    return [Line(head, Content.styled(total, "bold")), *shown, *more]


def _deployment_line(row: DeploymentRow) -> Line:
    text, style = _styled(status_cell(row))
    glyph, _, word = text.partition(" ")
    right = rate(row.running_usd) if row.deployment.is_billed else ""
    left = Content.assemble((f"{glyph} ", style), literal.content(row.name), "  ", literal.content(word, style=style))
    return Line(left, Content.styled(right, MUTED))


def services_parts(found: ServiceList) -> list[Part]:
    """Say how many services there are of each kind, and which."""
    kinds: dict[str, list[str]] = {}
    for service in found.services:
        kinds.setdefault(service.category, []).append(service.alias or "?")
    total = f"{len(found.services)}"
    if found.source == "live":
        head: list[Part] = [Line(Content.assemble((total, "bold"), (" live", "$text-success")))]
    else:
        words = f"{total} built in, the live list cannot be had: {for_line(found.fallback_reason or UNKNOWN, 200)}"
        head = [Paragraph(words, "○", "$text-warning")]
    widest = max((len(kind) for kind in kinds), default=0)
    for kind in sorted(kinds, key=lambda kind: -len(kinds[kind])):
        names = [for_line(name, 60) for name in kinds[kind]]
        head.append(Names(f"{kind.ljust(widest)} {len(names):>3}  ", names))
    return head


def credential_parts(sources: Mapping[str, str | None], log: Sequence[LoggedRequest]) -> list[Part]:
    """Say for each part of the cloud whether its key is there, and whether the cloud has taken it lately."""
    parts: list[Part] = []
    widest = max(len(name) for _, name in FAMILIES) + 1
    for family, name in FAMILIES:
        source = sources.get(family)
        if source is None and family == "endpoint":
            continue
        glyph, words, style = _light(source, _verdict(family, log))
        left = Content.assemble((f"{glyph} ", style), name.ljust(widest), (words, style))
        short = "environment" if source and source.startswith("THETA_") else source
        parts.append(Remark(left, tuple(literal.content(text or "", style=MUTED) for text in (source, short))))
    return parts


def _light(source: str | None, verdict: bool | None) -> tuple[str, str, str]:
    if source is None:
        return "○", "missing", MUTED
    if verdict is None:
        return "◌", "configured", "$text-warning"
    return ("●", "verified", "$text-success") if verdict else ("✗", "refused", "$text-error")


def _verdict(family: str, log: Sequence[LoggedRequest]) -> bool | None:
    """Tell what the cloud last said to this family's key, newest first in `log`; None if it was not asked."""
    for row in log:
        if row.family != family or any(path in row.url for path in PUBLIC_PATHS):
            continue
        if row.error is None:
            return True
        if row.error == "auth":
            return False
    return None


def activity_parts(changes: Sequence[Entry], requests: Sequence[LoggedRequest]) -> list[Part]:
    """Say what was changed lately and what it cost; then the requests."""
    if not changes:
        return [*FIRST_STEPS, *(_request_line(row) for row in requests)]
    return [*(_change_line(entry) for entry in changes), *(_request_line(row) for row in requests)]


def _change_line(entry: Entry) -> Line:
    text, style = _styled(state_cell(entry))
    return Line(
        Content.assemble(
            (f"{clock_words(entry.created)}  ", MUTED), (f"{text[0]} ", style),
            literal.content(entry.summary or entry.command),
            (f"  {text[2:]}" if entry.state not in ("confirmed", "reconciled") else "", style),
        ),
        Content(cost_words(entry)),
    )  # fmt: skip


def _request_line(row: LoggedRequest) -> Line:
    text, style = _styled(result_cell(row))
    words = f"{row.method} {path_words(row).partition('?')[0]}"
    when = (f"{clock_words(row.started)}  ", MUTED)
    left = Content.assemble(when, (f"{text[0]} ", style), literal.content(words, style=MUTED))
    return Line(left, literal.content(f"{text[2:]}  {span(row.seconds)}", style=MUTED))


def clock_words(at: float) -> str:
    """Write hours and minutes for today, else the day."""
    when, today = datetime.fromtimestamp(at), datetime.now().date()
    return when.strftime("%H:%M") if when.date() == today else when.strftime("%d %b")


def problem_parts(problems: Sequence[str]) -> list[Part]:
    """Say what is wrong, or that nothing is."""
    if not problems:
        return [Paragraph("No problems.", "✓", "$text-success")]
    return [Paragraph(for_line(problem, 400), "!", "bold $text-warning") for problem in problems]


def missing_parts(message: str) -> list[Part]:
    """Say which credential a tile would need."""
    return [
        Paragraph(for_line(message, 200), "○", MUTED),
        Paragraph(":setup enters it; what needs no key works without."),
    ]


def failed_parts(message: str, hint: str) -> list[Part]:
    """Say why a tile cannot be filled."""
    parts: list[Part] = [Paragraph(for_line(message, 300), "✗", "$text-error")]
    return [*parts, Paragraph(for_line(hint, 300))] if hint else parts


def _styled(cell: Cell) -> tuple[str, str]:
    return (cell[0], STYLES[cell[1]]) if isinstance(cell, tuple) else (cell, MUTED)
