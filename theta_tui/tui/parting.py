"""What is said of acts on their way: in the question before quitting, and in a line once the console has gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from theta_tui.safe_text import for_line
from theta_tui.tui.words import rate, usd, whole_seconds

if TYPE_CHECKING:
    from theta_tui.flights import Flight
    from theta_tui.session import Session

PATIENCE_SECONDS: Final = 1.0
"""How long what is broken off may take to be written down, or to clean up, before the console ends."""
NAMED: Final = 3
"""Acts that are named in one line; the others are counted."""
SUMMARY_LIMIT: Final = 80


def doing(flight: Flight) -> str:
    """Say how far an act is, and what it costs: `no answer for 12 s · $0.40/h`."""
    seconds = whole_seconds(flight.seconds)
    if flight.again_in:
        how = f"refused for now, sent again in {flight.again_in:.0f} s; nothing is done yet"
    elif flight.is_plan:
        how = f"step {flight.step} · {seconds}" if flight.step else seconds
    else:
        how = f"answering, {seconds}" if flight.is_stream else f"no answer for {seconds}"
    return " · ".join((how, *_costs(flight)))


def ended(flight: Flight) -> str:
    """Say what became of an act that was waited for."""
    if flight.is_unknown:
        return "no answer came"
    return f"not done: {for_line(flight.why_not, SUMMARY_LIMIT)}" if flight.error is not None else "done"


def consequences(flights: Sequence[Flight], *, is_waiting: bool = False) -> list[tuple[str, str]]:
    """Say what waiting and leaving mean for those on their way: the answer, and its sentence."""
    if not flights:
        return []
    one = len(flights) == 1
    lines = [] if is_waiting else [("Wait", f"Quits by itself when {'it is' if one else 'all of it is'} answered.")]
    if any(not flight.is_stream and not flight.is_plan for flight in flights):
        counts = "counts as spent, " if any(flight.is_paid for flight in flights) else ""
        what = "It" if one else "What was sent"
        lines.append(
            ("Leave", f"{what} may still be done; it {counts}is never sent again, and the next start looks it up.")
        )
    if any(flight.is_stream for flight in flights):
        lines.append(("Leave", f"{'The' if one else 'An'} answer that is coming ends here; what has come is kept."))
    if any(flight.is_plan for flight in flights):
        lines.append(
            ("Leave", "Its steps end here; what they made is cleaned up, by the next start if that takes long.")
        )
    return lines


async def farewell(session: Session, waited_for: Sequence[Flight] = ()) -> tuple[str, ...]:
    """Let what is on its way be broken off and written down; give the lines to say afterwards."""
    broken_off = session.flights.up
    await session.flights.landed(PATIENCE_SECONDS)
    lines = [f"{_named(flight)}: {ended(flight)}." for flight in waited_for if flight.ended and not flight.is_unknown]
    left = await session.journal.left_open()
    if left:
        is_paid = any(entry.worst_usd or entry.usd_per_hour for entry in left)
        lines.append(unknown_words([entry.summary or entry.command for entry in left], is_paid=is_paid))
    return (*lines, *(cut_words(flight) for flight in broken_off if flight.is_plan and flight.is_up))


def words_if_cut(session: Session) -> tuple[str, ...]:
    """Give the lines to say if there is no time to look into the journal; callable from any thread."""
    up = session.flights.up
    unknown = [flight for flight in up if not flight.is_plan and not flight.is_stream]
    lines = [cut_words(flight) for flight in up if flight.is_plan]
    if unknown:
        is_paid = any(flight.is_paid for flight in unknown)
        lines.append(unknown_words([flight.act.summary or flight.ask.command for flight in unknown], is_paid=is_paid))
    return tuple(lines)


def unknown_words(summaries: Sequence[str], *, is_paid: bool) -> str:
    """Say in one line what nobody knows the outcome of; `is_paid` if any of it may cost something."""
    named = "; ".join(for_line(each, SUMMARY_LIMIT) for each in summaries[:NAMED])
    more = f"; and {len(summaries) - NAMED} more" if len(summaries) > NAMED else ""
    if len(summaries) == 1:
        counts = "counts as spent and is" if is_paid else "is"
        return f"no answer came to: {named}. It {counts} not sent again; the next start looks it up."
    counts = "count as spent and are" if is_paid else "are"
    return (
        f"no answer came to {len(summaries)} changes: {named}{more}. "
        f"They {counts} not sent again; the next start looks them up."
    )


def cut_words(flight: Flight) -> str:
    """Say in one line that an act of several steps was broken off."""
    return f"{_named(flight)}: broken off in the middle; the next start offers to clean up what it made."


def _named(flight: Flight) -> str:
    return for_line(flight.act.summary or flight.ask.command, SUMMARY_LIMIT)


def _costs(flight: Flight) -> list[str]:
    hourly = sum(cost.usd_per_hour or 0 for cost in flight.costs)
    calls = sum(cost.usd or 0 for cost in flight.costs)
    return [*([rate(hourly)] if hourly else []), *([f"up to {usd(calls)}"] if calls else [])]
