"""What the review says about an act, in words: effect, target, cost, budget and balance. It draws nothing."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_UP, Decimal, InvalidOperation
from typing import Final

from textual.content import Content

from theta_tui.change import Effect
from theta_tui.review import Review
from theta_tui.safe_text import for_line
from theta_tui.tui import literal
from theta_tui.tui.words import usd

NAME_LIMIT: Final = 40
"""Characters of a name that must be typed."""
ID_TAIL: Final = 6
"""Characters of the id that do instead."""
BAR: Final = 10
HOURS_PER_DAY: Final = 24

_CENT = Decimal("0.01")
_LARGEST = Decimal(1_000_000)

BADGES: Final = {
    Effect.CREATE: ("CREATE", "bold reverse $accent on $background"),
    Effect.UPDATE: ("UPDATE", "bold reverse $secondary on $background"),
    Effect.DESTROY: ("DESTROY", "bold reverse $error on $background"),
    Effect.METERED: ("METERED", "bold reverse $warning on $background"),
}
"""The badge of each effect: its word, never its colour alone, says what it is."""

Fact = tuple[str, tuple[Content, ...]]
"""A label and what stands beside it, the longest wording first; the first that fits is shown."""


def money(amount: Decimal | None) -> str:
    """Write USD: cents where that is exact, else as many places as it takes."""
    if amount is None or amount != amount.quantize(_CENT):
        return usd(amount)
    return usd(amount, places=2)


def facts(review: Review, balance: Decimal | None) -> list[Fact]:
    """Give the lines under the sentence; no text of the cloud's can add one."""
    return [*_target(review), *_cost(review), _today(review), _balance(review, balance)]


def _target(review: Review) -> Iterator[Fact]:
    target = review.target
    kind = Content.styled(for_line(target.kind), "$foreground-muted") if target.kind else Content("")
    name = literal.content(target.name or target.id, style="bold")
    if not kind.plain and not name.plain:
        steps = len(getattr(review.act, "steps", ())) or 1
        name = Content(f"{steps} steps" if steps > 1 else "one request")
    yield "", (Content("  ").join([part for part in (kind, name) if part.plain]),)
    if target.id and target.name and target.id != target.name:
        yield "", (Content.assemble(("id  ", "$foreground-muted"), literal.content(target.id)),)


def _cost(review: Review) -> Iterator[Fact]:
    cost = review.cost
    note = f" · {for_line(cost.note, 200)}" if cost.note else ""
    source = Content.styled(f"{for_line(cost.source, 200)}{note}", "$foreground-muted")
    if not cost.is_known:
        words = Content.styled("unknown price", "bold $text-warning")
        told = Content.assemble(words, f" · {_set_aside(review)}")
        yield "Cost", (Content.assemble(told, note), told, words)
        return
    if cost.is_free:
        yield "Cost", (Content("free"),)
        return
    if cost.usd:
        call = Content.assemble("≤ ", (money(cost.usd), "bold"))
        label = "Calls" if hasattr(review.act, "steps") else "This call"
        yield label, (call,) if cost.usd_per_hour else _sourced(call, source)
    if cost.usd_per_hour:
        daily = money(cost.usd_per_hour * HOURS_PER_DAY)
        rates = Content.assemble((money(cost.usd_per_hour), "bold"), " per hour · ", (daily, "bold"), " per day")
        yield ("Machine" if cost.usd else "Cost"), _sourced(rates, source)


def _set_aside(review: Review) -> str:
    """Tell what is reserved for an act whose price nobody knows, or not of all its parts."""
    if review.worst_usd is not None:
        return f"{money(review.worst_usd)} is set aside for it"
    known = [cost for step in review.preview.get("steps", ()) if (cost := step.get("cost", {}).get("usd_estimate"))]
    return f"{money(sum(known, Decimal(0)))} is set aside, for the others" if known else "nothing is set aside for it"


def _sourced(words: Content, source: Content) -> tuple[Content, ...]:
    return Content.assemble(words, "   ", source), words


