"""How an answer ends on the screen and in the journal: footer, note, error card. Pure functions of its outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from theta_tui.errors import EmptyOutput, JobFailed, ThetaError
from theta_tui.tui.panes.chat.answering import Outcome
from theta_tui.tui.widgets.entries import StoredError
from theta_tui.tui.words import UNKNOWN, span, usd

if TYPE_CHECKING:
    from theta_tui.chats.target import Target
    from theta_tui.shapes.chat import ChatAnswer

TITLES: Final[Mapping[str, str]] = {
    "auth": "The key was refused",
    "permission": "The key may not do this",
    "blocked_by_edge": "Blocked before Theta saw it",
    "not_found": "Not found",
    "conflict": "The cloud refused",
    "capacity": "No machine is free for this model",
    "quota": "The quota is used up",
    "billing": "Not paid for",
    "rate_limit": "Too many requests",
    "validation": "The cloud did not take the request",
    "upstream": "The cloud has trouble",
    "timeout": "No answer in time",
    "network": "The host was not reached",
    "protocol": "The answer cannot be read",
    "empty_output": "The model said nothing",
    "job_failed": "The model failed",
    "no_credentials": "A key is missing",
    "policy": "Not sent",
    "uncertain": "Nobody knows whether it was answered",
}
"""A title for each kind of error."""

HINTS: Final[Mapping[str, str]] = {
    "auth": "Leave the input with Esc, then :setup takes another key.",
    "not_found": "ctrl+o shows which models there are now.",
    "no_credentials": "Leave the input with Esc, then :setup takes it.",
    "capacity": "Ask again in a minute, or take another model with ctrl+o.",
    "conflict": "Ask again in a moment, or take another model with ctrl+o.",
    "rate_limit": "Ask again later, or take another model with ctrl+o.",
    "upstream": "Nothing was charged. Ask again in a minute, or take another model with ctrl+o.",
    "validation": "Change the question, its settings (ctrl+s) or the model (ctrl+o), then ask again.",
    "job_failed": "Ask again, or take another model with ctrl+o.",
    "uncertain": "Do not repeat it blindly: it may be charged, and counts as spent. Activity keeps it.",
}
"""What to do next in a chat, where that is more than the error itself can know."""

WARMING_UP: Final = frozenset({401, 404, 500, 502, 503, 504})
"""What a machine answers that is not ready yet (wire 9.3)."""

_FIRST_INSTANT: Final = 0.02
"""Seconds below which a time per token would be noise."""


@dataclass(frozen=True, slots=True)
class Closing:
    """The end of an answer. `state` is the journal's word for it."""

    state: str
    footer: str = ""
    note: str | None = None
    card: StoredError | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_failure(self) -> bool:
        """Whether the prompt should go back to whoever wrote it."""
        return self.card is not None


def close(outcome: Outcome, target: Target, title: str) -> Closing:
    """Tell how an answer ended."""
    result = outcome.result
    state, note, card = _verdict(outcome, target)
    foot = footer(result, outcome.first_seconds) if result is not None else ""
    meta: dict[str, Any] = {"title": title, "footer": foot, "note": note, "target": target.as_json()}
    if result is not None:
        meta |= _figures(result, outcome.first_seconds)
    elif outcome.error.kind == "uncertain" if outcome.error else not outcome.undone:
        meta |= {"usage": {}, "cost_usd": None}  # it may have been charged
    if card is not None:
        meta["card"] = {"title": card.title, "lines": list(card.lines), "hint": card.hint}
    return Closing(state, foot, note, card, meta)


def _verdict(outcome: Outcome, target: Target) -> tuple[str, str | None, StoredError | None]:
    result = outcome.result
    if outcome.error is not None:
        return "failed", "failed", error_card(outcome.error, _own_hint(outcome.error, target))
    if result is None:
        charged = "nothing is charged" if outcome.undone else "it may be charged all the same"
        return "stopped", f"stopped before anything came; {charged}", None
    said = " ".join(result.notes) or None
    if outcome.stopped:
        return "stopped", "stopped", None
    if failed := next((note for note in result.notes if note.startswith("The model failed")), None):
        error = JobFailed(failed.removeprefix("The model failed: "), request_id=result.request_id)
        return "failed", failed, error_card(error)
    if result.is_empty:
        return "failed", said or "no text", empty_card(result, target)
    if not result.complete:
        return "cut", said or "cut", None
    return "complete", said, None


