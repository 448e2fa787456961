"""How an answer of a test chat ends: footer, note, error card. Pure functions of its outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from theta_tui.errors import EmptyOutput, ThetaError
from theta_tui.tui.panes.chat.answering import Outcome
from theta_tui.tui.panes.chat.closing import error_card, footer
from theta_tui.tui.widgets.entries import StoredError

HINTS: Final[Mapping[str, str]] = {
    "not_found": "R reads the list of agents again: this one may be gone.",
    "no_credentials": "Esc leaves the input; then T takes the token of this agent, from its API tab.",
    "auth": "T takes another token of this agent, from its API tab.",
    "capacity": "Ask again in a minute.",
}
"""What to do next, where that is more than the error itself can know."""


@dataclass(frozen=True, slots=True)
class End:
    """The end of an answer; `note` says why it is not complete, or is a remark on one that is."""

    footer: str = ""
    note: str | None = None
    card: StoredError | None = None
    is_complete: bool = False


def end_of(outcome: Outcome) -> End:
    """Tell how an answer ended."""
    result = outcome.result
    foot = footer(result, outcome.first_seconds) if result is not None else ""
    if outcome.error is not None:
        return End(foot, "failed", _card(outcome.error))
    if result is None:
        return End("", "stopped before anything came; it may be charged all the same")
    said = " ".join(result.notes) or None
    if outcome.stopped:
        return End(foot, "stopped")
    if result.is_empty and result.complete:
        error = EmptyOutput("It answered without any text.", request_id=result.request_id, status=200)
        return End(foot, said or "no text", error_card(error, "Give it a longer answer: E changes the agent."))
    return End(foot, said or (None if result.complete else "cut"), None, result.complete)


def _card(error: ThetaError) -> StoredError:
    return error_card(error, HINTS.get(error.kind) or error.hint or "Ask again.")