def _today(review: Review) -> Fact:
    cap = "no daily cap" if review.cap_usd is None else f"cap {money(review.cap_usd)}"
    spent, worst = money(review.spent_usd), review.worst_usd
    if review.cost.is_free:
        words = Content(f"{spent} spent · unchanged · {cap}")
    elif worst is None:
        words = Content.assemble(f"{spent} spent → ", ("unknown", "bold $text-warning"), f" after this · {cap}")
    else:
        after = review.spent_usd + worst
        over = review.cap_usd is not None and not after <= review.cap_usd
        amount = (_other(after, spent), "bold $text-error" if over else "bold")
        words = Content.assemble(f"{spent} spent → ", amount, f" {_when(review)} · {cap}")
    bar = _bar(review, Decimal(0) if review.cost.is_free else worst or Decimal(0))
    return "Today", (Content.assemble(words, "   ", bar), words)


def _when(review: Review) -> str:
    """Name the moment that the amounts after the arrow are about: the call, or the hours that are reserved."""
    hourly, worst = review.cost.usd_per_hour, review.worst_usd
    if not hourly or worst is None:
        return "after this"
    hours = (worst - (review.cost.usd or 0)) / hourly
    return f"after {hours.quantize(_CENT).normalize():f} h" if 0 < hours < _LARGEST else "after this"


def _other(amount: Decimal, before: str) -> str:
    """Write an amount so that it differs from the one before it, if it does."""
    written = money(amount)
    return written if written != before else usd(amount, places=4)


def _bar(review: Review, worst: Decimal) -> Content:
    """Draw today's budget: spent, taken by this act, left."""
    cap = review.cap_usd
    if not cap:
        return Content("")
    spent = min(round(review.spent_usd / cap * BAR), BAR - bool(worst))
    taken = max(round(worst / cap * BAR), 1) if worst else 0
    after = min(spent + taken, BAR)
    over = not review.spent_usd + worst <= cap
    return Content.assemble(
        ("━" * spent, "$foreground-muted"),
        ("━" * (after - spent), "$error" if over else "$accent"),
        ("─" * (BAR - after), "$foreground 25%"),
    )


def _balance(review: Review, balance: Decimal | None) -> Fact:
    if balance is None:
        return "Balance", (Content.styled("unknown", "$foreground-muted"),)
    if review.cost.is_free:
        return "Balance", (Content(f"{money(balance)} · unchanged"),)
    if review.worst_usd is None:
        return "Balance", (Content(f"{money(balance)} → unknown after this"),)
    after = balance - review.worst_usd
    amount = (_other(after, money(balance)), "bold $text-error" if after < 0 else "bold")
    return "Balance", (Content.assemble(f"{money(balance)} → ", amount, f" {_when(review)}"),)


def names_to_type(review: Review) -> tuple[str, ...]:
    """Give what may be typed to confirm: the safe name cut to 40 characters, or the last six of the id.

    Where the name is that of a protected profile, nothing else will do.
    """
    if not review.typed:
        return ()
    name = for_line(review.typed)[:NAME_LIMIT].strip()
    if review.typed == review.guard:
        return (name,)
    tail = for_line(review.target.id)[-ID_TAIL:].strip()
    return tuple(dict.fromkeys(word for word in (name, tail) if word))


def cap_needed(review: Review) -> Decimal | None:
    """Give the cap in USD, in whole cents, that would let the act through; None when no cap would."""
    if review.block is None or review.block.reason != "budget" or review.cap_usd is None or review.worst_usd is None:
        return None
    needed = review.spent_usd + review.worst_usd
    return None if needed <= review.cap_usd else needed.quantize(_CENT, ROUND_UP)


def allowance_offered(review: Review, usual: Decimal) -> Decimal:
    """Give the amount in USD to offer for the rest of a conversation: the usual one, or what the cap leaves."""
    left = cap_left(review)
    return usual if left is None else max(min(usual, left), Decimal(0))


def cap_left(review: Review) -> Decimal | None:
    """Give what today's cap still leaves, in USD; None without a cap."""
    return None if review.cap_usd is None else max(review.cap_usd - review.spent_usd, Decimal(0))


def read_amount(text: str) -> Decimal | None:
    """Read an amount as people type it, with or without `$`; None if it is not one."""
    written = text.strip().removeprefix("$").strip()
    if not written.isascii() or not written.replace(".", "", 1).isdigit():
        return None
    try:
        amount = Decimal(written)
    except InvalidOperation:
        return None
    return amount if 0 <= amount <= _LARGEST else None