def error_card(error: ThetaError, hint: str | None = None) -> StoredError:
    """Tell an error: cause, the cloud's own words, status, request id, next step."""
    facts = [f"status {error.status}"] if error.status else []
    facts += [f"request {error.request_id}"] if error.request_id else []
    lines = [error.message, *([" · ".join([error.kind, *facts])] if facts else [])]
    return StoredError(TITLES.get(error.kind, error.kind), lines, hint or HINTS.get(error.kind) or error.hint)


def _own_hint(error: ThetaError, target: Target) -> str | None:
    """Give the next step where a machine of the user's own did not answer; None for every other partner."""
    if target.kind not in ("endpoint", "deployment"):
        return None
    if error.status in WARMING_UP:
        return (
            "A machine that is still warming up answers like this: ask again in a minute, or watch it with 4, then r."
        )
    return "Ask again: that costs nothing beyond the machine's hours." if error.kind == "uncertain" else None


def empty_card(result: ChatAnswer, target: Target) -> StoredError:
    """Tell that nothing came: the null-output trap (wire 2.9), a job that goes on, or a stream that broke off."""
    if running := next((note for note in result.notes if note.startswith("Still running")), None):
        return StoredError(
            "The model is still at work", [running], "Esc, then : takes that command; Activity keeps the request."
        )
    if not result.complete:
        hint = "Ask again, or take another model with ctrl+o."
        return StoredError("The answer broke off before a word came", list(result.notes), hint)
    spent = " It spent its tokens on thinking." if result.reasoning else ""
    error = EmptyOutput(f"{target.name} answered without any text.{spent}", request_id=result.request_id, status=200)
    effort = " or a lower effort" if target.efforts else ""
    return error_card(error, f"Give it more tokens (max tokens){effort}: ctrl+s opens the settings.")


def footer(result: ChatAnswer, first_seconds: float | None) -> str:
    """Write the figures of an answer, and the id of its request."""
    return " · ".join(part for part in (*figures(result, first_seconds), result.request_id) if part)


def figures(result: ChatAnswer, first_seconds: float | None) -> list[str]:
    """Write the figures of an answer: first token, speed, tokens, cost."""
    parts = [f"{span(first_seconds)} to first token"] if first_seconds is not None else []
    count_in, count_out = result.usage.get("prompt_tokens"), result.usage.get("completion_tokens")
    if speed := tokens_a_second(result, first_seconds):
        parts.append(f"{speed:,.0f} tokens/s")
    known = count_in is not None and count_out is not None
    parts.append(f"{count_in:,} in, {count_out:,} out" if known else f"tokens {UNKNOWN}")
    estimate = " (estimate)" if result.cost_is_estimate else ""
    parts.append(f"cost {UNKNOWN}" if result.cost_usd is None else f"{usd(result.cost_usd)}{estimate}")
    return parts


def tokens_a_second(result: ChatAnswer, first_seconds: float | None) -> float | None:
    """Give the speed after the first token, or over all for an answer that came in one piece; None if unknown."""
    out = result.usage.get("completion_tokens")
    if not out:
        return None
    writing = result.seconds - (first_seconds or 0.0)
    seconds = writing if writing > _FIRST_INSTANT else result.seconds
    return out / seconds if seconds > 0 else None


def _figures(result: ChatAnswer, first_seconds: float | None) -> dict[str, Any]:
    return {
        "model": result.model,
        "usage": result.usage,
        "finish_reason": result.finish_reason,
        "cost_usd": None if result.cost_usd is None else str(result.cost_usd),
        "cost_is_estimate": result.cost_is_estimate,
        "request_id": result.request_id,
        "seconds": result.seconds,
        "first_token_seconds": first_seconds,
        "notes": list(result.notes),
    }
